"""What the templates show, worked out from answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from meot import taxonomy
from meot.service import questions
from meot.service.desk import KeptAnswer
from meot.service.questions import Slice
from meot.service.web.render import build_address
from meot.types import Box, Filters, Garment, Match, Product

A_PAGE = 24
MOST_PAGES = 40
_ON_START = 12

PLACEHOLDER = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 80"><rect width="60" height="80" fill="#8884"/>'
    '<path d="M30 30v-3a4 4 0 1 1 4-4M30 30 13 43c-2 2-1 5 2 5h30c3 0 4-3 2-5Z" fill="none" stroke="#888" '
    'stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
"""Shown where a product has no picture: an empty hanger."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the visitor is in the results. asked: the query without its page. more: whether another page follows."""

    path: str
    asked: Mapping[str, object]
    page: int
    more: bool

    def address(self, page: int) -> str:
        """The address of a page of these results."""
        return build_address(self.path, {**self.asked, "page": page if page > 1 else None}) + "#results"


@dataclass(frozen=True, slots=True, eq=False)
class Outlined:
    """A garment on a photo: its number for people (from 1) and its box in the photo's pixels."""

    number: int
    garment: Garment
    box: Box


def outline(kept: KeptAnswer) -> list[Outlined]:
    """The garments of a kept photo in the look's order."""
    return [Outlined(i + 1, garment, garment.box) for i, garment in enumerate(kept.answer.look.garments)]


def read_page(asked: Mapping[str, str]) -> tuple[int, Slice]:
    """The page asked for (from 1) and which results it holds. QueryError when there cannot be such a page."""
    page = questions.read_number(asked, "page", default=1, least=1, most=MOST_PAGES)
    return page, Slice(A_PAGE, (page - 1) * A_PAGE)


def as_asked(filters: Filters) -> dict[str, object]:
    """The filters as they stand in an address."""
    prices = ("min_price", "max_price")
    return {
        name: f"{value:.15g}" if name in prices and value is not None else value
        for name, value in asdict(filters).items()
    }


def words_for(filters: Filters) -> str:
    """Words that stand for filters when no words were said: products bear the names of what was read from them."""
    known = taxonomy.load()
    for value, rows in (
        (filters.category, known.categories),
        (filters.colour, known.colours),
        (filters.region, known.regions),
    ):
        if value is not None:
            return next((row.names["en"] for row in rows if row.id == value), value)
    return ""


def spread(count: int) -> list[int]:
    """Product numbers spread over a catalogue of ``count``, so that the start page shows something of everything."""
    steps = min(2 * _ON_START, count)
    return [1 + i * count // steps for i in range(steps)]


def some_products(found: Mapping[int, Product]) -> list[Match]:
    """Cards of products that no one asked for."""
    shown = sorted(found)[:: max(1, len(found) // _ON_START)][:_ON_START]
    return [Match(number=number, product=found[number], score=0.0) for number in shown]


def is_own_address(to: str) -> bool:
    """Whether an address stays on this service: a path, and nothing a browser may take for another host."""
    return to.startswith("/") and to[1:2] not in ("/", "\\") and all(" " <= sign != "\\" for sign in to)
