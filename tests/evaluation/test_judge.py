"""The contract of an evaluation, from predictions to verdicts."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.evaluation.cases import classified, street

from meot.errors import DataError
from meot.evaluation import Classified, evaluate
from meot.evaluation.bootstrap import Difference
from meot.evaluation.results import Classification, Report


def first(report: Report) -> Classification:
    result = report.results[0]
    assert isinstance(result, Classification)
    return result


def of(report: Report, measure: str, name: str = "") -> Difference:
    return next(d for d in report.comparisons[0].differences if (d.measure, d.of) == (measure, name))


def right_on(share: float, *, photos: int = 200, model: str = "model") -> Classified:
    """Right on the first so many of the photos."""
    truth = np.arange(photos) % 3
    wrong = np.arange(photos) >= round(share * photos)
    return classified(truth, np.where(wrong, (truth + 1) % 3, truth), model=model)


def test_a_perfect_model() -> None:
    found = first(evaluate([right_on(1.0)]))
    assert (found.accuracy.value, found.macro_f1.value) == (1.0, 1.0)
    assert found.accuracy.low == pytest.approx(1 - 3 / 200)
    assert [one.average_precision for one in found.classes] == [1.0] * 3
    assert found.mistakes == ()


def test_a_coin_flip() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    found = first(evaluate([classified(truth, rng.permutation(truth), classes=("a", "b"), score=0.6)]))
    assert found.accuracy.low is not None
    assert found.accuracy.high is not None
    assert found.accuracy.low < 0.5 < found.accuracy.high
    assert found.classes[0].average_precision == pytest.approx((truth == 0).mean(), abs=0.05)


def test_an_empty_split_is_told() -> None:
    with pytest.raises(DataError, match="no photo in split 'validation'"):
        evaluate([classified([], [])])
    with pytest.raises(DataError, match="at least one model"):
        evaluate([])


def test_one_photo() -> None:
    assert first(evaluate([classified([1], [1])])).accuracy.value == 1.0


def test_one_per_cent_on_two_hundred_photos_is_noise() -> None:
    found = of(evaluate([right_on(0.80), right_on(0.81, model="new")]), "accuracy")
    assert found.value == pytest.approx(0.01)
    assert found.verdict == "noise"


def test_one_per_cent_made_of_many_differences_is_noise() -> None:
    before, after = right_on(0.8), right_on(0.8, model="new")
    moved = after.scores.copy()
    moved[:30], moved[160:192] = np.roll(moved[:30], 1, axis=1), np.roll(moved[160:192], -1, axis=1)
    found = of(evaluate([before, replace(after, scores=moved)]), "accuracy")
    assert found.value == pytest.approx(0.01)
    assert found.verdict == "noise"


@pytest.mark.parametrize(("change", "verdict"), [(0.2, "better"), (-0.2, "worse")])
def test_twenty_per_cent_on_two_hundred_photos_is_told(change: float, verdict: str) -> None:
    report = evaluate([right_on(0.7), right_on(0.7 + change, model="new")])
    assert (of(report, "accuracy").verdict, of(report, "macro F1").verdict) == (verdict, verdict)
    assert of(report, "accuracy").value == pytest.approx(change)


def test_a_model_compared_with_itself_is_noise() -> None:
    report = evaluate([right_on(0.7), right_on(0.7)])
    assert {(d.value, d.verdict) for d in report.comparisons[0].differences} == {(0.0, "noise")}


def test_only_photos_that_both_answered_are_compared() -> None:
    whole = right_on(0.8)
    report = evaluate([whole, replace(whole.at(np.arange(150)[::-1]), model="new")])
    comparison = report.comparisons[0]
    assert (comparison.photos, comparison.left_out) == (150, 50)
    assert of(report, "accuracy").value == 0.0


def test_classes_in_another_order_are_the_same_classes() -> None:
    one = right_on(0.8)
    turned = one.renamed(("notched", "band", "regular"))
    assert turned.classes[turned.truth[0]] == one.classes[one.truth[0]]
    assert of(evaluate([one, turned]), "recall", "notched").value == 0.0


def test_models_that_cannot_be_compared_are_told() -> None:
    one = right_on(0.8)
    with pytest.raises(DataError, match="compare answers to one question"):
        evaluate([one, replace(one, question="pattern")])
    with pytest.raises(DataError, match="other classes"):
        evaluate([one, replace(one, classes=("band", "regular", "notch"))])
    with pytest.raises(DataError, match="no photo in common"):
        evaluate([one, replace(one, photos=tuple(f"other/{photo}" for photo in one.photos))])
    with pytest.raises(DataError, match="different truths"):
        evaluate([one, replace(one, truth=(one.truth + 1) % 3)])
    with pytest.raises(DataError, match="another task"):
        evaluate([one, street(0)])


@pytest.mark.train
def test_detectors_are_compared_on_the_same_photos() -> None:
    pytest.importorskip("faster_coco_eval", reason="the train extra is not installed")
    good = street(0, photos=60, crowds=False)
    bad = replace(good, model="bad", found=tuple(boxes.having(boxes.scores > 0.5) for boxes in good.found))
    report = evaluate([good, bad], times=200)
    assert of(report, "mAP50").verdict == "worse"
    assert of(evaluate([good, good], times=100), "mAP50-95").verdict == "noise"
    moved = replace(bad, truth=bad.truth[::-1])
    with pytest.raises(DataError, match="different truths"):
        evaluate([good, moved])


def test_a_report_is_json_that_says_the_same_for_the_same_seed() -> None:
    history = ({"epoch": 1.0, "loss": float("nan")},)
    one = json.dumps(evaluate([right_on(0.8)], history=history, seed=3).as_json(), allow_nan=False)
    assert one == json.dumps(evaluate([right_on(0.8)], history=history, seed=3).as_json(), allow_nan=False)
    assert json.loads(one)["results"][0]["accuracy"]["value"] == pytest.approx(0.8)
    assert json.loads(one)["history"] == [{"epoch": 1.0, "loss": None}]
