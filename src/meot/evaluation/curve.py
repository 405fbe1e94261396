"""Precision and recall as the score that is asked for falls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_POINTS = 101


@dataclass(frozen=True, slots=True)
class Curve:
    """Points by rising recall: recall, precision and the score from which on they hold, each a tuple of 0..1."""

    recall: tuple[float, ...]
    precision: tuple[float, ...]
    score: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """One point a distinct score, falling: true_positives, answers and scores, each (n,); positives: how many to find.

    Answers of equal score come together, so that their order in the file does not matter.
    """

    true_positives: NDArray[np.float64]
    answers: NDArray[np.float64]
    scores: NDArray[np.float64]
    positives: int

    @property
    def recall(self) -> NDArray[np.float64]:
        """(n,) float64, 0..1; zeros when there is nothing to find."""
        return self.true_positives / max(1, self.positives)

    @property
    def precision(self) -> NDArray[np.float64]:
        """(n,) float64, 0..1."""
        return self.true_positives / np.maximum(1, self.answers)

    def average_precision(self) -> float | None:
        """Area under the steps, sum of (R_n - R_{n-1}) P_n; None when there is nothing to find."""
        if not self.positives:
            return None
        return float((np.diff(self.recall, prepend=0.0) * self.precision).sum())

    def curve(self) -> Curve:
        """At most 101 of the points, first and last among them."""
        places = np.unique(np.linspace(0, len(self.scores) - 1, min(_POINTS, len(self.scores))).round().astype(int))
        return Curve(*(tuple(line[places].tolist()) for line in (self.recall, self.precision, self.scores)))


def steps(right: NDArray[np.bool_], scores: NDArray[np.float64], positives: int) -> Steps:
    """The steps of n answers, each right or not, with their scores (n,)."""
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    last = np.flatnonzero(np.append(falling[1:] != falling[:-1], True)[: len(falling)])
    found = np.cumsum(right[order], dtype=np.float64)
    return Steps(found[last], (last + 1).astype(np.float64), falling[last], positives)
