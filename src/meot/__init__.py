"""meot (멋, Korean for style) reads clothes in photos and answers with them.

>>> import meot
>>> look = meot.read("street.jpg")                          # doctest: +SKIP
>>> [garment.category.id for garment in look.garments]      # doctest: +SKIP
['coat', 'jeans', 'boots']
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meot.errors import MeotError as MeotError
    from meot.photos import decode as decode
    from meot.photos import load as load
    from meot.settings import Settings as Settings
    from meot.simple import draft_listings as draft_listings
    from meot.simple import read as read
    from meot.simple import write_listings as write_listings
    from meot.types import Box as Box
    from meot.types import Filters as Filters
    from meot.types import Garment as Garment
    from meot.types import Look as Look
    from meot.types import Match as Match
    from meot.types import Photo as Photo
    from meot.wiring import build_reader as build_reader
    from meot.wiring import open_shop as open_shop

_WHERE = {
    "MeotError": "meot.errors",
    "decode": "meot.photos",
    "load": "meot.photos",
    "Settings": "meot.settings",
    "draft_listings": "meot.simple",
    "read": "meot.simple",
    "write_listings": "meot.simple",
    "Box": "meot.types",
    "Filters": "meot.types",
    "Garment": "meot.types",
    "Look": "meot.types",
    "Match": "meot.types",
    "Photo": "meot.types",
    "build_reader": "meot.wiring",
    "open_shop": "meot.wiring",
}

__version__ = "0.1.0"
__all__ = list(_WHERE)


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for, so that ``import meot`` costs nothing."""
    if name not in _WHERE:
        raise AttributeError(f"module 'meot' has no attribute {name!r}")
    return getattr(importlib.import_module(_WHERE[name]), name)
