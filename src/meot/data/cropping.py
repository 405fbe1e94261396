"""A random crop of a turned photo, and what remains in it of the photo's boxes and outlines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from meot.data.sources.outlines import area
from meot.data.table import Object

Matrix = NDArray[np.float64]
Size = tuple[int, int]
_TRIES = 12


def crop(
    size: Size, target: Object | None, rng: Generator, *, rotate: float, smallest: float, least: float
) -> tuple[Matrix, Size]:
    """2x3 matrix and (height, width) px of a random crop of the turned photo that keeps most of ``target``.

    size: (height, width) px of the photo. rotate: largest turn, degrees. smallest: side of a crop, share of the
    photo's. least: share of the target that must remain, 0.8 or more. The whole photo, where no crop keeps it.
    """
    for _ in range(_TRIES):
        angle = math.radians(rng.uniform(-rotate, rotate))
        side = rng.uniform(smallest, 1.0, 2)
        canvas = (max(1, round(size[0] * side[0])), max(1, round(size[1] * side[1])))
        spare = np.array([size[1] - canvas[1], size[0] - canvas[0]]) / 2
        matrix = _turn(size, canvas, angle, rng.uniform(-1, 1, 2) * spare)
        if target is None or move(target, matrix, canvas, max(least, 0.8)) is not None:
            return matrix, canvas
    return _turn(size, size, 0.0, np.zeros(2)), size


def _turn(size: Size, canvas: Size, angle: float, shift: NDArray[np.float64]) -> Matrix:
    """Turns about the photo's centre, which ``shift`` (x, y) px beside it becomes the canvas's."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    centre, middle = np.array([size[1], size[0]]) / 2, np.array([canvas[1], canvas[0]]) / 2
    return np.hstack([turn, (middle - shift - turn @ centre)[:, None]])


def move(thing: Object, matrix: Matrix, canvas: Size, least: float, *, always: bool = False) -> Object | None:
    """An object after a 2x3 affine ``matrix`` into a canvas (height, width); None when less than ``least`` remains.

    The box goes around what remains of the turned outlines, or of the box's turned corners where there are none; the
    latter is looser by up to a quarter at 15 degrees. What has neither box nor outline stays. always: keep it as long
    as anything remains.
    """
    boxed = [] if thing.box is None else [corners(thing.box)]
    outlines = [np.array(p, float).reshape(-1, 2) for p in thing.polygons] or boxed
    if not outlines:
        return thing
    turned = [points @ matrix[:, :2].T + matrix[:, 2] for points in outlines]
    kept = [part for part in (clip(points, canvas) for points in turned) if len(part) >= 3]
    before, after = (sum(area(points.ravel().tolist()) for points in parts) for parts in (turned, kept))
    if not kept or after <= 0 or (after < least * before and not always):
        return None
    points = np.concatenate(kept)
    (x0, y0), (x1, y1) = points.min(0), points.max(0)
    outline = tuple(tuple(np.round(part, 2).ravel().tolist()) for part in kept) if thing.polygons else ()
    box = (float(x0), float(y0), float(x1), float(y1))
    return replace(thing, box=box if thing.box is not None else None, polygons=outline)


def corners(box: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """The four corners (4, 2) float64 x, y of an xyxy box, px, clockwise from the top left."""
    x0, y0, x1, y1 = box
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)


def clip(points: NDArray[np.float64], canvas: Size) -> NDArray[np.float64]:
    """The part of a (P, 2) outline inside a canvas (height, width) (Sutherland and Hodgman 1974); (0, 2) if none."""
    for axis, edge, sign in ((0, 0.0, 1), (0, float(canvas[1]), -1), (1, 0.0, 1), (1, float(canvas[0]), -1)):
        kept: list[NDArray[np.float64]] = []
        for a, b in zip(points, np.roll(points, -1, 0), strict=True):
            inside_a, inside_b = sign * (a[axis] - edge) >= 0, sign * (b[axis] - edge) >= 0
            if inside_a:
                kept.append(a)
            if inside_a != inside_b:
                kept.append(a + (b - a) * (edge - a[axis]) / (b[axis] - a[axis]))
        points = np.array(kept).reshape(-1, 2)
    return points
