"""Calibration errors: by hand, and what chance alone makes of true scores."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evaluation.cases import classified

from meot.evaluation.bootstrap import Draws
from meot.evaluation.calibration import adaptive_error, error_by_chance, expected_error
from meot.evaluation.classify import measure


def test_scores_that_mean_what_they_say_have_no_error() -> None:
    top, right = np.full(100, 0.7), np.array([True] * 70 + [False] * 30)
    assert expected_error(top, right) == pytest.approx(0, abs=1e-9)
    assert adaptive_error(top, right) == pytest.approx(0, abs=1e-9)
    assert expected_error(np.full(100, 0.9), right) == pytest.approx(0.2)
    assert expected_error(np.empty(0), np.empty(0, bool)) == 0.0


def test_bins_of_equal_numbers_see_what_one_wide_bin_hides() -> None:
    """Between 0.94 and 1 all answers fall into one bin of equal width, where too high and too low cancel out."""
    top = np.array([0.94] * 50 + [1.0] * 50)
    right = np.array([True] * 50 + [True] * 47 + [False] * 3)
    assert expected_error(top, right) == pytest.approx(0.0, abs=1e-9)
    assert adaptive_error(top, right) == pytest.approx(0.06)


def test_bins_of_equal_numbers_do_not_depend_on_the_order() -> None:
    rng = np.random.default_rng(0)
    top, right = rng.random(333).round(1), rng.random(333) < 0.6
    order = rng.permutation(333)
    assert adaptive_error(top, right) == pytest.approx(adaptive_error(top[order], right[order]))


def test_few_answers_cannot_show_a_small_error() -> None:
    rng = np.random.default_rng(1)
    many = rng.uniform(0.5, 1.0, 5000)
    few = many[:30]
    assert error_by_chance(many) < 0.02 < 0.08 < error_by_chance(few)
    assert expected_error(many, rng.random(5000) < many) == pytest.approx(error_by_chance(many), abs=0.01)


def test_a_report_holds_all_three() -> None:
    found = measure(classified([0] * 10, [0] * 6 + [1] * 4, score=0.8), Draws(times=100)).calibration
    assert found.error == found.adaptive == pytest.approx(0.2)
    assert 0.05 < found.by_chance < 0.2
