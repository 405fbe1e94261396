"""Photos are taken in, photos and files are handed out; for pages and API alike."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from meot.catalogue.export import registry
from meot.errors import QueryError
from meot.service import batch
from meot.service.problems import NotThereError

if TYPE_CHECKING:
    from meot.answers.listing.outgoing import Written
    from meot.catalogue.people import Person
    from meot.service.batch import Batch
    from meot.service.pictures import ProductPictures
    from meot.service.sell.selling import Selling
    from meot.service.uploads import Upload

_MEDIA = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".xml": "application/xml",
    ".json": "application/json",
}


async def receive(
    request: Request, selling: Selling, person: Person, megabytes: int, decoding: asyncio.Semaphore
) -> tuple[list[str], Batch]:
    """Keep the photos of a form; the names of their copies, and the form. A few are decoded at once."""
    names: list[str] = []

    async def take(upload: Upload) -> None:
        async with decoding:
            names.append(await run_in_threadpool(selling.keep, person, upload))

    sent = await batch.receive(request, megabytes, take)
    return names, sent


def export(selling: Selling, person: Person, to: str, language: str, photos_at: str) -> Written:
    """All drafts of a person in a format. QueryError for a format, a language or an address that there is not."""
    if language not in ("en", "ko"):
        raise QueryError(f"language must be en or ko, got {language[:20]!r}; choose one")
    if photos_at and not photos_at.startswith(("https://", "http://")):
        raise QueryError(f"the photos' address must begin with https://, got {photos_at[:60]!r}; mend it")
    return selling.write(person, to, language=language, address=photos_at)


def answer_file(written: Written, to: str) -> Response:
    """Listings as a download. NotThereError when no product could go out."""
    if not written.count:
        raise NotThereError(f"no draft can go out as {to}; see what each lacks")
    suffix = registry.named(to).suffix
    headers = {"Content-Disposition": f'attachment; filename="listings{suffix}"', "Cache-Control": "no-store"}
    media = f"{_MEDIA.get(suffix, 'text/plain')}; charset=utf-8"
    return Response(written.text.encode(), headers=headers, media_type=media)


def answer_photo(request: Request, path: Path, drawn: ProductPictures, *, small: bool) -> Response:
    """A photo that is one person's, whole or small. NotThereError when the file is gone."""
    stamp = drawn.stamp(path)
    jpeg = None
    if stamp is not None:
        headers = {"ETag": f'"{stamp}{"s" if small else ""}"', "Cache-Control": "private, max-age=3600"}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        with suppress(OSError):
            jpeg = drawn.draw(path, stamp) if small else path.read_bytes()
    if jpeg is None:
        raise NotThereError("this photo is no longer there; delete its draft or send it again")
    return Response(jpeg, headers=headers, media_type="image/jpeg")
