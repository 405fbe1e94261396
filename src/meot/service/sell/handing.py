"""Photos are taken in, photos and files are handed out; for pages and API alike."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from meot.catalogue.export import registry
from meot.errors import QueryError
from meot.service import batch
from meot.service.api import fresh
from meot.service.problems import NotThereError
from meot.service.sell.naming import name_flat

if TYPE_CHECKING:
    from meot.answers.listing.desk import Facts
    from meot.answers.listing.outgoing import Written
    from meot.catalogue.people import Person
    from meot.service.batch import Batch
    from meot.service.pictures import ProductPictures
    from meot.service.sell.selling import Selling
    from meot.service.uploads import Upload

FACTS = "facts"
"""The field of a form in which a table of facts may stand."""
_MEDIA = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".xml": "application/xml",
    ".json": "application/json",
}


class Received(NamedTuple):
    """names: of the copies that were kept. packed: of photos of ZIPs, which are copied later. facts: of the table
    beside the photos; empty without one. sent: the form.
    """

    names: list[str]
    packed: list[dict[str, str]]
    facts: Facts
    sent: Batch


async def receive(
    request: Request, selling: Selling, person: Person, megabytes: int, decoding: asyncio.Semaphore
) -> Received:
    """Keep the photos of a form, of which a few are decoded at once, and read the table in its field ``facts``.

    Those of a ZIP are not decoded at all: a job does that, and nobody has to wait for it.
    QueryError, before any photo is kept, for a table that cannot be read.
    """
    names: list[str] = []
    packed: list[dict[str, str]] = []
    facts: Facts = {}

    async def take(upload: Upload) -> None:
        async with decoding:
            names.append(await run_in_threadpool(selling.keep, person, upload))

    async def unpack(upload: Upload) -> None:
        packed.append(await run_in_threadpool(selling.keep_packed, person, upload))

    async def take_facts(table: Upload) -> None:
        nonlocal facts
        facts = await run_in_threadpool(selling.read_facts, table)

    sent = await batch.receive(request, megabytes, take, unpack=unpack, naming=name_flat, tables={FACTS: take_facts})
    return Received(names, packed, facts, sent)


async def receive_facts(request: Request, selling: Selling) -> Facts:
    """The table in a form's field ``facts``, and nothing else. QueryError for one that cannot be read, or photos."""
    facts: Facts = {}

    async def refuse(photo: Upload) -> None:
        said = f"expected a table of facts alone, got the photo {photo.name}; send it to /drafts"
        raise QueryError(said, "table_alone", file=photo.name)

    async def take(table: Upload) -> None:
        nonlocal facts
        facts = await run_in_threadpool(selling.read_facts, table)

    await batch.receive(request, 1, refuse, tables={FACTS: take})
    return facts


def export(selling: Selling, person: Person, to: str, language: str, photos_at: str) -> Written:
    """All drafts of a person in a format. QueryError for a format, a language or an address that there is not."""
    if language not in ("en", "ko"):
        said = f"language must be en or ko, got {language[:20]!r}; choose one"
        raise QueryError(said, "none_of", name="language", known=("en", "ko"), got=language)
    if photos_at and not photos_at.startswith(("https://", "http://")):
        said = f"the photos' address must begin with https://, got {photos_at[:60]!r}; mend it"
        raise QueryError(said, "no_address", name="photos_at", got=photos_at)
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
        tag = f'"{stamp}{"s" if small else ""}"'
        headers = {"ETag": tag, "Cache-Control": "private, max-age=3600", "Vary": fresh.OWN}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        with suppress(OSError):
            jpeg = drawn.draw(path, stamp) if small else path.read_bytes()
    if jpeg is None:
        raise NotThereError("this photo is no longer there; delete its draft or send it again")
    return Response(jpeg, headers=headers, media_type="image/jpeg")
