"""The measures themselves, on cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from bench.answers import Said
from bench.quality import average_precision, best_label, overlap, truth_box, worn_rows
from bench.table import interval

from meot import taxonomy
from meot.types import Label


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


def test_the_interval_holds_the_mean() -> None:
    hits = np.array([1.0] * 80 + [0.0] * 20)
    low, high = interval(hits)
    assert low < 0.8 < high
    assert high - low < 0.2


def test_worn_categories_have_a_calibration_error_only_where_one_answer_is_left_of_several() -> None:
    def said(*truth: str, answer: str | None) -> Said:
        label = None if answer is None else Label(id=answer, score=0.75, sure=True)
        return Said(photo="a", group="a", street=True, truth=truth, answer=label)

    found = {
        "lower": [said("jeans", answer="jeans"), said("jeans", answer="skirt"), said("skirt", answer=None)],
        "feet": [said("boots", "heels", answer="heels")],
        "bag": [said("bag", answer="bag")],
    }
    rows = {row["street photos"]: row for row in worn_rows(found, taxonomy.load())}
    assert {name: row["n"] for name, row in rows.items()} == {
        "every label": 5,
        "one category of several": 3,
        "lower": 3,
        "feet": 1,
        "bag": 1,
    }
    assert rows["lower"]["ECE"] == pytest.approx(0.25)
    assert [rows[name]["ECE"] for name in ("every label", "feet", "bag")] == [None, None, None]
    accuracy = rows["lower"]["accuracy"]
    assert isinstance(accuracy, tuple)
    assert accuracy[0] == pytest.approx(1 / 3)
