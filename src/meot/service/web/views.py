"""What the templates show, worked out from answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from meot.service.desk import KeptAnswer
from meot.service.questions import Slice
from meot.service.web.render import build_address
from meot.types import Box, Filters, Garment, Match, Product

A_PAGE = 24
_ON_START = 12
_INSET, _CLEAR = 0.036, 0.055
"""Of the photo's longer side: from a box's edges to the middle of its number, and between the middles of two."""

PLACEHOLDER = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 80"><rect width="60" height="80" fill="#8884"/>'
    '<path d="M30 30v-3a4 4 0 1 1 4-4M30 30 13 43c-2 2-1 5 2 5h30c3 0 4-3 2-5Z" fill="none" stroke="#888" '
    'stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
"""Shown where a product has no picture: an empty hanger."""


@dataclass(frozen=True, slots=True)
class Onward:
    """The way on in the results. asked: the query without its place. next: the cursor of the page behind, None at the
    end. first: whether these are the first results.
    """

    path: str
    asked: Mapping[str, object]
    next: str | None
    first: bool

    @property
    def start(self) -> str:
        """The address of the first results."""
        return build_address(self.path, self.asked) + "#results"

    @property
    def more(self) -> str:
        """The address of the next results, "" at the end."""
        return build_address(self.path, {**self.asked, "after": self.next}) + "#results" if self.next else ""


@dataclass(frozen=True, slots=True, eq=False)
class Outlined:
    """A garment on a photo: its number for people (from 1), its box and its number's place in the photo's pixels."""

    number: int
    garment: Garment
    box: Box
    mark: tuple[float, float]


def outline(kept: KeptAnswer) -> list[Outlined]:
    """The garments of a kept photo in the look's order."""
    garments = kept.answer.look.garments
    marks = place_numbers([garment.box for garment in garments], kept.width, kept.height)
    return [Outlined(i + 1, garment, garment.box, marks[i]) for i, garment in enumerate(garments)]


def place_numbers(boxes: Sequence[Box], width: int, height: int) -> list[tuple[float, float]]:
    """Where the number of each box stands on a photo, (x, y) in its pixels: in that corner of the box which is clear of
    the numbers before it.
    """
    inset, clear = (share * max(width, height) for share in (_INSET, _CLEAR))
    placed: list[tuple[float, float]] = []

    def room(corner: tuple[float, float]) -> float:
        return min([clear, *(math.dist(corner, other) for other in placed)])

    for box in boxes:
        across = min(box.x0 + inset, width - inset), max(box.x1 - inset, inset)
        down = min(box.y0 + inset, height - inset), max(box.y1 - inset, inset)
        placed.append(max(((x, y) for y in down for x in across), key=room))
    return placed


def read_slice(asked: Mapping[str, str]) -> Slice:
    """A page of results: from the start, or behind the cursor that is asked for; counted, with the words said."""
    after = asked.get("after", "").strip() or None
    return Slice(A_PAGE, 0, after=after, words=asked.get("q", "").strip()[:200], facets=True)


def as_asked(filters: Filters) -> dict[str, object]:
    """The filters as they stand in an address."""
    prices = ("min_price", "max_price")
    asked = {
        name: f"{value:.15g}" if name in prices and value is not None else value
        for name, value in asdict(filters).items()
        if name != "components"
    }
    return asked | {"component": ",".join(f"{question}={answer}" for question, answer in filters.components.items())}


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
