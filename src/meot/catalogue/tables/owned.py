"""What people own."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, LargeBinary, String, Text, UniqueConstraint

from meot.catalogue.tables.columns import garment_columns, key, ref, table

# What a person owns. path: of the copy kept for them, below the catalogue's closet folder.
owned_photos = table(
    "owned_photos",
    key("key"),
    ref("person", "people.key"),
    Column("sha256", String(64), nullable=False),
    Column("path", String(700), nullable=False),
    Column("models", String(500), nullable=False),
    Column("worn", Boolean, nullable=False),
    Column("style", Text),
    Column("added_at", Float(53), nullable=False),
    UniqueConstraint("person", "sha256"),
    sqlite_autoincrement=True,
)

owned_garments = table("owned_garments", *garment_columns("owned_photos.key"), sqlite_autoincrement=True)

# "These two are not alike", said of an owned garment and one of a look. wanted_vector: D little-endian float32.
not_alike = table(
    "not_alike",
    key("key"),
    ref("person", "people.key"),
    ref("owned", "owned_garments.key"),
    Column("wanted_photo", String(64), nullable=False),
    Column("wanted_region", String(64), nullable=False),
    Column("wanted_vector", LargeBinary, nullable=False),
    Column("created_at", Float(53), nullable=False),
)
