"""What people call the colours of shoes and of jeans, where the plain name of their pixels is another."""

from __future__ import annotations

import numpy as np

from meot.labels.colour import to_lab
from meot.taxonomy import Category
from meot.types import Shade

_SHOES, _BLACK_BELOW, _WHITE_FROM = "shoes", 50.0, 70.0
"""Shoes are stiff and round, so light and shadow turn much of a white or a black one gray. Up to the first lightness
(0..100) what is gray of a shoe is called black, from the second on white."""
_JEANS = "jeans"
"""The darkest denim is still called blue, where other cloth would be navy."""


def as_called(shades: tuple[Shade, ...], category: Category) -> tuple[Shade, ...]:
    """The colours of a garment of that category, largest share first, as people would name them."""
    if category.id == _JEANS:
        return _given(shades, "navy", "blue")
    gray = next((shade for shade in shades if shade.id == "gray"), None)
    if category.family != _SHOES or gray is None:
        return shades
    lightness = _lightness(gray)
    if _BLACK_BELOW < lightness < _WHITE_FROM:
        return shades
    return _given(shades, "gray", "black" if lightness <= _BLACK_BELOW else "white")


def _given(shades: tuple[Shade, ...], source: str, target: str) -> tuple[Shade, ...]:
    """``shades`` with the share of one name given to another; the larger of the two says the ``hex``."""
    pair = [shade for shade in shades if shade.id in (source, target)]
    if all(shade.id == target for shade in pair):
        return shades
    largest = max(pair, key=lambda shade: shade.share)
    one = Shade(target, largest.hex, min(1.0, round(sum(shade.share for shade in pair), 4)))
    rest = [shade for shade in shades if shade not in pair]
    return tuple(sorted([one, *rest], key=lambda shade: -shade.share))


def _lightness(shade: Shade) -> float:
    rgb = np.array([list(bytes.fromhex(shade.hex.removeprefix("#")))], np.uint8)
    return float(to_lab(rgb)[0, 0])
