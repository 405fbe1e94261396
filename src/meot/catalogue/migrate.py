"""Bringing a catalogue's tables up to this version, with Alembic; its steps stand in ``migrations/versions``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, select, text, update

from meot.catalogue import connecting
from meot.catalogue.tables import SCHEMA_VERSION, meta

if TYPE_CHECKING:
    from alembic.config import Config

VERSIONS = "alembic_version"
"""Alembic's own table."""


def upgrade(engine: Engine) -> None:
    """Run the steps that are missing, in one transaction; a program that dies leaves the old version (on MySQL, whose
    tables change at once, the steps that are done).
    """
    from alembic import command

    with connecting.writing_engine(engine).begin() as connection, connecting.alone(connection):
        found = int(connection.scalar(select(meta.c.value).where(meta.c.name == "schema")) or 0)
        if found >= SCHEMA_VERSION:
            return  # another program was faster
        stamp(connection, found)
        command.upgrade(_config(connection), str(SCHEMA_VERSION))
        connection.execute(update(meta).where(meta.c.name == "schema").values(value=str(SCHEMA_VERSION)))


def stamp(connection: Connection, version: int = SCHEMA_VERSION) -> None:
    """Say which step the tables are at, in Alembic's own table."""
    connection.execute(text(f"CREATE TABLE IF NOT EXISTS {VERSIONS} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    if connection.scalar(text(f"SELECT version_num FROM {VERSIONS}")) is None:
        connection.execute(text(f"INSERT INTO {VERSIONS} VALUES ('{version}')"))


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
