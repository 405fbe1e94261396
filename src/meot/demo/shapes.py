"""Outlines of garments as a tailor lays them flat, in a square of 1 by 1, and the lines drawn on them.

Each outline is the wearer's right half from the neck (or waist) to the hem, mirrored at x = 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(N, 2) x, y in 0..1."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """half: outline of one half. corners: places in it that stay sharp. height: of the garment over its width.

    opening: half-width and depth of the dark neck opening, None for none. details: what is sewn on, by the names of
    :mod:`meot.demo.details`.
    """

    half: tuple[tuple[float, float], ...]
    corners: frozenset[int] = field(default_factory=frozenset)
    height: float = 1.15
    opening: tuple[float, float] | None = None
    details: tuple[str, ...] = ()


_SHORT = (
    (0.40, 0.05),
    (0.33, 0.06),
    (0.22, 0.10),
    (0.10, 0.20),
    (0.02, 0.33),
    (0.13, 0.40),
    (0.22, 0.31),
    (0.23, 0.55),
    (0.225, 0.96),
    (0.5, 0.975),
)
_LONG = (
    (0.40, 0.05),
    (0.33, 0.06),
    (0.235, 0.10),
    (0.16, 0.22),
    (0.09, 0.50),
    (0.03, 0.84),
    (0.115, 0.87),
    (0.185, 0.58),
    (0.245, 0.36),
    (0.25, 0.60),
    (0.245, 0.95),
    (0.5, 0.965),
)
_TANK = ((0.36, 0.03), (0.28, 0.04), (0.29, 0.20), (0.19, 0.34), (0.19, 0.60), (0.18, 0.96), (0.5, 0.975))
_TROUSERS = (
    (0.27, 0.02),
    (0.24, 0.10),
    (0.20, 0.30),
    (0.17, 0.60),
    (0.16, 0.97),
    (0.36, 0.98),
    (0.42, 0.60),
    (0.485, 0.33),
    (0.5, 0.33),
)

SHAPES: dict[str, Shape] = {
    "t_shirt": Shape(
        half=_SHORT, corners=frozenset({0, 1, 4, 5, 6, 8}), opening=(0.10, 0.075), details=("rib", "hem", "cuffs")
    ),
    "longsleeve": Shape(
        half=_LONG, corners=frozenset({0, 1, 5, 6, 8, 10}), opening=(0.10, 0.075), details=("rib", "hem")
    ),
    "knit": Shape(
        half=_LONG, corners=frozenset({0, 1, 5, 6, 8, 10}), opening=(0.10, 0.07), details=("rib", "ribs", "knit")
    ),
    "hoodie": Shape(
        half=_LONG, corners=frozenset({5, 6, 8, 10}), opening=(0.09, 0.10), details=("hood", "pouch", "ribs", "cords")
    ),
    "shirt": Shape(
        half=_LONG,
        corners=frozenset({0, 1, 5, 6, 8}),
        opening=(0.085, 0.06),
        details=("collar", "placket", "pocket", "hem"),
    ),
    "polo": Shape(
        half=_SHORT,
        corners=frozenset({0, 1, 4, 5, 6, 8}),
        opening=(0.085, 0.06),
        details=("collar", "short_placket", "cuffs", "hem"),
    ),
    "tank_top": Shape(
        half=_TANK, corners=frozenset({0, 1, 3, 5}), height=1.3, opening=(0.14, 0.16), details=("rib", "hem")
    ),
    "jacket": Shape(
        half=_LONG,
        corners=frozenset({0, 1, 5, 6, 8, 10}),
        opening=(0.09, 0.06),
        details=("stand", "zip", "ribs", "side_pockets"),
    ),
    "coat": Shape(
        half=(
            (0.40, 0.03),
            (0.34, 0.035),
            (0.25, 0.07),
            (0.18, 0.17),
            (0.10, 0.40),
            (0.06, 0.62),
            (0.15, 0.64),
            (0.21, 0.42),
            (0.255, 0.28),
            (0.25, 0.60),
            (0.21, 0.97),
            (0.5, 0.98),
        ),
        corners=frozenset({0, 1, 5, 6, 8, 10}),
        height=1.55,
        opening=(0.08, 0.05),
        details=("lapels", "double_row", "side_pockets"),
    ),
    "dress": Shape(
        half=(
            (0.37, 0.02),
            (0.30, 0.03),
            (0.30, 0.12),
            (0.22, 0.20),
            (0.27, 0.40),
            (0.20, 0.65),
            (0.11, 0.96),
            (0.3, 0.985),
            (0.5, 0.99),
        ),
        corners=frozenset({0, 1, 6}),
        height=1.7,
        opening=(0.13, 0.10),
        details=("rib", "waist", "pleats"),
    ),
    "skirt": Shape(
        half=((0.30, 0.03), (0.24, 0.30), (0.13, 0.95), (0.3, 0.98), (0.5, 0.99)),
        corners=frozenset({0, 2}),
        height=1.05,
        details=("band", "pleats"),
    ),
    "shorts": Shape(
        half=((0.24, 0.04), (0.18, 0.35), (0.10, 0.90), (0.44, 0.97), (0.49, 0.55), (0.5, 0.55)),
        corners=frozenset({0, 2, 3, 4}),
        height=0.95,
        details=("band", "fly", "side_pockets"),
    ),
    "trousers": Shape(half=_TROUSERS, corners=frozenset({0, 4, 5, 7}), height=1.75, details=("band", "fly", "crease")),
    "jeans": Shape(
        half=_TROUSERS,
        corners=frozenset({0, 4, 5, 7}),
        height=1.75,
        details=("band", "fly", "seams", "jean_pockets", "fade"),
    ),
    "hat": Shape(
        half=(
            (0.5, 0.12),
            (0.36, 0.14),
            (0.24, 0.28),
            (0.20, 0.52),
            (0.10, 0.66),
            (0.12, 0.76),
            (0.3, 0.86),
            (0.5, 0.88),
        ),
        height=0.85,
        details=("brim", "panels"),
    ),
}


def _smooth(points: Points, corners: frozenset[int], steps: int = 12) -> Points:
    """A Catmull-Rom curve through the points, straight-angled at the corners."""
    curve = []
    for i in range(len(points) - 1):
        before = points[i] if i in corners or i == 0 else points[i - 1]
        after = points[i + 1] if i + 1 in corners or i + 2 >= len(points) else points[i + 2]
        t = np.linspace(0, 1, steps, endpoint=False)[:, None]
        a, b = points[i], points[i + 1]
        curve.append(
            0.5
            * (
                2 * a
                + (b - before) * t
                + (2 * before - 5 * a + 4 * b - after) * t**2
                + (3 * a - before - 3 * b + after) * t**3
            )
        )
    return np.concatenate([*curve, points[-1:]])


def outline(shape: Shape, rng: Generator) -> Points:
    """The closed outline, its halves jittered apart a little as cloth is."""
    half = np.array(shape.half)
    half[:, 0] = 0.5 - (0.5 - half[:, 0]) * rng.uniform(0.94, 1.06)
    half[1:-1] += rng.normal(0, 0.004, half[1:-1].shape)
    left = _smooth(half, shape.corners)
    other = half + np.where(
        np.arange(len(half))[:, None] % len(half) == len(half) - 1, 0, rng.normal(0, 0.005, half.shape)
    )
    right = _smooth(other, shape.corners) * [-1, 1] + [1, 0]
    return np.concatenate([left, right[::-1]])
