"""Whether scores are as true as they say: of the answers scored 0.8, eight in ten should be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15
_FEWEST = 10  # answers in a bin of equal numbers; fewer and chance alone makes it look wrong
_DRAWS = 200
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
    0..1. adaptive: the same over bins of equal numbers. by_chance: the error that scores as true as they say would show
    on so many photos. brier: mean over photos of the squared distance between scores and truth, 0..2 (Brier 1950); None
    when the scores of some photo do not sum to 1.
    """

    error: float
    adaptive: float
    by_chance: float
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
    return Calibration(
        error=expected_error(top, right),
        adaptive=adaptive_error(top, right),
        by_chance=error_by_chance(top),
        brier=_brier(scores, truth),
        bins=_bins(top, right),
    )


def expected_error(top: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error of answers with top scores (N,) in 0..1, over 15 bins of equal width; 0 for none."""
    return _gap(_equal_width(top), top, right)


def adaptive_error(top: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """As :func:`expected_error`, of (N,) answers, over bins of equal numbers (Nixon et al. 2019): 15, fewer where a bin
    would hold less than ten answers.

    Equal scores share a bin, so that the order of the answers does not matter.
    """
    return _gap(_equal_numbers(top), top, right)


def error_by_chance(top: NDArray[np.float64], *, seed: int = 0) -> float:
    """Mean expected error, over 15 bins of equal width, of answers that are right as often as their scores (N,) say.

    With few answers it is far from 0, and no measured error below it means anything.
    """
    rng, place = np.random.default_rng(seed), _equal_width(top)
    return float(np.mean([_gap(place, top, rng.random(len(top)) < top) for _ in range(_DRAWS)]))


def _equal_width(top: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.minimum((top * BINS).astype(np.int64), BINS - 1)


def _equal_numbers(top: NDArray[np.float64]) -> NDArray[np.int64]:
    bins = max(1, min(BINS, len(top) // _FEWEST))
    return np.asarray(np.searchsorted(np.sort(top), top) * bins // max(1, len(top)), np.int64)


def _gap(place: NDArray[np.int64], top: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Sum over bins of |summed score - number right|, a share of all answers."""
    return float(np.abs(np.bincount(place, top - right)).sum() / max(1, len(top)))


def _bins(top: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    place = _equal_width(top)
    count: NDArray[np.float64] = np.bincount(place, minlength=BINS).astype(np.float64)
    confidence = _mean(np.bincount(place, top, BINS), count)
    accuracy = _mean(np.bincount(place, right.astype(np.float64), BINS), count)
    return tuple(
        Bin(
            low=i / BINS,
            high=(i + 1) / BINS,
            count=int(count[i]),
            confidence=float(confidence[i]),
            accuracy=float(accuracy[i]),
        )
        for i in range(BINS)
    )


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
