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

from meot.data.table import Object, Row, Split, Table, load, save
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
        split: Split = "validation" if i % 3 == 2 else "train"
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
    train_detector(tiny(table, epochs=5, rate=4e-3, body_rate=2e-3, weights="", colour=0.2), folder)
    return folder


def history(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "history.jsonl").read_text("utf-8").splitlines()]


def test_the_light_net_learns_easy_boxes(trained: Path) -> None:
    past = history(trained)
    assert past[-1]["loss"] < 0.7 * past[0]["loss"]
    held = files.load(trained / "predictions.jsonl")
    assert isinstance(held, Detected)
    chance = average_precision(replace(held, found=(*held.found[1:], held.found[0])))["mAP50"]  # another photo's boxes
    assert average_precision(held)["mAP50"] > chance + 0.4


def test_its_file_answers_as_the_net_does(trained: Path) -> None:
    card = read_card(trained / "detector.json")
    assert (card.task, card.labels, card.outputs) == ("detector", ("coat", "skirt"), ("boxes", "labels", "scores"))
    session = OnnxSession(model=trained / "detector.onnx", threads=1)
    boxes, labels, scores = session.run({"pixels": np.zeros((1, 3, 96, 96), np.float32)})
    assert boxes.shape == (len(labels), 4)
    assert len(scores) == len(labels)


def test_its_predictions_are_those_that_were_measured(trained: Path) -> None:
    held = files.load(trained / "predictions.jsonl")
    assert isinstance(held, Detected)
    assert held.classes == ("coat", "skirt")
    assert held.split == "validation"
    best = max(epoch["mAP50-95"] for epoch in history(trained))
    assert average_precision(held)["mAP50-95"] == pytest.approx(best, abs=1e-6)


def test_a_finished_run_is_not_run_again(trained: Path, table: Path) -> None:
    before = history(trained)
    train_detector(tiny(table, epochs=5, rate=4e-3, body_rate=2e-3, weights="", colour=0.2), trained)
    assert history(trained) == before


def test_a_file_that_answers_otherwise_is_refused(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = detector.build("light", classes=2, canvas=(64, 64), weights="random", score_from=0.0).eval()
    real = OnnxSession.run

    def shifted(self: OnnxSession, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        boxes, labels, scores = real(self, inputs)
        return [boxes + 3, labels, scores]

    monkeypatch.setattr(OnnxSession, "run", shifted)
    with pytest.raises(ModelError, match="disagrees"):
        export_detector(net, (64, 64), [np.ones((1, 3, 64, 64), np.float32)], tmp_path)
    assert not list(tmp_path.glob("*.onnx"))


@pytest.mark.parametrize("kind", ["retinanet", "fasterrcnn", "maskrcnn"])
def test_the_large_nets_learn_from_the_same_batches(kind: detector.Kind, table: Path) -> None:
    views = Views(canvas=(64, 64), classes=("coat", "skirt"), zoom=1.1, rotate=0, colour=0, masks=kind == "maskrcnn")
    batch = next(Batches(load(table).of("train"), views=views, batch=2, workers=1, seed=0)(0))
    torch.manual_seed(0)
    net = detector.build(kind, classes=2, canvas=(64, 64), body="resnet18", freeze=2)
    net.train()
    loss = loss_of(net, batch)
    loss.backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(loss)
    frozen = [p.grad is None for name, p in net.named_parameters() if name.startswith("backbone.body.layer1")]
    assert all(frozen)
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_epochs_repeat_themselves_and_boxes_follow_their_pixels(table: Path) -> None:
    views = Views(canvas=(96, 96), classes=("coat", "skirt"), zoom=1.3, rotate=0, colour=0, masks=True)
    batches = Batches(load(table).of("train"), views=views, batch=4, workers=2, seed=3)
    first, again = list(batches(1)), list(batches(1))
    assert all(torch.equal(a.photos[0], b.photos[0]) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0].photos[0], next(batches(2)).photos[0])
    for photo, target in zip(first[0].photos, first[0].targets, strict=True):
        for box, label in zip(target["boxes"].tolist(), target["labels"].tolist(), strict=True):
            x0, y0, x1, y1 = (round(side) for side in box)
            inside = photo[:, y0 + 2 : y1 - 2, x0 + 2 : x1 - 2].mean((1, 2))
            assert int(inside.argmax()) == (0 if label == 1 else 2)  # coats are red, skirts blue


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ((5.0, 5.0, 5.0, 20.0), "without area"),
        ((30.0, 5.0, 10.0, 20.0), "reversed"),
        ((float("nan"), 5.0, 9.0, 20.0), "four numbers"),
        (None, "no box"),
    ],
)
def test_a_bad_box_is_refused_before_training(
    box: tuple[float, float, float, float] | None, words: str, table: Path, tmp_path: Path
) -> None:
    good = load(table)
    row = replace(good.rows[0], objects=(Object(label="coat", box=box),))
    bad = save(good.having((row, *good.rows[1:])), tmp_path / "bad.jsonl")
    with pytest.raises(DataError, match=words) as caught:
        train_detector(tiny(bad), tmp_path / "run")
    assert "0.png: object 1 ('coat')" in str(caught.value)


def test_unusable_settings_say_what_was_expected(table: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="did you mean 'skirt'"):
        train_detector(tiny(table, classes=("skrit",)), tmp_path)
    with pytest.raises(DataError, match="multiples of 32"):
        train_detector(tiny(table, canvas=(100, 96)), tmp_path)
    with pytest.raises(DataError, match="COCO"):
        detector.build("light", classes=2, canvas=(64, 64), weights="coco")
    with pytest.raises(ModelError, match="cannot be read"):
        detector.build("light", classes=2, canvas=(64, 64), weights=str(tmp_path / "none.safetensors"))


def test_figures_on_known_answers() -> None:
    truth = boxes_of([[0, 0, 10, 10], [20, 20, 40, 40]], [0, 1])
    found = boxes_of([[0, 0, 10, 10], [20, 20, 40, 40]], [0, 0], [0.9, 0.8])
    these = Detected(
        model="m",
        split="test",
        classes=("coat", "skirt"),
        photos=("a",),
        groups=("",),
        sizes=((50, 50),),
        truth=(truth,),
        found=(found,),
    )
    assert average_precision(these)["mAP50"] == pytest.approx(0.5)  # coat 1, skirt 0
    assert hits(these, score_from=0.5) == {"precision": 0.5, "recall": 0.5, "found": 1.0}
    assert hits(these, score_from=0.85) == {"precision": 1.0, "recall": 0.5, "found": 0.5}


def test_disagreement_counts_boxes_without_a_partner() -> None:
    boxes, labels, scores = np.array([[0, 0, 9, 9], [5, 5, 20, 20]], np.float32), np.array([0, 1]), np.array([0.9, 0.5])
    ours = (boxes, labels, scores.astype(np.float32))
    assert disagreement(ours, ours) == 0
    assert disagreement(ours, (boxes, np.array([0, 0]), ours[2])) == 0.5
    assert disagreement(ours, (boxes[:1], labels[:1], ours[2][:1])) == 0.5
