"""A detector's figures: equal to pycocotools', by hand, and by naive loops."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from tests.evaluation.cases import detected, street

pytest.importorskip("faster_coco_eval", reason="the train extra is not installed")

from meot.evaluation.bootstrap import Draws
from meot.evaluation.detect import average_precisions, best_threshold, measure
from meot.evaluation.matching import coco_of, match
from meot.evaluation.predictions import Boxes, Detected, boxes_of
from meot.evaluation.results import NOTHING

pytestmark = pytest.mark.train
FEW = Draws(times=50)
HERE, THERE = [0.0, 0.0, 10.0, 10.0], [50.0, 50.0, 60.0, 60.0]


@pytest.mark.parametrize(("seed", "crowds"), [(0, True), (1, True), (2, False)])
def test_average_precision_equals_pycocotools(seed: int, crowds: bool) -> None:
    made = street(seed, crowds=crowds)
    precision = pycocotools_precision(made)
    found = measure(made, FEW)
    assert found.map50_95.value == pytest.approx(precision[precision > -1].mean(), abs=1e-6)
    assert found.map50.value == pytest.approx(precision[0][precision[0] > -1].mean(), abs=1e-6)
    for number, one in enumerate(found.classes[:-1]):
        assert one.ap50.value == pytest.approx(precision[0, :, number].mean(), abs=1e-6)
        assert one.average_precision == pytest.approx(precision[:, :, number].mean(), abs=1e-6)
    assert (found.classes[-1].average_precision, found.classes[-1].undefined) == (None, ("recall", "AP50"))


def pycocotools_precision(made: Detected) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """(10, 101, C) float64, as the reference implementation has it."""
    coco = pytest.importorskip("pycocotools.coco", reason="pycocotools is not installed").COCO
    run = pytest.importorskip("pycocotools.cocoeval").COCOeval
    with contextlib.redirect_stdout(io.StringIO()):
        sides = [coco(), coco()]
        for side, name in zip(sides, ("truth", "found"), strict=True):
            side.dataset = coco_of(made, name)
            side.createIndex()
        evaluation = run(*sides, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    return np.asarray(evaluation.eval["precision"][:, :, :, 0, 2])


def test_a_draw_is_worth_the_photos_it_holds_that_many_times() -> None:
    made = street(4, photos=20, crowds=False)
    apart = np.random.default_rng(0).permutation(10_000)[: sum(map(len, made.found))] / 10_000
    made = scored(made, apart)
    drawn = np.random.default_rng(1).integers(0, 20, 20)
    twice = made.at(drawn)
    counted = average_precisions(match(made).of(1), np.bincount(drawn, minlength=20)[None].astype(float))
    repeated = average_precisions(match(twice).of(1), np.ones((1, 20)))
    assert counted == pytest.approx(repeated, abs=0.02)  # a photo's copies may not stand apart, in COCO they do


def scored(made: Detected, scores: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Detected:
    ends = np.cumsum([len(boxes) for boxes in made.found])[:-1]
    found = tuple(
        boxes_of(boxes.xyxy.tolist(), boxes.labels.tolist(), own.tolist())
        for boxes, own in zip(made.found, np.split(scores, ends), strict=True)
    )
    return detected(made.truth, found, classes=made.classes)


def test_a_perfect_detector() -> None:
    truth = tuple(boxes_of([HERE, THERE], [i % 2, 1]) for i in range(8))
    found = measure(detected(truth, truth), FEW)
    assert (found.map50.value, found.map50_95.value) == pytest.approx((1.0, 1.0))
    assert found.map50.low == pytest.approx(1 - 3 / 8)
    assert found.mistakes == ()
    assert found.confusion.counts == ((4, 0, 0), (0, 12, 0), (0, 0, 0))


def test_nothing_found_anywhere() -> None:
    found = measure(detected((boxes_of([HERE], [0]),) * 3, (boxes_of([], []),) * 3), FEW)
    assert (found.map50.value, found.threshold, found.objects) == (0.0, 0.0, 3)
    assert found.classes[0].undefined == ("precision",)
    assert found.confusion.counts[0] == (0, 0, 3)


def test_nothing_there_anywhere() -> None:
    found = measure(detected((boxes_of([], []),) * 3, (boxes_of([HERE], [0], [0.5]),) * 3), FEW)
    assert (found.map50.value, found.map50.low) == (0.0, None)
    assert found.confusion.counts[2] == (3, 0, 0)


def one_case() -> Detected:
    """Two tops and a shoe in truth; a top found, the shoe called a top, one top missed, a shoe made up."""
    truth = (boxes_of([HERE, THERE], [0, 1]), boxes_of([HERE], [0]))
    found = (boxes_of([HERE, THERE], [0, 0], [0.9, 0.8]), boxes_of([THERE], [1], [0.7]))
    return detected(truth, found)


def test_confusion_by_hand() -> None:
    found = measure(one_case(), FEW)
    assert found.confusion.names == ("top", "shoes", NOTHING)
    assert found.threshold == 0.9
    everything = measure(detected(one_case().truth, keeping(one_case().found)), FEW)
    assert everything.threshold == 0.9
    assert everything.confusion.counts == ((1, 0, 1), (1, 0, 0), (0, 1, 0))
    assert everything.mistakes[0].words == "1 missed, 1 wrong"
    assert [mark.kind for mark in everything.mistakes[0].boxes] in (
        ["truth", "truth", "found", "wrong"],
        ["truth", "wrong"],
    )


def keeping(found: tuple[Boxes, ...]) -> tuple[Boxes, ...]:
    """The same boxes with one score, so that any threshold keeps all or none."""
    return tuple(boxes_of(b.xyxy.tolist(), b.labels.tolist(), [0.9] * len(b)) for b in found)


def test_boxes_in_a_crowd_are_neither_right_nor_wrong() -> None:
    truth = (boxes_of([HERE, [40.0, 40.0, 90.0, 90.0]], [0, 0], None, [False, True]),)
    found = (boxes_of([HERE, THERE, THERE], [0, 0, 0], [0.9, 0.8, 0.7]),)
    result = measure(detected(truth, found), FEW)
    assert (result.classes[0].precision.value, result.classes[0].recall.value) == (1.0, 1.0)
    assert result.objects == 1
    assert result.confusion.counts == ((1, 0, 0), (0, 0, 0), (0, 0, 0))
    assert result.mistakes == ()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_threshold_has_the_best_mean_f1(seed: int) -> None:
    found = match(street(seed))
    levels = {level: naive_mean_f1(found, level) for level in np.unique(found.scores).tolist()}
    assert levels[best_threshold(found)] == pytest.approx(max(levels.values()))


def naive_mean_f1(found: object, level: float) -> float:
    from meot.evaluation.matching import Matches

    assert isinstance(found, Matches)
    scores = []
    for number in range(found.wanted.shape[1]):
        if not found.wanted[:, number].sum():
            continue
        own = (found.label == number) & (found.scores >= level) & ~found.ignored[0]
        scores.append(2 * found.right[0, own].sum() / (own.sum() + found.wanted[:, number].sum()))
    return float(np.mean(scores))
