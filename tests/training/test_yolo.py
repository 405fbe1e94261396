"""YOLOv8 through the opt-in extra: the licence is said, nothing phones home, the published settings are handed on."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import cv2
import torch

from meot.data.images import read_rgb
from meot.data.table import Object, Row, Split, Table, save
from meot.errors import DataError, SettingsError
from meot.evaluation import files
from meot.evaluation.predictions import Classified, Detected
from meot.training.recipes import yolo
from meot.training.recipes.yolo import YoloRecipe, open_library, settings_of, train_yolo

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("YOLO_OFFLINE", "YOLO_AUTOINSTALL", "YOLO_CONFIG_DIR"):
        monkeypatch.setenv(name, "")  # so that what the recipe sets is taken back


def draw(folder: Path) -> Path:
    """Eight photos of 64 px, each with one coloured block, its box and its class."""
    rng = np.random.default_rng(0)
    rows = []
    for i in range(8):
        image = np.asarray(rng.integers(90, 160, (64, 64, 3)), np.uint8)
        image[20:50, 10:40] = (200, 30, 30) if i % 2 else (30, 30, 200)
        cv2.imwrite(str(folder / f"{i}.png"), image[..., ::-1])
        name = "coat" if i % 2 else "skirt"
        thing = Object(label=name, box=(10.0, 20.0, 40.0, 50.0))
        split: Split = "validation" if i > 5 else "train"
        rows.append(Row(photo=folder / f"{i}.png", split=split, objects=(thing,), labels={"kind": name}))
    questions = {"kind": ("skirt", "coat")}
    return save(Table(rows=tuple(rows), classes=("skirt", "coat"), questions=questions), folder / "table.jsonl")


class Recorder:
    """Stands where ultralytics' YOLO class stands, answers one sure box or class, and notes what it was asked."""

    asked: ClassVar[dict[str, Any]] = {}
    names: ClassVar = {0: "coat", 1: "skirt"}

    def __init__(self, file: str) -> None:
        type(self).asked = {"file": file} | ({} if file.endswith(".yaml") else type(self).asked)

    def train(self, **settings: Any) -> None:
        type(self).asked |= settings

    def predict(self, photo: str, **_: Any) -> list[Any]:
        red = read_rgb(Path(photo))[35, 25, 0] > 100
        box = SimpleNamespace(
            xyxy=torch.tensor([[10.0, 20, 40, 50]]), cls=torch.tensor([1.0 if red else 0.0]), conf=torch.tensor([0.9])
        )
        probabilities = SimpleNamespace(data=torch.tensor([0.8, 0.2] if red else [0.3, 0.7]))
        return [SimpleNamespace(boxes=box, probs=probabilities, orig_shape=(64, 64))]


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Recorder]:
    settings: dict[str, Any] = {"sync": True, "mlflow": True, "runs_dir": "runs"}
    fonts = tmp_path / "fonts" / "ttf"
    fonts.mkdir(parents=True)
    (fonts / "DejaVuSans.ttf").write_bytes(b"font")
    library = SimpleNamespace(
        YOLO=Recorder, settings=settings, USER_CONFIG_DIR=tmp_path, get_data_path=lambda: str(tmp_path)
    )
    monkeypatch.setattr(yolo, "import_module", lambda _: library)
    Recorder.asked = {"settings": settings}
    return Recorder


def test_without_ultralytics_it_says_what_to_install_and_under_which_licence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> None:
        raise ImportError

    monkeypatch.setattr(yolo, "import_module", missing)
    with pytest.raises(SettingsError, match=r"AGPL-3\.0.*pip install 'meot\[yolo\]'"):
        open_library(tmp_path)


def test_nothing_phones_home(tmp_path: Path, recorder: type[Recorder]) -> None:
    settings = recorder.asked["settings"]
    open_library(tmp_path)
    assert settings == {"sync": False, "mlflow": False, "runs_dir": "runs"}
    assert os.environ["YOLO_OFFLINE"] == "true"
    assert (tmp_path / "Arial.ttf").read_bytes() == b"font"  # else it is fetched
    assert os.environ["YOLO_CONFIG_DIR"].startswith(str(tmp_path))


def test_the_papers_settings_are_the_defaults(tmp_path: Path) -> None:
    made = settings_of(YoloRecipe(data=tmp_path))
    wanted = {"optimizer": "Adam", "lr0": 0.01, "momentum": 0.937, "weight_decay": 0.0005}
    assert {name: made[name] for name in wanted} == wanted
    assert (made["imgsz"], made["batch"], made["epochs"]) == (640, 16, 100)


def test_detection_hands_on_the_photos_and_keeps_the_answers(
    tmp_path: Path, recorder: type[Recorder], capsys: pytest.CaptureFixture[str]
) -> None:
    train_yolo(YoloRecipe(data=draw(tmp_path)), tmp_path / "run")
    assert "AGPL-3.0" in capsys.readouterr().out
    assert recorder.asked["data"].endswith("data.yaml")
    assert len(list((tmp_path / "run" / "data" / "labels").rglob("*.txt"))) == 8
    held = files.load(tmp_path / "run" / "predictions.jsonl")
    assert isinstance(held, Detected)
    assert [int(boxes.labels[0]) for boxes in held.found] == [int(boxes.labels[0]) for boxes in held.truth]


def test_classification_puts_answers_back_in_the_tables_order(tmp_path: Path, recorder: type[Recorder]) -> None:
    train_yolo(YoloRecipe(data=draw(tmp_path), task="classify"), tmp_path / "run")
    held = files.load(tmp_path / "run" / "predictions.jsonl")
    assert isinstance(held, Classified)
    assert held.classes == ("skirt", "coat")  # ultralytics has them by name, coat first
    assert held.scores.argmax(1).tolist() == held.truth.tolist()
    with pytest.raises(DataError, match="did you mean 'kind'"):
        train_yolo(YoloRecipe(data=tmp_path / "table.jsonl", task="classify", question="kint"), tmp_path / "other")


@pytest.mark.skipif(
    importlib.util.find_spec("ultralytics") is None, reason="needs the yolo extra (AGPL-3.0): pip install 'meot[yolo]'"
)
def test_a_real_run(tmp_path: Path) -> None:
    recipe = YoloRecipe(data=draw(tmp_path), epochs=1, size=64, batch=4, device="cpu")
    best = train_yolo(recipe, tmp_path / "run")
    assert best.is_file()
    assert (tmp_path / "run" / "predictions.jsonl").is_file()
