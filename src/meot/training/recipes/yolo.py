"""Recipe of YOLOv8 through ultralytics, which is AGPL-3.0 and therefore installed by hand: meot[yolo].

ultralytics trains in a loop of its own; meot hands it the photos, the published settings and silence towards the
network, and writes the answers on the validation split as it does for its own nets.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from meot.data.detection import box_of
from meot.data.opening import open_table
from meot.data.sources import write
from meot.data.table import Object, Row, Table
from meot.errors import DataError, SettingsError, nearest
from meot.evaluation import files
from meot.evaluation.predictions import Boxes, Classified, Detected, Predictions, boxes_of
from meot.training.recipes.detector import open_objects, rows_of

NOTICE = (
    "YOLOv8 comes from ultralytics, licence AGPL-3.0: who gives away, or serves over a network, a program with it (or, "
    "as Ultralytics reads it, with a model made by it) owes its users the whole program's source under AGPL-3.0, or "
    "needs Ultralytics' paid licence."
)
_SILENT = ("sync", "mlflow", "wandb", "comet", "clearml", "dvc", "neptune", "hub", "raytune", "tensorboard")
_FILES = {"detect": "yolov8n.yaml", "classify": "yolov8n-cls.yaml"}


@dataclass(frozen=True, kw_only=True)
class YoloRecipe:
    """YOLOv8 nano from random weights with the settings of the paper on oversampling."""

    data: Annotated[Path, "table (.jsonl) or a data set in a known format"]
    name: Annotated[str, "the model's name"] = "yolo"
    task: Annotated[Literal["detect", "classify"], "boxes with classes, or one class a photo"] = "detect"
    net: Annotated[str, "ultralytics net or weights file; empty: yolov8n.yaml, or yolov8n-cls.yaml"] = ""
    objects: Annotated[Literal["boxes", "labels", "regions"], "detect: the table's boxes, or boxes around masks"] = (
        "boxes"
    )
    classes: Annotated[tuple[str, ...], "detect: learn only these classes; all when empty"] = ()
    question: Annotated[str, "classify: the question to answer; may be left out when the table has one"] = ""
    epochs: Annotated[int, "epochs"] = 100
    size: Annotated[int, "side photos are fitted into, px"] = 640
    batch: Annotated[int, "photos a step"] = 16
    optimiser: Annotated[Literal["Adam", "AdamW", "SGD", "RMSProp"], "optimiser"] = "Adam"
    rate: Annotated[float, "learning rate"] = 0.01
    momentum: Annotated[float, "momentum, or Adam's first beta"] = 0.937
    weight_decay: Annotated[float, "weight decay"] = 0.0005
    device: Annotated[str, "cpu, 0 for the first GPU, empty for what there is"] = ""
    workers: Annotated[int, "processes that read photos"] = 0
    seed: Annotated[int, "seed of every random choice"] = 0
    limit: Annotated[int | None, "use only so many photos a split, to try things out"] = None


def train_yolo(recipe: YoloRecipe, folder: Path) -> Path:
    """Train into ``folder``, which gets data/, yolo/ and predictions.jsonl; returns yolo/weights/best.pt.

    SettingsError when ultralytics is not installed. A killed run goes on after its last epoch; a run that has written
    its predictions is not repeated.
    """
    tqdm.write(NOTICE)
    library = open_library(folder)
    table = _table(recipe)
    best, answers = folder / "yolo" / "weights" / "best.pt", folder / "predictions.jsonl"
    if not answers.is_file():
        _fit(library, recipe, _written(table, recipe, folder / "data"), folder)
        files.save(_predictions(library.YOLO(str(best)), recipe, table), answers)
    return best


def open_library(folder: Path) -> Any:
    """ultralytics, told to keep to itself: no network, no trackers, its settings in ``folder``/ultralytics."""
    config = folder.resolve() / "ultralytics"
    config.mkdir(parents=True, exist_ok=True)
    os.environ |= {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "YOLO_CONFIG_DIR": str(config)}
    try:
        library = import_module("ultralytics")
    except ImportError:
        raise SettingsError(
            "YOLO needs ultralytics, which is AGPL-3.0 (meot itself is not): pip install 'meot[yolo]' if that suits you"
        ) from None
    library.settings.update({name: False for name in _SILENT if name in library.settings})
    _lay_fonts(Path(import_module("ultralytics.utils").USER_CONFIG_DIR))
    return library


def _lay_fonts(folder: Path) -> None:
    """Put matplotlib's font where ultralytics looks for Arial, which it would fetch from the network otherwise."""
    font = Path(import_module("matplotlib").get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    for name in ("Arial.ttf", "Arial.Unicode.ttf"):
        if font.is_file() and not (folder / name).exists():
            shutil.copyfile(font, folder / name)


def _table(recipe: YoloRecipe) -> Table:
    """The table with the rows to learn from and to measure on, nothing else in it."""
    if recipe.task == "detect":
        found = open_objects(recipe.data, recipe.objects, recipe.classes, recipe.seed)
        learned, held = (rows_of(found, split, recipe.data, recipe.limit) for split in ("train", "validation"))
        return found.having((*learned, *held))
    table = open_table(recipe.data, seed=recipe.seed)
    question = recipe.question or (next(iter(table.questions)) if len(table.questions) == 1 else "")
    if question not in table.questions:
        raise DataError(f"{recipe.data}: no question is called {question!r}; {nearest(question, [*table.questions])}")
    kept: list[Row] = []
    for split in ("train", "validation"):
        rows = [row for row in table.of(split) if question in row.labels][: recipe.limit]
        if not rows:
            raise DataError(f"{recipe.data}: no {question} in the {split} split; run 'meot data split' first")
        kept += [replace(row, labels={question: row.labels[question]}) for row in rows]
    return Table(rows=tuple(kept), questions={question: table.questions[question]})


def _written(table: Table, recipe: YoloRecipe, folder: Path) -> Path:
    """The photos as ultralytics reads them: a data.yaml, or a folder with one folder a class."""
    form = "yolo" if recipe.task == "detect" else "yolo-cls"
    if not folder.is_dir():
        bare = [_bare(row, table.classes) for row in table.rows]
        write(table.having(tuple(bare)), folder, form, lossy=True)
    return folder / "data.yaml" if recipe.task == "detect" else folder


def _bare(row: Row, classes: tuple[str, ...]) -> Row:
    """A row with what YOLO's formats carry: split, and boxes of the wanted classes or else the labels."""
    if not classes:
        return Row(photo=row.photo, split=row.split, labels=row.labels)
    wanted = [(i, thing) for i, thing in enumerate(row.objects) if thing.label in classes and not thing.crowd]
    things = tuple(Object(label=thing.label, box=box_of(thing, row, i)) for i, thing in wanted)
    return Row(photo=row.photo, split=row.split, objects=things)


def _fit(library: Any, recipe: YoloRecipe, data: Path, folder: Path) -> None:
    last = folder / "yolo" / "weights" / "last.pt"
    if last.is_file():
        library.YOLO(str(last)).train(resume=True)
        return
    library.YOLO(recipe.net or _FILES[recipe.task]).train(**settings_of(recipe), data=str(data), project=str(folder))


def settings_of(recipe: YoloRecipe) -> Mapping[str, Any]:
    """The recipe in ultralytics' words. plots and amp are off because both fetch files from the network."""
    return {
        "name": "yolo",
        "exist_ok": True,
        "epochs": recipe.epochs,
        "imgsz": recipe.size,
        "batch": recipe.batch,
        "optimizer": recipe.optimiser,
        "lr0": recipe.rate,
        "momentum": recipe.momentum,
        "weight_decay": recipe.weight_decay,
        "seed": recipe.seed,
        "workers": recipe.workers,
        "device": recipe.device or None,
        "deterministic": True,
        "plots": False,
        "amp": False,
        "verbose": False,
    }


def _predictions(model: Any, recipe: YoloRecipe, table: Table) -> Predictions:
    rows = table.of("validation")
    device = recipe.device or None
    answers = [
        model.predict(str(row.photo), imgsz=recipe.size, conf=0.001, device=device, verbose=False)[0]
        for row in tqdm(rows, desc="predict", mininterval=5)
    ]
    if recipe.task == "detect":
        return _detected(answers, rows, table.classes, recipe.name)
    question, known = next(iter(table.questions.items()))
    order = _order(model.names, known)
    scores = np.stack([answer.probs.data.double().cpu().numpy()[order] for answer in answers])
    return Classified(
        model=recipe.name,
        split="validation",
        question=question,
        classes=known,
        photos=tuple(str(row.photo) for row in rows),
        boxes=(None,) * len(rows),
        groups=tuple(row.group for row in rows),
        truth=np.array([known.index(row.labels[question]) for row in rows], np.int64),
        scores=np.clip(scores, 0, 1),
    )


def _order(names: Mapping[int, str], known: tuple[str, ...]) -> NDArray[np.int64]:
    """Where ultralytics, which sorts folders by name, has each of our answers."""
    theirs = [names[i] for i in range(len(names))]
    lost = [name for name in known if name not in theirs]
    if lost:
        raise DataError(f"no photo to learn from shows {lost[0]!r}; add some, or take the answer out of the table")
    return np.array([theirs.index(name) for name in known], np.int64)


def _detected(answers: list[Any], rows: tuple[Row, ...], classes: tuple[str, ...], model: str) -> Detected:
    truth: list[Boxes] = []
    found: list[Boxes] = []
    for row, answer in zip(rows, answers, strict=True):
        things = [(i, thing) for i, thing in enumerate(row.objects) if thing.label in classes]
        sides = [box_of(thing, row, i) for i, thing in things]
        numbers = [classes.index(thing.label) for _, thing in things]
        truth.append(boxes_of(sides, numbers, crowd=[thing.crowd for _, thing in things]))
        boxes = answer.boxes
        found.append(
            boxes_of(boxes.xyxy.cpu().tolist(), boxes.cls.long().cpu().tolist(), boxes.conf.double().cpu().tolist())
        )
    return Detected(
        model=model,
        split="validation",
        classes=classes,
        photos=tuple(str(row.photo) for row in rows),
        groups=tuple(row.group for row in rows),
        sizes=tuple((int(answer.orig_shape[0]), int(answer.orig_shape[1])) for answer in answers),
        truth=tuple(truth),
        found=tuple(found),
    )
