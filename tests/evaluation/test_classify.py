"""A classifier's figures: by hand, by a naive loop, and as scikit-learn has them where it is installed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.evaluation.cases import classified

from meot.evaluation.bootstrap import Draws
from meot.evaluation.classify import measure
from meot.evaluation.predictions import Classified
from meot.evaluation.results import Classification

FEW = Draws(times=200)


def noisy(seed: int, *, photos: int = 300, classes: int = 5, ties: bool = False) -> Classified:
    """Softmax-like scores that are right about two times in three; the last class is never in truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes - 1, photos)
    scores = rng.dirichlet(np.ones(classes), photos)
    scores[np.arange(photos), truth] += 0.3
    scores = scores / scores.sum(axis=1, keepdims=True)
    made = classified(truth, truth, classes=tuple(f"class {i}" for i in range(classes)))
    return replace(made, scores=scores.round(1) if ties else scores)


def test_a_case_by_hand() -> None:
    found = measure(classified([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 0], sure=0.8), FEW)
    band, regular, notched = found.classes
    assert found.accuracy.value == pytest.approx(4 / 6)
    assert (band.precision.value, band.recall.value) == pytest.approx((2 / 3, 2 / 3))
    assert (regular.precision.value, regular.recall.value) == pytest.approx((2 / 3, 1.0))
    assert regular.f1.value == pytest.approx(0.8)
    assert (notched.recall.value, notched.answered) == (0.0, 0)
    assert found.macro_f1.value == pytest.approx((2 / 3 + 0.8 + 0) / 3)
    assert found.confusion.counts == ((2, 1, 0), (0, 2, 0), (1, 0, 0))
    assert found.sure is not None
    assert (found.sure.coverage, found.sure.accuracy) == pytest.approx((1.0, 4 / 6))


def test_a_class_that_nobody_answers_has_no_precision() -> None:
    notched = measure(classified([0, 1, 2], [0, 1, 0]), FEW).classes[2]
    assert notched.undefined == ("precision",)
    assert (notched.precision.value, notched.precision.low) == (0.0, None)
    assert notched.f1.value == 0.0


def test_a_class_without_truth_counts_in_no_mean() -> None:
    found = measure(classified([0, 1, 0, 1], [0, 1, 0, 1]), FEW)
    assert found.macro_f1.value == 1.0
    assert found.classes[2].undefined == ("precision", "recall", "F1")
    assert found.classes[2].average_precision is None


def test_average_precision_by_hand() -> None:
    made = classified([0, 1, 0, 1], [0, 0, 0, 0], classes=("a", "b"))
    scores = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.1, 0.9]])
    first, second = measure(replace(made, scores=scores), FEW).classes
    assert first.average_precision == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert first.curve.recall == (0.5, 0.5, 1.0, 1.0)
    assert second.average_precision == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_equal_scores_are_one_step_whatever_the_order() -> None:
    made = classified([0, 1, 1, 1], [0, 0, 0, 0], classes=("a", "b"))
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        assert measure(made.at(np.array(order)), FEW).classes[0].average_precision == pytest.approx(0.25)


def test_top_k_breaks_ties_as_argmax_does() -> None:
    made = classified([0, 1, 2, 3], [0, 0, 0, 0], classes=("a", "b", "c", "d"))
    found = measure(replace(made, scores=np.full((4, 4), 0.25)), FEW)
    assert found.top == {1: 0.25, 3: 0.75}
    assert found.accuracy.value == found.top[1]


def test_calibration_by_hand() -> None:
    found = measure(classified([0] * 10, [0] * 6 + [1] * 4, score=0.8), FEW).calibration
    assert found.error == pytest.approx(0.2)
    assert [one.count for one in found.bins] == [0] * 12 + [10, 0, 0]
    assert found.brier == pytest.approx(0.6 * (0.2**2 + 2 * 0.1**2) + 0.4 * (0.8**2 + 0.9**2 + 0.1**2))
    certain = measure(classified([0, 1], [0, 1], score=1.0), FEW).calibration
    assert (certain.error, certain.brier, certain.bins[-1].count) == (0.0, 0.0, 2)


def test_scores_that_are_no_distribution_have_no_brier_score() -> None:
    made = classified([0, 1], [0, 1])
    assert measure(replace(made, scores=made.scores * 0.5), FEW).calibration.brier is None


def test_the_worst_mistake_comes_first() -> None:
    made = classified([0, 0, 0], [1, 0, 1])
    made.scores[0] = (0.45, 0.5, 0.05)
    first, second = measure(made, FEW).mistakes
    assert (first.photo, second.photo) == ("2.jpg", "0.jpg")
    assert first.words == "said regular (0.80), is band (0.10)"


@pytest.mark.parametrize("ties", [False, True])
def test_figures_equal_those_of_a_naive_loop(ties: bool) -> None:
    made = noisy(1, ties=ties)
    found = measure(made, FEW)
    answers = made.scores.argmax(axis=1)
    for number, one in enumerate(found.classes):
        right = sum(a == t == number for a, t in zip(answers, made.truth, strict=True))
        said, have = sum(answers == number), sum(made.truth == number)
        assert one.precision.value == pytest.approx(right / said if said else 0)
        assert one.recall.value == pytest.approx(right / have if have else 0)
        assert one.f1.value == pytest.approx(2 * right / (said + have) if said + have else 0)
        assert one.average_precision == (pytest.approx(naive_average_precision(made, number)) if have else None)


def naive_average_precision(made: Classified, number: int) -> float:
    """Over falling distinct scores, what each adds to recall times the precision there."""
    total, before = 0.0, 0.0
    for level in sorted(set(made.scores[:, number]), reverse=True):
        asked = made.scores[:, number] >= level
        right = (made.truth[asked] == number).sum()
        recall = right / (made.truth == number).sum()
        total, before = total + (recall - before) * right / asked.sum(), recall
    return float(total)


def test_figures_equal_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    made = noisy(2, ties=True)
    found: Classification = measure(made, FEW)
    answers, there = made.scores.argmax(axis=1), list(range(len(made.classes) - 1))
    assert found.accuracy.value == pytest.approx(metrics.accuracy_score(made.truth, answers), abs=1e-12)
    macro = metrics.f1_score(made.truth, answers, labels=there, average="macro", zero_division=0)
    assert found.macro_f1.value == pytest.approx(macro, abs=1e-12)
    matrix = metrics.confusion_matrix(made.truth, answers, labels=range(len(made.classes)))
    assert np.array_equal(found.confusion.counts, matrix)
    for number in there:
        own = metrics.average_precision_score(made.truth == number, made.scores[:, number])
        assert found.classes[number].average_precision == pytest.approx(own, abs=1e-12)


def test_boxes_of_one_photo_are_one_group() -> None:
    made = classified([0, 1, 0, 1], [0, 1, 0, 0])
    assert measure(made, FEW).groups == 4
    assert measure(replace(made, photos=("a", "a", "b", "b")), FEW).groups == 2
    assert measure(replace(made, groups=("g", "g", "g", "")), FEW).groups == 2
