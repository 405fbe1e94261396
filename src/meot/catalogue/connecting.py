"""Connections to each kind of database: one state for those who read, one writer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.exc import NoSuchModuleError

from meot.catalogue import complaints
from meot.catalogue.place import Place
from meot.catalogue.tables import meta
from meot.errors import CatalogueError


def connect(place: Place) -> Engine:
    """An engine on the database at ``place``, whatever is there. CatalogueError when its driver is not installed."""
    if place.file is not None:
        return _connect_file(place)
    postgresql = place.url.drivername.startswith("postgresql")
    arguments = {"connect_timeout": 10} | ({"client_encoding": "utf8"} if postgresql else {})
    try:
        engine = create_engine(place.url, pool_pre_ping=True, connect_args=arguments)
    except (ModuleNotFoundError, NoSuchModuleError):
        extra = "postgresql" if postgresql else "mysql"
        raise CatalogueError(f"{place.name}: its driver is not installed; run pip install 'meot[{extra}]'") from None
    patience = (
        f"SET lock_timeout = '{complaints.BUSY_SECONDS}s'"
        if postgresql
        else f"SET innodb_lock_wait_timeout = {complaints.BUSY_SECONDS}"
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(patience)
        connection.commit()

    return engine


def _connect_file(place: Place) -> Engine:
    engine = create_engine(place.url, connect_args={"timeout": complaints.BUSY_SECONDS, "check_same_thread": False})

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


def lock(connection: Connection) -> None:
    """Wait until no other writer is at work, until the transaction ends. SQLite's own lock is taken as it begins."""
    if connection.dialect.name != "sqlite":
        connection.execute(select(meta.c.value).where(meta.c.name == "generation").with_for_update())


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Only one program at a time gets in here; for making and changing tables."""
    kind = connection.dialect.name
    if kind == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(20522)"))
    elif kind != "sqlite":
        connection.execute(text(f"SELECT GET_LOCK('meot', {complaints.BUSY_SECONDS})"))
    try:
        yield
    finally:
        if kind not in ("postgresql", "sqlite") and not connection.invalidated:  # else the lock went with it
            connection.execute(text("SELECT RELEASE_LOCK('meot')"))
