"""What a source yields."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from meot.types import Product


class Entry(NamedTuple):
    """A product with its photo files, main photo first. name: how to speak of it ("products.csv line 12")."""

    name: str
    product: Product
    photos: tuple[Path, ...]


class Broken(NamedTuple):
    """A part of a source that cannot become a product, and why."""

    name: str
    reason: str
