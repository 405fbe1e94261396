"""How far a figure could be off because of the photos it was measured on: the percentile bootstrap (Efron 1979).

Whole groups (one sender, one item, one photo with several boxes) are drawn, because photos of one group are right or
wrong together. Two models are compared on the same draws, so that what is hard for both cancels out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

Verdict = Literal["better", "worse", "noise"]
Measure = tuple[str, str]  # what is measured, and of which class ("" for all)
LEVEL = 0.95
FEWEST = 6  # a sign test of five photos that all speak for one model still has p = 0.0625
_CELLS = 4_000_000  # weights held at once


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval. None where 0 is divided by 0; ``value`` is then 0 and counts as undefined."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Second model minus first. of: the class, "" for all. verdict: of the second model, "noise" when 0 is within
    the interval or when fewer than six groups are answered differently.
    """

    measure: str
    of: str
    first: float
    second: float
    value: float
    low: float | None
    high: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """A figure on all photos, NaN where it is undefined, and the same on each draw: (times,) float64, NaN likewise."""

    value: float
    draws: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """``times`` draws with replacement, always the same for the same seed and groups."""

    times: int = 1000
    seed: int = 0

    def weights(self, groups: Sequence[int]) -> Iterator[NDArray[np.float64]]:
        """Blocks of (draws, N) float64: how often each photo is in each draw. groups: N group numbers from 0 on."""
        index = np.asarray(groups, np.int64)
        count, rng, left = int(index.max()) + 1, np.random.default_rng(self.seed), self.times
        block = max(1, _CELLS // max(len(index), count))
        while left > 0:
            drawn = rng.multinomial(count, np.full(count, 1 / count), min(block, left))
            yield drawn[:, index].astype(np.float64)
            left -= len(drawn)


def numbered(groups: Sequence[str], photos: Sequence[str]) -> NDArray[np.int64]:
    """(N,) int64 group numbers; a photo without a group is a group of its own, with all boxes asked about in it."""
    names = [("group", group) if group else ("photo", photo) for group, photo in zip(groups, photos, strict=True)]
    numbers: dict[tuple[str, str], int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)


def sampled(
    measure: Callable[[NDArray[np.float64]], Mapping[Measure, NDArray[np.float64]]],
    groups: NDArray[np.int64],
    draws: Draws,
) -> dict[Measure, Sampled]:
    """Every figure that ``measure`` makes of weights (B, N) as (B,), on all photos and on each draw."""
    whole = measure(np.ones((1, len(groups))))
    bar = tqdm(total=draws.times, desc="draws", unit="", delay=2, leave=False)
    blocks = []
    for weights in draws.weights(groups.tolist()):
        blocks.append(measure(weights))
        bar.update(len(weights))
    bar.close()
    return {
        name: Sampled(float(value[0]), np.concatenate([block[name] for block in blocks] or [np.empty(0)]))
        for name, value in whole.items()
    }


def interval(figure: Sampled, *, trials: int | None = None) -> Interval:
    """The percentile interval. trials: for a share, how many groups it is a share of; where all of them agree every
    draw does, and the rule of three (Hanley, Lippman-Hand 1983) says how far the share may still be off.
    """
    if np.isnan(figure.value):
        return Interval(0.0, None, None)
    low, high = _percentiles(figure.draws)
    if low is None or high is None:
        return Interval(figure.value, None, None)
    if trials and figure.value in (0.0, 1.0):
        low, high = (max(0.0, 1 - 3 / trials), 1.0) if figure.value else (0.0, min(1.0, 3 / trials))
    return Interval(figure.value, low, high)


def _percentiles(draws: NDArray[np.float64]) -> tuple[float | None, float | None]:
    known = draws[~np.isnan(draws)]
    if not len(known):
        return None, None
    low, high = np.percentile(known, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)


def difference(name: Measure, first: Sampled, second: Sampled, *, deciding: int) -> Difference:
    """Second minus first on the same draws. deciding: how many groups the two models answer differently."""
    low, high = _percentiles(second.draws - first.draws)
    before, after = np.nan_to_num([first.value, second.value])
    verdict: Verdict = "noise"
    if deciding >= FEWEST and low is not None and high is not None and not low <= 0 <= high:
        verdict = "better" if low > 0 else "worse"
    return Difference(
        measure=name[0],
        of=name[1],
        first=float(before),
        second=float(after),
        value=float(after - before),
        low=low,
        high=high,
        verdict=verdict,
    )
