"""Hits become matches: products with the garment that found them."""

from __future__ import annotations

from collections.abc import Sequence

from meot.answers.nearest import Hit
from meot.catalogue.rows import StoredGarment
from meot.catalogue.store import Catalogue
from meot.types import Match, Product


def matches(catalogue: Catalogue, hits: Sequence[Hit], kinds: Sequence[str]) -> tuple[Match, ...]:
    """The matches of hits, whose ``kinds`` are as long; what went from the catalogue meanwhile is passed over."""
    products = catalogue.products([hit.product for hit in hits])
    garments = catalogue.garments_by_key([hit.garment for hit in hits if hit.garment >= 0])
    return tuple(
        _match(hit, kind, products[hit.product], garments.get(hit.garment))
        for hit, kind in zip(hits, kinds, strict=True)
        if hit.product in products and (hit.garment < 0 or hit.garment in garments)
    )


def _match(hit: Hit, kind: str, product: Product, stored: StoredGarment | None) -> Match:
    if stored is None:
        return Match(number=hit.product, product=product, score=hit.score)
    garment = stored.garment
    return Match(
        number=hit.product,
        product=product,
        score=hit.score,
        region=garment.region,
        category=garment.category.id,
        colours=tuple(shade.id for shade in garment.colours),
        kind=kind,
    )
