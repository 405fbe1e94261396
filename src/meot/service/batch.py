"""Many photos in one form: each is taken or refused by itself, and none is held in memory beside the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from meot.errors import PhotoError, QueryError
from meot.service import problems, uploads
from meot.service.problems import NoPhotoError, UploadTooLargeError
from meot.service.uploads import Upload

MOST_PHOTOS = 100
"""Photos in one form."""
MOST_MEGABYTES = 512
"""Of a whole form."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A photo that was not taken. name: what its sender calls it. key: of the sentence that says why
    (``problem.<key>``). reason: the same for programs.
    """

    name: str
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """A form as it came. taken: how many photos were. fields: its other fields."""

    taken: int
    refused: tuple[Refused, ...]
    fields: dict[str, str]


async def receive(request: Request, most_megabytes: int, take: Callable[[Upload], Awaitable[None]]) -> Batch:
    """Give each photo of a form's field ``photo`` to ``take``, whose PhotoError refuses that one photo.

    most_megabytes: of a photo. UploadTooLargeError for a form that is too large, NoPhotoError without a photo,
    QueryError when it is no multipart form or has too many photos.
    """
    form = await _parse(request)
    try:
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        sent = [file for file in form.getlist("photo") if isinstance(file, UploadFile) and file.size]
        refused = [one for file in sent if (one := await _take(file, most_megabytes, take)) is not None]
    finally:
        await form.close()
    if not sent:
        raise NoPhotoError("expected photos in the form's field photo, got none or empty files; choose some")
    return Batch(len(sent) - len(refused), tuple(refused), fields)


async def _parse(request: Request) -> FormData:
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise QueryError(
            f"expected a multipart/form-data form with the field photo, got {kind[:80] or 'no content type'}; "
            "send the photos as a form's files"
        )
    stream = uploads.bounded(request, MOST_MEGABYTES)
    parser = MultiPartParser(request.headers, stream, max_files=MOST_PHOTOS + 1, max_fields=20, max_part_size=4096)
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise QueryError(
            f"the form cannot be read ({error.message}); send up to {MOST_PHOTOS} photos as multipart/form-data"
        ) from None


async def _take(file: UploadFile, most_megabytes: int, take: Callable[[Upload], Awaitable[None]]) -> Refused | None:
    name = uploads.plain_name(file.filename or "")
    try:
        if (file.size or 0) > most_megabytes << 20:
            raise UploadTooLargeError(f"{name} must be at most {most_megabytes} MB, got a larger one; shrink it")
        await take(Upload(await file.read(), name, {}))
    except PhotoError as error:
        return Refused(name, problems.kind_of(error).key, str(error))
    return None
