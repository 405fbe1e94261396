"""What an evaluation found: plain values that print, draw and serialise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from meot.evaluation.bootstrap import Difference, Interval
from meot.evaluation.calibration import Calibration, Sure
from meot.evaluation.curve import Curve
from meot.evaluation.predictions import Box

NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScores:
    """One class. support: how many there are in truth. answered: how often the model said it (detection: at the
    threshold). average_precision: of its PR curve; None when there are none of it. undefined: the figures that are
    0 divided by 0 and stand as 0.
    """

    name: str
    support: int
    answered: int
    precision: Interval
    recall: Interval
    f1: Interval
    average_precision: float | None
    curve: Curve
    undefined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedScores(ClassScores):
    """A class of a detector; average_precision is AP50-95. ap50: with its interval, undefined when there are none."""

    ap50: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A box to draw. kind: "truth", "found" (right) or "wrong". score: None for truth."""

    label: str
    box: Box
    kind: Literal["truth", "found", "wrong"]
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One of the worst. words: what is wrong. badness: what they are sorted by, higher is worse.
    size: (height, width) px of the photo, None when not known.
    """

    photo: str
    words: str
    badness: float
    boxes: tuple[Marked, ...] = ()
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """counts[i][j]: how often truth i was answered j. names: of rows and columns alike."""

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """A classifier on one split. macro_f1: mean F1 of the classes there are photos of. top: k -> share of photos with
    the truth among the k best answers. sure: None when the model names no threshold.
    """

    model: str
    split: str
    question: str
    photos: int
    groups: int
    accuracy: Interval
    macro_f1: Interval
    top: Mapping[int, float]
    classes: tuple[ClassScores, ...]
    confusion: Confusion
    calibration: Calibration
    sure: Sure | None
    mistakes: tuple[Mistake, ...]
    task: Literal["classify"] = "classify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A detector on one split. threshold: the one score with the best mean F1 over classes at IoU 0.5, at which
    precision, recall, F1, the confusion and the mistakes are told.
    """

    model: str
    split: str
    photos: int
    groups: int
    objects: int
    map50: Interval
    map50_95: Interval
    threshold: float
    classes: tuple[DetectedScores, ...]
    confusion: Confusion
    mistakes: tuple[Mistake, ...]
    question: str = "objects"
    task: Literal["detect"] = "detect"


Result = Classification | Detection


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two models on the photos that both answered. left_out: photos that only one of them did."""

    first: str
    second: str
    photos: int
    left_out: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything: a result a model, each later model against the first, the epochs of a training run."""

    results: tuple[Result, ...]
    comparisons: tuple[Comparison, ...] = ()
    history: tuple[Mapping[str, float], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values for ``json.dumps``."""
        return {"schema": "meot.report/1"} | asdict(replace(self, history=_finite(self.history)))


def _finite(history: tuple[Mapping[str, float], ...]) -> Any:
    """JSON has no NaN: what is not a number is null."""
    return tuple({k: v if math.isfinite(v) else None for k, v in record.items()} for record in history)
