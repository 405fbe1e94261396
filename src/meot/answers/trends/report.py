"""What a question about trends is answered with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meot.taxonomy import Names

SCHEMA = "meot.trends/1"
RISING, FALLING, STEADY, SEASONAL, TOO_FEW = "rising", "falling", "steady", "seasonal", "too_few"


@dataclass(frozen=True, slots=True)
class Period:
    """start: its first day, None where periods have no year. sure, unsure: products whose answer is. enough: whether
    its shares are told. running: whether it is not over yet.
    """

    id: str
    names: Names
    start: str | None
    sure: int
    unsure: int
    enough: bool
    running: bool

    def as_json(self) -> dict[str, Any]:
        """As the CLI prints it."""
        counts = {"sure": self.sure, "unsure": self.unsure, "enough": self.enough, "running": self.running}
        return {"id": self.id, "name": self.names, "start": self.start, **counts}


@dataclass(frozen=True, slots=True)
class Share:
    """Of a value in a period. count: products that surely have it, guesses: that perhaps do. share, low, high: of the
    counted, with its 95 % interval; None where the period has too few.
    """

    count: int
    guesses: int
    share: float | None = None
    low: float | None = None
    high: float | None = None

    def as_json(self) -> dict[str, Any]:
        """As the CLI prints it."""
        shares = {name: _rounded(getattr(self, name)) for name in ("share", "low", "high")}
        return {"count": self.count, "guesses": self.guesses, **shares}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a value goes. trend: :data:`RISING`, :data:`FALLING`, :data:`STEADY`, :data:`SEASONAL` (periods of no year
    differ) or :data:`TOO_FEW`. p: of the test, corrected: for the number of values; None where none was made.
    change, low, high: of the share in a year, 0..1; None where periods have no year. peak: id of the period with the
    highest share where periods have no year; None where chance could have put it before another.
    """

    trend: str
    p: float | None = None
    corrected: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    peak: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As the CLI prints it."""
        change = None
        if self.change is not None:
            change = {"share": _rounded(self.change), "low": _rounded(self.low), "high": _rounded(self.high)}
        p = {"p": _rounded(self.p, 6), "p_corrected": _rounded(self.corrected, 6)}
        return {"trend": self.trend, **p, "change_per_year": change, "peak": self.peak}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What products show. count, guesses: products in all periods. shares: one a period."""

    id: str
    names: Names
    count: int
    guesses: int
    course: Course
    shares: tuple[Share, ...]

    def as_json(self) -> dict[str, Any]:
        """As the CLI prints it."""
        head = {"id": self.id, "name": self.names, "count": self.count, "guesses": self.guesses}
        return {**head, **self.course.as_json(), "shares": [share.as_json() for share in self.shares]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The answer to one question. dates, every: what was used. known: kind of date -> products that have one.

    asked: products that the question makes sense for; of those sure and unsure are in the periods, and undated (no fine
    enough date), ahead (in the future) and outside (of the bounds) are in none. retired: of those in the periods, how
    many are sold no more. perhaps: products that are only perhaps among those asked about. values: the most frequent
    first. reason: language -> why there is no verdict; empty when there is one.
    """

    by: str
    names: Names
    dates: str
    every: str
    known: Mapping[str, int]
    asked: int
    sure: int
    unsure: int
    undated: int
    ahead: int
    outside: int
    retired: int
    perhaps: int
    periods: tuple[Period, ...]
    values: tuple[Value, ...]
    reason: Names

    @property
    def enough(self) -> bool:
        """Whether any share can be told."""
        return any(period.enough for period in self.periods)

    def as_json(self) -> dict[str, Any]:
        """As the CLI prints it."""
        counts = ("asked", "sure", "unsure", "undated", "ahead", "outside", "retired", "perhaps")
        return {
            "by": self.by,
            "name": self.names,
            "dates": self.dates,
            "dates_known": dict(self.known),
            "every": self.every,
            "products": {name: getattr(self, name) for name in counts},
            "enough": self.enough,
            "reason": self.reason or None,
            "periods": [period.as_json() for period in self.periods],
            "values": [value.as_json() for value in self.values],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Trends:
    """Answers to questions that were asked together. within: what was asked of products, as the filters say it.

    on_sale: whether products count as long as they are sold. guesses: whether unsure answers count.
    """

    within: Mapping[str, str]
    on_sale: bool
    guesses: bool
    trends: tuple[Trend, ...]

    def as_json(self) -> dict[str, Any]:
        """The answers in the contract ``meot.trends/1``; see docs/trends.md."""
        return {
            "schema": SCHEMA,
            "within": dict(self.within),
            "counting": "on_sale" if self.on_sale else "new",
            "guesses_counted": self.guesses,
            "trends": [trend.as_json() for trend in self.trends],
        }


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(float(value), digits)
