"""Database servers for tests: those that the environment names, or those that answer on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from tests.catalogue import leftovers

from meot.catalogue.tables import metadata

ADDRESSES = {
    "postgresql": os.environ.get("MEOT_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"),
    "mariadb": os.environ.get("MEOT_TEST_MARIADB", "mariadb://root@127.0.0.1:3306/mysql"),
}
_DRIVERS = {"postgresql": "postgresql+psycopg", "mariadb": "mariadb+pymysql"}


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers. kind: of :data:`ADDRESSES`."""

    kind: str

    def address(self, database: str) -> str:
        """The address of one of its databases."""
        return make_url(ADDRESSES[self.kind]).set(database=database).render_as_string(hide_password=False)

    def engine(self, database: str | None = None) -> Engine:
        """An engine that keeps no connection open."""
        url = make_url(ADDRESSES[self.kind]).set(drivername=_DRIVERS[self.kind])
        return create_engine(
            url if database is None else url.set(database=database),
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args={"connect_timeout": 3},
        )

    def run(self, statement: str) -> None:
        """Run one statement of an administrator."""
        with self.engine().connect() as connection:
            connection.execute(text(statement))

    def create(self, what: str = "") -> str:
        """Make an empty database of this process, in place of one it has; its name."""
        name = leftovers.named(what)
        self.drop(name)
        self.run(f"CREATE DATABASE {name}" + (" CHARACTER SET latin1" if self.kind == "mariadb" else ""))
        return name

    def drop(self, name: str) -> None:
        """Remove a database if it is there."""
        self.run(f"DROP DATABASE IF EXISTS {name}" + (" WITH (FORCE)" if self.kind == "postgresql" else ""))

    @contextmanager
    def database(self, what: str) -> Iterator[str]:
        """An empty database of this process; its address. It is dropped at the end."""
        name = self.create(what)
        try:
            yield self.address(name)
        finally:
            self.drop(name)

    def databases(self) -> list[str]:
        """The names of all databases on the server."""
        told = "SELECT datname FROM pg_database" if self.kind == "postgresql" else "SHOW DATABASES"
        with self.engine().connect() as connection:
            return [str(name) for name in connection.execute(text(told)).scalars()]

    def sweep(self) -> None:
        """Drop what killed test runs left behind."""
        for name in self.databases():
            if leftovers.is_stale(name):
                with suppress(SQLAlchemyError):  # another process sweeps too
                    self.drop(name)

    def empty(self, name: str) -> None:
        """Take every row out of a catalogue and number from 1 again."""
        tables = list(metadata.tables)
        with self.engine(name).connect() as connection:
            if self.kind == "postgresql":
                connection.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE"))
            else:
                connection.execute(text("SET foreign_key_checks = 0"))
                for table in tables:
                    connection.execute(text(f"TRUNCATE TABLE {table}"))
            for key, value in (("generation", "0"), ("schema", _version())):
                connection.execute(text("INSERT INTO meta VALUES (:key, :value)"), {"key": key, "value": value})


def _version() -> str:
    from meot.catalogue.tables import SCHEMA_VERSION

    return str(SCHEMA_VERSION)


def find(kind: str) -> Server:
    """The server of a kind; the test is skipped where none answers."""
    server = Server(kind)
    try:
        with server.engine().connect() as connection:
            connection.execute(text("SELECT 1"))
        _sweep(kind)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        said = str(error).splitlines()[0][:120]
        pytest.skip(f"no {kind} server answers at {make_url(ADDRESSES[kind])!r}: {said}; see MEOT_TEST_{kind.upper()}")
    return server


@cache
def _sweep(kind: str) -> None:
    Server(kind).sweep()  # once in a process


@contextmanager
def catalogue(kind: str, folder: Path, what: str) -> Iterator[str]:
    """The address of an own, empty catalogue: a file in ``folder`` ("sqlite"), or a database of a server."""
    from meot.catalogue.database import Database

    if kind == "sqlite":
        Database.open(folder / "shop.db", create=True).close()
        yield str(folder / "shop.db")
        return
    with find(kind).database(what) as address:
        Database.open(address, create=True).close()
        yield address
