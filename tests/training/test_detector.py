"""Detectors on drawn photos: they learn easy boxes, go on after a kill, refuse bad boxes, and export as they answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import cv2
import torch

from meot.data.table import Object, Row, Table, load, save
from meot.errors import DataError, ModelError
from meot.evaluation import files
from meot.evaluation.predictions import Detected, boxes_of
from meot.models.card import read_card
from meot.models.session import OnnxSession
from meot.training.detect.batches import Batches, Views
from meot.training.detect.figures import average_precision, hits
from meot.training.detect.model_file import disagreement, export_detector
from meot.training.nets import detector
from meot.training.recipes.detector import DetectorRecipe, loss_of, train_detector

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]  # torch warns about its own future
TALL, WIDE = (18, 40), (44, 20)


def draw_boxes(folder: Path, *, photos: int = 24, seed: int = 0) -> Path:
    """A table of photos of 96x80 px with a red tall block and a blue wide one, each now and then alone."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for i in range(photos):
        image = np.asarray(rng.integers(90, 160, (96, 80, 3)), np.uint8)
        things = []
        for name, (wide, tall), colour in (("coat", TALL, (200, 30, 30)), ("skirt", WIDE, (30, 30, 200))):
            if i % 5 == (0 if name == "coat" else 1):
                continue
            x, y = int(rng.integers(2, 80 - wide)), int(rng.integers(2, 50 - tall)) + (46 if name == "skirt" else 0)
            image[y : y + tall, x : x + wide] = colour
            corners = (x, y, x + wide, y, x + wide, y + tall, x, y + tall)
            box = (float(x), float(y), float(x + wide), float(y + tall))
            things.append(Object(label=name, box=box, polygons=(tuple(float(v) for v in corners),)))
        cv2.imwrite(str(folder / f"{i}.png"), image[..., ::-1])
        split = "validation" if i % 3 == 2 else "train"
        rows.append(Row(photo=folder / f"{i}.png", split=split, objects=tuple(things), group=f"g{i}"))
    return save(Table(rows=tuple(rows), classes=("coat", "skirt")), folder / "table.jsonl")


def tiny(data: Path, **fields: object) -> DetectorRecipe:
    plain = DetectorRecipe(
        data=data, canvas=(96, 96), batch=4, epochs=1, average=0.0, zoom=1.1, weights="random", body="resnet18"
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_boxes(tmp_path_factory.mktemp("boxes"))


@pytest.fixture(scope="module")
def trained(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The light net's folder after enough epochs for blocks of one colour."""
    folder = tmp_path_factory.mktemp("light")
    train_detector(tiny(table, epochs=12, rate=4e-3, body_rate=2e-3, weights="", colour=0.2), folder)
    return folder


def history(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "history.jsonl").read_text("utf-8").splitlines()]


def test_the_light_net_learns_easy_boxes(trained: Path) -> None:
    past = history(trained)
    assert past[-1]["loss"] < 0.7 * past[0]["loss"]
    assert max(epoch["mAP50"] for epoch in past) > 0.5  # boxes at random places reach under 0.02
