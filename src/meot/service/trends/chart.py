"""Shares over time as lines of an SVG: places only, so that the page's stylesheet colours them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from meot.answers.trends.report import Share, Trend, Value

WIDTH, HEIGHT = 480, 330
MOST_LINES = 6
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 18, 12, 292
_STEPS = (0.02, 0.05, 0.1, 0.2, 0.25)
_LABEL = 9
"""Px that a letter of a period's name takes, about; wide ones twice that."""
_MARKS = (
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z",
    "M-4.5-4.5h9v9h-9Z",
    "M0-6 5.5 4.5h-11Z",
    "M0-6.5 5.5 0 0 6.5-5.5 0Z",
    "M0 6 5.5-4.5h-11Z",
    "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0ZM-2.5 0a2.5 2.5 0 1 1 5 0a2.5 2.5 0 1 1-5 0Z",
)


@dataclass(frozen=True, slots=True)
class Line:
    """A value's line. hue: which of the colours and marks. path, bands: of SVG. marks: (x, y) of its points."""

    hue: int
    path: str
    bands: tuple[str, ...]
    marks: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """grid: (y, label). periods: (x, label, whether it has too few answers), as many as find room."""

    grid: tuple[tuple[float, str], ...]
    periods: tuple[tuple[float, str, bool], ...]
    lines: tuple[Line, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = _BOTTOM


def drawn_values(trend: Trend) -> list[Value]:
    """The values that have a line, the most frequent first."""
    return [value for value in trend.values if any(share.share is not None for share in value.shares)][:MOST_LINES]


def mark(hue: int) -> str:
    """The path of the mark that goes with a colour, around (0, 0)."""
    return _MARKS[hue]


def draw(trend: Trend, language: str) -> Chart | None:
    """The chart of a trend; None when no share can be told, or there is one period only: nothing moves there."""
    values = drawn_values(trend)
    if not values or len(trend.periods) == 1:
        return None
    highest = max(share.high or 0.0 for value in values for share in value.shares)
    step = next((step for step in _STEPS if highest <= 5 * step), _STEPS[-1])
    most = min(1.0, max(step, highest * 1.03))
    grid = tuple((_y(i * step, most), f"{i * step:.0%}") for i in range(int(most / step + 1e-9) + 1))
    count = len(trend.periods)
    return Chart(grid, _periods(trend, language), tuple(_line(i, v, count, most) for i, v in enumerate(values)))


def _line(hue: int, value: Value, count: int, most: float) -> Line:
    runs = _runs(value.shares)
    points = [[(_x(at, count), _y(value.shares[at].share or 0.0, most)) for at in run] for run in runs]
    bands = tuple(_band([(_x(at, count), value.shares[at]) for at in run], most) for run in runs)
    return Line(hue, "".join(_path(run) for run in points), bands, tuple(point for run in points for point in run))


def _band(at: Sequence[tuple[float, Share]], most: float) -> str:
    if len(at) == 1:  # a single period's band has no width of its own
        at = [(at[0][0] - 5, at[0][1]), (at[0][0] + 5, at[0][1])]
    above = [(x, _y(share.high or 0.0, most)) for x, share in at]
    below = [(x, _y(share.low or 0.0, most)) for x, share in reversed(at)]
    return _path([*above, *below]) + "Z"


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _x(at: int, count: int) -> float:
    inside = WIDTH - _LEFT - _RIGHT - 24
    return round(_LEFT + 12 + inside * (at / (count - 1) if count > 1 else 0.5), 1)


def _y(share: float, most: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * share / most, 1)


def _periods(trend: Trend, language: str) -> tuple[tuple[float, str, bool], ...]:
    """Names below, as many as find room, the last one always."""
    names = [period.names[language] for period in trend.periods]
    wide = max(sum(2 if ord(letter) > 0x1100 else 1 for letter in name) for name in names) * _LABEL + 12
    across = _x(1, len(names)) - _x(0, len(names)) if len(names) > 1 else wide
    each = max(1, ceil(wide / across))
    shown = range(len(names) - 1, -1, -each)
    return tuple((_x(i, len(names)), names[i], not trend.periods[i].enough) for i in reversed(shown))


def _runs(shares: Sequence[Share]) -> list[list[int]]:
    """Periods in a row that have a share."""
    runs: list[list[int]] = []
    for at, share in enumerate(shares):
        if share.share is None:
            continue
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs
