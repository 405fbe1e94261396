"""Products of a catalogue for what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from meot.answers.closet.comparison import Part
from meot.answers.closet.shopping import Shelf, ShoppingList, Suggestion, rank, shop
from meot.answers.closet.similarity import load_scale
from meot.answers.search import Search
from meot.answers.wording import Wording
from meot.types import Filters, Garment, Photo

LOOKED_AT = 40
"""Products like each missing garment, nearest by vector, that are compared part by part."""


def shop_for(
    photo: Photo,
    missing: Sequence[Part],
    search: Search,
    shelf: Shelf,
    *,
    budget: float | None,
    wording: Wording,
) -> ShoppingList:
    """The shopping list for the missing garments of a photo. budget: for all of it, in the shop's main currency.

    QueryError and CatalogueError as :meth:`meot.answers.search.Search.by_photo`.
    """
    if not missing:
        return shop((), {}, budget=budget)
    answer = search.by_photo(photo, Filters(), LOOKED_AT)
    matches = {results.garment_number: results.matches for results in answer.results}
    found = {
        part.number: rank(part.garment, matches.get(part.number, ()), shelf, scale=load_scale(), wording=wording)
        for part in missing
    }
    return shop(missing, found, budget=budget)


def products_for(
    photo: Photo, number: int, wanted: Garment, search: Search, shelf: Shelf, *, wording: Wording, most: int = 3
) -> tuple[Suggestion, ...]:
    """The products that fit one garment of a photo, by its place in the look."""
    answer = search.by_photo(photo, Filters(), LOOKED_AT)
    matches = next((r.matches for r in answer.results if r.garment_number == number), ())
    return rank(wanted, matches, shelf, scale=load_scale(), wording=wording)[:most]
