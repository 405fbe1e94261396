"""Which number the next row of a table gets: a number is never given twice, not even after a restore."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Integer, Table, func, select, text

from meot.catalogue.archive.layout import tables


def numbered() -> list[Table]:
    """The tables whose rows are numbered by the database."""
    return [table for table in tables() if table.autoincrement_column is not None]


def next_keys(connection: Connection) -> dict[str, int]:
    """Table -> the number that its next row gets; tables without rows so far may lack."""
    kind = connection.dialect.name
    if kind == "sqlite":
        rows = connection.execute(text("SELECT name, seq + 1 FROM sqlite_sequence"))
        return {name: int(key) for name, key in rows}
    if kind == "postgresql":
        found = {}
        for table in numbered():
            last, called = connection.execute(text(f"SELECT last_value, is_called FROM {_sequence(table)}")).one()
            found[table.name] = int(last) + bool(called)
        return found
    connection.execute(text("SET SESSION information_schema_stats_expiry = 0")) if _caches(connection) else None
    rows = connection.execute(
        text("SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = DATABASE()")
    )
    return {name: int(key) for name, key in rows if key is not None}


def set_next_keys(connection: Connection, wanted: Mapping[str, int]) -> None:
    """Number on from what is ``wanted`` or from the highest row; on MySQL this ends the transaction."""
    for table in numbered():
        column = table.autoincrement_column
        assert column is not None
        assert isinstance(column.type, Integer)
        highest = int(connection.scalar(select(func.max(column))) or 0)
        key = max(int(wanted.get(table.name, 1)), highest + 1)
        if connection.dialect.name == "sqlite":
            if not table.dialect_options["sqlite"]["autoincrement"]:
                continue
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
            row = {"name": table.name, "seq": key - 1}
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), row)
        elif connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT setval('{_sequence(table)}', {key}, false)"))
        else:
            connection.execute(text(f"ALTER TABLE {table.name} AUTO_INCREMENT = {key}"))


def _sequence(table: Table) -> str:
    column = table.autoincrement_column
    assert column is not None
    return f"{table.name}_{column.name}_seq"


def _caches(connection: Connection) -> bool:
    """Whether this is MySQL 8, which tells a number of a day ago otherwise."""
    return connection.dialect.name == "mysql" and not getattr(connection.dialect, "is_mariadb", False)
