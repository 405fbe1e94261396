"""Offers and their prices, sources to refresh, people, closets, drafts and jobs; when products changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from meot.catalogue import tables

revision = "2"
down_revision = "1"

_NEW = (
    "lessons", "examples", "offers", "prices", "sources", "people", "owned_photos", "owned_garments", "not_alike",
    "drafts", "jobs", "tokens", "attempts", "replies",
)  # fmt: skip
_COLUMNS = ("availability", "season", "released", "seller", "changed", "first_seen", "seen", "retired")


def upgrade() -> None:
    """Add them, with one offer for each product that has a price, as of a time that nobody knows."""
    connection = op.get_bind()
    known = {column["name"] for column in sa.inspect(connection).get_columns("products")}
    for name in _COLUMNS:
        if name not in known:
            op.add_column("products", _copy(tables.products.c[name]))
    there = {index["name"] for index in sa.inspect(connection).get_indexes("products")}
    if "ix_products_changed" not in there:
        op.create_index("ix_products_changed", "products", ["changed"])
    tables.metadata.create_all(connection, tables=[tables.metadata.tables[name] for name in _NEW])
    columns = ("product", "seller", "price", "currency", "link", "availability")
    p = tables.products.c
    told = sa.select(p.number, sa.literal(""), p.price, p.currency, p.link, sa.literal(""))
    missing = ~sa.exists().where(tables.offers.c.product == p.number)
    connection.execute(sa.insert(tables.offers).from_select(columns, told.where(p.price.is_not(None), missing)))


def _copy(column: sa.Column[object]) -> sa.Column[object]:
    return sa.Column(column.name, column.type, nullable=column.nullable, server_default=column.server_default)
