"""Intervals and verdicts."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from meot.evaluation import bootstrap
from meot.evaluation.bootstrap import Draws, Measure, Sampled, difference, interval, numbered, sampled

NAME: Measure = ("mean", "")


def mean_of(values: NDArray[np.float64], groups: NDArray[np.int64], draws: Draws) -> Sampled:
    return sampled(lambda weights: {NAME: weights @ values / weights.sum(axis=1)}, groups, draws)[NAME]


def test_weights_draw_whole_groups_as_often_as_there_are_groups() -> None:
    groups = [0, 0, 1, 2, 2, 2]
    blocks = list(Draws(times=50).weights(groups))
    weights = np.concatenate(blocks)
    assert weights.shape == (50, 6)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 3] == weights[:, 5]).all()
    assert (weights[:, [0, 2, 3]].sum(axis=1) == 3).all()


def test_the_same_seed_draws_the_same_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = list(range(30))
    whole = np.concatenate(list(Draws(times=40, seed=5).weights(groups)))
    monkeypatch.setattr(bootstrap, "_CELLS", 90)
    blocks = list(Draws(times=40, seed=5).weights(groups))
    assert len(blocks) > 10
    assert np.array_equal(np.concatenate(blocks), whole)
    assert not np.array_equal(np.concatenate(list(Draws(times=40, seed=6).weights(groups))), whole)


def test_the_interval_is_as_wide_as_theory_says() -> None:
    values = (np.arange(400) % 4 == 0).astype(np.float64)
    found = interval(mean_of(values, np.arange(400), Draws(times=4000)))
    half = 1.96 * np.sqrt(0.25 * 0.75 / 400)
    assert found.value == 0.25
    assert found.low == pytest.approx(0.25 - half, abs=0.006)
    assert found.high == pytest.approx(0.25 + half, abs=0.006)


def test_grouped_photos_make_the_interval_wider() -> None:
    values = np.repeat((np.arange(40) % 2).astype(np.float64), 10)
    alone = interval(mean_of(values, np.arange(400), Draws()))
    together = interval(mean_of(values, np.repeat(np.arange(40), 10), Draws()))
    assert alone.low is not None
    assert alone.high is not None
    assert together.low is not None
    assert together.high is not None
    assert together.high - together.low > 2.5 * (alone.high - alone.low)


def test_ten_of_ten_is_not_certainty() -> None:
    found = interval(mean_of(np.ones(10), np.arange(10), Draws(times=100)), trials=10)
    assert (found.value, found.low, found.high) == pytest.approx((1.0, 0.7, 1.0))
    none = interval(mean_of(np.zeros(10), np.arange(10), Draws(times=100)), trials=10)
    assert (none.low, none.high) == pytest.approx((0.0, 0.3))


def test_zero_divided_by_zero_has_no_interval() -> None:
    found = interval(Sampled(float("nan"), np.array([np.nan])))
    assert (found.value, found.low, found.high) == (0.0, None, None)


def test_draws_without_the_class_are_left_out_of_its_interval() -> None:
    found = interval(Sampled(0.5, np.array([np.nan, 0.4, 0.6, np.nan])))
    assert found.low is not None
    assert found.high is not None
    assert 0.4 <= found.low < found.high <= 0.6


@pytest.mark.parametrize(
    ("draws", "deciding", "verdict"),
    [
        ([0.01, 0.02, 0.03], 50, "better"),
        ([-0.03, -0.02, -0.01], 50, "worse"),
        ([-0.01, 0.02, 0.03], 50, "noise"),
        ([0.0, 0.02, 0.03], 50, "noise"),
        ([0.01, 0.02, 0.03], 5, "noise"),
    ],
)
def test_verdicts(draws: list[float], deciding: int, verdict: str) -> None:
    first, second = Sampled(0.5, np.zeros(300)), Sampled(0.52, np.repeat(draws, 100))
    found = difference(NAME, first, second, deciding=deciding)
    assert found.verdict == verdict
    assert found.value == pytest.approx(0.02)


def test_groups_are_numbered_by_name_and_photos_by_themselves() -> None:
    assert numbered(["a", "", "a", "", ""], ["1", "2", "3", "2", "a"]).tolist() == [0, 1, 0, 1, 2]
