"""The desk: takes a visitor's photo, has it read or answered, and keeps a clean copy of it for a while."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from starlette.concurrency import run_in_threadpool

from meot import photos
from meot.service import pictures, uploads
from meot.service.gate import Gate
from meot.service.links import Links
from meot.service.problems import LookGoneError
from meot.service.questions import Slice
from meot.service.shared_shelf import SharedShelf
from meot.service.shelf import Shelf
from meot.types import Filters, Look, Photo

if TYPE_CHECKING:
    from meot.answers.search import PhotoAnswer
    from meot.wiring import Shop

_Answer = TypeVar("_Answer")
_FETCHES = 4
"""Links that are fetched at once."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptAnswer:
    """What a kept photo found. width, height: pixels of the kept photo, in which the look's boxes are."""

    answer: PhotoAnswer
    width: int
    height: int


class Desk:
    """Works on photos one behind the other, as ``gate`` lets them in; ``shelf`` keeps what visitors sent, ``links``
    fetches what they name.
    """

    def __init__(self, *, shop: Shop, gate: Gate, shelf: Shelf | SharedShelf, links: Links) -> None:
        self._shop, self._gate, self._shelf, self._links = shop, gate, shelf, links
        self._fetching = Gate(places=_FETCHES, queue=4 * _FETCHES)

    async def read(self, upload: uploads.Upload) -> Look:
        """The look of an upload. PhotoError when it is no photo, BusyError when too many wait."""
        return await self._work(lambda: self._shop.reader.read(uploads.decode(upload)))

    async def find(self, upload: uploads.Upload, filters: Filters, wanted: Slice) -> PhotoAnswer:
        """The products like the garments of an upload; errors as :meth:`read`, and those of the search."""
        return await self._work(lambda: self._search(uploads.decode(upload), filters, wanted))

    async def keep(self, upload: uploads.Upload) -> str:
        """Keep an upload's photo, small and without metadata, under a key that cannot be guessed; the key."""
        jpeg = await self._work(lambda: pictures.encode(uploads.decode(upload), side=pictures.SHOWN_SIDE, quality=90))
        key = secrets.token_urlsafe(16)
        self._shelf.put(key, jpeg)
        return key

    async def fetch(self, link: str) -> uploads.Upload:
        """The photo at an address, as if it had been sent. LinkRefusedError, LinkFailedError, or BusyError."""
        async with self._fetching.enter():  # a gate of its own: a slow host must keep nobody from reading photos
            data = await run_in_threadpool(self._links.fetch, link)
        return uploads.Upload(data, "link", {})

    def show(self, key: str) -> bytes:
        """A kept photo, a JPEG. LookGoneError when it is no longer kept."""
        jpeg = self._shelf.take(key)
        if jpeg is None:
            raise LookGoneError("this photo is no longer kept; send it again")
        return jpeg

    async def find_kept(self, key: str, filters: Filters, wanted: Slice) -> KeptAnswer:
        """The products like the garments of a kept photo; errors as :meth:`show` and :meth:`find`."""
        jpeg = self.show(key)

        def answer() -> KeptAnswer:
            photo: Photo = photos.decode(jpeg)
            return KeptAnswer(self._search(photo, filters, wanted), photo.width, photo.height)

        return await self._work(answer)

    def _search(self, photo: Photo, filters: Filters, wanted: Slice) -> PhotoAnswer:
        return self._shop.search.by_photo(
            photo,
            filters,
            wanted.limit,
            wanted.offset,
            words=wanted.words,
            after=wanted.after,
            facets=wanted.facets,
        )

    async def _work(self, job: Callable[[], _Answer]) -> _Answer:
        async with self._gate.enter():
            return await run_in_threadpool(job)
