"""Trends as a picture: a line for each value with its 95 % band, named where it ends; made to be read on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from PIL import Image, ImageDraw, ImageFont

from meot.answers.trends import table
from meot.answers.trends.marks import COLOURS, Point, draw_mark
from meot.answers.trends.report import Share, Trend, Trends, Value
from meot.fonts import korean_font

WIDTH, HEIGHT = 1080, 1350
"""Pixels. Words are 30 px or more: 10 px where a phone shows the picture 360 px wide."""
_MOST = 6
"""Values that are told apart by colour and mark; the others are counted in a line below."""
_NAMED = 6
"""Of those, how many are named."""
_MARKS = 12
"""Marks on a line, about; all of them would hide it where there are many periods."""
_FINER = 2
"""The picture is drawn so many times larger and made smaller, so that lines are smooth."""
_INK, _PALE, _GRID, _PAPER = "#1a1a1a", "#6b6b6b", "#e2e2e2", "#ffffff"
_LEFT, _RIGHT, _EDGE = 96, 330, 40
_LARGE, _MIDDLE, _SMALL = 46, 34, 30
_STEPS = (0.05, 0.1, 0.2, 0.25)
_SAID = {
    "en": {
        "more": "{n} more, less frequent: {names}",
        "band": "Bands: 95 % intervals. Grey periods: fewer than 30 sure answers.",
    },
    "ko": {"more": "이 밖에 {n}개: {names}", "band": "띠: 95 % 구간. 회색 기간: 확실한 답이 30개보다 적음."},
}


def draw(trends: Trends, trend: Trend, *, language: str = "en") -> Image.Image:
    """The picture of one of the answers. language: "en" or "ko"; English on a machine without a Korean font."""
    language = "en" if korean_font() is None else language
    image = Image.new("RGB", (WIDTH * _FINER, HEIGHT * _FINER), _PAPER)
    pen = _Pen(image)
    top = _write_head(pen, trends, trend, language)
    foot = _foot(trends, trend, language)
    lines = [line for text in foot for line in pen.wrapped(text, _SMALL, WIDTH - 2 * _EDGE)]
    bottom = HEIGHT - _EDGE - len(lines) * _step(_SMALL)
    shown = [value for value in trend.values if any(share.share is not None for share in value.shares)][:_MOST]
    if shown:
        _Chart(pen=pen, trend=trend, language=language, top=top, bottom=bottom - 2 * _step(_SMALL)).draw(shown)
    for i, line in enumerate(lines):
        pen.text((_EDGE, bottom + i * _step(_SMALL)), line, _SMALL, _PALE)
    return pen.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _step(size: int) -> int:
    """From line to line, px."""
    return round(1.35 * size)


def _write_head(pen: _Pen, trends: Trends, trend: Trend, language: str) -> int:
    """Write what is shown; the px where the chart can begin."""
    within = ", ".join(f"{name}={value}" for name, value in trends.within.items())
    title = trend.names[language] + (f" ({within})" if within else "")
    y = _EDGE
    for text, size, colour in ((title, _LARGE, _INK), (table.head(trend, language), _SMALL, _PALE)):
        for line in pen.wrapped(text, size, WIDTH - 2 * _EDGE):
            pen.text((_EDGE, y), line, size, colour)
            y += _step(size)
    return y + _SMALL


def _foot(trends: Trends, trend: Trend, language: str) -> list[str]:
    said = _SAID[language]
    left = [value.names[language] for value in trend.values[_MOST:]]
    few = [*left[:_NAMED], "..."] if len(left) > _NAMED else left
    lines = [trend.reason[language]] if trend.reason else []
    if left:
        lines.append(said["more"].format(n=len(left), names=", ".join(few)))
    return [*lines, said["band"], table.unsure(trends, trend, language)]


class _Pen:
    """Writes and draws in px of the finished picture."""

    def __init__(self, image: Image.Image) -> None:
        self.image, self.on = image, ImageDraw.Draw(image, "RGBA")

    def text(self, at: Point, text: str, size: int, colour: str, anchor: str = "la") -> None:
        self.on.text((at[0] * _FINER, at[1] * _FINER), text, colour, _font(size), anchor=anchor)

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        scaled = [(x * _FINER, y * _FINER) for x, y in points]
        self.on.line(scaled, fill=colour, width=round(width * _FINER), joint="curve")

    def area(self, points: Sequence[Point], colour: str) -> None:
        self.on.polygon([(x * _FINER, y * _FINER) for x, y in points], fill=colour)

    def mark(self, kind: int, at: Point, size: float, colour: str) -> None:
        draw_mark(self.on, kind, (at[0] * _FINER, at[1] * _FINER), size * _FINER, colour)

    def wide(self, text: str, size: int) -> float:
        return float(_font(size).getlength(text)) / _FINER

    def wrapped(self, text: str, size: int, room: float) -> list[str]:
        """The text in lines of at most ``room`` px, broken between words."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.wide(longer, size) > room:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = korean_font()
    return ImageFont.truetype(path, size * _FINER) if path else ImageFont.load_default(size * _FINER)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chart:
    """top, bottom: px of the plotted area, the bottom being a share of 0."""

    pen: _Pen
    trend: Trend
    language: str
    top: int
    bottom: int

    def draw(self, shown: Sequence[Value]) -> None:
        """Grid, bands, lines, and a name beside the end of each line."""
        highest = max(share.high or 0.0 for value in shown for share in value.shares)
        step = next((step for step in _STEPS if highest <= 5 * step), _STEPS[-1])
        most = min(1.0, highest * 1.02)
        self._grid(step, most)
        self._periods()
        for i, value in enumerate(shown):
            for run in _runs(value.shares):
                self._band(run, value.shares, most, COLOURS[i])
        each = ceil(len(self.trend.periods) / _MARKS)
        for i, value in enumerate(shown):
            for run in _runs(value.shares):
                points = [(self._x(at), self._y(value.shares[at].share, most)) for at in run]
                self.pen.line(points, COLOURS[i], 5)
                for at, point in zip(run, points, strict=True):
                    if (at - i) % each == 0 or at == run[-1]:
                        self.pen.mark(i, point, 11, COLOURS[i])
        self._names(shown, most)

    def _x(self, at: int) -> float:
        count = len(self.trend.periods)
        return _LEFT + 20 + (WIDTH - _LEFT - _RIGHT - 40) * (at / (count - 1) if count > 1 else 0.5)

    def _y(self, share: float | None, most: float) -> float:
        return self.bottom - (self.bottom - self.top) * (share or 0.0) / most

    def _grid(self, step: float, most: float) -> None:
        for i in range(int(most / step + 1e-9) + 1):
            y = self._y(i * step, most)
            self.pen.line([(_LEFT, y), (WIDTH - _RIGHT, y)], _GRID, 2)
            self.pen.text((_LEFT - 12, y), f"{i * step:.0%}", _SMALL, _PALE, "rm")

    def _periods(self) -> None:
        """Names of periods below, as many as find room, the last one always."""
        names = [period.names[self.language] for period in self.trend.periods]
        room = max(self.pen.wide(name, _SMALL) for name in names) + 24
        across = self._x(1) - self._x(0) if len(names) > 1 else room
        each = max(1, ceil(room / across))
        for i in range(len(names) - 1, -1, -each):
            half = self.pen.wide(names[i], _SMALL) / 2
            colour = _INK if self.trend.periods[i].enough else "#a8a8a8"
            self.pen.text((max(self._x(i), half + 8), self.bottom + 16), names[i], _SMALL, colour, "ma")

    def _band(self, run: Sequence[int], shares: Sequence[Share], most: float, colour: str) -> None:
        at = [(self._x(i), shares[i]) for i in run]
        if len(at) == 1:  # a single period's band has no width of its own
            at = [(at[0][0] - 8, at[0][1]), (at[0][0] + 8, at[0][1])]
        above = [(x, self._y(share.high, most)) for x, share in at]
        below = [(x, self._y(share.low, most)) for x, share in reversed(at)]
        self.pen.area([*above, *below], colour + "2e")

    def _names(self, shown: Sequence[Value], most: float) -> None:
        tall = _step(_MIDDLE) + _step(_SMALL)
        wanted = [self._y(_last(value.shares).share, most) for value in shown]
        for i, y in enumerate(spread(wanted, tall + 6, self.top + tall / 2, self.bottom - tall / 2)):
            value, x = shown[i], WIDTH - _RIGHT + 26
            end = max(at for at, share in enumerate(value.shares) if share.share is not None)
            self.pen.line([(self._x(end) + 14, wanted[i]), (x - 16, y - _SMALL / 2)], COLOURS[i] + "90", 2)
            self.pen.mark(i, (x, y - _SMALL / 2), 11, COLOURS[i])
            share = _last(value.shares).share or 0.0
            name = _cut(self.pen, value.names[self.language], _MIDDLE, _RIGHT - 150)
            self.pen.text((x + 22, y - _SMALL / 2), f"{name} {share:.0%}", _MIDDLE, _INK, "lm")
            way = _cut(self.pen, table.verdict(self.trend, value, self.language), _SMALL, _RIGHT - 60)
            self.pen.text((x + 22, y + _SMALL / 2 + 6), way, _SMALL, _PALE, "lm")


def _runs(shares: Sequence[Share]) -> list[list[int]]:
    """Periods in a row that have a share."""
    runs: list[list[int]] = []
    for i, share in enumerate(shares):
        if share.share is not None:
            if runs and runs[-1][-1] == i - 1:
                runs[-1].append(i)
            else:
                runs.append([i])
    return runs


def _last(shares: Sequence[Share]) -> Share:
    return next(share for share in reversed(shares) if share.share is not None)


def _cut(pen: _Pen, text: str, size: int, room: float) -> str:
    if pen.wide(text, size) <= room:
        return text
    while text and pen.wide(text + "...", size) > room:
        text = text[:-1]
    return text.rstrip() + "..."


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Places near the wanted ones, in the same order, at least ``apart`` from one another, within ``low`` and ``high``
    as far as there is room.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    found = list(wanted)
    floor = low
    for i in order:
        found[i] = floor = max(found[i], floor)
        floor += apart
    ceiling = high
    for i in reversed(order):
        found[i] = ceiling = min(found[i], ceiling)
        ceiling -= apart
    return found
