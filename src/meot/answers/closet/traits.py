"""What garments are compared by, as arrays: one row a garment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meot import taxonomy
from meot.labels.colour import to_lab
from meot.types import Garment, Label, Shade

ASKED = ("pattern", "sleeve", "fit")
"""The questions whose answers count, where both garments have one."""
_SHADES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """(N,) garments. vectors: (N, D) float32, unit length. region, family: (N,) str ids; family as the taxonomy has
    it, a taught category is its own. category_score: (N,) float32. lab: (N, 3, 3) float32 CIELAB of the largest shades;
    share: (N, 3) float32 of each, 0 where there is none. answers, answer_scores: (N, Q) str and float32 of
    :data:`ASKED`, "" where nothing is known.
    """

    vectors: NDArray[np.float32]
    region: NDArray[np.str_]
    family: NDArray[np.str_]
    category_score: NDArray[np.float32]
    lab: NDArray[np.float32]
    share: NDArray[np.float32]
    answers: NDArray[np.str_]
    answer_scores: NDArray[np.float32]

    def __len__(self) -> int:
        """How many garments."""
        return len(self.region)

    def take(self, rows: NDArray[np.intp]) -> Traits:
        """The garments at these rows."""
        return Traits(*(getattr(self, name)[rows] for name in self.__slots__))


def describe(garments: Sequence[Garment]) -> Traits:
    """The traits of garments, in their order; their vectors must be of one length."""
    families = {category.id: category.family for category in taxonomy.load().categories}
    shades = [_largest(garment.colours) for garment in garments]
    rgb = np.array([[_rgb(shade) for shade in row] for row in shades], np.uint8).reshape(-1, 3)
    told = [[garment.components.get(question) for question in ASKED] for garment in garments]
    return Traits(
        vectors=np.stack([garment.vector for garment in garments]) if garments else np.zeros((0, 0), np.float32),
        region=np.array([garment.region for garment in garments], np.str_),
        family=np.array([families.get(g.category.id, g.category.id) for g in garments], np.str_),
        category_score=np.array([garment.category.score for garment in garments], np.float32),
        lab=to_lab(rgb).reshape(-1, _SHADES, 3),
        share=np.array([[shade.share for shade in row] for row in shades], np.float32).reshape(-1, _SHADES),
        answers=np.array([[_id(label) for label in row] for row in told], np.str_).reshape(-1, len(ASKED)),
        answer_scores=np.array([[_score(label) for label in row] for row in told], np.float32).reshape(-1, len(ASKED)),
    )


def _largest(colours: Sequence[Shade]) -> list[Shade]:
    """Three shades, those that are missing with no share."""
    found = sorted(colours, key=lambda shade: -shade.share)[:_SHADES]
    return [*found, *[Shade("", "#000000", 0.0)] * (_SHADES - len(found))]


def _rgb(shade: Shade) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(shade.hex.removeprefix("#"))
    return red, green, blue


def _id(label: Label | None) -> str:
    return "" if label is None else label.id


def _score(label: Label | None) -> float:
    return 0.0 if label is None else label.score
