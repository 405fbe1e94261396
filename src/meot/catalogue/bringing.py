"""One run of an intake: each product's photos are read unless they are known, then it is stored, in order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from meot import photos
from meot.catalogue.files import PhotoFile, stamp
from meot.catalogue.pool import Pool, Reading, in_order
from meot.catalogue.sources.entry import Broken, Entry
from meot.catalogue.sources.fetch.ahead import Coming
from meot.catalogue.store import Catalogue
from meot.errors import PhotoError
from meot.types import Look


@dataclass(kw_only=True)
class _Begun:
    """A photo on its way. reading: None when it is known, or when the same photo is being read already (``waits``).

    data: its bytes while they may be needed. failure: why it cannot come in.
    """

    file: PhotoFile | None = None
    reading: Reading | None = None
    waits: bool = False
    data: bytes = b""
    failure: str = ""

    def done(self) -> bool:
        """Whether nobody would have to wait for it."""
        return self.reading is None or self.reading.done()


@dataclass(kw_only=True)
class Intake:
    """One run: its collaborators and what it has counted so far."""

    catalogue: Catalogue
    pool: Pool
    added: int = 0
    read: int = 0
    skipped: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    under_way: set[str] = field(default_factory=set)

    def take(self, all_coming: Iterator[Coming]) -> Iterator[int]:
        """Bring in every entry, or note why not; how many are done."""
        begun = in_order(all_coming, self._begin_entry, ahead=self.pool.ahead, ready=_ready)
        for done, (entry, photos_begun) in enumerate(begun, start=1):
            if isinstance(entry, Broken):
                self.failed.append((entry.name, entry.reason))
            else:
                self._put(entry, photos_begun)
            yield done

    def read_again(self) -> None:
        """Read what other sources brought in with other models, since vectors of two models cannot be compared."""
        pending = self.catalogue.pending(self.pool.models)
        begun = in_order(pending, self._begin_again, ahead=self.pool.ahead, ready=lambda again: again[2].done())
        for key, path, photo in begun:
            try:
                _, look = self._finish(photo)
            except PhotoError as error:
                self.catalogue.put_failure(key, str(error), self.pool.models)
                self.failed.append((str(path), str(error)))
            else:
                assert look is not None  # each photo is pending once
                self.catalogue.put_reading(key, look)
                self.read += 1

    def _begin_entry(self, coming: Coming) -> tuple[Entry | Broken, list[_Begun]]:
        return coming.entry, [self._begin(photo) for photo in coming.photos]

    def _begin_again(self, pending: tuple[int, Path]) -> tuple[int, Path, _Begun]:
        key, path = pending
        try:
            return key, path, _Begun(reading=self.pool.submit(photos.contents(path), str(path)))
        except PhotoError as error:
            return key, path, _Begun(failure=str(error))

    def _begin(self, coming: Path | Future[Path]) -> _Begun:
        """Begin to read a photo unless it is known or on its way."""
        try:
            path = coming.result() if isinstance(coming, Future) else coming
            models, known = self.pool.models, self.catalogue.recall(path)
            if known is not None and self.catalogue.is_read(known.sha256, models):
                return _Begun(file=known)
            size, modified = stamp(path)
            data = photos.contents(path)
        except PhotoError as error:
            return _Begun(failure=str(error))
        file = PhotoFile(path.absolute(), hashlib.sha256(data).hexdigest(), size, modified)
        if self.catalogue.is_read(file.sha256, models):
            return _Begun(file=file)
        if file.sha256 in self.under_way:
            return _Begun(file=file, waits=True, data=data)
        self.under_way.add(file.sha256)
        return _Begun(file=file, reading=self.pool.submit(data, str(path)))

    def _finish(self, begun: _Begun) -> tuple[PhotoFile | None, Look | None]:
        """The photo's file, and its look when it had to be read. PhotoError when it cannot be."""
        if begun.failure:
            raise PhotoError(begun.failure)
        if begun.waits and begun.file is not None and not self.catalogue.is_read(begun.file.sha256, self.pool.models):
            return begun.file, self.pool.submit(begun.data, str(begun.file.path)).result()  # its twin could not be read
        return begun.file, None if begun.reading is None else begun.reading.result()

    def _put(self, entry: Entry, begun: list[_Begun]) -> None:
        """Store a product with what was read from its photos."""
        files: list[PhotoFile] = []
        looks: dict[str, Look] = {}
        before = len(self.failed)
        for each in begun:
            if each.waits and each.file is not None and each.file.sha256 in looks:
                continue  # the product shows it twice
            try:
                file, look = self._finish(each)
            except PhotoError as error:
                self.failed.append((entry.name, str(error)))
                continue
            if file is None:
                continue
            files.append(file)
            if look is not None:
                looks[file.sha256] = look
        self.store(entry, files, looks, whole=len(self.failed) == before)
        self.read += len(looks)
        self.skipped += len(files) - len(looks)
        self.under_way.difference_update(each.file.sha256 for each in begun if each.file is not None)

    def store(self, entry: Entry, files: list[PhotoFile], looks: Mapping[str, Look], *, whole: bool) -> None:
        """Store a product with those of its photos that could be had. whole: whether those are all."""
        if files:
            _, changed = self.catalogue.put(entry.product, files, looks)
            self.added += changed


def _ready(begun: tuple[Entry | Broken, list[_Begun]]) -> bool:
    return all(photo.done() for photo in begun[1])
