"""Reading a backup: all of it is checked before anything is written; then rows and files come in wholly or not at all.

A backup may come from anywhere, so it is taken for hostile: only plain files with known names are read, what unpacks
to far more than it is, is refused, and nothing is written outside of the catalogue's own folders.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from meot.catalogue.archive import keys, layout
from meot.catalogue.archive.layout import BackupError
from meot.catalogue.archive.paths import Paths
from meot.catalogue.archive.unpack import unpack
from meot.catalogue.database import Database
from meot.catalogue.place import Place
from meot.catalogue.tables import SCHEMA_VERSION, meta

Progress = Callable[[int, int], None]
_CHUNK = 1 << 20
_ROWS = 500


@dataclass(frozen=True, slots=True)
class Head:
    """What a backup says of itself. made: seconds since 1970. rows: table -> count. next: see :mod:`.keys`."""

    meot: str
    made: float
    rows: dict[str, int]
    next: dict[str, int]


def check(file: Path) -> Head:
    """Read a backup to its end; what it says of itself. BackupError when it is damaged, cut off, or no backup."""
    sums: dict[str, str] = {}
    head: Head | None = None
    told: object = None
    with unpack(file) as members:
        for name, size, stream in members:
            if told is not None:
                raise BackupError(f"{file}: there is more behind the backup's end; restore another one")
            if head is None:
                head = _head(file, name, _whole(name, size, stream))
            elif name == layout.SUMS:
                told = _parse(_whole(name, size, stream))
            else:
                layout.check_name(name)
                if name in sums:
                    raise BackupError(f"{file}: holds {name} twice; restore another one")
                sums[name] = _sum(stream)
    if head is None or not isinstance(told, dict):
        raise BackupError(f"{file}: the backup is cut off; copy it again or restore another one")
    if {name: sum for name, sum in told.items() if name != layout.HEAD} != sums:
        raise BackupError(f"{file}: the backup is damaged (checksums differ); copy it again or restore another one")
    return head


def restore(
    file: Path, where: Path | str, *, data: Path = Path(), progress: Progress = lambda _done, _total: None
) -> Head:
    """Make the catalogue ``where`` (a file or a server's address) of a backup; none may be there yet.

    BackupError when there is one already, or as for :func:`check`; nothing is changed then.
    """
    head = check(file)
    place = Place.of(where, data=data)
    folders = {kind: place.beside(kind) for kind in layout.FOLDERS}
    for folder in folders.values():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BackupError(f"{folder}: expected no such folder yet, got one with files; move it away first")
    new = place.file is not None and not place.file.exists()
    try:
        with Database.open(where, create=True, data=data) as database, ExitStack() as staged:
            _check_empty(database)
            stages = {kind: staged.enter_context(_stage(folder)) for kind, folder in folders.items()}
            _bring_in(file, database, stages, head, progress)
    except BaseException:
        if new and place.file is not None:
            for ending in ("", "-wal", "-shm"):
                Path(f"{place.file}{ending}").unlink(missing_ok=True)
        raise
    shutil.rmtree(place.beside("index"), ignore_errors=True)  # of another state, if there is one
    return head


def _bring_in(file: Path, database: Database, stages: dict[str, Path], head: Head, progress: Progress) -> None:
    total, done = sum(head.rows.values()), 0
    folders = {kind: database.place.beside(kind).absolute() for kind in stages}
    paths = Paths(folders=folders)
    try:
        with ExitStack() as moved, database.writing() as connection, unpack(file) as members:
            connection.execute(delete(meta))
            for name, size, stream in members:
                if name in (layout.HEAD, layout.SUMS):
                    _whole(name, size, stream)
                elif layout.check_name(name) == "tables":
                    done += _put_rows(connection, name, _whole(name, size, stream), paths)
                    progress(done, total)
                else:
                    kind, _, rest = name.partition("/")
                    _put_file(stages[kind] / rest, size, stream)
            for kind, stage in stages.items():
                moved.enter_context(_moved(stage, folders[kind]))
            if connection.dialect.name != "mysql" and connection.dialect.name != "mariadb":
                keys.set_next_keys(connection, head.next)
        if database.engine.dialect.name in ("mysql", "mariadb"):
            with database.writing() as connection:  # numbering on ends a transaction there
                keys.set_next_keys(connection, head.next)
    except (SQLAlchemyError, binascii.Error, KeyError, TypeError, ValueError) as error:
        raise BackupError(f"{file}: holds rows that no catalogue has; restore another one") from error


def _check_empty(database: Database) -> None:
    with database.reading() as connection:
        for table in layout.tables():
            if table is not meta and connection.scalar(select(func.count()).select_from(table)):
                raise BackupError(
                    f"{database.place.name}: expected no catalogue yet, got one with {table.name}; give another place"
                )


def _put_rows(connection: Connection, name: str, block: bytes, paths: Paths) -> int:
    table = next(table for table in layout.tables() if table.name == name.split("/")[1])
    head, *lines = block.splitlines()
    columns = layout.check_columns(table, _parse(head))
    rows = [paths.unmark(table, layout.from_json(table, columns, _parse(line))) for line in lines]
    for start in range(0, len(rows), _ROWS):
        connection.execute(insert(table), rows[start : start + _ROWS])
    return len(rows)


def _put_file(path: Path, size: int, stream: IO[bytes]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(path.parent).free < size:
            raise BackupError(f"{path.parent}: too little space for the backup's photos; free some, then try again")
        with path.open("xb") as file:
            shutil.copyfileobj(stream, file, _CHUNK)
    except OSError as error:
        raise BackupError(f"{path}: cannot be written ({error.strerror}); check space and rights") from error


@contextmanager
def _stage(folder: Path) -> Iterator[Path]:
    """A folder beside ``folder`` that is gone at the end, unless it took its place."""
    stage = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    stage.mkdir(parents=True)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _moved(stage: Path, folder: Path) -> Iterator[None]:
    """Let what was staged take its place; take it back when the block fails."""
    if not any(stage.iterdir()):
        yield
        return
    with suppress(FileNotFoundError):
        folder.rmdir()
    stage.rename(folder)
    try:
        yield
    except BaseException:
        folder.rename(stage)
        raise


def _whole(name: str, size: int, stream: IO[bytes]) -> bytes:
    if size > layout.MOST_BLOCK_BYTES:
        raise BackupError(f"the backup's {name[:80]} is larger than any; restore another one")
    return stream.read()


def _sum(stream: IO[bytes]) -> str:
    found = hashlib.sha256()
    while data := stream.read(_CHUNK):
        found.update(data)
    return found.hexdigest()


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise BackupError("the backup holds what is no JSON; restore another one") from None


def _head(file: Path, name: str, data: bytes) -> Head:
    said = _parse(data) if name == layout.HEAD else None
    if not isinstance(said, dict) or said.get("format") != layout.FORMAT:
        raise BackupError(f"{file}: expected a backup made by `meot backup`, got something else; check the path")
    if said.get("schema") != SCHEMA_VERSION:
        raise BackupError(
            f"{file}: made of a catalogue of version {said.get('schema')}, this meot has version {SCHEMA_VERSION}; "
            f"restore it with meot {said.get('meot')}, then open it with this one"
        )
    try:
        rows, following = ({str(k): int(v) for k, v in said[part].items()} for part in ("rows", "next"))
        return Head(str(said["meot"]), float(said["made"]), rows, following)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BackupError(f"{file}: the backup's first part is broken; restore another one") from None
