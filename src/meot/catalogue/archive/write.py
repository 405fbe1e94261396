"""Writing a backup: the rows of one moment, then the files that they name; the file appears when it is whole."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Table, func, select

from meot.catalogue.archive import keys, layout
from meot.catalogue.archive.appear import appearing
from meot.catalogue.archive.layout import BackupError
from meot.catalogue.archive.paths import Paths
from meot.catalogue.database import Database
from meot.catalogue.tables import SCHEMA_VERSION, photos

Progress = Callable[[int, int], None]
_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup holds. missing: photos that the catalogue names and whose files are not there."""

    rows: int
    files: int
    missing: int
    bytes: int

    def as_json(self) -> dict[str, int]:
        """The same, as the command line prints it."""
        return {"rows": self.rows, "files": self.files, "missing": self.missing, "bytes": self.bytes}


def write(
    database: Database, file: Path, *, with_photos: bool = True, progress: Progress = lambda _done, _total: None
) -> Backup:
    """Copy a catalogue into ``file``, which must not be there yet, while others may go on working with it.

    Killed at any moment, there is the whole file or none. BackupError when the file cannot be written. with_photos:
    also the pictures, those that lie elsewhere among them. progress: told of (rows and files done, in all).
    """
    if file.exists():
        raise BackupError(f"{file}: expected the name of a new file, got one that is there; give another name")
    with (
        appearing(file) as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.GNU_FORMAT) as tar,
    ):
        writer = _Writer(tar=tar, progress=progress)
        folders = {kind: database.place.beside(kind).absolute() for kind in layout.FOLDERS}
        with database.reading() as connection:
            elsewhere = _elsewhere(writer, connection, folders["photos"]) if with_photos else {}
            _put_rows(writer, connection, Paths(folders=folders, elsewhere=elsewhere))
        if with_photos:
            _put_files(writer, folders, elsewhere)
        writer.put(layout.SUMS, json.dumps(writer.sums).encode())
    return Backup(rows=writer.rows, files=writer.files, missing=writer.missing, bytes=file.stat().st_size)


@dataclass(slots=True)
class _Writer:
    """Puts members into an archive, one behind the other."""

    tar: tarfile.TarFile
    progress: Progress
    sums: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    files: int = 0
    missing: int = 0
    total: int = 0

    def put(self, name: str, data: bytes) -> None:
        """A member held in memory."""
        self._add(name, len(data), io.BytesIO(data))

    def put_file(self, name: str, path: Path) -> None:
        """A file; one that is gone by now is counted, and so is one whose name does not fit."""
        if not layout.is_plain(name):
            self.missing += 1
            return
        try:
            with path.open("rb") as file:
                self._add(name, os.fstat(file.fileno()).st_size, file)
        except (FileNotFoundError, NotADirectoryError):
            self.missing += 1
            return
        self.files += 1
        self.tell()

    def tell(self) -> None:
        """Say how far it is."""
        self.progress(self.rows + self.files + self.missing, self.total)

    def _add(self, name: str, size: int, file: IO[bytes]) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        seen = _Summed(file)
        self.tar.addfile(info, seen)
        self.sums[name] = seen.sum.hexdigest()


class _Summed:
    """A file that is summed up while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sum = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sum.update(data)
        return data


def _elsewhere(writer: _Writer, connection: Connection, folder: Path) -> dict[str, str]:
    """Path -> name in the folder of photos, of the photos that lie outside of it; those that are gone are counted."""
    found = {}
    for sha256, path in connection.execute(select(photos.c.sha256, photos.c.path)):
        if not Path(path).is_relative_to(folder):
            suffix = Path(path).suffix.lower()
            if Path(path).is_file():
                found[path] = f"{sha256[:2]}/{sha256}{suffix if layout.is_plain(f'a{suffix}') else ''}"
            else:
                writer.missing += 1
    return found


def _put_rows(writer: _Writer, connection: Connection, paths: Paths) -> None:
    every = layout.tables()
    counts = {table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0) for table in every}
    writer.total = sum(counts.values())
    head = layout.describe(
        counts,
        schema=SCHEMA_VERSION,
        version=metadata.version("meot"),
        made=time.time(),
        keys=keys.next_keys(connection),
    )
    writer.put(layout.HEAD, json.dumps(head).encode())
    for table in every:
        for number, block in enumerate(_blocks(writer, connection, table, paths), 1):
            writer.put(f"tables/{table.name}/{number:06}.jsonl", block)


def _blocks(writer: _Writer, connection: Connection, table: Table, paths: Paths) -> Iterator[bytes]:
    """The rows of a table as the contents of its members."""
    head = json.dumps(table.c.keys()).encode() + b"\n"
    block = io.BytesIO()
    query = select(table).order_by(*table.primary_key.columns)
    for row in connection.execution_options(stream_results=True, yield_per=_ROWS).execute(query):
        values = layout.to_json(table, list(paths.mark(table, dict(zip(table.c.keys(), row, strict=True))).values()))
        block.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")
        writer.rows += 1
        if block.tell() > layout.BLOCK_BYTES:
            yield head + block.getvalue()
            block = io.BytesIO()
            writer.tell()
    if block.tell():
        yield head + block.getvalue()
        writer.tell()


def _put_files(writer: _Writer, folders: dict[str, Path], elsewhere: dict[str, str]) -> None:
    files = [(kind, folder, path) for kind, folder in folders.items() for path in sorted(folder.rglob("*"))]
    files = [(kind, folder, path) for kind, folder, path in files if path.is_file() and not _is_passing(path)]
    writer.total += len(files) + len(elsewhere)
    for kind, folder, path in files:
        name = f"{kind}/{path.relative_to(folder).as_posix()}"
        if path.suffix == ".db":
            with _copied(path) as still:
                writer.put_file(name, still)
        else:
            writer.put_file(name, path)
    known = set(writer.sums)
    for place, name in elsewhere.items():
        if f"photos/{name}" not in known:
            writer.put_file(f"photos/{name}", Path(place))


def _is_passing(path: Path) -> bool:
    """Whether a file is another program's work in progress."""
    return path.is_symlink() or path.name.endswith((".part", "-wal", "-shm", "-journal"))


@contextmanager
def _copied(path: Path) -> Iterator[Path]:
    """A copy of a small database that others may be writing to, in the middle of nothing."""
    with tempfile.TemporaryDirectory() as folder:
        still = Path(folder) / path.name
        source, target = sqlite3.connect(path), sqlite3.connect(still)
        with suppress(sqlite3.DatabaseError):
            source.backup(target)
        source.close()
        target.close()
        yield still
