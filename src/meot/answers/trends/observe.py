"""What a catalogue's products show, and when: one pass over them, into arrays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from meot.answers.trends import dates
from meot.answers.trends.periods import GRAINS
from meot.catalogue.dated import DatedGarment, DatedProduct
from meot.catalogue.vocabulary import Vocabulary
from meot.types import Filters

KINDS = ("released", "season", "first_seen")
"""What tells the time of a product."""
OF_LOOKS = ("region", "category", "colour", "style")
"""What can be counted beside the questions about components."""
NO, PERHAPS, YES = 0, 1, 2
_Said = Mapping[str, tuple[str, bool]]
"""By what is counted -> its answer for a garment, and whether that is sure; nothing where it was not asked."""
_GRAIN = {grain: place for place, grain in enumerate(GRAINS)}
_DAY = 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Dates:
    """grain: (N,) int8 places in :data:`GRAINS`, 0 for no date. index: (N,) int64 in that grain."""

    grain: NDArray[np.int8]
    index: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """value: (N,) int32 places in ``ids``, -1 where a product was not asked. sure: (N,) bool."""

    value: NDArray[np.int32]
    sure: NDArray[np.bool_]
    ids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observed:
    """One entry for each product, N of them. within: (N,) int8, :data:`NO`, :data:`PERHAPS` or :data:`YES`, whether
    it is one of those asked about. dates: kind -> when it came. ends: until when it was sold, see :func:`read_ends`.
    retired: (N,) bool. answers: by what is counted -> what was read.
    """

    within: NDArray[np.int8]
    dates: Mapping[str, Dates]
    ends: Dates
    retired: NDArray[np.bool_]
    answers: Mapping[str, Answers]

    def __len__(self) -> int:
        """How many products there are."""
        return len(self.within)


def observe(
    products: Iterable[DatedProduct],
    garments: Iterable[DatedGarment],
    *,
    by: Sequence[str],
    filters: Filters,
    guesses: bool = False,
) -> Observed:
    """What was read of ``by`` (each of :data:`OF_LOOKS` or a question) in the products that ``filters`` let through.

    A product answers by its first garment that the filters let through and that was asked, or by a later photo of a
    garment of the same region where only that is sure. Filters are passed by sure answers; ``guesses`` count, too,
    when they are asked for. garments: those of one product together.
    """
    table = list(products)
    place = {product.number: i for i, product in enumerate(table)}
    within = np.zeros(len(table), np.int8)
    answers = {name: _Column(len(table)) for name in by}
    reading = _Reading(frozenset(by) | _asked(filters))
    for number, shown in groupby(garments, key=itemgetter(0)):
        at = place.get(number)
        if at is None or not _sold(table[at], filters):
            continue
        said = [(garment, reading.read(garment)) for garment in shown]
        passes = [_passes(garment, of, filters, guesses) for garment, of in said]
        within[at] = max(passes)
        through = [each for each, passed in zip(said, passes, strict=True) if passed == YES]
        for name, column in answers.items():
            column.put(at, [(garment.region, of[name]) for garment, of in through if name in of])
    return Observed(
        within=within,
        dates=_dates(table),
        ends=read_ends(table),
        retired=np.array([product.retired is not None for product in table], np.bool_),
        answers={name: column.answers() for name, column in answers.items()},
    )


def _asked(filters: Filters) -> frozenset[str]:
    named = ((name, getattr(filters, name)) for name in ("category", "style"))
    return frozenset(name for name, value in named if value is not None) | frozenset(filters.components)


def _sold(product: DatedProduct, filters: Filters) -> bool:
    right_gender = filters.gender is None or product.gender == filters.gender
    return right_gender and (filters.source is None or product.source == filters.source)


class _Reading:
    """The answers of garments that are wanted; JSON is opened only for them."""

    def __init__(self, asked: frozenset[str]) -> None:
        self._looks = [(name, _LOOKS[name]) for name in OF_LOOKS if name in asked]
        self._keys = [(question, f"{json.dumps(question)}: ") for question in sorted(asked.difference(OF_LOOKS))]

    def read(self, garment: DatedGarment) -> _Said:
        """Those of one garment."""
        said: dict[str, tuple[str, bool]] = {}
        for name, look in self._looks:
            answer = look(garment)
            if answer is not None:
                said[name] = answer
        for question, key in self._keys:
            at = garment.components.find(key + "{")
            if at >= 0:  # the other answers, with all their scores and names, stay closed
                found, _ = _DECODER.raw_decode(garment.components, at + len(key))
                said[question] = found["id"], found["sure"]
        return said


def _colour(garment: DatedGarment) -> tuple[str, bool] | None:
    shades = json.loads(garment.colours)
    return (shades[0]["id"], True) if shades else None


def _style(garment: DatedGarment) -> tuple[str, bool] | None:
    if garment.style is None:
        return None
    style = json.loads(garment.style)
    return style["id"], style.get("sure", False)


_LOOKS: Mapping[str, Callable[[DatedGarment], tuple[str, bool] | None]] = {
    "region": lambda garment: (garment.region, True),
    "category": lambda garment: (garment.category, bool(garment.sure)),
    "colour": _colour,
    "style": _style,
}
_DECODER = json.JSONDecoder()


def _passes(garment: DatedGarment, said: _Said, filters: Filters, guesses: bool) -> int:
    """Whether one garment is all that is asked of garments: surely, perhaps, or not."""
    if filters.region is not None and garment.region != filters.region:
        return NO
    if filters.colour is not None and f'"{filters.colour}"' not in garment.colours:
        return NO
    passed = YES
    for name, wanted in (("category", filters.category), ("style", filters.style), *filters.components.items()):
        if wanted is not None:
            id, sure = said.get(name, ("", False))
            if id != wanted:
                return NO
            passed = passed if sure or guesses else PERHAPS
    return passed


class _Column:
    """One answer a product, in the making."""

    def __init__(self, count: int) -> None:
        self._ids = Vocabulary()
        self._value, self._sure = np.full(count, -1, np.int32), np.zeros(count, np.bool_)

    def put(self, at: int, said: Sequence[tuple[str, tuple[str, bool]]]) -> None:
        """Keep the answer of product ``at`` among (region, answer) of its garments, the most prominent first."""
        if said:
            region = said[0][0]
            id, sure = next((answer for of, answer in said if of == region and answer[1]), said[0][1])
            self._value[at], self._sure[at] = self._ids.number(id), sure

    def answers(self) -> Answers:
        """What was kept."""
        return Answers(self._value, self._sure, tuple(self._ids.texts))


def _dates(products: Sequence[DatedProduct]) -> dict[str, Dates]:
    return {
        "released": _as_dates([dates.released(product.released) for product in products]),
        "season": _as_dates([dates.season(product.season, product.released) for product in products]),
        "first_seen": _as_months([product.first_seen for product in products]),
    }


def _as_dates(found: Sequence[dates.When]) -> Dates:
    grain = np.array([_GRAIN[when.grain] for when in found], np.int8)
    return Dates(grain, np.array([when.number for when in found], np.int64))


def _as_months(times: Sequence[float | None]) -> Dates:
    """Months (UTC) of seconds since 1970; moments before 1970 and None are no dates."""
    seconds = np.array([np.nan if time is None else time for time in times], np.float64)
    known = np.isfinite(seconds) & (seconds >= 0) & (seconds < 8_000 * 366 * _DAY)
    days = (np.where(known, seconds, 0) // _DAY).astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return Dates(np.where(known, _GRAIN["month"], 0).astype(np.int8), np.where(known, months, 0))


def read_ends(products: Sequence[DatedProduct]) -> Dates:
    """Until when products were sold: the month they were retired in, or were last seen in when they live."""
    return _as_months([product.seen if product.retired is None else product.retired for product in products])
