"""Opening a catalogue's database: what it must be, how it is set up, and what its errors mean to a person."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert
from sqlalchemy.exc import DatabaseError

from meot import taxonomy
from meot.catalogue import words
from meot.catalogue.tables import SCHEMA_VERSION, meta, metadata
from meot.errors import CatalogueError

_HEADER = b"SQLite format 3\x00"
_BUSY_SECONDS = 30.0
_MEANINGS = {
    "full": "the disk is full; everything added before is safe: free some space and start the same command again",
    "locked": f"another program has been writing for {_BUSY_SECONDS:.0f} s; try again when it is done",
    "readonly": "expected a catalogue that can be written, got a read-only one; check its permissions",
    "unable to open": "the database cannot be opened; check the path and its folder's permissions",
    "not a database": "expected a meot catalogue, got a file that is no database; check the path",
    "malformed": "the database is damaged; restore a copy, or make a new one with `meot catalogue add`",
    "disk i/o": "the disk cannot be read or written; check its space and health, then start the same command again",
}


@contextmanager
def explain_errors(path: Path) -> Iterator[None]:
    """Turn the database's complaints (full, locked, damaged ...) into a CatalogueError of one sentence."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        said = str(error.orig if isinstance(error, DatabaseError) else error).lower()
        for sign, meaning in _MEANINGS.items():
            if sign in said:
                raise CatalogueError(f"{path}: {meaning}") from error
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CatalogueError(f"{path}: {_MEANINGS['full']}") from error
        raise


def path_of(database: Path | str) -> Path:
    """The file that ``database`` (a path or a ``sqlite:///`` URL) names. CatalogueError for another kind of URL."""
    name = str(database)
    if name.startswith("sqlite:///"):
        return Path(name.removeprefix("sqlite:///"))
    if "://" in name:
        kind = name.split("://", 1)[0]
        raise CatalogueError(f"catalogue must be an SQLite file, got a {kind} address; give a path such as shop.db")
    return Path(name)


def open_engine(path: Path, *, create: bool) -> Engine:
    """An engine on the catalogue at ``path``, made first when it is absent and ``create`` is True.

    CatalogueError when it is absent, no database, another program's, or of another schema version; such a file is
    left untouched.
    """
    with explain_errors(path):
        fresh = _is_fresh(path)
        if fresh and not create:
            raise CatalogueError(f"{path}: no catalogue here; make one with `meot catalogue add FOLDER --into {path}`")
        if not fresh:
            _check_version(path)
        elif not path.parent.is_dir():
            raise CatalogueError(f"{path}: its folder does not exist; make it first, or give another path")
        engine = _connect(path)
        if fresh:
            try:
                _set_up(engine)
            except BaseException:
                engine.dispose()
                raise
        return engine


def _is_fresh(path: Path) -> bool:
    """Whether nothing is there yet; CatalogueError when what is there cannot be a database."""
    if path.is_dir():
        raise CatalogueError(f"{path}: expected a catalogue file, got a folder; give a file such as {path / 'shop.db'}")
    if not path.exists():
        return True
    with path.open("rb") as file:
        head = file.read(len(_HEADER))
    if head and head != _HEADER:
        raise CatalogueError(f"{path}: {_MEANINGS['not a database']}")
    return not head or _is_blank(path)


@contextmanager
def _looking(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that writes nothing, so that another program's file stays as it is."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)
    try:
        yield connection
    finally:
        connection.close()


def _is_blank(path: Path) -> bool:
    # a run killed while it made the tables leaves a database without any
    with _looking(path) as connection:
        return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None


def _check_version(path: Path) -> None:
    with _looking(path) as connection:
        try:
            found = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        except sqlite3.OperationalError as error:
            if "no such" not in str(error):
                raise
            found = None
    if found is None:
        raise CatalogueError(f"{path}: expected a meot catalogue, got another program's database; check the path")
    if found[0] != str(SCHEMA_VERSION):
        raise CatalogueError(
            f"{path}: expected a catalogue of version {SCHEMA_VERSION}, got version {found[0]}; use the meot that "
            "made it, or make a new one with `meot catalogue add`"
        )


def _connect(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, below
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # a writer takes its lock at once: a reader that turns writer cannot wait for another one, it fails
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _set_up(engine: Engine) -> None:
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        raw.close()
    with engine.execution_options(writing=True).begin() as connection:
        metadata.create_all(connection)
        words.create(connection)
        values = {"schema": SCHEMA_VERSION, "generation": 0, "taxonomy": taxonomy.load().version}
        connection.execute(insert(meta), [{"name": name, "value": str(value)} for name, value in values.items()])
