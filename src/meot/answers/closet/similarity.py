"""How like an owned garment is to a wanted one: the vectors' cosine, and what was read from both."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from meot.answers.closet.traits import ASKED, Traits

Verdict = Literal["own", "close", "missing"]
PARTS = ("cosine", "kind", "colour", *ASKED)
"""What two garments are compared by; :func:`compare` gives one column each."""
COLOUR = PARTS.index("colour")
PLACES = {"upper": "top", "outer": "top", "lower": "bottom", "whole": "whole", "suit": "whole", "feet": "feet"}
"""Region -> place that has a curve of its own; the others share one."""
_APART = 50.0
"""Distance in CIELAB from which two colours have nothing in common."""
_UNKNOWN = 0.5
"""The likeness of colours where one is not known."""


def compare(wanted: Traits, owned: Traits) -> NDArray[np.float32]:
    """(W, N, P) float32: each wanted against each owned garment by each of :data:`PARTS`, 0..1 (cosine -1..1).

    kind: the probability that both are of one family of categories, as far as the scores tell. colour: 1 where each
    shade has its like in the other, 0 where all are :data:`_APART` or more from it. Of each question: the probability
    that both were answered right where the answers differ; 0 where one is not known.
    """
    parts = compare_but_colour(wanted, owned)
    for i in range(len(wanted)):  # row by row, for the distances of all shades take nine times as much room
        parts[i, :, COLOUR] = colour_likeness(wanted.take(np.full(len(owned), i)), owned)
    return parts


def compare_but_colour(wanted: Traits, owned: Traits) -> NDArray[np.float32]:
    """(W, N, P) as :func:`compare`, all colours alike: the most that the similarity could be, quickly."""
    both = wanted.category_score[:, None] * owned.category_score[None]
    found = [
        wanted.vectors @ owned.vectors.T,
        both * (wanted.family[:, None] == owned.family[None]),
        np.ones_like(both),
    ]
    for i in range(len(ASKED)):
        right = wanted.answer_scores[:, i][:, None] * owned.answer_scores[:, i][None]  # an unknown answer has score 0
        found.append(right * (wanted.answers[:, i][:, None] != owned.answers[:, i][None]))
    return np.stack(found, -1).astype(np.float32)


def colour_likeness(wanted: Traits, owned: Traits) -> NDArray[np.float32]:
    """(N,) float32: garment i of N wanted against garment i of N owned; each shade of one against the nearest of the
    other, both ways, by their shares.
    """
    apart = np.minimum(np.linalg.norm(wanted.lab[:, :, None] - owned.lab[:, None], axis=-1), _APART)
    mine, theirs = wanted.share, owned.share  # (N, 3)
    to_theirs = (np.where(theirs[:, None, :] > 0, apart, _APART).min(2) * mine).sum(1)
    to_mine = (np.where(mine[:, :, None] > 0, apart, _APART).min(1) * theirs).sum(1)
    totals = mine.sum(1), theirs.sum(1)
    away = to_theirs / np.maximum(totals[0], 1e-6) + to_mine / np.maximum(totals[1], 1e-6)
    known = (totals[0] > 0) & (totals[1] > 0)
    return np.where(known, 1 - away / (2 * _APART), _UNKNOWN).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Turns parts into a similarity, and that into a verdict; ``scale.toml`` says where its numbers come from.

    weights: (P,) float32, one for each of :data:`PARTS`. curves: place -> slope and bias of its logistic curve, so that
    tops and bottoms that are alike have like similarities. own_from, close_from: similarities of
    the verdicts; twin_from: of two owned garments of which one would do.
    """

    weights: NDArray[np.float32]
    curves: Mapping[str, tuple[float, float]]
    own_from: float
    close_from: float
    twin_from: float

    def similarity(self, parts: NDArray[np.float32], regions: NDArray[np.str_]) -> NDArray[np.float32]:
        """(W, N, P) parts and (W,) regions of the wanted garments -> (W, N) float32.

        The probability that kind, colour and pattern are the same, for garments that are as likely alike as not.
        """
        curves = np.array([self.curves[place_of(region)] for region in regions.tolist()], np.float32).reshape(-1, 2)
        logit = (parts @ self.weights) * curves[:, :1] + curves[:, 1:]
        return np.asarray(1 / (1 + np.exp(-logit)), np.float32)

    def verdict(self, similarity: float) -> Verdict:
        """What a similarity to the nearest owned garment means."""
        return "own" if similarity >= self.own_from else "close" if similarity >= self.close_from else "missing"


def place_of(region: str) -> str:
    """The place whose curve counts for a region."""
    return PLACES.get(region, "other")


@cache
def load_scale() -> Scale:
    """The scale that stands beside this module."""
    raw = tomllib.loads(Path(__file__).with_name("scale.toml").read_text(encoding="utf-8"))
    return Scale(
        weights=np.array([raw["weights"][part] for part in PARTS], np.float32),
        curves={place: (curve["slope"], curve["bias"]) for place, curve in raw["curves"].items()},
        own_from=raw["own_from"],
        close_from=raw["close_from"],
        twin_from=raw["twin_from"],
    )
