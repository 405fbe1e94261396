"""The tables of a catalogue. Portable types only: SQLite, PostgreSQL, MySQL and MariaDB hold the same."""

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
    UniqueConstraint,
)
from sqlalchemy.dialects.mysql import LONGTEXT

SCHEMA_VERSION = 2
"""Raised with every change of these tables, by a step in ``migrations``; a newer catalogue is refused."""

metadata = MetaData()
KEY = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER column
LONG = Text().with_variant(LONGTEXT, "mysql", "mariadb")
_AS_WRITTEN = {  # ids that differ in case are two
    f"{kind}_{option}": value
    for kind in ("mysql", "mariadb")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"), ("engine", "InnoDB"))
}


def _table(name: str, *columns: Any, sqlite_autoincrement: bool = False) -> Table:
    options: dict[str, Any] = {"sqlite_autoincrement": sqlite_autoincrement, **_AS_WRITTEN}
    table: Table = Table(name, metadata, *columns, **options)
    return table


def _key(name: str) -> Column[int]:
    return Column(name, KEY, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, *, primary: bool = False, optional: bool = False) -> Column[int]:
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


def _time(name: str) -> Column[float]:
    """Seconds since 1970, UTC; NULL where nobody knows."""
    return Column(name, Float(53))


def _short(name: str, length: int) -> Column[str]:
    return Column(name, String(length), nullable=False, server_default="")


def _garment_columns(photos: str) -> list[Column[Any]]:
    # place: 0 for the most prominent garment. box: x0..y1 in photo pixels. colours, components: JSON.
    # vector: D little-endian float32.
    return [
        _key("key"),
        _ref("photo", photos),
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
        Column("vector", LargeBinary, nullable=False),
    ]


meta = _table(
    "meta",
    Column("name", String(64), primary_key=True),
    Column("value", String(255), nullable=False),
)

# price, currency, link, availability, seller: as the source tells them now. changed: the catalogue's generation when
# it last changed. seen: when its source last said so. retired: since when its source says it no more.
products = _table(
    "products",
    _key("number"),
    Column("source", String(500), nullable=False),
    Column("id", String(255), nullable=False),
    Column("title", LONG, nullable=False),
    Column("description", LONG, nullable=False),
    Column("price", Float(53)),
    Column("currency", String(8), nullable=False),
    Column("link", LONG, nullable=False),
    Column("image", LONG, nullable=False),
    Column("keyword", LONG, nullable=False),
    Column("brand", LONG, nullable=False),
    Column("gender", LONG, nullable=False),
    _short("availability", 32),
    _short("season", 64),
    _short("released", 10),
    _short("seller", 255),
    Column("changed", BigInteger, nullable=False, server_default="0", index=True),
    _time("first_seen"),
    _time("seen"),
    _time("retired"),
    UniqueConstraint("source", "id"),
    sqlite_autoincrement=True,  # a number is never given twice, so an old link never shows another product
)

# What a seller asks for a product, and every price that it has asked.
offers = _table(
    "offers",
    _key("key"),
    _ref("product", "products.number"),
    _short("seller", 255),
    Column("price", Float(53)),
    Column("currency", String(8), nullable=False),
    Column("link", LONG, nullable=False),
    _short("availability", 32),
    _time("first_seen"),
    _time("seen"),
    UniqueConstraint("product", "seller"),
)

prices = _table(
    "prices",
    _key("key"),
    _ref("offer", "offers.key"),
    Column("at", Float(53), nullable=False),
    Column("price", Float(53)),
    Column("currency", String(8), nullable=False),
    _short("availability", 32),
)

# Where products come from. name: what its products carry as their source; its address unless a person named it.
# started, finished: when it was last begun to be read, and last read to its end.
sources = _table(
    "sources",
    _key("key"),
    Column("name", String(500), nullable=False, unique=True),
    Column("address", String(500), nullable=False, unique=True),
    _short("format", 32),
    Column("private_hosts", Boolean, nullable=False),
    _time("started"),
    _time("finished"),
)

# sha256: of the file; path, size and modified tell an unchanged file without reading it again.
# models: the models that read it (see rows.models_key), NULL before. failure, failed_models: why they could not.
photos = _table(
    "photos",
    _key("key"),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("path", String(700), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("modified", BigInteger, nullable=False),
    Column("models", String(500), index=True),
    Column("failure", Text),
    Column("failed_models", String(500)),
    Column("worn", Boolean),
    Column("style", Text),
    sqlite_autoincrement=True,
)

product_photos = _table(
    "product_photos",
    _ref("product", "products.number", primary=True),
    _ref("photo", "photos.key", primary=True),
    Column("place", Integer, nullable=False),
)

garments = _table(
    "garments",
    *_garment_columns("photos.key"),
    sqlite_autoincrement=True,  # an index that knows keys up to N finds what is new by key alone
)

# What a person taught. kind: category, style or component. question: of a component. names: JSON, language to name.
# region: of a category.
lessons = _table(
    "lessons",
    _key("number"),
    Column("taught_at", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("question", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("names", Text, nullable=False),
    Column("region", String(64), nullable=False),
    sqlite_autoincrement=True,
)

# region: of the garment that the example shows, empty for a whole outfit. encoder: the model that made the features.
# features: F little-endian float16.
examples = _table(
    "examples",
    _key("key"),
    _ref("lesson", "lessons.number"),
    Column("sha256", String(64), nullable=False),
    Column("region", String(64), nullable=False),
    Column("encoder", String(255), nullable=False),
    Column("features", LargeBinary, nullable=False),
)

# name: in lower case, by which people sign in. password: its argon2 hash, empty for who cannot sign in.
# role: shopper, seller or admin.
people = _table(
    "people",
    _key("key"),
    Column("name", String(255), nullable=False, unique=True),
    Column("created_at", Float(53), nullable=False),
    _short("password", 255),
    Column("role", String(16), nullable=False, server_default="shopper"),
    sqlite_autoincrement=True,
)

# Secrets that stand for a person. kind: session, api or reset. sha256: of the secret, which is stored nowhere.
tokens = _table(
    "tokens",
    _key("key"),
    _ref("person", "people.key"),
    Column("kind", String(16), nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    _short("name", 255),
    _short("scopes", 255),
    Column("created_at", Float(53), nullable=False),
    _time("expires_at"),
    _time("used_at"),
    sqlite_autoincrement=True,
)

# How often something was tried, for limits that all workers share. bucket: who tries what. since: of the window.
attempts = _table(
    "attempts",
    Column("bucket", String(255), primary_key=True),
    Column("since", Float(53), nullable=False),
    Column("count", Integer, nullable=False),
)

# Answers to writes that a program may send again. request: sha256 of what it sent.
replies = _table(
    "replies",
    _ref("person", "people.key", primary=True),
    Column("name", String(255), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LONG, nullable=False),
    Column("created_at", Float(53), nullable=False, index=True),
)

# What a person owns. path: of the copy kept for them, below the catalogue's closet folder.
owned_photos = _table(
    "owned_photos",
    _key("key"),
    _ref("person", "people.key"),
    Column("sha256", String(64), nullable=False),
    Column("path", String(700), nullable=False),
    Column("models", String(500), nullable=False),
    Column("worn", Boolean, nullable=False),
    Column("style", Text),
    Column("added_at", Float(53), nullable=False),
    UniqueConstraint("person", "sha256"),
    sqlite_autoincrement=True,
)

owned_garments = _table("owned_garments", *_garment_columns("owned_photos.key"), sqlite_autoincrement=True)

# "These two are not alike", said of an owned garment and one of a look. wanted_vector: D little-endian float32.
not_alike = _table(
    "not_alike",
    _key("key"),
    _ref("person", "people.key"),
    _ref("owned", "owned_garments.key"),
    Column("wanted_photo", String(64), nullable=False),
    Column("wanted_region", String(64), nullable=False),
    Column("wanted_vector", LargeBinary, nullable=False),
    Column("created_at", Float(53), nullable=False),
)

# Listings in the making. product: what a group of photos is called. photos, fields, corrected: JSON.
# state: sure, review or failed (reason).
drafts = _table(
    "drafts",
    _key("key"),
    _ref("person", "people.key", optional=True),
    Column("product", String(500), nullable=False, index=True),
    Column("photos", LONG, nullable=False),
    Column("fields", LONG, nullable=False),
    Column("corrected", LONG, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("models", String(500), nullable=False),
    Column("created_at", Float(53), nullable=False),
    Column("updated_at", Float(53), nullable=False),
    sqlite_autoincrement=True,
)

# Long work. state: waiting, running, done, failed, cancelled. payload, result: JSON. beat_at: the worker's last sign.
jobs = _table(
    "jobs",
    _key("key"),
    _ref("person", "people.key", optional=True),
    Column("kind", String(32), nullable=False),
    Column("payload", LONG, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("result", LONG, nullable=False),
    Column("reason", LONG, nullable=False),
    Column("created_at", Float(53), nullable=False),
    _time("not_before"),
    _time("started_at"),
    _time("beat_at"),
    _time("finished_at"),
    sqlite_autoincrement=True,
)
