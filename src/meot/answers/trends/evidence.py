"""How sure one can be of shares and of the way they go.

Shares have Wilson's 95 % interval (Wilson 1927). Whether a share rises or falls is asked of all periods at once, by the
Cochran-Armitage test for trend (Cochran 1954, Armitage 1955), made more careful in three ways: periods of a year are
compared with the same ones of other years where there are two years of them (Mantel's extension, 1963), products that
are in several periods are not counted as new evidence in each, and where shares jump between periods by more than
chance explains, what the trend leaves unexplained counts against it (quasi-likelihood, Wedderburn 1974).
Verdicts on many values are corrected together (Holm 1979).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Z = 1.959963984540054
"""Standard deviations around 95 of 100."""


@dataclass(frozen=True, slots=True)
class Slope:
    """p: of the test for trend, None where nothing can be tested. change, low, high: by how much the share grows from
    one period to the next, with its 95 % interval; 0..1 each.
    """

    p: float | None
    change: float
    low: float
    high: float


NO_SLOPE = Slope(None, 0.0, 0.0, 0.0)


def wilson(count: NDArray[np.int64], of: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(...) low and high of shares ``count`` / ``of``; 0 and 1 of none."""
    n = np.maximum(of, 1).astype(np.float64)
    share, square = count / n, _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z * np.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    empty = of == 0
    low = np.where(empty, 0.0, np.where(count == 0, 0.0, middle - half))
    high = np.where(empty, 1.0, np.where(count == of, 1.0, middle + half))
    return low, high


def two_sided(deviations: float) -> float:
    """p of what lies so many standard deviations from what was expected, either way."""
    return math.erfc(abs(deviations) / math.sqrt(2))


def trend(
    times: NDArray[np.float64],
    count: NDArray[np.int64],
    of: NDArray[np.int64],
    overlap: NDArray[np.int64],
    stratum: NDArray[np.int64],
) -> Slope:
    """Whether a share follows time. times, count, of, stratum: (T,), one entry a period with enough products.

    overlap: (T, T) how many products two periods share, ``of`` on its diagonal. stratum: periods are compared within
    theirs; all 0 to compare them all.
    """
    n = of.astype(np.float64)
    x, share, spread = np.empty_like(n), np.empty_like(n), np.empty_like(n)
    for each in np.unique(stratum):
        at = stratum == each
        total = n[at].sum()
        x[at] = times[at] - (n[at] @ times[at]) / total
        share[at] = count[at].sum() / total
        spread[at] = share[at] * (1 - share[at])
    weighed = x * np.sqrt(spread)
    variance = float(weighed @ overlap @ weighed)
    leverage = float(n @ (x * x))
    if variance <= 0 or leverage <= 0:
        return NO_SLOPE
    score = float(x @ (count - n * share))
    change = score / leverage
    left = count - n * (share + change * x)
    square = float((left * left)[spread > 0] @ (1 / (n * spread)[spread > 0]))
    scale = math.sqrt(max(1.0, square / max(1, len(n) - len(np.unique(stratum)) - 1)))  # chance alone gives 1
    error = scale * math.sqrt(variance) / leverage
    return Slope(two_sided(change / error), change, change - _Z * error, change + _Z * error)


def differ(count: NDArray[np.int64], of: NDArray[np.int64]) -> float | None:
    """p of Pearson's chi-square that a share is the same in (T,) periods, 2 to 4 of them; None when it cannot be."""
    share = count.sum() / of.sum()
    if not 0 < share < 1 or not 2 <= len(of) <= 4:
        return None
    square = float(((count - of * share) ** 2 / (of * share * (1 - share))).sum())
    tail = math.erfc(math.sqrt(square / 2))  # of one degree of freedom; the others follow from it
    if len(of) == 3:
        return math.exp(-square / 2)
    return tail if len(of) == 2 else min(1.0, tail + math.sqrt(2 * square / math.pi) * math.exp(-square / 2))


def holm(found: Sequence[float | None]) -> list[float | None]:
    """p-values corrected for their number; those that are None were not tested and do not count."""
    order = sorted((p, i) for i, p in enumerate(found) if p is not None)
    corrected: list[float | None] = [None] * len(found)
    highest = 0.0
    for rank, (p, i) in enumerate(order):
        highest = max(highest, min(1.0, p * (len(order) - rank)))
        corrected[i] = highest
    return corrected
