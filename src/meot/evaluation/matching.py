"""Which boxes found are right, by COCO's rules as faster-coco-eval has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from faster_coco_eval import COCO
from faster_coco_eval.core.faster_eval_api import COCOeval_faster
from numpy.typing import NDArray
from tqdm import tqdm

from meot.evaluation.predictions import Boxes, Detected

THRESHOLDS = tuple(np.linspace(0.5, 0.95, 10).tolist())
_MOST = 100  # boxes a photo and class that count, COCO's maxDets


@dataclass(frozen=True, slots=True, eq=False)
class OneClass:
    """The boxes found of one class, as in ``Matches``; wanted: (N,) int64, how many are to be found in each photo."""

    photo: NDArray[np.int64]
    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    ignored: NDArray[np.bool_]
    wanted: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Every box found that counts, the best score first, ties in the order of the file.

    photo, label: (n,) int64. place: (n,) int64, which of its photo's boxes it is. scores: (n,) float64. right, ignored:
    (T, n) bool, one row an IoU threshold; an ignored box lies in a crowd and is neither right nor wrong. wanted: (N, C)
    int64, how many of each class are to be found.
    """

    photo: NDArray[np.int64]
    label: NDArray[np.int64]
    place: NDArray[np.int64]
    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    ignored: NDArray[np.bool_]
    wanted: NDArray[np.int64]

    def of(self, number: int) -> OneClass:
        """The boxes of one class."""
        own = self.label == number
        right, ignored, wanted = self.right[:, own], self.ignored[:, own], self.wanted[:, number]
        return OneClass(self.photo[own], self.scores[own], right, ignored, wanted)


def coco_of(these: Detected, side: str) -> dict[str, Any]:
    """One side ("truth" or "found") as a COCO data set; ids count from 1 in the order of the file."""
    sides: tuple[Boxes, ...] = getattr(these, side)
    annotations: list[dict[str, Any]] = []
    for photo, boxes in enumerate(sides, 1):
        for (x0, y0, x1, y1), label, score, crowd in zip(
            boxes.xyxy.tolist(), boxes.labels.tolist(), boxes.scores.tolist(), boxes.crowd.tolist(), strict=True
        ):
            width, height = x1 - x0, y1 - y0
            one = {"id": len(annotations) + 1, "image_id": photo, "category_id": label + 1, "iscrowd": int(crowd)}
            annotations.append(one | {"bbox": [x0, y0, width, height], "area": width * height, "score": score})
    return {
        "images": [{"id": i + 1, "width": 1, "height": 1} for i in range(len(these))],
        "categories": [{"id": i + 1, "name": str(i)} for i in range(len(these.classes))],
        "annotations": annotations,
    }


def evaluated(these: Detected, thresholds: tuple[float, ...], *, by_class: bool = True) -> dict[str, Any]:
    """What COCOeval accumulates: "precision" (T, 101, C, 1, 1) float64, -1 where a class has no truth, and "matched"
    (at one threshold): "found id_truth id" -> IoU. by_class: whether a match must be of the right class.
    """
    run = COCOeval_faster(COCO(coco_of(these, "truth")), COCO(coco_of(these, "found")), "bbox", print_function=_quiet)
    run.params.iouThrs = np.asarray(thresholds)
    run.params.maxDets = [_MOST]
    run.params.areaRng, run.params.areaRngLbl = [[0, 1e10]], ["all"]
    run.params.useCats = int(by_class)
    run.evaluate()
    run.accumulate()
    done: dict[str, Any] = run.eval
    return done


def _quiet(*_: object) -> None:
    pass


def pairs(these: Detected, threshold: float, *, by_class: bool = True) -> dict[int, int]:
    """Box found -> truth box that it matches at an IoU, both numbered from 0 through the whole file; crowds too."""
    matched = evaluated(these, (threshold,), by_class=by_class)["matched"]
    halves = (key.split("_", 1) for key in matched)
    return {int(found) - 1: int(truth) - 1 for found, truth in halves}


def match(these: Detected, thresholds: tuple[float, ...] = THRESHOLDS) -> Matches:
    """Match at every IoU threshold."""
    photo = np.repeat(np.arange(len(these)), [len(boxes) for boxes in these.found])
    label = _joined([boxes.labels for boxes in these.found], np.int64)
    scores = _joined([boxes.scores for boxes in these.found], np.float64)
    crowd = _joined([boxes.crowd for boxes in these.truth], np.bool_)
    first = np.cumsum([0, *(len(boxes) for boxes in these.found)])
    partner = np.full((len(thresholds), len(label)), -1, np.int64)
    bar = tqdm(thresholds, desc="matching", delay=2, leave=False)
    for row, threshold in zip(partner, bar, strict=True):
        for found, truth in pairs(these, threshold).items():
            row[found] = truth
    ignored = (partner >= 0) & np.append(crowd, False)[partner]
    order = np.argsort(-scores, kind="stable")
    order = order[_rank(photo[order] * len(these.classes) + label[order]) < _MOST]
    return Matches(
        photo=photo[order],
        label=label[order],
        place=(np.arange(len(label)) - first[photo])[order],
        scores=scores[order],
        right=((partner >= 0) & ~ignored)[:, order],
        ignored=ignored[:, order],
        wanted=np.array([np.bincount(b.labels[~b.crowd], minlength=len(these.classes)) for b in these.truth]),
    )


def _joined(parts: list[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, kind), *parts]).astype(kind)


def _rank(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many equal keys come before each."""
    order = np.argsort(keys, kind="stable")
    ranked, same = keys[order], np.empty(len(keys), np.int64)
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)])
    lengths = np.diff(np.append(starts, len(ranked)))
    same[order] = np.arange(len(ranked)) - np.repeat(starts, lengths)
    return same
