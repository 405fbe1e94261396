"""The measures themselves, on cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from bench.quality import average_precision, best_label, calibration_error, overlap, truth_box
from bench.table import interval

from meot import taxonomy


def test_average_precision_of_a_worked_case() -> None:
    found = [(0.9, True), (0.8, False), (0.7, True), (0.6, False)]
    assert average_precision(found, 2) == pytest.approx(0.5 * 1.0 + 0.5 * 2 / 3)
    assert average_precision(found, 4) == pytest.approx(0.25 * 1.0 + 0.25 * 2 / 3)
    assert average_precision([], 3) == 0


def test_overlap_and_boxes() -> None:
    assert overlap((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 1, 1), (2, 2, 3, 3)) == 0
    mask = np.zeros((5, 6), bool)
    mask[1:3, 2:5] = True
    assert truth_box(mask) == (2, 1, 5, 3)
    assert truth_box(np.zeros((3, 3), bool)) is None


def test_a_label_of_several_categories_adds_their_scores() -> None:
    scores = {"jacket": 0.3, "coat": 0.3, "hoodie": 0.4}
    assert best_label(scores, ["Hoodie", "Outwear"], taxonomy.load()) == "Outwear"


def test_calibration_error_is_zero_when_scores_mean_what_they_say() -> None:
    score = np.full(100, 0.7)
    right = np.array([1.0] * 70 + [0.0] * 30)
    assert calibration_error(score, right) == pytest.approx(0, abs=1e-9)
    assert calibration_error(np.full(100, 0.9), right) == pytest.approx(0.2)


def test_the_interval_holds_the_mean() -> None:
    hits = np.array([1.0] * 80 + [0.0] * 20)
    low, high = interval(hits)
    assert low < 0.8 < high
    assert high - low < 0.2
