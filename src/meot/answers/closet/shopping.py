"""From what is missing to a shopping list: products that fit each garment, and the best of them for a budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from meot.answers.closet.comparison import Part
from meot.answers.closet.reasons import Reason, explain
from meot.answers.closet.similarity import Scale, compare
from meot.answers.closet.traits import describe
from meot.answers.filters import regions_like
from meot.answers.wording import Wording
from meot.catalogue.rows import StoredGarment
from meot.types import Garment, Match

_STEPS = 100
"""Similarities count in hundredths, as they are sorted: what is as similar and costs less is better."""


class Shelf(Protocol):
    """A catalogue, as far as a shopping list needs it."""

    def garments_of(self, number: int) -> list[StoredGarment]:
        """What was read from a product's photos."""


@dataclass(frozen=True, slots=True, eq=False)
class Suggestion:
    """A product that fits a garment of the look. similarity: as of owned garments, see :class:`Scale`."""

    match: Match
    similarity: float
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        """The suggestion as the CLI and the API print it."""
        product = self.match.product
        return {
            "number": self.match.number,
            "similarity": round(self.similarity, 4),
            "title": product.title,
            "price": product.price,
            "currency": product.currency,
            "link": product.link,
            "reasons": [reason.as_json() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """A missing garment with the products that fit it, the most similar first, of those as similar the cheapest.

    chosen: the one that the budget's best combination takes; None where it takes none, or where there is no budget.
    """

    part: Part
    suggestions: tuple[Suggestion, ...]
    chosen: Suggestion | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ShoppingList:
    """What is missing. total: of the chosen products, in ``currency``; None without a budget."""

    wishes: tuple[Wish, ...]
    budget: float | None = None
    currency: str = ""
    total: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The list as the CLI and the API print it."""
        return {
            "budget": self.budget,
            "currency": self.currency,
            "total": self.total,
            "wishes": [
                {
                    "garment": wish.part.number,
                    "chosen": None if wish.chosen is None else wish.chosen.match.number,
                    "products": [suggestion.as_json() for suggestion in wish.suggestions],
                }
                for wish in self.wishes
            ],
        }


def rank(
    wanted: Garment, matches: Sequence[Match], shelf: Shelf, *, scale: Scale, wording: Wording
) -> tuple[Suggestion, ...]:
    """The products among ``matches`` that are at least close to the wanted garment, each by the garment that fits best.

    Sorted by similarity in hundredths, then by price; a product without a price comes behind those as similar.
    """
    found = [_suggestion(wanted, match, shelf.garments_of(match.number), scale, wording) for match in matches]
    fitting = [each for each in found if each is not None and each.similarity >= scale.close_from]
    return tuple(sorted(fitting, key=_order))


def _order(suggestion: Suggestion) -> tuple[float, bool, float, int]:
    price = suggestion.match.product.price
    return -round(suggestion.similarity, 2), price is None, price or 0.0, suggestion.match.number


def _suggestion(
    wanted: Garment, match: Match, stored: Sequence[StoredGarment], scale: Scale, wording: Wording
) -> Suggestion | None:
    size, regions = len(wanted.vector), regions_like(wanted.region)
    fitting = [each.garment for each in stored if each.garment.region in regions and len(each.garment.vector) == size]
    if not fitting:
        return None
    mine = describe([wanted])
    similar = scale.similarity(compare(mine, describe(fitting)), mine.region)[0]
    best = int(np.argmax(similar))
    return Suggestion(match, float(similar[best]), explain(wanted, fitting[best], wording))


def shop(missing: Sequence[Part], found: Mapping[int, tuple[Suggestion, ...]], *, budget: float | None) -> ShoppingList:
    """The list for missing garments. found: the garment's number -> its suggestions. budget: for the list as a whole.

    With a budget the combination is chosen whose similarities add up to most, at most one product a garment; of two
    such the cheaper one. Products without a price, or in another currency than most have, are listed, never chosen.
    """
    wishes = tuple(Wish(part, found.get(part.number, ())) for part in missing)
    prices = [s.match.product for wish in wishes for s in wish.suggestions if s.match.product.price is not None]
    currency = Counter(product.currency for product in prices).most_common(1)[0][0] if prices else ""
    if budget is None:
        return ShoppingList(wishes, currency=currency)
    chosen = choose([wish.suggestions for wish in wishes], budget, currency)
    total = sum(_price(each) for each in chosen if each is not None)
    picked = tuple(replace(wish, chosen=each) for wish, each in zip(wishes, chosen, strict=True))
    return ShoppingList(picked, budget, currency, total)


def choose(options: Sequence[Sequence[Suggestion]], budget: float, currency: str) -> tuple[Suggestion | None, ...]:
    """At most one of each row, so that the similarities add up to most within the budget; exact to a hundredth."""
    best: dict[int, tuple[float, tuple[Suggestion | None, ...]]] = {0: (0.0, ())}  # worth -> least cost, picks
    for row in options:
        priced = [s for s in row if s.match.product.price is not None and s.match.product.currency == currency]
        grown = {worth: (cost, (*picks, None)) for worth, (cost, picks) in best.items()}
        for worth, (cost, picks) in best.items():
            for each in priced:
                total, gained = cost + _price(each), worth + max(1, round(each.similarity * _STEPS))
                if total <= budget and (gained not in grown or total < grown[gained][0]):
                    grown[gained] = (total, (*picks, each))
        best = grown
    return best[max(best)][1]


def _price(suggestion: Suggestion) -> float:
    return suggestion.match.product.price or 0.0
