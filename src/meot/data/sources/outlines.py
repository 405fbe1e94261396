"""Run-length masks of COCO -> polygons along the pixels' edges, which fill to the same mask again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from meot.data.sources.files import list_of, name_of, numbers_of, table_of, whole_of
from meot.errors import DataError

MOST_PIXELS = 100_000_000
Outline = tuple[float, ...]


def mask_of(segmentation: Any, where: str) -> NDArray[np.bool_]:
    """(H, W) bool mask of {"size": [h, w], "counts": runs or compressed text}. DataError when the runs do not add up.

    Counts are column by column and begin with background; the text form packs 5 bits a character, and from the third
    run on the difference to the run before the last (COCO's maskApi).
    """
    record = table_of(segmentation, where)
    height, width = (whole_of(side, where) for side in numbers_of(record.get("size"), f"{where}: size", 2))
    if height < 1 or width < 1 or height * width > MOST_PIXELS:
        raise DataError(f"{where}: mask of {height}x{width} px; expected 1 to {MOST_PIXELS // 1_000_000} megapixels")
    raw = record.get("counts")
    counts = _unpacked(name_of(raw, where), where) if isinstance(raw, str) else _whole(list_of(raw, where), where)
    if sum(counts) != height * width or min(counts, default=0) < 0:
        raise DataError(f"{where}: runs add up to {sum(counts)}, expected {height}x{width}; mend the segmentation")
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape((height, width), order="F")


def _whole(counts: list[Any], where: str) -> list[int]:
    return [whole_of(count, where) for count in counts]


def _unpacked(text: str, where: str) -> list[int]:
    counts: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64 or shift > 40:
            raise DataError(f"{where}: {character!r} is no character of packed runs; mend the segmentation")
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            value -= (1 << shift) if bits & 16 else 0
            counts.append(value + (counts[-2] if len(counts) > 2 else 0))
            value = shift = 0
    return counts


def polygons_of(mask: NDArray[np.bool_]) -> tuple[Outline, ...]:
    """Outlines, px, whose union is the (H, W) bool mask; a piece with a hole is cut in two through the hole."""
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    found: list[Outline] = []
    for piece in range(1, count):
        x, y, width, height, _ = (int(v) for v in boxes[piece])
        found += _piece(labels[y : y + height, x : x + width] == piece, x, y)
    return tuple(found)


def _piece(mask: NDArray[np.bool_], x: int, y: int) -> list[Outline]:
    loops = _loops(mask)
    if len(loops) == 1:
        return [tuple(float(v) for px, py in loops[0] for v in (px + x, py + y))]
    hole = min(loops, key=lambda loop: area([v for point in loop for v in point]))
    cut = (min(px for px, _ in hole) + max(px for px, _ in hole) + 1) // 2
    left, right = mask.copy(), mask.copy()
    left[:, cut:], right[:, :cut] = False, False
    sides = [polygons_of(side) for side in (left, right)]
    return [tuple(v + (y if i % 2 else x) for i, v in enumerate(outline)) for side in sides for outline in side]


def area(outline: Sequence[float]) -> float:
    """Area of a polygon (x, y, x, y, ...) px, in px², by the shoelace formula."""
    xs, ys = outline[0::2], outline[1::2]
    pairs = zip(xs, ys, (*xs[1:], *xs[:1]), (*ys[1:], *ys[:1]), strict=False)
    return abs(sum(ax * by - bx * ay for ax, ay, bx, by in pairs)) / 2


def _loops(mask: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """Closed walks along pixel edges with the mask on the right hand; corners only."""
    wide = np.pad(mask, 1)
    onward: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for (down, over), (start, end) in _EDGES.items():
        ys, xs = np.nonzero(wide & ~np.roll(wide, (-down, -over), (0, 1)))
        for py, px in zip((ys - 1).tolist(), (xs - 1).tolist(), strict=True):
            onward.setdefault((px + start[0], py + start[1]), []).append((px + end[0], py + end[1]))
    loops = []
    while onward:
        loops.append(_walk(onward))
    return loops


_EDGES = {  # where the background lies -> the pixel's edge there, from and to, clockwise on the screen
    (-1, 0): ((0, 0), (1, 0)),
    (0, 1): ((1, 0), (1, 1)),
    (1, 0): ((1, 1), (0, 1)),
    (0, -1): ((0, 1), (0, 0)),
}


def _walk(onward: dict[tuple[int, int], list[tuple[int, int]]]) -> list[tuple[int, int]]:
    start = here = min(onward)
    came, corners = (0, 0), []
    while True:
        ends = onward[here]
        turns = [(end[0] - here[0], end[1] - here[1]) for end in ends]
        right = (-came[1], came[0])  # at a corner of two pixels stay with the one being walked around
        pick = turns.index(right) if len(ends) > 1 and right in turns else 0
        there, step = ends.pop(pick), turns[pick]
        if not ends:
            del onward[here]
        if step != came:
            corners.append(here)
        here, came = there, step
        if here == start:
            return corners
