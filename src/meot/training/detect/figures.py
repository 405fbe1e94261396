"""What a detector finds in photos whose boxes are known, and how good that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from meot.data.detection import fit, read_scene
from meot.data.table import Row
from meot.evaluation.matching import THRESHOLDS, evaluated, pairs
from meot.evaluation.predictions import Boxes, Detected, boxes_of
from meot.training.detect.batches import pixels_of
from meot.training.loop import device_of


@torch.no_grad()
def detect(
    net: nn.Module, rows: Sequence[Row], *, canvas: tuple[int, int], classes: tuple[str, ...], batch: int, model: str
) -> Detected:
    """Boxes found in the photos of ``rows`` beside the true ones, both in px of the photo as stored."""
    truth: list[Boxes] = []
    found: list[Boxes] = []
    sizes: list[tuple[int, int] | None] = []
    for start in tqdm(range(0, len(rows), batch), desc="measure", mininterval=5, leave=False):
        scenes = [read_scene(row, classes) for row in rows[start : start + batch]]
        fitted = [fit(scene, canvas) for scene in scenes]
        answers = net([pixels_of(scene.image).to(device_of(net)) for scene, _ in fitted])
        for scene, (_, scale), answer in zip(scenes, fitted, answers, strict=True):
            sizes.append((scene.image.shape[0], scene.image.shape[1]))
            truth.append(boxes_of(scene.boxes.tolist(), scene.labels.tolist(), crowd=scene.crowd.tolist()))
            found.append(_found(answer["boxes"] / scale, answer["labels"] - 1, answer["scores"], sizes[-1]))
    return Detected(
        model=model,
        split=str(rows[0].split or "") if rows else "",
        classes=classes,
        photos=tuple(str(row.photo) for row in rows),
        groups=tuple(row.group for row in rows),
        sizes=tuple(sizes),
        truth=tuple(truth),
        found=tuple(found),
    )


def _found(boxes: torch.Tensor, labels: torch.Tensor, scores: torch.Tensor, size: tuple[int, int] | None) -> Boxes:
    """Cut at the photo's edges; what lies in the canvas's empty part is left out, and so is class "nothing"."""
    height, width = size or (1, 1)
    sides = boxes.double().cpu().numpy()
    inside = np.clip(sides, 0, (width, height, width, height))
    kept = (inside[:, 2] > inside[:, 0]) & (inside[:, 3] > inside[:, 1]) & (labels.cpu().numpy() >= 0)
    chances = np.clip(scores.double().cpu().numpy()[kept], 0, 1)
    return boxes_of(inside[kept].tolist(), labels.cpu().numpy()[kept].tolist(), chances.tolist())


def average_precision(these: Detected) -> dict[str, float]:
    """{"mAP50", "mAP50-95", "AP50 CLASS"...} in 0..1 by COCO's rules; classes without truth are not there."""
    if not sum(len(boxes) for boxes in these.found):
        return {"mAP50": 0.0, "mAP50-95": 0.0}
    precision = evaluated(these, THRESHOLDS)["precision"].reshape(len(THRESHOLDS), 101, len(these.classes))
    known = [i for i in range(len(these.classes)) if (precision[:, :, i] >= 0).all()]
    each = {f"AP50 {these.classes[i]}": float(precision[0, :, i].mean()) for i in known}
    if not known:
        return {"mAP50": 0.0, "mAP50-95": 0.0}
    both = {"mAP50": float(precision[0][:, known].mean()), "mAP50-95": float(precision[:, :, known].mean())}
    return both | each


def hits(these: Detected, *, score_from: float) -> dict[str, float]:
    """Precision and recall over all boxes at IoU 0.5 and a score of at least ``score_from``, each in 0..1.

    "found" is the share of true boxes that a box of any class overlaps by IoU 0.5: "is there a garment".
    """
    kept = these.having_found(score_from)
    kept = replace(kept, truth=tuple(boxes.having(~boxes.crowd) for boxes in kept.truth))
    wanted, said = (sum(len(boxes) for boxes in side) for side in (kept.truth, kept.found))
    if not said or not wanted:
        return {"precision": 0.0, "recall": 0.0, "found": 0.0}
    right, any_class = (len(pairs(kept, 0.5, by_class=by_class)) for by_class in (True, False))
    return {"precision": right / said, "recall": right / wanted, "found": any_class / wanted}
