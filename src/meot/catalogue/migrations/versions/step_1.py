"""The first version that was released: products, photos, garments, words; lessons were made when one came."""

from __future__ import annotations

revision = "1"
down_revision = None


def upgrade() -> None:
    """Nothing: the program of that version made these tables itself."""
