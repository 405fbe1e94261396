"""Bringing a source into a catalogue: read what is new, skip what is known, report what is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from meot import photos
from meot.catalogue.files import PhotoFile, stamp
from meot.catalogue.place import Place
from meot.catalogue.sources import registry
from meot.catalogue.sources.entry import Broken, Entry, Origin
from meot.catalogue.sources.fetch.ahead import Coming, fetch_ahead
from meot.catalogue.sources.fetch.fetcher import Fetcher
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError, PhotoError
from meot.types import Look, Photo, Reader

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
    catalogue: Place, *, private_hosts: bool = False, headers: Mapping[str, str] | None = None
) -> Fetcher:
    """What fetches for the catalogue at that place, into the folder beside it (``shop.photos`` of ``shop.db``)."""
    return Fetcher(folder=catalogue.beside("photos"), private_hosts=private_hosts, headers=headers)


def add(
    catalogue: Catalogue,
    reader: Reader,
    source: Path | str,
    *,
    format: str | None = None,
    fetcher: Fetcher | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Bring every product of ``source`` into the catalogue: a folder of photos, a file, or an address of the web.

    format: one of :data:`meot.catalogue.sources.registry.NAMES`; None takes it from the content. fetcher: brings what
    has an address; None makes the catalogue's own.

    Each product goes in with its photos' readings in one transaction, so the work may be stopped at any moment and
    started again. A photo is read once for its content (sha256) and the reader's models. A product without a readable
    photo stays out and is reported. PhotoError or CatalogueError when the source as a whole is unusable,
    CatalogueError when the catalogue cannot be written; what went in before stays.
    """
    with closing(fetcher or build_fetcher(catalogue.place)) as bringing:
        check_source(source, format=format, fetcher=bringing)
        total = _count(source, format)
        intake = _Intake(catalogue=catalogue, reader=reader)
        with closing(fetch_ahead(entries_of(source, format=format, fetcher=bringing), bringing)) as all_coming:
            for done, coming in enumerate(all_coming, start=1):
                intake.take(coming)
                if progress is not None:
                    progress(done, total)
        intake.read_again()
    return Summary(intake.added, intake.read, intake.skipped, intake.failed)


def check_source(source: Path | str, *, format: str | None = None, fetcher: Fetcher | None = None) -> None:
    """Raise what :func:`add` would for a source that is unusable as a whole, before a catalogue is made for it."""
    if next(iter(entries_of(source, format=format, fetcher=fetcher)), None) is None:
        raise CatalogueError(f"{source}: expected a product a row, got none below the header; check the file")


def entries_of(
    source: Path | str, *, format: str | None = None, fetcher: Fetcher | None = None
) -> Iterator[Entry | Broken]:
    """The products of a source. CatalogueError for another kind of file, PhotoError for no photos."""
    if isinstance(source, Path):
        return registry.read(Origin(source), format=format)
    if fetcher is None:
        raise CatalogueError(
            f"{source}: expected a file, got an address but nothing to fetch it with; hand in a fetcher"
        )
    polite = format is None or registry.named(format).for_people

    def fetch(address: str) -> Path:
        return fetcher.feed(address, polite=polite)

    return registry.read(Origin(fetch(source), source), format=format, fetch=fetch)


def _count(source: Path | str, format: str | None) -> int:
    if isinstance(source, str) or (source.is_file() and source.stat().st_size > COUNTED):
        return 0
    return sum(1 for _ in entries_of(source, format=format))


@dataclass(kw_only=True)
class _Intake:
    """One run: its collaborators and what it has counted so far."""

    catalogue: Catalogue
    reader: Reader
    added: int = 0
    read: int = 0
    skipped: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)

    def take(self, coming: Coming) -> None:
        """Bring in one entry, or note why not."""
        entry = coming.entry
        if isinstance(entry, Broken):
            self.failed.append((entry.name, entry.reason))
            return
        files: list[PhotoFile] = []
        looks: dict[str, Look] = {}
        for photo in coming.photos:
            try:
                file, look = self._look(photo.result() if isinstance(photo, Future) else photo)
            except PhotoError as error:
                self.failed.append((entry.name, str(error)))
                continue
            files.append(file)
            if look is not None:
                looks[file.sha256] = look
        if files:
            _, changed = self.catalogue.put(entry.product, files, looks)
            self.added += changed
            self.read += len(looks)
            self.skipped += len(files) - len(looks)

    def _look(self, path: Path) -> tuple[PhotoFile, Look | None]:
        """The photo's file, and its look when it had to be read. PhotoError when it cannot be."""
        known = self.catalogue.recall(path)
        if known is not None and self.catalogue.is_read(known.sha256, self.reader.models):
            return known, None
        size, modified = stamp(path)
        photo: Photo = photos.load(path)
        file = PhotoFile(path.absolute(), photo.sha256, size, modified)
        if self.catalogue.is_read(photo.sha256, self.reader.models):
            return file, None
        return file, self.reader.read(photo)

    def read_again(self) -> None:
        """Read what other sources brought in with other models, since vectors of two models cannot be compared."""
        for key, path in self.catalogue.pending(self.reader.models):
            try:
                self.catalogue.put_reading(key, self.reader.read(photos.load(path)))
                self.read += 1
            except PhotoError as error:
                self.catalogue.put_failure(key, str(error), self.reader.models)
                self.failed.append((str(path), str(error)))
