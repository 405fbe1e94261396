"""Animals of a sort, drawn by code: a body with legs, neck, head, tail, wings or fins, in a coat."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from meot.data.surfaces import cloud, colour

Canvas = NDArray[np.uint8]


def creature(rng: Generator, size: tuple[int, int]) -> tuple[Canvas, Canvas]:
    """(H, W) uint8, 255 inside the animal, and (H, W, 3) uint8, the coat it wears."""
    inside = np.zeros(size, np.uint8)
    unit = min(size) * rng.uniform(0.6, 1.0)
    centre = np.array([size[1], size[0]]) * rng.uniform(0.42, 0.58, 2)
    kind = rng.choice(["beast", "bird", "fish", "insect"], p=[0.5, 0.25, 0.15, 0.1])
    body = unit * np.array([rng.uniform(0.18, 0.34), rng.uniform(0.09, 0.2)])
    _ellipse(inside, centre, body, rng.uniform(-15, 15))
    {"beast": _beast, "bird": _bird, "fish": _fish, "insect": _insect}[str(kind)](inside, centre, body, rng)
    if rng.random() < 0.5:
        inside = np.ascontiguousarray(inside[:, ::-1])
    return _hairy(inside, rng), coat(rng, size)


def coat(rng: Generator, size: tuple[int, int]) -> Canvas:
    """(H, W, 3) uint8: fur or feathers, plain, shaded towards the belly, spotted or striped."""
    streaks = (int(rng.integers(4, 14)), int(rng.integers(20, 60)))
    hair = cloud(rng, size, cells=streaks if rng.random() < 0.5 else streaks[::-1], octaves=4)
    base, other = colour(rng), colour(rng)
    image = base * (0.6 + 0.7 * hair[..., None])
    marks = rng.random()
    if marks < 0.25:
        cells = int(rng.integers(5, 25))
        spots = cloud(rng, size, cells=(cells, cells), octaves=1) > rng.uniform(0.5, 0.75)
        image[spots] = other * (0.6 + 0.7 * hair[spots, None])
    elif marks < 0.4:
        bands = np.sin(cloud(rng, size, cells=(2, 5), octaves=2) * rng.uniform(15, 60)) > rng.uniform(-0.2, 0.7)
        image[bands] = other
    elif marks < 0.7:
        fade = np.linspace(0, 1, size[0], dtype=np.float32)[:, None, None] ** 2
        image = image * (1 - fade) + other * fade
    return np.clip(image, 0, 255).astype(np.uint8)


def _ellipse(inside: Canvas, centre: NDArray[np.float64], axes: NDArray[np.float64], turn: float) -> None:
    x, y = (round(float(c)) for c in centre)
    a, b = (max(1, round(float(c))) for c in axes)
    cv2.ellipse(inside, (x, y), (a, b), turn, 0, 360, 255, -1)


def _limb(inside: Canvas, points: list[NDArray[np.float64]], thick: float) -> None:
    """A bent line that gets thinner towards its end."""
    for i, (a, b) in enumerate(pairwise(points)):
        ends = [tuple(round(float(c)) for c in p) for p in (a, b)]
        cv2.line(inside, ends[0], ends[1], 255, max(1, round(thick * 0.75**i)), cv2.LINE_AA)


def _head(inside: Canvas, at: NDArray[np.float64], radius: float, rng: Generator) -> None:
    _ellipse(inside, at, np.array([radius, radius * rng.uniform(0.7, 1.0)]), 0)
    snout = at + radius * np.array([rng.uniform(-1.4, -0.8), rng.uniform(0, 0.5)])
    _ellipse(inside, snout, radius * rng.uniform(0.3, 0.6) * np.array([1.3, 0.8]), 0)
    for side in (-0.5, 0.5):
        root = at + radius * np.array([side, -0.7])
        _limb(
            inside, [root, root + radius * np.array([side * rng.uniform(0, 1), -rng.uniform(0.2, 1.6)])], 0.4 * radius
        )


def _beast(inside: Canvas, centre: NDArray[np.float64], body: NDArray[np.float64], rng: Generator) -> None:
    long = body[1] * rng.uniform(0.8, 2.6)
    for place in (-0.75, -0.5, 0.5, 0.8):
        hip = centre + body * np.array([place, 0.4])
        knee = hip + np.array([rng.uniform(-0.3, 0.3) * body[1], 0.5 * long])
        foot = knee + np.array([rng.uniform(-0.2, 0.2) * body[1], 0.6 * long])
        _limb(inside, [hip, knee, foot], body[1] * rng.uniform(0.3, 0.6))
    neck = centre + body * np.array([-0.85, -0.3])
    head = neck + body[1] * np.array([-rng.uniform(0.3, 1.2), -rng.uniform(0.0, 2.0)])
    _limb(inside, [neck, head], body[1] * rng.uniform(0.5, 1.0))
    _head(inside, head, body[1] * rng.uniform(0.35, 0.7), rng)
    tail = centre + body * np.array([0.95, -0.1])
    sway = np.array([rng.uniform(0.2, 1.5), rng.uniform(-1.5, 1.8)])
    _limb(inside, [tail, tail + 0.5 * body[1] * sway, tail + body[1] * sway], body[1] * rng.uniform(0.1, 0.35))


def _bird(inside: Canvas, centre: NDArray[np.float64], body: NDArray[np.float64], rng: Generator) -> None:
    neck = centre + body * np.array([-0.8, -0.4])
    head = neck + body[1] * np.array([-rng.uniform(0, 0.6), -rng.uniform(0.3, 2.4)])
    _limb(inside, [neck, head], body[1] * rng.uniform(0.25, 0.8))
    radius = body[1] * rng.uniform(0.25, 0.5)
    _ellipse(inside, head, np.array([radius, radius]), 0)
    _limb(inside, [head, head - np.array([radius * rng.uniform(1.4, 3), 0])], 0.4 * radius)
    for place in (0.0, 0.3):
        hip = centre + body * np.array([place, 0.7])
        _limb(inside, [hip, hip + np.array([0, body[1] * rng.uniform(0.4, 2.2)])], max(1.5, 0.08 * body[1]))
    for reach in (rng.uniform(0.4, 1.6), rng.uniform(0, 1.8) * (rng.random() < 0.4)):
        tip = centre + body[0] * np.array([rng.uniform(0.6, 1.6), -reach + 0.6])
        cv2.fillPoly(inside, [np.round([centre - 0.4 * body, centre + 0.6 * body, tip]).astype(np.int32)], 255)


def _fish(inside: Canvas, centre: NDArray[np.float64], body: NDArray[np.float64], rng: Generator) -> None:
    tail, spread = centre + np.array([body[0] * 0.85, 0]), body[1] * rng.uniform(0.6, 1.6)
    fork = tail + np.array([body[0] * rng.uniform(0.3, 0.7), 0])
    fin = [tail, fork + np.array([0, -spread]), fork - np.array([0.2 * body[0], 0]), fork + np.array([0, spread])]
    back = [centre - 0.5 * body, centre + body * [0.1, -rng.uniform(1.0, 1.9)], centre + body * [0.6, -0.6]]
    for part in (fin, back):
        cv2.fillPoly(inside, [np.round(part).astype(np.int32)], 255)


def _insect(inside: Canvas, centre: NDArray[np.float64], body: NDArray[np.float64], rng: Generator) -> None:
    _ellipse(inside, centre - np.array([body[0], 0]), body[1] * np.array([0.6, 0.6]), 0)
    for place in (-0.6, -0.2, 0.2):
        for side in (-1, 1):
            hip = centre + body * np.array([place, 0])
            foot = hip + body[1] * np.array([rng.uniform(-1, 1), side * rng.uniform(1.2, 2.5)])
            _limb(inside, [hip, hip + 0.6 * (foot - hip) + [0.3 * body[1], 0], foot], max(1.5, 0.1 * body[1]))
    if rng.random() < 0.6:
        for side in (-1, 1):
            wing = centre + body * np.array([0.3, side * rng.uniform(0.8, 1.8)])
            _ellipse(inside, wing, body * rng.uniform(0.5, 1.1, 2), side * rng.uniform(10, 60))


def _hairy(inside: Canvas, rng: Generator) -> Canvas:
    """The outline roughened as by hair, by up to some pixels."""
    soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), rng.uniform(1, 4))
    size = inside.shape[:2]
    rough = cloud(rng, (size[0], size[1]), cells=(size[0] // 6, size[1] // 6), octaves=2)
    return np.where(soft > 128 + 110 * rng.random() * (rough - 0.5), 255, 0).astype(np.uint8)
