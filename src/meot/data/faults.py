"""What is wrong with the place of an object in a photo: its box, its polygons."""

from __future__ import annotations

import math
from typing import Literal

from meot.data.sources.files import extent

Box = tuple[float, float, float, float]
SLACK = 0.5
"""px that a box may stand out of its photo, as rounded fractions do."""


def size_said(size: tuple[int, int] | None) -> str:
    """A (height, width) in words, as people say it: width first."""
    return f"{size[1]}x{size[0]} px" if size else "of unknown size"


def box_fault(box: Box, size: tuple[int, int] | None) -> str:
    """What is wrong with an xyxy px box in a photo of (height, width) px, "" when nothing."""
    text = "box " + ", ".join(f"{value:g}" for value in box)
    x0, y0, x1, y1 = box
    if not all(map(math.isfinite, box)):
        return f"{text} has a side that is no number"
    if x1 < x0 or y1 < y0:
        return f"{text} is reversed, expected left, top, right, bottom"
    if x1 == x0 or y1 == y0:
        return f"{text} has no area"
    if size and (min(x0, y0) < -SLACK or x1 > size[1] + SLACK or y1 > size[0] + SLACK):
        return f"{text} stands out of the photo of {size_said(size)}"
    return ""


def outline_fault(outline: tuple[float, ...], size: tuple[int, int] | None) -> tuple[Literal["error", "warning"], str]:
    """What is wrong with a polygon (x, y, x, y, ...) px, "" when nothing, and how bad it is."""
    if len(outline) < 6 or len(outline) % 2:
        return "error", f"a polygon of {len(outline)} numbers, expected at least three points"
    if not all(map(math.isfinite, outline)):
        return "error", "a polygon with a point that is no number"
    around = extent([outline])
    if around and (around[0] == around[2] or around[1] == around[3]):
        return "error", "a polygon without area"
    if around and size and box_fault(around, size):
        return "warning", f"a polygon stands out of the photo of {size_said(size)}"
    return "warning", ""
