"""Asking a catalogue for trends: shares a period, with intervals, and which way they go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot.answers import filters as checks
from meot.answers.trends import enough, evidence, periods, report
from meot.answers.trends.names import Askable
from meot.answers.trends.observe import KINDS, PERHAPS, YES, Answers, Observed, observe
from meot.answers.trends.report import Course, Period, Share, Trend, Trends, Value
from meot.answers.trends.timeline import Timeline, Wanted, lay_out
from meot.catalogue import dated
from meot.catalogue.database import Database
from meot.errors import QueryError, nearest
from meot.taxonomy import Taxonomy
from meot.types import Filters

SURE_BELOW = 0.05
"""A trend is told when chance alone would make one among all that were tested less often than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """by: what is counted, each in any of its names. within: "category=jeans" and the like. region, category, colour,
    gender: the same, said shorter. wanted: how time is asked for. guesses: count unsure answers like sure ones.
    """

    by: Sequence[str]
    wanted: Wanted
    within: Sequence[str] = ()
    region: str | None = None
    category: str | None = None
    colour: str | None = None
    gender: str | None = None
    guesses: bool = False


def ask(database: Database, question: Question, taxonomy: Taxonomy) -> Trends:
    """The trends of a catalogue. QueryError when the question names what is not there; see docs/trends.md."""
    _check(question)
    with database.reading() as connection:
        known = dated.known(connection)
        askable = Askable(taxonomy=taxonomy, known=known)
        by = tuple(dict.fromkeys(id for name in question.by for id in askable.resolve(name)))
        named = {name: getattr(question, name) for name in ("region", "category", "colour", "gender")}
        wanted = checks.check(askable.filters(question.within, named), taxonomy, known)
        observed = observe(
            dated.read_products(connection),
            dated.read_garments(connection),
            by=by,
            filters=wanted,
            guesses=question.guesses,
        )
    return measure(observed, question, askable, wanted)


def measure(observed: Observed, question: Question, askable: Askable, within: Filters) -> Trends:
    """The trends of what was observed; verdicts on all values of all questions are corrected together."""
    several = len(observed.answers) > 1
    counted = [
        _count(observed, by, question, askable)
        for by, answers in observed.answers.items()
        if not several or (answers.value >= 0).any()  # of many questions, those that were asked
    ]
    corrected = iter(evidence.holm([course.p for each in counted for course in each.courses]))
    judged = [[_judge(course, next(corrected)) for course in each.courses] for each in counted]
    return Trends(
        within=_told(within),
        on_sale=question.wanted.on_sale,
        guesses=question.guesses,
        trends=tuple(_assemble(each, courses) for each, courses in zip(counted, judged, strict=True)),
    )


def _check(question: Question) -> None:
    if question.wanted.dates is not None and question.wanted.dates not in KINDS:
        said = f"unknown --dates {question.wanted.dates!r}; {nearest(question.wanted.dates, KINDS)}"
        raise QueryError(said, "none_of", name="dates", known=KINDS, got=question.wanted.dates)
    choices = (*periods.EVERY, "season_of_year")
    if question.wanted.every is not None and question.wanted.every not in choices:
        said = f"unknown --every {question.wanted.every!r}; {nearest(question.wanted.every, choices)}"
        raise QueryError(said, "none_of", name="every", known=choices, got=question.wanted.every)


def _told(filters: Filters) -> dict[str, str]:
    names = ("region", "category", "colour", "style", "gender", "source")
    said = {name: getattr(filters, name) for name in names if getattr(filters, name) is not None}
    return said | dict(filters.components)


class _Counted(NamedTuple):
    """One question counted. courses: of the trend's values, not judged yet."""

    trend: Trend
    courses: list[Course]


class _Table(NamedTuple):
    """Products with a value in each period, (T,) int64 each: those that surely have it, and guesses."""

    sure: NDArray[np.int64]
    guesses: NDArray[np.int64]


def _count(observed: Observed, by: str, question: Question, askable: Askable) -> _Counted:
    answers = observed.answers[by]
    asked = (observed.within == YES) & (answers.value >= 0)
    timeline = lay_out(observed, asked, question.wanted)
    counts = np.ones(len(asked), np.bool_) if question.guesses else answers.sure
    sure, unsure = timeline.table(asked & counts), timeline.table(asked & ~counts)
    tables = _tables(answers, asked, counts, timeline)
    tested = _Tested(timeline, sure, unsure, sure >= enough.IN_PERIOD, timeline.overlap(asked & counts))
    shown = tuple(_period(i, tested, question) for i in range(timeline.count))
    inside = asked & timeline.counted
    trend = Trend(
        by=by,
        names=askable.called(by),
        dates=timeline.kind,
        every=timeline.every,
        known=timeline.known,
        asked=int(asked.sum()),
        sure=int((inside & counts).sum()),
        unsure=int((inside & ~counts).sum()),
        undated=timeline.undated,
        ahead=timeline.ahead,
        outside=timeline.outside,
        retired=int((inside & observed.retired).sum()),
        perhaps=int((observed.within == PERHAPS).sum()),
        periods=shown,
        values=tuple(_value(by, id, table, tested, askable) for id, table in tables.items()),
        reason=enough.explain(
            asked=int(asked.sum()),
            periods=timeline.count,
            enough=int(tested.enough.sum()),
            is_cycle=timeline.is_cycle,
        ),
    )
    return _Counted(trend, [_course(table, tested) for table in tables.values()])


def _tables(
    answers: Answers, asked: NDArray[np.bool_], counts: NDArray[np.bool_], timeline: Timeline
) -> dict[str, _Table]:
    """Value -> its table; the most frequent first, those in no period left out."""
    found = {}
    for i, id in enumerate(answers.ids):
        mine = asked & (answers.value == i)
        found[id] = _Table(timeline.table(mine & counts), timeline.table(mine & ~counts))
    order = sorted(found, key=lambda id: (-int(found[id].sure.sum()), -int(found[id].guesses.sum()), id))
    return {id: found[id] for id in order if found[id].sure.any() or found[id].guesses.any()}


class _Tested(NamedTuple):
    """What values are tested on. sure, unsure: (T,) products answered. enough: (T,) bool. overlap: (T, T)."""

    timeline: Timeline
    sure: NDArray[np.int64]
    unsure: NDArray[np.int64]
    enough: NDArray[np.bool_]
    overlap: NDArray[np.int64]


def _course(table: _Table, tested: _Tested) -> Course:
    """The way a value goes, its p not corrected yet."""
    at, timeline = np.flatnonzero(tested.enough), tested.timeline
    count, of = table.sure[at], tested.sure[at]
    few = min(int(count.sum()), int((of - count).sum())) < enough.OF_VALUE
    if few or len(at) < enough.needed(timeline.is_cycle):
        return Course(trend=report.TOO_FEW)
    if timeline.is_cycle:
        p = evidence.differ(count, of)
        return Course(trend=report.TOO_FEW if p is None else report.STEADY, p=p, peak=_peak(table, tested))
    a_year = periods.A_YEAR[timeline.every]
    several_years = int(at[-1] - at[0]) + 1 >= 2 * a_year
    stratum = (at + timeline.first) % a_year if several_years else np.zeros_like(at)
    found = evidence.trend(at / a_year, count, of, tested.overlap[np.ix_(at, at)], stratum)
    everybody = evidence.trend(
        at / a_year, count + table.guesses[at], of + tested.unsure[at], tested.overlap[np.ix_(at, at)], stratum
    )
    if found.p is None:
        return Course(trend=report.TOO_FEW)
    same_way = found.change * everybody.change > 0
    way = report.STEADY if not same_way else report.RISING if found.change > 0 else report.FALLING
    return Course(trend=way, p=found.p, change=found.change, low=found.low, high=found.high)


def _peak(table: _Table, tested: _Tested) -> str | None:
    """The period without a year that has the highest share, by more than chance and with the guesses, too."""
    at = np.flatnonzero(tested.enough)
    count, of = table.sure[at], tested.sure[at]
    best = int(np.argmax(count / of))
    others = [evidence.differ(count[[best, i]], of[[best, i]]) for i in range(len(at)) if i != best]
    clear = all(p is not None and p < SURE_BELOW / len(others) for p in others)
    everybody = (count + table.guesses[at]) / (of + tested.unsure[at])
    return periods.identify(int(at[best]), tested.timeline.every) if clear and best == np.argmax(everybody) else None


def _judge(course: Course, corrected: float | None) -> Course:
    """The course with its verdict: what chance could have made is steady."""
    if corrected is None:
        return course
    trend = course.trend if corrected < SURE_BELOW else report.STEADY
    if course.change is None and corrected < SURE_BELOW:
        trend = report.SEASONAL
    return replace(course, corrected=corrected, trend=trend)


def _value(by: str, id: str, table: _Table, tested: _Tested, askable: Askable) -> Value:
    low, high = evidence.wilson(table.sure, tested.sure)
    shares = []
    for i, (count, guesses) in enumerate(zip(table.sure.tolist(), table.guesses.tolist(), strict=True)):
        if tested.enough[i]:
            share = Share(count, guesses, count / int(tested.sure[i]), float(low[i]), float(high[i]))
        else:
            share = Share(count, guesses)
        shares.append(share)
    return Value(
        id=id,
        names=askable.value(by, id),
        count=int(table.sure.sum()),
        guesses=int(table.guesses.sum()),
        course=Course(trend=report.TOO_FEW),
        shares=tuple(shares),
    )


def _period(i: int, tested: _Tested, question: Question) -> Period:
    timeline, number = tested.timeline, i + tested.timeline.first
    start, running = None, False
    if not timeline.is_cycle:
        start = periods.starts(number, timeline.every).isoformat()
        running = periods.starts(number + 1, timeline.every) > question.wanted.today
    names, id = periods.names(number, timeline.every), periods.identify(number, timeline.every)
    return Period(id, names, start, int(tested.sure[i]), int(tested.unsure[i]), bool(tested.enough[i]), running)


def _assemble(counted: _Counted, courses: list[Course]) -> Trend:
    values = tuple(replace(value, course=course) for value, course in zip(counted.trend.values, courses, strict=True))
    return replace(counted.trend, values=values)
