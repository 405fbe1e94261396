"""The tables of a catalogue. Portable types only: the same definitions serve other databases than SQLite."""

from __future__ import annotations

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

SCHEMA_VERSION = 1
"""Raised with every change of these tables; a catalogue of another version is refused, never guessed at."""

metadata = MetaData()
_KEY = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER column


def _key(name: str) -> Column[int]:
    return Column(name, _KEY, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, *, primary: bool = False) -> Column[int]:
    # a primary key over two columns is walked from its first; the second needs an index of its own
    return Column(
        name,
        _KEY,
        ForeignKey(target, ondelete="CASCADE"),
        primary_key=primary,
        nullable=False,
        index=True,
        autoincrement=False,
    )


meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(255), nullable=False),
)

products = Table(
    "products",
    metadata,
    _key("number"),
    Column("source", String(500), nullable=False),
    Column("id", String(255), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("price", Float(53)),
    Column("currency", String(8), nullable=False),
    Column("link", Text, nullable=False),
    Column("image", Text, nullable=False),
    Column("keyword", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("gender", Text, nullable=False),
    UniqueConstraint("source", "id"),
    sqlite_autoincrement=True,  # a number is never given twice, so an old link never shows another product
)

# sha256: of the file; path, size and modified tell an unchanged file without reading it again.
# models: the models that read it (see rows.models_key), NULL before. failure, failed_models: why they could not.
photos = Table(
    "photos",
    metadata,
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

product_photos = Table(
    "product_photos",
    metadata,
    _ref("product", "products.number", primary=True),
    _ref("photo", "photos.key", primary=True),
    Column("place", Integer, nullable=False),
)

# place: 0 for the most prominent garment. box: x0..y1 in photo pixels. colours, components: JSON.
# vector: D little-endian float32.
garments = Table(
    "garments",
    metadata,
    _key("key"),
    _ref("photo", "photos.key"),
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
    sqlite_autoincrement=True,  # an index that knows keys up to N finds what is new by key alone
)

# What a person taught, made when the first lesson comes, so that older catalogues open as they are.
# kind: category, style or component. question: of a component. names: JSON, language to name. region: of a category.
lessons = Table(
    "lessons",
    metadata,
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
examples = Table(
    "examples",
    metadata,
    _key("key"),
    _ref("lesson", "lessons.number"),
    Column("sha256", String(64), nullable=False),
    Column("region", String(64), nullable=False),
    Column("encoder", String(255), nullable=False),
    Column("features", LargeBinary, nullable=False),
)
