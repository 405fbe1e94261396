"""A product of the catalogue as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from meot.catalogue.rows import StoredGarment
from meot.types import Label, Match, Offer, Product


def product_json(
    number: int, product: Product, stored: Iterable[StoredGarment], offers: Iterable[Offer]
) -> dict[str, Any]:
    """What the shop tells of a product and what was read from its photos; no path of the server's files."""
    told = {name: value for name, value in asdict(product).items() if name != "image"}
    return {
        "number": number,
        **told,
        "source": _plain_source(product.source),
        "picture": f"/photo/{number}",
        "offers": [asdict(offer) for offer in offers],
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
    return {
        "region": garment.region,
        "category": _label_json(garment.category),
        "components": {question: _label_json(answer) for question, answer in garment.components.items()},
        "colours": [{"id": shade.id, "hex": shade.hex, "share": shade.share} for shade in garment.colours],
        "score": round(garment.score, 4),
    }


def _label_json(label: Label) -> dict[str, Any]:
    return {"id": label.id, "score": round(label.score, 4), "sure": label.sure, "runner_up": label.runner_up}
