"""The word index on disk: an SQLite file that can be thrown away at any time, or the same in memory.

segments: the products and words of each :class:`meot.catalogue.words.segment.Segment`, and which products have gone.
postings: for each word of a segment its postings with a checksum; the key is the segment's id and the word's place.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import RLock

from meot.errors import CatalogueError

VERSION = 1
"""Of what the file holds and of how words are taken from texts; a file of another is thrown away."""
_APPLICATION = 0x6D656F77
_WAIT = 60.0
_TABLES = """
CREATE TABLE state (generation INTEGER NOT NULL, catalogue TEXT NOT NULL, revision INTEGER NOT NULL);
CREATE TABLE segments (id INTEGER PRIMARY KEY AUTOINCREMENT, numbers BLOB NOT NULL, lengths BLOB NOT NULL,
    words BLOB NOT NULL, gone BLOB NOT NULL);
CREATE TABLE postings (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
INSERT INTO state VALUES (-1, '', 0);
"""
_log = logging.getLogger(__name__)


class DamagedError(Exception):
    """The file is none of ours, of another version, or not what was written; it is to be thrown away."""


class ClosedError(DamagedError):
    """Somebody has let go of the file."""


class UnwritableError(CatalogueError):
    """The file cannot be written: full disk, read-only folder."""


class BusyError(CatalogueError):
    """Another process has been writing for too long."""


class File:
    """Connections to the file, one for all readers of this process and a new one for each write. Thread-safe."""

    def __init__(self, path: Path | None) -> None:
        """path: None for memory. DamagedError when the file cannot be used, OSError when it cannot be written."""
        self._path, self._lock = path, RLock()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        with _explained():
            self._reader = self._connect()
            try:
                _prepare(self._reader)
            except BaseException:
                self._reader.close()
                raise
        self._node = self._inode()

    @property
    def in_memory(self) -> bool:
        """Whether nothing is kept."""
        return self._path is None

    def is_replaced(self) -> bool:
        """Whether another file stands in its place, or none."""
        return self._inode() != self._node

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._reader.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One state of the file, untouched by writers. DamagedError."""
        with self._lock, _explained(), _transaction(self._reader, "BEGIN"):
            yield self._reader

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; other writers wait. DamagedError; CatalogueError when nothing can be written."""
        with _explained():
            if self._path is None:
                with self._lock, _transaction(self._reader, "BEGIN IMMEDIATE"):
                    yield self._reader
            else:
                with closing(self._connect()) as connection, _transaction(connection, "BEGIN IMMEDIATE"):
                    yield connection

    def _inode(self) -> int:
        if self._path is None:
            return 0
        try:
            return self._path.stat().st_ino
        except OSError:
            return -1

    def _connect(self) -> sqlite3.Connection:
        name = ":memory:" if self._path is None else str(self._path)
        return sqlite3.connect(name, timeout=_WAIT, isolation_level=None, check_same_thread=False)


def throw_away(path: Path) -> None:
    """Remove the file with what SQLite keeps beside it. OSError when it cannot be removed."""
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm"), Path(f"{path}-journal")):
        with suppress(FileNotFoundError):
            os.unlink(name)


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file; check that one that is not empty is ours."""
    with suppress(sqlite3.OperationalError):  # read-only, or busy: it works without
        connection.execute("PRAGMA journal_mode = WAL")
    mark = connection.execute("PRAGMA application_id").fetchone()[0], _version(connection)
    if mark != (_APPLICATION, VERSION):
        with _transaction(connection, "BEGIN IMMEDIATE"):
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                if _version(connection) == VERSION:  # another process has just made it
                    return
                raise DamagedError("it is of another version")
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("SELECT generation, catalogue, revision FROM state").fetchone()


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes is made again
    connection.execute(begin)
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def _explained() -> Iterator[None]:
    """SQLite's errors as ours: what is busy or full can be tried again, what is broken has to be made anew."""
    try:
        yield
    except sqlite3.ProgrammingError as error:
        raise ClosedError(str(error)) from error
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise BusyError("another process is writing the word index for long; try again") from error
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
            raise UnwritableError(
                f"the word index cannot be kept ({error}); free some space, then try again"
            ) from error
        raise DamagedError(str(error)) from error
