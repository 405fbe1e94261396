"""The photo that a question is about: in the form, or fetched from the address that the form names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meot.errors import QueryError
from meot.service import uploads
from meot.service.accounts.visitor import check_origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Request

    from meot.service.desk import Desk
    from meot.service.uploads import Upload

URL = "url"
"""The form's field for an address instead of a photo."""


class Sent:
    """Takes photos as the API is given them. most_megabytes: of a photo."""

    def __init__(self, *, desk: Desk, most_megabytes: int) -> None:
        self._desk, self.most_megabytes = desk, most_megabytes

    async def receive(self, request: Request, *, instead: Sequence[str] = ()) -> Upload:
        """The photo of a form with its other fields; one at an address is fetched first, by the gate of links.

        instead: further fields that may stand for a photo; where one does, the upload has no data.
        NoPhotoError without any of them, QueryError with several, ForeignRequestError when another site's page wants
        something fetched; and the errors of :func:`uploads.receive` and :meth:`Desk.fetch`.
        """
        ways = (URL, *instead)
        upload = await uploads.receive(request, self.most_megabytes, instead=ways)
        said = [name for name in ways if upload.fields.get(name, "").strip()]
        if len(said) + bool(upload.data) > 1:
            raise QueryError(f"expected one of photo, {', '.join(ways)}, got several; leave all but one out")
        if said != [URL]:
            return upload
        check_origin(request, strict=False)  # no other site shall have this one fetch things
        fetched = await self._desk.fetch(upload.fields[URL].strip())
        return uploads.Upload(fetched.data, fetched.name, upload.fields)
