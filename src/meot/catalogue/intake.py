"""Bringing a source into a catalogue: read what is new, skip what is known, report what is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from meot import photos
from meot.catalogue.files import PhotoFile, stamp
from meot.catalogue.sources import folder, table
from meot.catalogue.sources.entry import Broken, Entry
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError, PhotoError
from meot.types import Look, Photo, Reader

Progress = Callable[[int, int], None]
"""Called with how many entries of the source are done, and of how many."""


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


def add(catalogue: Catalogue, reader: Reader, source_path: Path, *, progress: Progress | None = None) -> Summary:
    """Bring every product of ``source_path`` (a folder of photos, or a CSV) into the catalogue.

    Each product goes in with its photos' readings in one transaction, so the work may be stopped at any moment and
    started again. A photo is read once for its content (sha256) and the reader's models. A product without a readable
    photo stays out and is reported. PhotoError or CatalogueError when the source as a whole is unusable,
    CatalogueError when the catalogue cannot be written; what went in before stays.
    """
    check_source(source_path)
    entries = list(entries_of(source_path))
    intake = _Intake(catalogue=catalogue, reader=reader)
    for done, entry in enumerate(entries, start=1):
        intake.take(entry)
        if progress is not None:
            progress(done, len(entries))
    intake.read_again()
    return Summary(intake.added, intake.read, intake.skipped, intake.failed)


def check_source(source_path: Path) -> None:
    """Raise what :func:`add` would for a source that is unusable as a whole, before a catalogue is made for it."""
    if next(iter(entries_of(source_path)), None) is None:
        raise CatalogueError(f"{source_path}: expected a product a row, got none below the header; check the file")


def entries_of(source_path: Path) -> Iterator[Entry | Broken]:
    """The products of a folder or a CSV file. CatalogueError for another kind of file, PhotoError for no photos."""
    if source_path.is_dir() or not source_path.exists():
        return folder.read(source_path)
    if source_path.suffix.lower() not in (".csv", ".tsv"):
        raise CatalogueError(f"{source_path}: expected a folder of photos or a .csv file, got another kind of file")
    return table.read(source_path)


@dataclass(kw_only=True)
class _Intake:
    """One run: its collaborators and what it has counted so far."""

    catalogue: Catalogue
    reader: Reader
    added: int = 0
    read: int = 0
    skipped: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)

    def take(self, entry: Entry | Broken) -> None:
        """Bring in one entry, or note why not."""
        if isinstance(entry, Broken):
            self.failed.append((entry.name, entry.reason))
            return
        files: list[PhotoFile] = []
        looks: dict[str, Look] = {}
        for path in entry.photos:
            try:
                file, look = self._look(path)
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
