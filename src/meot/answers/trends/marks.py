"""Colours and marks by which lines are told apart, by people who see no red or green, too (Okabe, Ito 2008)."""

from __future__ import annotations

from PIL import ImageDraw

Point = tuple[float, float]
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#000000")
_SHAPES: dict[int, tuple[Point, ...]] = {
    1: ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    2: ((0, -1.2), (1.1, 0.9), (-1.1, 0.9)),
    3: ((0, -1.3), (1.1, 0), (0, 1.3), (-1.1, 0)),
    4: ((0, 1.2), (1.1, -0.9), (-1.1, -0.9)),
}


def draw_mark(on: ImageDraw.ImageDraw, kind: int, at: Point, size: float, colour: str) -> None:
    """Circle, square, triangle, diamond, triangle upside down or ring, ``size`` px from the middle to the edge."""
    x, y = at
    if kind in _SHAPES:
        on.polygon([(x + size * across, y + size * down) for across, down in _SHAPES[kind]], fill=colour)
        return
    box = (x - size, y - size, x + size, y + size)
    on.ellipse(box, fill=colour if kind == 0 else "#ffffff", outline=colour, width=max(1, round(size / 3)))
