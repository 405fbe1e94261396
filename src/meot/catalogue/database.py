"""Opening a catalogue's database: what it must be, how it is set up and brought up to date, what its errors mean."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NoSuchModuleError, ProgrammingError

from meot import taxonomy
from meot.catalogue.place import Place
from meot.catalogue.tables import SCHEMA_VERSION, meta, metadata
from meot.errors import CatalogueError

_HEADER = b"SQLite format 3\x00"
_BUSY_SECONDS = 30
_FULL = "the disk is full; everything added before is safe: free some space and start the same command again"
_LOCKED = f"another program has been writing for {_BUSY_SECONDS} s; try again when it is done"
_NO_DATABASE = "expected a meot catalogue, got a file that is no database; check the path"
_AWAY = "the database server cannot be reached; everything added before is safe: start it, then try again"
_REFUSED = "the database server does not let this user in; check the address' user and password"
_MEANINGS = {  # what the databases say, in lower case: the particular before the general
    "lock timeout": _LOCKED,
    "lock wait timeout": _LOCKED,
    "deadlock": _LOCKED,
    "locked": _LOCKED,
    "no space left": _FULL,
    "is full": _FULL,
    "readonly": "expected a catalogue that can be written, got a read-only one; check its permissions",
    "read-only": "expected a catalogue that can be written, got a read-only one; check its permissions",
    "unable to open": "the database cannot be opened; check the path and its folder's permissions",
    "not a database": _NO_DATABASE,
    "malformed": "the database is damaged; restore a copy, or make a new one with `meot catalogue add`",
    "disk i/o": "the disk cannot be read or written; check its space and health, then start the same command again",
    "authentication failed": _REFUSED,
    "access denied": _REFUSED,
    "does not exist": "the server has no such database or user; make it first, or check the address",
    "unknown database": "the server has no such database; make it first, or check the address",
    "connect": _AWAY,  # refused, reset, closed, can't connect, lost connection
    "gone away": _AWAY,
    "shutting down": _AWAY,
    "terminating": _AWAY,
    "starting up": _AWAY,
}


class AbsentError(CatalogueError):
    """There is no catalogue yet where one was looked for."""


class UnreachableError(CatalogueError):
    """The database's server does not answer at present; what was asked may be asked again."""


def _lost_errors() -> tuple[type[Exception], ...]:
    """What the drivers in use raise for a connection that broke."""
    drivers = [sys.modules[name] for name in ("psycopg", "pymysql") if name in sys.modules]
    return tuple(getattr(driver, kind) for driver in drivers for kind in ("OperationalError", "InterfaceError"))


@contextmanager
def explain_errors(place: Place) -> Iterator[None]:
    """Turn the database's complaints (full, locked, damaged, away ...) into a CatalogueError of one sentence."""
    try:
        yield
    except (DBAPIError, sqlite3.DatabaseError) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error).lower()
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        if lost or not isinstance(error, ProgrammingError | IntegrityError | DataError):
            meaning = _AWAY if lost else next((mean for sign, mean in _MEANINGS.items() if sign in said), None)
            if meaning is not None:
                kind = UnreachableError if meaning is _AWAY else CatalogueError
                raise kind(f"{place.name}: {meaning}") from error
        raise
    except _lost_errors() as error:  # while a connection was made ready, which SQLAlchemy does not wrap
        raise UnreachableError(f"{place.name}: {_AWAY}") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CatalogueError(f"{place.name}: {_FULL}") from error
        raise


def open_engine(place: Place, *, create: bool) -> Engine:
    """An engine on the catalogue at ``place``, made first when it is absent and ``create`` is True.

    A catalogue of an earlier version is brought up to date, wholly or not at all. CatalogueError when it is absent, no
    database, another program's, or of a later version; it is then left untouched.
    """
    with explain_errors(place):
        if place.file is not None:
            _check_file(place.file)
        engine = _connect(place)
        try:
            _make_ready(engine, place, create=create)
        except BaseException:
            engine.dispose()
            raise
        return engine


class Database:
    """An open database: one view for those who read, one writer at a time. Safe to use from several threads."""

    def __init__(self, *, engine: Engine, place: Place) -> None:
        self.engine, self.place = engine, place
        self.patience_s = 0.0
        self._reader, self._writer = reading_engine(engine), writing_engine(engine)

    @classmethod
    def open(cls, where: Path | str, *, create: bool, data: Path = Path()) -> Self:
        """The catalogue's database at ``where``; see :meth:`meot.catalogue.place.Place.of` and :func:`open_engine`."""
        place = Place.of(where, data=data)
        return cls(engine=open_engine(place, create=create), place=place)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One state of the whole database, untouched by writers. CatalogueError when it cannot be read."""
        with explain_errors(self.place), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer is beside. CatalogueError when it cannot be written."""
        with explain_errors(self.place), self._writer.begin() as connection:
            lock(connection)
            yield connection

    @contextmanager
    def persisting(self, seconds: float = 60.0) -> Iterator[None]:
        """For a block, ask a server that went away again for so long; see :func:`meot.catalogue.insist.insists`."""
        before, self.patience_s = self.patience_s, seconds
        try:
            yield
        finally:
            self.patience_s = before

    def close(self) -> None:
        """Let go of it."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        """The database itself; it is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def lock(connection: Connection) -> None:
    """Wait until no other writer is at work, until the transaction ends. SQLite's own lock is taken as it begins."""
    if connection.dialect.name != "sqlite":
        connection.execute(select(meta.c.value).where(meta.c.name == "generation").with_for_update())


def _make_ready(engine: Engine, place: Place, *, create: bool) -> None:
    version = None if _is_missing(place) else _find_version(engine, place)
    if version is None and not create:
        raise AbsentError(f"{place.name}: no catalogue here; make one with `meot catalogue add FOLDER --into ...`")
    if version is None:
        _set_up(engine, place)
    elif version < SCHEMA_VERSION:
        from meot.catalogue import migrate

        migrate.upgrade(engine)
    elif version > SCHEMA_VERSION:
        raise CatalogueError(
            f"{place.name}: expected a catalogue of version {SCHEMA_VERSION} at most, got version {version}; use the "
            "meot that made it, or a later one"
        )


def _is_missing(place: Place) -> bool:
    return place.file is not None and not (place.file.exists() and place.file.stat().st_size)


def _check_file(path: Path) -> None:
    """CatalogueError when what is at ``path`` cannot be a database."""
    if path.is_dir():
        raise CatalogueError(f"{path}: expected a catalogue file, got a folder; give a file such as {path / 'shop.db'}")
    if not path.exists():
        return
    with path.open("rb") as file:
        head = file.read(len(_HEADER))
    if head and head != _HEADER:
        raise CatalogueError(f"{path}: {_NO_DATABASE}")


@contextmanager
def _looking(engine: Engine, place: Place) -> Iterator[Connection]:
    """A connection that writes nothing, so that another program's file stays as it is."""
    if place.file is None:
        with engine.begin() as connection:
            yield connection
        return
    address = f"{place.file.resolve().as_uri()}?mode=ro"
    only_reading = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS), future=True
    )
    try:
        with only_reading.connect() as connection:
            yield connection
    finally:
        only_reading.dispose()


def _find_version(engine: Engine, place: Place) -> int | None:
    """The version of the tables that are there; None for a database without any of them.

    A run killed while it made the tables leaves a database with none (SQLite, PostgreSQL) or some (MySQL).
    """
    with _looking(engine, place) as connection:
        there = set(inspect(connection).get_table_names())
        found = None
        if meta.name in there and {column["name"] for column in inspect(connection).get_columns(meta.name)} >= {
            "name",
            "value",
        }:
            found = connection.scalar(select(meta.c.value).where(meta.c.name == "schema"))
            if found is None and there <= set(metadata.tables) and place.file is None:
                return None
    if found is not None:
        return int(found)
    strangers = there if place.file is not None else there & set(metadata.tables)
    if strangers:
        raise CatalogueError(f"{place.name}: expected a meot catalogue, got another program's database; check the path")
    return None


def _connect(place: Place) -> Engine:
    if place.file is not None:
        return _connect_file(place)
    try:
        engine = create_engine(place.url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ModuleNotFoundError, NoSuchModuleError):
        extra = "postgresql" if place.url.drivername.startswith("postgresql") else "mysql"
        raise CatalogueError(f"{place.name}: its driver is not installed; run pip install 'meot[{extra}]'") from None
    patience = (
        f"SET lock_timeout = '{_BUSY_SECONDS}s'"
        if place.url.drivername.startswith("postgresql")
        else f"SET innodb_lock_wait_timeout = {_BUSY_SECONDS}"
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(patience)
        connection.commit()

    return engine


def _connect_file(place: Place) -> Engine:
    engine = create_engine(place.url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})

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


def reading_engine(engine: Engine) -> Engine:
    """The engine for readers: each transaction sees one state of the whole catalogue."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


def writing_engine(engine: Engine) -> Engine:
    """The engine for writers, one at a time: see :func:`lock`."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(writing=True)
    return engine.execution_options(isolation_level="READ COMMITTED")


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Only one program at a time gets in here; for making and changing tables."""
    kind = connection.dialect.name
    if kind == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(20522)"))
    elif kind != "sqlite":
        connection.execute(text(f"SELECT GET_LOCK('meot', {_BUSY_SECONDS})"))
    try:
        yield
    finally:
        if kind not in ("postgresql", "sqlite"):
            connection.execute(text("SELECT RELEASE_LOCK('meot')"))


def _set_up(engine: Engine, place: Place) -> None:
    if place.file is not None:
        if not place.file.parent.is_dir():
            raise CatalogueError(f"{place.name}: its folder does not exist; make it first, or give another path")
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode = WAL")
        finally:
            raw.close()
    with writing_engine(engine).begin() as connection, alone(connection):
        metadata.create_all(connection)  # those that are missing
        if connection.scalar(select(meta.c.value).where(meta.c.name == "schema")) is not None:
            return  # another program was faster
        from meot.catalogue import migrate

        migrate.stamp(connection)
        values = {"generation": 0, "taxonomy": taxonomy.load().version, "schema": SCHEMA_VERSION}
        connection.execute(insert(meta), [{"name": name, "value": str(value)} for name, value in values.items()])
