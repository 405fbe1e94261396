"""Showing rare answers more often without new photos: weights of rows in an epoch, and of classes in a loss.

All take (N,) int64 answers with -1 where it is not known; weights are relative, and a row without an answer has the
mean weight of the others. Alternatives to :mod:`meot.data.oversample`, which writes files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from meot.data.stats import BETA, effective_number
from meot.errors import DataError, nearest

Answers = NDArray[np.int64]
Weights = NDArray[np.float64]
How = Literal["none", "balanced", "square_root", "effective"]
UNKNOWN = -1
THRESHOLD = 0.1
"""Share of the photos below which repeat-factor sampling repeats a class."""


def uniform(answers: Answers) -> Weights:
    """(N,) ones: every row as often as any other, the classes as uneven as they are."""
    return np.ones(len(answers))


def square_root(answers: Answers) -> Weights:
    """(N,) weights under which a class is drawn in proportion to the square root of its size (Mahajan et al. 2018).

    Half-way between uniform and equal classes: 100 times fewer photos are shown 10 times less, not 100 times less.
    """
    return _spread(answers, lambda counts: counts**-0.5)


def class_balanced(answers: Answers, beta: float = BETA) -> Weights:
    """(N,) weights by the inverse of a class's effective number (1 - beta^n) / (1 - beta) (Cui et al. 2019).

    beta: 0 <= beta < 1. 0 is uniform; towards 1 all classes are drawn equally often. With 0.999 classes beyond some
    thousand photos are treated alike, and a class of one photo is drawn as often as they: it is learned by heart.
    """
    if not 0 <= beta < 1:
        raise DataError(f"beta is {beta}, expected 0 <= beta < 1; 0.99 to 0.9999 are usual")
    return _spread(answers, lambda counts: 1 / np.array(effective_number(counts.astype(int).tolist(), beta)))


def repeat_factor(answers: Answers, threshold: float = THRESHOLD) -> Weights:
    """(N,) factors of at least 1: max(1, sqrt(threshold / share)) (Gupta et al. 2019), share: of the class.

    threshold: 0..1. Only classes below it are repeated; common ones stay as they are. For rows with several classes
    see :func:`repeat_factor_of_sets`. Use :func:`repeated` for an epoch in which every row is seen at least once.
    """
    share = _share(answers)
    factors = np.ones(len(answers))
    known = answers != UNKNOWN
    factors[known] = np.maximum(1.0, np.sqrt(threshold / share[answers[known]]))
    return factors


def repeat_factor_of_sets(rows: Sequence[Sequence[int]], threshold: float = THRESHOLD) -> Weights:
    """(N,) factors for rows with any number of classes each: that of the row's rarest class; 1 where it has none.

    A class's share is that of the rows it is in, however often it is in one (as LVIS counts).
    """
    highest = max((c for row in rows for c in row), default=-1)
    counts = np.bincount([c for row in rows for c in set(row)], minlength=highest + 1)
    shares = counts / max(1, len(rows))
    return np.array([max([1.0, *(np.sqrt(threshold / shares[c]) for c in set(row))]) for row in rows])


def _share(answers: Answers) -> Weights:
    """(C,) share of each class among the rows whose answer is known."""
    counts = np.bincount(answers[answers != UNKNOWN])
    return np.asarray(counts / max(1, counts.sum()), np.float64)


def _spread(answers: Answers, weight_of: Callable[[Weights], Weights]) -> Weights:
    """Each row the weight of its class, the mean 1; rows without an answer weigh 1."""
    weights = np.ones(len(answers))
    known = answers != UNKNOWN
    if known.any():
        _, which, counts = np.unique(answers[known], return_inverse=True, return_counts=True)
        of_class = weight_of(counts.astype(np.float64))[which]
        weights[known] = of_class / of_class.mean()
    return weights


STRATEGIES: dict[str, Callable[[Answers], Weights]] = {
    "plain": uniform,
    "uniform": uniform,
    "square_root": square_root,
    "class_balanced": class_balanced,
    "repeat_factor": repeat_factor,
}


def row_weights(answers: Answers, how: str) -> Weights:
    """(N,) weights by a strategy's name. DataError for an unknown one, with the nearest known."""
    if how not in STRATEGIES:
        raise DataError(f"no sampling is called {how!r}; {nearest(how, STRATEGIES)}")
    return STRATEGIES[how](answers)


def expected_counts(rows: Sequence[Sequence[int]], how: str) -> Weights:
    """(C,) how often each class is expected in an epoch of as many rows as there are.

    rows: the classes in each row, with repeats. A row with several classes is drawn by its rarest.
    """
    total = np.bincount([c for row in rows for c in row], minlength=1)
    rarest = np.array([min(row, key=lambda c: (total[c], c)) if row else UNKNOWN for row in rows], np.int64)
    weights = row_weights(rarest, how)
    weights = weights * len(rows) / weights.sum()
    each = [np.bincount(row, minlength=len(total)) * weight for row, weight in zip(rows, weights, strict=True) if row]
    return np.asarray(np.sum(each, axis=0) if each else np.zeros(len(total)), np.float64)


def draw(weights: ArrayLike, n: int, rng: Generator) -> NDArray[np.int64]:
    """(n,) int64 indices of an epoch, in random order, each as often as its weight says, to within one.

    Systematic sampling: one random start and equal steps through the cumulated weights. The expectation is that of
    drawing n times with replacement, but equal weights give every row once before any twice. n may be larger or
    smaller than the number of rows. DataError when no weight is above zero or one is negative or not a number.
    """
    given = np.asarray(weights, np.float64)
    if not (len(given) and np.isfinite(given).all() and given.min() >= 0 and given.sum() > 0):
        raise DataError("sampling weights must be finite, not negative, and one above zero; look at the class counts")
    order = rng.permutation(len(given))
    edges = np.cumsum(given[order])
    points = (rng.random() + np.arange(n)) * edges[-1] / max(1, n)
    picked = order[np.minimum(np.searchsorted(edges, points, side="right"), len(given) - 1)]
    return np.asarray(rng.permutation(picked), np.int64)


def repeated(factors: ArrayLike, rng: Generator) -> NDArray[np.int64]:
    """Indices of an epoch in random order where row i comes floor(f_i) times, once more with chance f_i - floor(f_i).

    Its length differs from epoch to epoch (stochastic rounding, as LVIS has it).
    """
    given = np.asarray(factors, np.float64)
    times = np.floor(given).astype(np.int64) + (rng.random(len(given)) < given % 1)
    return np.asarray(rng.permutation(np.repeat(np.arange(len(given)), times)), np.int64)


def class_weights(counts: ArrayLike, how: How, beta: float = BETA) -> NDArray[np.float32]:
    """(C,) float32 weights of classes in a loss, their mean over the photos 1, so that the learning rate stays.

    counts: (C,) photos a class. balanced: 1 / n; square_root: 1 / sqrt(n); effective: 1 / effective number (Cui et
    al. 2019). A class without a photo weighs 0: no photo asks for it. Do not combine with a sampler that already
    evens the classes out; the rare ones would count twice.
    """
    if how not in get_args(How):
        raise DataError(f"no class weights are called {how!r}; {nearest(how, get_args(How))}")
    given = np.asarray(counts, np.float64)
    raw = np.zeros(len(given))
    some = given > 0
    if how == "effective":
        raw[some] = 1 / np.array(effective_number(given[some].astype(int).tolist(), beta))
    else:
        raw[some] = given[some] ** {"none": 0.0, "balanced": -1.0, "square_root": -0.5}[how]
    mean = float((raw * given).sum() / max(1.0, given.sum()))
    return np.asarray(raw / mean if mean else raw, np.float32)
