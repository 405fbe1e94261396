"""Which dates are used, in which periods, and which products are in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from meot.answers.trends import enough, periods
from meot.answers.trends.observe import KINDS, Dates, Observed
from meot.errors import QueryError

_MOST_PERIODS = 400
_SAID_BY_SOURCE = ("released", "season")
_COVERS = 0.5
_HALVES_FROM = 0.1
"""From this share of dates that name a half-year on, seasons are counted as halves: a half cannot be divided."""
_BY_ITSELF = ("year", "season", "month")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timeline:
    """kind: of the dates used. every: what a period is. first: the number of the first period. count: of periods.

    start, end: (N,) int64 the first and last of these, from 0, that a product counts in; counted: (N,) bool whether it
    does at all. undated, ahead, outside: products that do not, for want of a (fine enough) date, for one in the future
    or for the bounds. known: kind of date -> products that have one.
    """

    kind: str
    every: str
    first: int
    count: int
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    counted: NDArray[np.bool_]
    undated: int
    ahead: int
    outside: int
    known: dict[str, int]

    @property
    def is_cycle(self) -> bool:
        """Whether periods have no year, so that nothing can rise or fall."""
        return self.every in periods.CYCLES

    def table(self, of: NDArray[np.bool_]) -> NDArray[np.int64]:
        """(T,) int64 how many of the products ``of`` (N,) are in each period."""
        mine = of & self.counted
        change = np.bincount(self.start[mine], minlength=self.count + 1)
        change -= np.bincount(self.end[mine] + 1, minlength=self.count + 1)
        return np.asarray(change.cumsum()[: self.count], np.int64)

    def overlap(self, of: NDArray[np.bool_]) -> NDArray[np.int64]:
        """(T, T) int64 how many of the products ``of`` (N,) are in both of two periods."""
        mine, count = of & self.counted, self.count
        spans = np.bincount(self.start[mine] * count + self.end[mine], minlength=count * count).reshape(count, count)
        both = np.triu(spans.cumsum(0)[:, ::-1].cumsum(1)[:, ::-1])
        return np.asarray(both + np.triu(both, 1).T, np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How time is asked for; None: chosen by what the dates are. since, until: "2016", "2016-06" or "2016-06-01",
    both included. on_sale: a product counts as long as it was sold, not only when it came. today: later is ahead.
    """

    today: date
    dates: str | None = None
    every: str | None = None
    since: str | None = None
    until: str | None = None
    on_sale: bool = False


def lay_out(observed: Observed, asked: NDArray[np.bool_], wanted: Wanted) -> Timeline:
    """The periods of the products ``asked`` (N,) about. QueryError for bounds that are no dates, for periods that the
    dates cannot tell, and for more periods than anybody can read.
    """
    known = {kind: int((observed.dates[kind].grain[asked] > 0).sum()) for kind in KINDS}
    kind = wanted.dates or _choose_kind(observed, asked, known)
    dates = observed.dates[kind]
    every = _choose_every(dates, asked, wanted.every)
    start, fine = periods.convert(dates.grain, dates.index, every)
    fine &= asked
    end = _ends(observed, start, every) if wanted.on_sale else start
    if every in periods.CYCLES:
        if wanted.since or wanted.until or wanted.on_sale:
            raise QueryError(
                f"--since, --until and --on-sale need years, and the dates by {kind} are seasons of no year here; "
                "leave them out, or choose other --dates or --every",
                "needs_years",
                dates=kind,
            )
        return _made(kind, every, start, start, fine, (0, periods.CYCLES[every] - 1), asked, known, fine)
    early, late = _bounds(wanted, every)
    past = fine & (start <= _number(wanted.today, every))
    end = np.minimum(end, _number(wanted.today, every))
    inside = past & (end >= early) & (start <= late)
    low, high = (int(start[inside].min()), int(end[inside].max())) if inside.any() else (0, 0)
    return _made(kind, every, start, end, inside, (max(low, early), min(high, late)), asked, known, fine, past)


def _made(
    kind: str,
    every: str,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    inside: NDArray[np.bool_],
    span: tuple[int, int],
    asked: NDArray[np.bool_],
    known: dict[str, int],
    fine: NDArray[np.bool_],
    past: NDArray[np.bool_] | None = None,
) -> Timeline:
    first, last = span if inside.any() else (0, -1)
    if last - first >= _MOST_PERIODS:
        raise QueryError(
            f"the dates by {kind} span {last - first + 1:,} periods of a {every}, expected {_MOST_PERIODS} at most; "
            "add --since or take longer ones with --every",
            "too_many_periods",
            count=last - first + 1,
            most=_MOST_PERIODS,
        )
    past = fine if past is None else past
    return Timeline(
        kind=kind,
        every=every,
        first=first,
        count=last - first + 1,
        start=np.clip(start, first, max(last, first)) - first,
        end=np.clip(end, first, max(last, first)) - first,
        counted=inside,
        undated=int((asked & ~fine).sum()),
        ahead=int((fine & ~past).sum()),
        outside=int((past & ~inside).sum()),
        known=known,
    )


def _choose_kind(observed: Observed, asked: NDArray[np.bool_], known: dict[str, int]) -> str:
    """What the source says where it says it of half of the products, or where all were first seen in one month."""
    best = max(_SAID_BY_SOURCE, key=lambda kind: known[kind])
    seen = observed.dates["first_seen"]
    months = np.unique(seen.index[asked & (seen.grain > 0)])
    if known[best] >= max(1, _COVERS * asked.sum()) or (known[best] and len(months) < 2):
        return best
    return "first_seen"


def _choose_every(dates: Dates, asked: NDArray[np.bool_], every: str | None) -> str:
    """The periods asked for, or the longest that there are enough of."""
    grains = np.bincount(dates.grain[asked], minlength=len(periods.GRAINS))
    said = {grain: int(count) for grain, count in zip(periods.GRAINS, grains, strict=True) if grain}
    of_year = said["half_of_year"] + said["season_of_year"]
    without_year = of_year > sum(said.values()) - of_year
    halves = said["half"] + said["half_of_year"] >= max(1, _HALVES_FROM * sum(said.values()))
    if every is None:
        every = "season" if without_year else _longest(dates, asked)
    if every == "season" and halves:
        every = "half"
    if every == "season_of_year" and halves:
        every = "half_of_year"
    if not without_year or every in periods.CYCLES:
        return every
    if every not in ("season", "half"):
        raise QueryError(
            f"the dates are seasons of no year, which no {every} can be told from; ask for --every season, or give the "
            "source a column released or year",
            "no_year",
            every=every,
        )
    return f"{every}_of_year"


def _longest(dates: Dates, asked: NDArray[np.bool_]) -> str:
    found: dict[str, int] = {}
    for every in _BY_ITSELF:
        index, fine = periods.convert(dates.grain, dates.index, every)
        _, counts = np.unique(index[fine & asked], return_counts=True)
        found[every] = int((counts >= enough.IN_PERIOD).sum())
        if found[every] >= enough.PERIODS:
            return every
    return max(found, key=lambda every: found[every])


def _ends(observed: Observed, start: NDArray[np.int64], every: str) -> NDArray[np.int64]:
    end, known = periods.convert(observed.ends.grain, observed.ends.index, every)
    return np.where(known, np.maximum(end, start), start)


def _number(day: date, every: str) -> int:
    """The period that a day is in."""
    month = np.array([day.year * 12 + day.month - 1], np.int64)
    grain = np.array([periods.GRAINS.index("month")], np.int8)
    return int(periods.convert(grain, month, every)[0][0])


def _bounds(wanted: Wanted, every: str) -> tuple[int, int]:
    """The first and last period that begin within the bounds."""
    early = date.min if wanted.since is None else periods.read_bound(wanted.since, "--since", end=False)
    late = date.max if wanted.until is None else periods.read_bound(wanted.until, "--until", end=True)
    if early > late:
        said = f"--since must not be later than --until, got {wanted.since} and {wanted.until}; swap them"
        raise QueryError(said, "dates_crossed", name="since", since=wanted.since, until=wanted.until)
    first = 0 if wanted.since is None else _number(early, every)
    first += wanted.since is not None and periods.starts(first, every) < early
    return int(first), _number(late, every)
