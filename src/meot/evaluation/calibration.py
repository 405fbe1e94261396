"""Whether scores are as true as they say: of the answers scored 0.8, eight in ten should be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10
_SLACK = 0.01  # how far a row of probabilities may be from summing to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Answers whose top score lies in low..high (high outside, but for the last): their number, mean score, and the
    share that is right; both 0 in an empty bin.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """error: expected calibration error, the bins' |confidence - accuracy| weighted by their numbers (Naeini 2015),
    0..1. brier: mean over photos of the squared distance between scores and truth, 0..2 (Brier 1950); None when the
    scores of some photo do not sum to 1.
    """

    error: float
    brier: float | None
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sure:
    """What happens when only answers with a top score of at least ``threshold`` are given. coverage: the share of
    photos answered. accuracy: the share of those that is right, 0 when none is answered.
    """

    threshold: float
    coverage: float
    accuracy: float


def calibrate(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> Calibration:
    """Calibration of scores (N, C) in 0..1 against truth (N,)."""
    top, right = scores.max(axis=1), scores.argmax(axis=1) == truth
    place = np.minimum((top * BINS).astype(np.int64), BINS - 1)
    count: NDArray[np.float64] = np.bincount(place, minlength=BINS).astype(np.float64)
    confidence = _mean(np.bincount(place, top, BINS), count)
    accuracy = _mean(np.bincount(place, right.astype(np.float64), BINS), count)
    bins = tuple(
        Bin(
            low=i / BINS,
            high=(i + 1) / BINS,
            count=int(count[i]),
            confidence=float(confidence[i]),
            accuracy=float(accuracy[i]),
        )
        for i in range(BINS)
    )
    error = float((count * np.abs(confidence - accuracy)).sum() / len(truth))
    return Calibration(error=error, brier=_brier(scores, truth), bins=bins)


def _mean(total: NDArray[Any], count: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.divide(total, count, out=np.zeros(len(total)), where=count > 0), np.float64)


def _brier(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float | None:
    if np.abs(scores.sum(axis=1) - 1).max() > _SLACK:
        return None
    return float(((scores - np.eye(scores.shape[1])[truth]) ** 2).sum(axis=1).mean())


def sure(scores: NDArray[np.float64], truth: NDArray[np.int64], threshold: float) -> Sure:
    """Coverage and accuracy of the answers of scores (N, C) that are sure."""
    kept = scores.max(axis=1) >= threshold
    right = (scores.argmax(axis=1) == truth)[kept]
    return Sure(threshold=threshold, coverage=float(kept.mean()), accuracy=float(right.mean()) if kept.any() else 0.0)
