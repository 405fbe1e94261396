"""The order of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from meot.catalogue.words.match import Found
from meot.catalogue.words.segment import Segment

LEAST_TITLED = 0.35
"""The quality of a hit from which a title holds a word: not when the longer word there names something else."""
_SHORT = 0.1
"""How much of a score hangs on the length of the title: what is called by these words alone goes first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hits:
    """What was found, best first, ties by number.

    numbers: (H,) int64. scores: (H,) float64 in 0..1, above 0.5 where the title holds all words, at most 0.5 elsewhere.
    titled: (H,) bool, whether the title does. corrected: what was typed -> what was looked for instead or as well.
    """

    numbers: NDArray[np.int64]
    scores: NDArray[np.float64]
    titled: NDArray[np.bool_]
    corrected: dict[str, str] = field(default_factory=dict)


def nothing() -> Hits:
    """No hit."""
    return Hits(numbers=np.zeros(0, np.int64), scores=np.zeros(0), titled=np.zeros(0, np.bool_))


def score(found: Sequence[Found], segment: Segment, alive: NDArray[np.bool_]) -> Hits:
    """The products of a segment that hold every term, in the order of their numbers; alive: (D,) whether they may.

    The mean of the terms counts: in the title when that holds all of them better than loosely, else wherever each
    stands best.
    """
    every = np.stack([best for best, _ in found])
    rows = np.flatnonzero((every > 0).all(0) & alive)
    titles = np.stack([titled[rows] for _, titled in found])
    titled: NDArray[np.bool_] = np.all(titles >= LEAST_TITLED, axis=0)
    short = 1 - _SHORT * (1 - 1 / np.sqrt(np.maximum(segment.lengths[rows], 1)))
    score = np.where(titled, 0.5 + 0.5 * titles.mean(0) * short, 0.5 * every[:, rows].mean(0))
    return Hits(numbers=segment.numbers[rows], scores=score.astype(np.float64), titled=titled)


def together(parts: Sequence[Hits], most: int, corrected: dict[str, str]) -> Hits:
    """The best ``most`` of all segments' hits."""
    if not parts:
        return nothing()
    numbers = np.concatenate([part.numbers for part in parts])
    scores = np.round(np.concatenate([part.scores for part in parts]), 6)
    titled = np.concatenate([part.titled for part in parts])
    order = np.lexsort((numbers, -scores))[:most]
    return Hits(numbers=numbers[order], scores=scores[order], titled=titled[order], corrected=corrected)
