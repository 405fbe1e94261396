"""A product of the catalogue as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from meot.answers.facets import Facets
from meot.answers.filters import plain_source
from meot.catalogue.rows import StoredGarment
from meot.service.api.taught import TaughtNames
from meot.types import Label, Match, Offer, Price, Product


def product_json(
    number: int, product: Product, stored: Iterable[StoredGarment], offers: Iterable[Offer], taught: TaughtNames
) -> dict[str, Any]:
    """What the shop tells of a product and what was read from its photos; no path of the server's files."""
    told = {name: value for name, value in asdict(product).items() if name != "image"}
    return {
        "number": number,
        **told,
        "source": plain_source(product.source),
        "picture": f"/photo/{number}",
        "offers": [asdict(offer) for offer in offers],
        "garments": [_garment_json(one, taught) for one in stored],
    }


def match_json(match: Match) -> dict[str, Any]:
    """A match as everywhere, its image an address that a client can open."""
    image = match.product.image
    shown = image if image.startswith(("http://", "https://")) else f"/photo/{match.number}"
    return {**match.as_json(), "image": shown, "source": plain_source(match.product.source)}


def facets_json(facets: Facets | None) -> dict[str, Any]:
    """The facets, if there are any, without paths of the server's files."""
    if facets is None:
        return {}
    told = facets.as_json()
    plain = [{"id": plain_source(str(each["id"])), "count": each["count"]} for each in told["source"]]
    return {"facets": told | {"source": plain}}


def prices_json(prices: Iterable[Price]) -> dict[str, Any]:
    """What was asked for a product, the newest first."""
    return {"prices": [asdict(price) for price in reversed(list(prices))]}


def label_json(label: Label) -> dict[str, Any]:
    """An answer of a small vocabulary."""
    return {"id": label.id, "score": round(label.score, 4), "sure": label.sure, "runner_up": label.runner_up}


def _garment_json(stored: StoredGarment, taught: TaughtNames) -> dict[str, Any]:
    garment = stored.garment
    return {
        "region": garment.region,
        "category": label_json(garment.category) | taught.category(garment.category),
        "components": {question: label_json(answer) for question, answer in garment.components.items()},
        "colours": [{"id": shade.id, "hex": shade.hex, "share": shade.share} for shade in garment.colours],
        "score": round(garment.score, 4),
    }
