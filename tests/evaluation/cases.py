"""Predictions for tests: made of a few numbers, right as often as a test wants."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meot.evaluation.predictions import Boxes, Classified, Detected, boxes_of

HOSTILE = ('<script>alert("1")</script>', "</style><b>", "셔츠 {{ 7 * 7 }} & \"'", "a\x1b[31m\n\u2028\x85b", "x" * 300)


def classified(
    truth: list[int] | NDArray[np.int64],
    answers: list[int] | NDArray[np.int64],
    *,
    classes: tuple[str, ...] = ("band", "regular", "notched"),
    score: float = 0.8,
    model: str = "model",
    groups: tuple[str, ...] | None = None,
    sure: float | None = None,
) -> Classified:
    """Answers given with one ``score``, the rest of it spread over the other classes."""
    count = len(truth)
    scores = np.full((count, len(classes)), (1 - score) / max(1, len(classes) - 1))
    scores[np.arange(count), np.asarray(answers, np.int64)] = score
    return Classified(
        model=model,
        split="validation",
        question="collar",
        classes=classes,
        photos=tuple(f"{i}.jpg" for i in range(count)),
        boxes=(None,) * count,
        groups=groups or ("",) * count,
        truth=np.asarray(truth, np.int64),
        scores=scores,
        sure=sure,
    )


def detected(
    truth: tuple[Boxes, ...], found: tuple[Boxes, ...], *, classes: tuple[str, ...] = ("top", "shoes")
) -> Detected:
    """Boxes of photos 0.jpg, 1.jpg ..."""
    return Detected(
        model="detector",
        split="validation",
        classes=classes,
        photos=tuple(f"{i}.jpg" for i in range(len(truth))),
        groups=("",) * len(truth),
        sizes=(None,) * len(truth),
        truth=truth,
        found=found,
    )


def street(seed: int, *, photos: int = 40, classes: int = 4, crowds: bool = True) -> Detected:
    """Boxes of all areas with crowds, equal scores, photos without truth, without answers and without either, a class
    that is never there, and a photo with more answers than count.
    """
    rng = np.random.default_rng(seed)
    truth, found = [], []
    for photo in range(photos):
        true = _scattered(rng, 0 if photo % 7 == 0 else int(rng.integers(1, 8)), classes - 1)
        crowd = rng.random(len(true)) < (0.15 if crowds else 0)
        truth.append(boxes_of(true.xyxy.tolist(), true.labels.tolist(), None, crowd.tolist()))
        if photo % 5 == 0 and photo != 5:
            found.append(boxes_of([], []))
            continue
        near = true.xyxy + rng.normal(0, 4, true.xyxy.shape)
        near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 1)
        more = _scattered(rng, 130 if photo == 5 else 3, classes)
        xyxy, labels = np.vstack([near, more.xyxy]), np.append(true.labels, more.labels)
        found.append(boxes_of(xyxy.tolist(), labels.tolist(), rng.random(len(labels)).round(1).tolist()))
    return detected(tuple(truth), tuple(found), classes=tuple(f"class {i}" for i in range(classes)))


def _scattered(rng: np.random.Generator, count: int, classes: int) -> Boxes:
    corner, size = rng.uniform(0, 400, (count, 2)), rng.choice([8.0, 40.0, 160.0], (count, 1))
    xyxy = np.hstack([corner, corner + size * rng.uniform(0.5, 1.5, (count, 2))])
    return boxes_of(xyxy.tolist(), rng.integers(0, classes, count).tolist())
