"""Offers and their prices, sources to refresh, people, closets, drafts and jobs; when products changed."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "2"
down_revision = "1"

_OFFERS = """
INSERT INTO offers (product, seller, price, currency, link, availability)
SELECT number, '', price, currency, link, '' FROM products WHERE price IS NOT NULL
"""
_SOURCES = """
INSERT INTO sources (name, address, private_hosts)
SELECT DISTINCT source, source, 0 FROM products
WHERE (source LIKE '/%' OR source LIKE 'http://%' OR source LIKE 'https://%') AND length(source) <= 500
"""


def upgrade() -> None:
    """Add them, with one offer for each product that has a price, as of a time that nobody knows.

    Sources are noted as far as they can be read again: files, folders and addresses.
    """
    op.execute("DROP TABLE IF EXISTS words")  # the word index stands in a file of its own now
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    statements = "\n".join(line for line in script.splitlines() if not line.startswith("--")).split(";")
    for statement in [*filter(str.strip, statements), _OFFERS, _SOURCES]:
        op.execute(statement)
