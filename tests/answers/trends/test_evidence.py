from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from meot.answers.trends.evidence import Slope, differ, holm, trend, wilson

_RNG = np.random.default_rng(5)


def plain(count: list[int], of: list[int], stratum: list[int] | None = None) -> Slope:
    """Of periods that share no product."""
    n = np.array(of)
    strata = np.zeros(len(of), np.int64) if stratum is None else np.array(stratum)
    return trend(np.arange(len(of), dtype=np.float64), np.array(count), n, np.diag(n), strata)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(5, 10, 0.2366, 0.7634), (10, 100, 0.0552, 0.1744), (0, 30, 0.0, 0.1135), (30, 30, 0.8865, 1.0), (0, 0, 0, 1)],
)
def test_wilson_intervals_are_those_of_the_books(count: int, of: int, low: float, high: float) -> None:
    found = wilson(np.array([count]), np.array([of]))
    assert [found[0][0], found[1][0]] == pytest.approx([low, high], abs=1e-4)


def cochran_armitage(count: list[int], of: list[int]) -> float:
    """p as the textbooks write it, product by product."""
    people = [(t, y) for t, (k, n) in enumerate(zip(count, of, strict=True)) for y in [1] * k + [0] * (n - k)]
    mean = sum(y for _, y in people) / len(people)
    middle = sum(t for t, _ in people) / len(people)
    score = sum((t - middle) * (y - mean) for t, y in people)
    variance = mean * (1 - mean) * sum((t - middle) ** 2 for t, _ in people)
    return math.erfc(abs(score) / math.sqrt(variance) / math.sqrt(2))


def test_without_swings_the_test_is_that_of_cochran_and_armitage() -> None:
    count, of = [10, 13, 15, 18], [100, 100, 100, 100]
    found = plain(count, of)
    assert found.p == pytest.approx(cochran_armitage(count, of))
    assert found.change == pytest.approx(0.026)
    assert found.low < 0.026 < found.high


def test_swings_beyond_chance_count_against_a_trend() -> None:
    straight, swinging = plain([100, 150, 200, 250], [1000] * 4), plain([190, 60, 290, 160], [1000] * 4)
    assert straight.p is not None
    assert swinging.p is not None
    assert straight.p < 1e-6
    assert cochran_armitage([190, 60, 290, 160], [1000] * 4) < 0.01
    assert swinging.p > 0.5


def test_a_season_of_each_year_is_no_trend() -> None:
    count, of = [10, 40, 10, 10, 10, 40, 10, 10, 10, 40], [100] * 10  # summer is high; the last period is a summer
    within = plain(count, of, [i % 4 for i in range(10)])
    assert within.p == pytest.approx(1.0)
    grown = plain([k + 5 * (i // 4) for i, k in enumerate(count)], of, [i % 4 for i in range(10)])
    assert grown.p is not None
    assert grown.p < 0.05
    assert grown.change == pytest.approx(5 / 400)


def test_chance_alone_is_told_as_a_trend_five_times_in_a_hundred() -> None:
    alarms = [plain(_RNG.binomial(60, 0.3, 6).tolist(), [60] * 6).p for _ in range(2000)]
    share = np.mean([p is not None and p < 0.05 for p in alarms])
    assert 0.02 < share < 0.06


def test_products_in_several_periods_are_not_new_evidence_in_each() -> None:
    naive, careful = [], []
    for _ in range(400):
        start = _RNG.integers(0, 8, 200)
        end, has = np.minimum(start + _RNG.integers(2, 6, 200), 7), _RNG.random(200) < 0.3
        in_period = (start <= np.arange(8)[:, None]) & (np.arange(8)[:, None] <= end)
        count, of = (in_period & has).sum(1), in_period.sum(1)
        both = in_period.astype(np.int64) @ in_period.T.astype(np.int64)
        times, one = np.arange(8, dtype=np.float64), np.zeros(8, np.int64)
        naive.append(_told(trend(times, count, of, np.diag(of), one)))
        careful.append(_told(trend(times, count, of, both, one)))
    assert np.mean(naive) > 0.1
    assert np.mean(careful) < 0.08


def _told(slope: Slope) -> bool:
    return slope.p is not None and slope.p < 0.05


@pytest.mark.parametrize("count", [[0, 0, 0], [50, 50, 50]])
def test_what_never_varies_is_not_tested(count: list[int]) -> None:
    assert plain(count, [50, 50, 50]).p is None


@pytest.mark.parametrize(
    ("count", "p"), [([10, 20], 0.04771), ([10, 20, 30], 0.001930), ([10, 20, 30, 20], 0.005853), ([20, 20], 1.0)]
)
def test_chi_square_of_two_to_four_periods(count: list[int], p: float) -> None:
    assert differ(np.array(count), np.full(len(count), 100)) == pytest.approx(p, rel=1e-3)


@pytest.mark.parametrize("count", [[0, 0], [100, 100], [1], [1, 2, 3, 4, 5]])
def test_chi_square_of_nothing_to_compare(count: list[int]) -> None:
    of: NDArray[np.int64] = np.full(len(count), 100)
    assert differ(np.array(count), of) is None


def test_holm_corrects_for_those_that_were_tested() -> None:
    assert holm([0.01, None, 0.04, 0.03, 0.005]) == pytest.approx([0.03, None, 0.06, 0.06, 0.02])
    assert holm([None]) == [None]
    assert holm([0.9, 0.8]) == [1.0, 1.0]
