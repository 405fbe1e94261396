"""A product of the catalogue as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from meot.catalogue.rows import StoredGarment
from meot.types import Match, Product


def product_json(number: int, product: Product, stored: Iterable[StoredGarment]) -> dict[str, Any]:
    """What the shop tells of a product and what was read from its photos; no path of the server's files."""
    told = {name: value for name, value in asdict(product).items() if name != "image"}
    return {
        "number": number,
        **told,
        "source": _plain_source(product.source),
        "picture": f"/photo/{number}",
        "garments": [_garment_json(one) for one in stored],
    }


def match_json(match: Match) -> dict[str, Any]:
    """A match as everywhere, its image an address that a client can open."""
    image = match.product.image
    shown = image if image.startswith(("http://", "https://")) else f"/photo/{match.number}"
    return {**match.as_json(), "image": shown, "source": _plain_source(match.product.source)}


def _plain_source(source: str) -> str:
    """A source's name; of a file on the server only its last part."""
    return source if "://" in source else PurePath(source).name


def _garment_json(stored: StoredGarment) -> dict[str, Any]:
    garment = stored.garment
    category = garment.category
    return {
        "region": garment.region,
        "category": {
            "id": category.id,
            "score": round(category.score, 4),
            "sure": category.sure,
            "runner_up": category.runner_up,
        },
        "colours": [{"id": shade.id, "hex": shade.hex, "share": shade.share} for shade in garment.colours],
        "score": round(garment.score, 4),
    }
