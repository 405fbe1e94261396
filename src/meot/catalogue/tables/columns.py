"""What tables are made of. Portable types only: SQLite, PostgreSQL, MySQL and MariaDB hold the same."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.mysql import LONGTEXT

metadata = MetaData()
KEY = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER column
LONG = Text().with_variant(LONGTEXT, "mysql", "mariadb")
_AS_WRITTEN = {  # ids that differ in case are two
    f"{kind}_{option}": value
    for kind in ("mysql", "mariadb")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"), ("engine", "InnoDB"))
}


def table(name: str, *columns: Any, sqlite_autoincrement: bool = False) -> Table:
    """A table of the catalogue. sqlite_autoincrement: a number is never given twice, as servers have it anyway."""
    options: dict[str, Any] = {"sqlite_autoincrement": sqlite_autoincrement, **_AS_WRITTEN}
    made: Table = Table(name, metadata, *columns, **options)
    return made


def key(name: str) -> Column[int]:
    """The number of a row, given by the database."""
    return Column(name, KEY, primary_key=True, autoincrement=True)


def ref(name: str, target: str, *, primary: bool = False, optional: bool = False) -> Column[int]:
    """The row of another table ("products.number") that this one belongs to, and is deleted with."""
    # a primary key over two columns is walked from its first; the second needs an index of its own
    return Column(
        name,
        KEY,
        ForeignKey(target, ondelete="CASCADE"),
        primary_key=primary,
        nullable=optional,
        index=True,
        autoincrement=False,
    )


def time(name: str) -> Column[float]:
    """Seconds since 1970, UTC; NULL where nobody knows."""
    return Column(name, Float(53))


def short(name: str, length: int) -> Column[str]:
    """Text of at most ``length`` letters, empty where there is nothing to say."""
    return Column(name, String(length), nullable=False, server_default="")


def garment_columns(photos: str) -> list[Column[Any]]:
    """What is kept of a garment that was read from a photo, a row of the table ``photos`` ("photos.key").

    place: 0 for the most prominent garment. box: x0..y1 in photo pixels. colours, components: JSON.
    vector: D little-endian float32.
    """
    return [
        key("key"),
        ref("photo", photos),
        Column("place", Integer, nullable=False),
        Column("region", String(64), nullable=False),
        Column("category", String(64), nullable=False),
        Column("category_score", Float(53), nullable=False),
        Column("sure", Boolean, nullable=False),
        Column("runner_up", String(64)),
        Column("score", Float(53), nullable=False),
        Column("x0", Float(53), nullable=False),
        Column("y0", Float(53), nullable=False),
        Column("x1", Float(53), nullable=False),
        Column("y1", Float(53), nullable=False),
        Column("area", Float(53), nullable=False),
        Column("person", Integer, nullable=False),
        Column("deepfashion2", Integer),
        Column("colours", Text, nullable=False),
        Column("components", Text, nullable=False),
        Column("vector", LargeBinary, nullable=False, quote=True),  # a word of its own since MariaDB 11.7
    ]
