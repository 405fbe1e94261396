"""A catalogue's database: what it must be, how it is opened, set up and brought up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, create_engine, insert, inspect, select

from meot import taxonomy
from meot.catalogue import complaints, connecting, migrate
from meot.catalogue.complaints import NO_DATABASE, AbsentError, explain_errors
from meot.catalogue.place import Place
from meot.catalogue.tables import SCHEMA_VERSION, meta, metadata
from meot.errors import CatalogueError

_HEADER = b"SQLite format 3\x00"


def open_engine(place: Place, *, create: bool) -> Engine:
    """An engine on the catalogue at ``place``, made first when it is absent and ``create`` is True.

    A catalogue of an earlier version is brought up to date, wholly or not at all. CatalogueError when it is absent, no
    database, another program's, or of a later version; it is then left untouched.
    """
    with explain_errors(place):
        if place.file is not None:
            _check_file(place.file)
        engine = connecting.connect(place)
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
        self._reader, self._writer = connecting.reading_engine(engine), connecting.writing_engine(engine)

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
            connecting.lock(connection)
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


def _make_ready(engine: Engine, place: Place, *, create: bool) -> None:
    version = None if _is_missing(place) else _find_version(engine, place)
    if version is None and not create:
        raise AbsentError(f"{place.name}: no catalogue here; make one with `meot catalogue add FOLDER --into ...`")
    if version is None:
        _set_up(engine, place)
    elif version < SCHEMA_VERSION:
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
        raise CatalogueError(f"{path}: {NO_DATABASE}")


@contextmanager
def _looking(engine: Engine, place: Place) -> Iterator[Connection]:
    """A connection that writes nothing, so that another program's file stays as it is."""
    if place.file is None:
        with engine.begin() as connection:
            yield connection
        return
    address = f"{place.file.resolve().as_uri()}?mode=ro"
    only_reading = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True, timeout=complaints.BUSY_SECONDS), future=True
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
            if found is None and there <= {*metadata.tables, migrate.VERSIONS} and place.file is None:
                return None
    if found is not None:
        return int(found)
    strangers = there if place.file is not None else there & set(metadata.tables)
    if strangers:
        raise CatalogueError(f"{place.name}: expected a meot catalogue, got another program's database; check the path")
    return None


def _check_encoding(connection: Connection, place: Place) -> None:
    """CatalogueError when a PostgreSQL database could not hold every word."""
    if connection.dialect.name == "postgresql":
        found = str(connection.exec_driver_sql("SHOW server_encoding").scalar())
        if found != "UTF8":
            raise CatalogueError(
                f"{place.name}: expected a database in UTF8, got one in {found}; make another one with "
                f"`createdb --encoding=UTF8 --template=template0 {place.url.database}`"
            )


def _set_up(engine: Engine, place: Place) -> None:
    if place.file is not None:
        if not place.file.parent.is_dir():
            raise CatalogueError(f"{place.name}: its folder does not exist; make it first, or give another path")
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode = WAL")
        finally:
            raw.close()
    with connecting.writing_engine(engine).begin() as connection, connecting.alone(connection):
        _check_encoding(connection, place)
        meta.create(connection, checkfirst=True)  # first, so that whoever sees any of them knows whose they are
        metadata.create_all(connection)  # those that are missing
        if connection.scalar(select(meta.c.value).where(meta.c.name == "schema")) is not None:
            return  # another program was faster
        migrate.stamp(connection)
        values = {"generation": 0, "taxonomy": taxonomy.load().version, "schema": SCHEMA_VERSION}
        connection.execute(insert(meta), [{"name": name, "value": str(value)} for name, value in values.items()])
