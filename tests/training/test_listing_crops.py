"""Boxes of a detector with classes of a classifier, against answers counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import torch
from torch import nn

from meot.errors import DataError
from meot.evaluation.predictions import Detected, boxes_of
from meot.training.recipes.listing_crops import classify_with, comparison, lines_of, reclassified

pytestmark = pytest.mark.train
PHOTO = np.zeros((60, 60, 3), np.uint8)
PHOTO[5:25, 5:25, 0] = 250
PHOTO[30:50, 30:50, 2] = 250
RED, BLUE = [5.0, 5, 25, 25], [30.0, 30, 50, 50]


def simple() -> Detected:
    """The detector takes the blue thing for a coat as well, and gives the red one twice."""
    return Detected(
        model="simple",
        split="test",
        classes=("coat", "skirt"),
        photos=("a",),
        groups=("",),
        sizes=((60, 60),),
        truth=(boxes_of([RED, BLUE], [0, 1]),),
        found=(boxes_of([RED, BLUE, RED], [0, 0, 1], [0.9, 0.8, 0.3]),),
    )


def by_colour(crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    return np.array([[0.9, 0.1] if crop[..., 0].mean() > crop[..., 2].mean() else [0.2, 0.8] for crop in crops])


def read(_: Path) -> NDArray[np.uint8]:
    return PHOTO


def test_the_classifier_names_the_boxes() -> None:
    joined = reclassified(simple(), by_colour, model="proposed", read=read)
    assert joined.found[0].labels.tolist() == [0, 1]  # the box given twice is there once
    assert joined.found[0].scores == pytest.approx([0.9 * 0.9, 0.8 * 0.8])
    before, after = lines_of(simple()), lines_of(joined)
    assert [line.ap50 for line in before] == pytest.approx([1.0, 0.0, 0.5])
    assert [value for line in after for value in (line.precision, line.recall, line.ap50)] == pytest.approx([1.0] * 9)
    assert comparison(simple(), joined).splitlines()[-1].split()[0] == "all"


def test_another_number_of_classes_is_refused() -> None:
    with pytest.raises(DataError, match="3 classes, the detector has 2"):
        reclassified(simple(), lambda crops: np.ones((len(crops), 3)) / 3, model="x", read=read)


def test_any_net_classifies_crops() -> None:
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    torch.nn.init.zeros_(net[2].weight)  # type: ignore[arg-type]
    scores = classify_with(net, side=32)([PHOTO, PHOTO[5:25, 5:25]])
    assert scores.shape == (2, 2)
    assert scores.sum(1) == pytest.approx([1, 1])
