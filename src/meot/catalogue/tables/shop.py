"""What is sold: products, offers and prices, sources, photos, and the garments read from them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, String, Text, UniqueConstraint

from meot.catalogue.tables.columns import LONG, garment_columns, key, ref, short, table, time

meta = table(
    "meta",
    Column("name", String(64), primary_key=True),
    Column("value", String(255), nullable=False),
)

# price, currency, link, availability, seller: as the source tells them now. changed: the catalogue's generation when
# it last changed. seen: when its source last said so. retired: since when its source says it no more.
products = table(
    "products",
    key("number"),
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
    short("availability", 32),
    short("season", 64),
    short("released", 10),
    short("seller", 255),
    Column("changed", BigInteger, nullable=False, server_default="0", index=True),
    time("first_seen"),
    time("seen"),
    time("retired"),
    UniqueConstraint("source", "id"),
    sqlite_autoincrement=True,  # a number is never given twice, so an old link never shows another product
)

# What a seller asks for a product, and every price that it has asked.
offers = table(
    "offers",
    key("key"),
    ref("product", "products.number"),
    short("seller", 255),
    Column("price", Float(53)),
    Column("currency", String(8), nullable=False),
    Column("link", LONG, nullable=False),
    short("availability", 32),
    time("first_seen"),
    time("seen"),
    UniqueConstraint("product", "seller"),
)

prices = table(
    "prices",
    key("key"),
    ref("offer", "offers.key"),
    Column("at", Float(53), nullable=False),
    Column("price", Float(53)),
    Column("currency", String(8), nullable=False),
    short("availability", 32),
)

# Where products come from. name: what its products carry as their source; its address unless a person named it.
# started, finished: when it was last begun to be read, and last read to its end.
sources = table(
    "sources",
    key("key"),
    Column("name", String(500), nullable=False, unique=True),
    Column("address", String(500), nullable=False, unique=True),
    short("format", 32),
    Column("private_hosts", Boolean, nullable=False),
    time("started"),
    time("finished"),
)

# sha256: of the file; path, size and modified tell an unchanged file without reading it again.
# models: the models that read it (see rows.models_key), NULL before. failure, failed_models: why they could not.
photos = table(
    "photos",
    key("key"),
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

product_photos = table(
    "product_photos",
    ref("product", "products.number", primary=True),
    ref("photo", "photos.key", primary=True),
    Column("place", Integer, nullable=False),
)

garments = table(
    "garments",
    *garment_columns("photos.key"),
    sqlite_autoincrement=True,  # an index that knows keys up to N finds what is new by key alone
)
