"""Bringing a source into a catalogue: read what is new, skip what is known, report what is broken.

Photos may be read in other threads or processes (:mod:`meot.catalogue.pool`); products go in one after the other, in
the order of the source, from the thread that called.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from meot import photos
from meot.catalogue.feeds import Feeds
from meot.catalogue.files import PhotoFile, stamp
from meot.catalogue.place import Place
from meot.catalogue.pool import Inline, Pool, Reading, in_order
from meot.catalogue.sources import registry
from meot.catalogue.sources.entry import Broken, Entry, Origin
from meot.catalogue.sources.fetch.ahead import Coming, fetch_ahead
from meot.catalogue.sources.fetch.ask import Limits
from meot.catalogue.sources.fetch.fetcher import Fetcher
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError, PhotoError
from meot.types import Look, Reader

Progress = Callable[[int, int], None]
"""Called with how many entries of the source are done, and of how many; 0 when that is not known yet."""
COUNTED = 8 << 20
"""A file of at most so many bytes is read twice, so that progress has an end to show."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an intake did.

    added: products that were new or changed. read: photos read. skipped: photos known already, so not read again.
    failed: (name, reason) of each photo or row that could not come in.
    """

    added: int
    read: int
    skipped: int
    failed: list[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        """The summary as ``meot catalogue add --json`` prints it."""
        failed = [{"name": name, "reason": reason} for name, reason in self.failed]
        return {"added": self.added, "read": self.read, "skipped": self.skipped, "failed": failed}


def build_fetcher(
    catalogue: Place,
    *,
    private_hosts: bool = False,
    headers: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Fetcher:
    """What fetches for the catalogue at that place, into the folder beside it (``shop.photos`` of ``shop.db``)."""
    return Fetcher(folder=catalogue.beside("photos"), private_hosts=private_hosts, headers=headers, limits=limits)


def add(
    catalogue: Catalogue,
    reader: Reader,
    source: Path | str,
    *,
    format: str | None = None,
    name: str = "",
    fetcher: Fetcher | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Bring every product of ``source`` into the catalogue: a folder of photos, a file, or an address of the web.

    format: one of :data:`meot.catalogue.sources.registry.NAMES`; None takes it from the content. name: of the source,
    so that it may move; else it is known by where it is. fetcher: brings what has an address; None makes the
    catalogue's own. pool: where photos are read; None reads them with ``reader``, one after the other, and a pool given
    takes its place.

    Each product goes in with its photos' readings in one transaction, so the work may be stopped at any moment and
    started again; lost are then only readings on their way, of ``pool.ahead`` products at most. A photo is read once
    for its content (sha256) and the reader's models. A product without a readable photo stays out and is reported.
    PhotoError or CatalogueError when the source as a whole is unusable, CatalogueError when the catalogue cannot be
    written, ClusterError when the pool's workers are gone; what went in before stays. A database server that goes away
    is asked again for a minute. The source is noted, so that it can be refreshed.
    """
    with closing(fetcher or build_fetcher(catalogue.place)) as bringing, catalogue.database.persisting():
        check_source(source, format=format, fetcher=bringing)
        total = count(source, format)
        feeds = Feeds(database=catalogue.database)
        feed = feeds.note(source, name=name, format=format or "", private_hosts=bringing.private_hosts)
        intake = Intake(catalogue=catalogue, pool=pool or Inline(reader=reader))
        entries = entries_of(source, format=format, name=feed.name, fetcher=bringing)
        with closing(fetch_ahead(entries, bringing)) as all_coming:
            for done in intake.take(all_coming):
                if progress is not None:
                    progress(done, total)
        intake.read_again()
        feeds.finish(feed.name)
    return Summary(intake.added, intake.read, intake.skipped, intake.failed)


def check_source(source: Path | str, *, format: str | None = None, fetcher: Fetcher | None = None) -> None:
    """Raise what :func:`add` would for a source that is unusable as a whole, before a catalogue is made for it."""
    if next(iter(entries_of(source, format=format, fetcher=fetcher)), None) is None:
        raise CatalogueError(f"{source}: expected a product a row, got none below the header; check the file")


def entries_of(
    source: Path | str, *, format: str | None = None, name: str = "", fetcher: Fetcher | None = None
) -> Iterator[Entry | Broken]:
    """The products of a source. CatalogueError for another kind of file, PhotoError for no photos."""
    if isinstance(source, Path):
        return registry.read(Origin(source, called=name), format=format)
    if fetcher is None:
        raise CatalogueError(
            f"{source}: expected a file, got an address but nothing to fetch it with; hand in a fetcher"
        )
    polite = format is None or registry.named(format).for_people

    def fetch(address: str) -> Path:
        return fetcher.feed(address, polite=polite)

    return registry.read(Origin(fetch(source), source, name), format=format, fetch=fetch)


def count(source: Path | str, format: str | None) -> int:
    """How many entries a source has; 0 where that would take long to find out."""
    if isinstance(source, str) or (source.is_file() and source.stat().st_size > COUNTED):
        return 0
    return sum(1 for _ in entries_of(source, format=format))


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
