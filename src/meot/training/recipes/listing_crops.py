"""Boxes from a detector, classes from a classifier of its crops: the proposed system of the paper on oversampling.

There the boxes are YOLOv8's, the classifier a frozen ResNet50 at 256 px under Dense(500)-ReLU-Dropout-Dense (the
classifier recipe with net = "resnet50", head = "dense", size = 256); here both may be any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from meot.data.images import read_rgb
from meot.errors import DataError
from meot.evaluation.detect import best_threshold
from meot.evaluation.matching import match
from meot.evaluation.predictions import Boxes, Detected
from meot.models.pixels import normalise
from meot.training.detect.figures import average_precision
from meot.training.loop import device_of

Classify = Callable[[Sequence[NDArray[np.uint8]]], NDArray[np.float64]]
"""Crops, each (h, w, 3) uint8 RGB -> (n, C) float64 probabilities, classes in the detector's order."""


def classify_with(net: nn.Module, *, side: int = 256) -> Classify:
    """A net from (N, 3, S, S) float32 to (N, C) logits, or a tuple with them first, as a :data:`Classify`."""

    @torch.no_grad()
    def classify(crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        squares = [cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA) for crop in crops]
        pixels = torch.from_numpy(normalise(np.stack(squares).astype(np.uint8))).to(device_of(net))
        answer = net.eval()(pixels)
        logits: Tensor = answer[0] if isinstance(answer, tuple) else answer
        return np.asarray(logits.double().softmax(1).cpu().numpy(), np.float64)

    return classify


def reclassified(
    these: Detected,
    classify: Classify,
    *,
    model: str,
    read: Callable[[Path], NDArray[np.uint8]] = read_rgb,
) -> Detected:
    """The same boxes with the classes the classifier gives them; a box's score is the product of both.

    A box the detector gives twice under two classes is kept once, with the higher score. DataError when the
    classifier answers with another number of classes.
    """
    found = [
        _named(boxes, read(Path(photo)), classify, len(these.classes))
        for photo, boxes in tqdm(list(zip(these.photos, these.found, strict=True)), desc="crops", mininterval=5)
    ]
    return replace(these, model=model, found=tuple(found))


def _named(boxes: Boxes, image: NDArray[np.uint8], classify: Classify, classes: int) -> Boxes:
    if not len(boxes):
        return boxes
    order = np.argsort(-boxes.scores, kind="stable")
    _, first = np.unique(np.round(boxes.xyxy[order]), axis=0, return_index=True)
    chosen = order[np.sort(first)]
    scores = classify([_crop(image, box) for box in boxes.xyxy[chosen]])
    if scores.shape != (len(chosen), classes):
        raise DataError(
            f"the classifier answers with {scores.shape[-1]} classes, the detector has {classes}; match them"
        )
    return Boxes(
        xyxy=boxes.xyxy[chosen],
        labels=scores.argmax(1).astype(np.int64),
        scores=boxes.scores[chosen] * scores.max(1),
        crowd=boxes.crowd[chosen],
    )


def _crop(image: NDArray[np.uint8], box: NDArray[np.float64]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    x0, y0 = int(np.clip(box[0], 0, width - 1)), int(np.clip(box[1], 0, height - 1))
    x1, y1 = int(np.clip(np.ceil(box[2]), x0 + 1, width)), int(np.clip(np.ceil(box[3]), y0 + 1, height))
    return image[y0:y1, x0:x1]


@dataclass(frozen=True, slots=True)
class Line:
    """Figures of one class, each in 0..1; NaN where there is no truth. name: "all" for the mean over the classes."""

    name: str
    precision: float
    recall: float
    ap50: float


def lines_of(these: Detected) -> tuple[Line, ...]:
    """Precision and recall at the score of the best mean F1, and AP50, a class; the mean over them comes last."""
    found, threshold = match(these), 0.0
    threshold = best_threshold(found)
    ap50 = average_precision(these)
    lines = []
    for number, name in enumerate(these.classes):
        wanted = int(found.wanted[:, number].sum())
        if not wanted:
            continue
        said = (found.label == number) & (found.scores >= threshold) & ~found.ignored[0]
        right = int((said & found.right[0]).sum())
        lines.append(Line(name, right / max(1, int(said.sum())), right / wanted, ap50.get(f"AP50 {name}", 0.0)))
    means = (float(np.mean([getattr(line, of) for line in lines])) for of in ("precision", "recall", "ap50"))
    return (*lines, Line("all", *means)) if lines else ()


def comparison(simple: Detected, proposed: Detected) -> str:
    """Both systems as a text table in percent, a line a class: the detector alone, and with the classifier."""
    rows = [f"{'class':24s} {'P':>6s} {'R':>6s} {'mAP50':>6s}   {'P':>6s} {'R':>6s} {'mAP50':>6s}"]
    for one, other in zip(lines_of(simple), lines_of(proposed), strict=True):
        numbers = ((line.precision, line.recall, line.ap50) for line in (one, other))
        cells = ("  ".join(" ".join(f"{100 * value:6.1f}" for value in three) for three in numbers),)
        rows.append(f"{one.name:24s} {cells[0]}")
    return "\n".join(rows)
