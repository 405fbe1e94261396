"""Numbers to places in a drawing of 100 by 100 units, y down; the template draws what is made here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meot.evaluation.bootstrap import Difference, Interval
from meot.evaluation.calibration import Bin
from meot.evaluation.curve import Curve

_NO_MEASURE = frozenset({"epoch", "seconds"})


@dataclass(frozen=True, slots=True)
class Line:
    """A curve over epochs. points: runs of "x,y x,y", one for each stretch of finite values. best: lowest for a
    loss, highest for the rest, with its epoch.
    """

    name: str
    points: tuple[str, ...]
    low: float
    high: float
    last: float
    best: float
    best_epoch: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from ``x``, with ``width`` and ``height``, whose foot is on the ground; share: of all answers, 0..1."""

    x: float
    width: float
    height: float
    share: float
    words: str


@dataclass(frozen=True, slots=True)
class Whisker:
    """An interval on a line of 0..100: its ends and its middle, and where zero is."""

    left: float
    right: float
    middle: float
    zero: float = 0.0


def curve_points(curve: Curve) -> str:
    """Precision over recall; the curve starts at recall 0 with the precision of its first point."""
    if not curve.recall:
        return ""
    places = [(0.0, curve.precision[0]), *zip(curve.recall, curve.precision, strict=True)]
    return " ".join(f"{100 * x:.1f},{100 * (1 - y):.1f}" for x, y in places)


def reliability_bars(bins: Sequence[Bin]) -> tuple[Bar, ...]:
    """A bar a bin: as high as its answers are right."""
    total = sum(one.count for one in bins) or 1
    return tuple(
        Bar(
            x=100 * one.low,
            width=100 * (one.high - one.low),
            height=100 * one.accuracy,
            share=one.count / total,
            words=f"{one.low:.2f}-{one.high:.2f}: {one.count} answers, score {one.confidence:.3f}, "
            f"right {one.accuracy:.3f}",
        )
        for one in bins
    )


def whisker(of: Interval) -> Whisker | None:
    """An interval of a share on a line from 0 to 1."""
    if of.low is None or of.high is None:
        return None
    return Whisker(100 * of.low, 100 * of.high, 100 * of.value)


def reach(differences: Sequence[Difference]) -> float:
    """How far the differences go either way, at least 0.05: one scale for all of them."""
    ends = [abs(end) for one in differences for end in (one.low, one.high) if end is not None]
    return max([0.05, *ends])


def difference_whisker(of: Difference, scale: float) -> Whisker | None:
    """A difference on a line from -scale to scale, zero in the middle."""
    if of.low is None or of.high is None:
        return None
    left, right, middle = (50 + 50 * value / scale for value in (of.low, of.high, of.value))
    return Whisker(left, right, middle, 50.0)


def learning_lines(history: Sequence[Mapping[str, float]]) -> tuple[Line, ...]:
    """A line a measure, over all epochs that have it."""
    names = dict.fromkeys(name for record in history for name in record if name not in _NO_MEASURE)
    first, last = history[0]["epoch"] if history else 0, history[-1]["epoch"] if history else 0
    lines = [_line(name, history, first, max(1.0, last - first)) for name in names]
    return tuple(line for line in lines if line is not None)


def _line(name: str, history: Sequence[Mapping[str, float]], first: float, span: float) -> Line | None:
    known = [(record["epoch"], record[name]) for record in history if math.isfinite(record.get(name, math.nan))]
    if not known:
        return None
    values = [value for _, value in known]
    low, high = min(values), max(values)
    runs: list[list[str]] = [[]]
    for record in history:
        value = record.get(name, math.nan)
        if math.isfinite(value):
            y = 50.0 if high == low else 100 * (high - value) / (high - low)
            runs[-1].append(f"{100 * (record['epoch'] - first) / span:.1f},{y:.1f}")
        elif runs[-1]:
            runs.append([])
    best = (low if "loss" in name else high) if high != low else high
    epoch = next(int(epoch) for epoch, value in known if value == best)
    return Line(name, tuple(" ".join(run) for run in runs if run), low, high, values[-1], best, epoch)
