"""Recipe of a detector of garments: RetinaNet, Faster or Mask R-CNN, or a light net, from any table with boxes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

from meot.data.detection import check_boxes, things_of_masks
from meot.data.opening import open_table
from meot.data.table import Row, Split, Table
from meot.errors import DataError, nearest
from meot.evaluation import files
from meot.training.detect.batches import Batch, Batches, Views
from meot.training.detect.figures import average_precision, detect
from meot.training.detect.model_file import save_detector
from meot.training.loop import train
from meot.training.nets import detector
from meot.training.plan import Decay, OwnModel, Plan, Precision


@dataclass(frozen=True, kw_only=True)
class DetectorRecipe(OwnModel):
    """One net on photos with boxes; mAP on the validation split after every epoch, the best epoch is kept."""

    data: Annotated[Path, "table (.jsonl) or a data set with boxes in a known format"]
    net: Annotated[
        Literal["light", "retinanet", "fasterrcnn", "maskrcnn"], "light: FCOS on MobileNetV2, fit for a processor"
    ] = "light"
    body: Annotated[Literal["resnet18", "resnet34", "resnet50", "resnet101"], "backbone of the others"] = "resnet50"
    weights: Annotated[
        str,
        "start: empty (light: the bundled net; others: random), random, download (ImageNet), coco (whole net, "
        "resnet50), or a file",
    ] = ""
    objects: Annotated[
        Literal["boxes", "labels", "regions"],
        "boxes: the table's own; else one for each label, or each region, in a photo's mask",
    ] = "boxes"
    classes: Annotated[tuple[str, ...], "learn only these classes; all of the table's when empty"] = ()
    canvas: Annotated[tuple[int, ...], "height and width photos are fitted into, px, multiples of 32"] = (416, 416)
    batch: Annotated[int, "photos a step"] = 8
    epochs: Annotated[int, "epochs"] = 30
    rate: Annotated[float, "peak learning rate of the pyramid and the heads"] = 1e-3
    body_rate: Annotated[float, "peak learning rate of the backbone"] = 2.5e-4
    weight_decay: Decay = 0.02
    freeze: Annotated[int, "so many first stages of the backbone, 0..5, stay as they are"] = 0
    zoom: Annotated[float, "largest random zoom in and out, from 1 (none)"] = 1.3
    rotate: Annotated[float, "largest random rotation, degrees; boxes without outlines grow with it"] = 0.0
    colour: Annotated[float, "how much colours are changed, 0..1"] = 0.6
    score_from: Annotated[float, "boxes with a lower score are not given, 0..1"] = 0.05
    precision: Precision = "single"
    workers: Annotated[int, "threads that read photos ahead"] = 1


def train_detector(recipe: DetectorRecipe, folder: Path) -> Path:
    """Train into ``folder`` and return the model file there: detector.onnx, or .safetensors for Mask R-CNN.

    predictions.jsonl there, of the validation split, is for ``meot evaluate``.
    """
    canvas = canvas_of(recipe.canvas)
    table = open_objects(recipe.data, recipe.objects, recipe.classes, recipe.seed)
    sets = {split: rows_of(table, split, recipe.data, recipe.limit) for split in ("train", "validation")}
    net = fit(recipe, table.classes, canvas, sets["train"], sets["validation"], folder)
    net.to("cuda" if torch.cuda.is_available() else "cpu")
    held = detect(net, sets["validation"], canvas=canvas, classes=table.classes, batch=recipe.batch, model=recipe.name)
    files.save(held, folder / "predictions.jsonl")
    return save_detector(net.cpu(), recipe, table.classes, canvas, held, folder)


def canvas_of(sides: tuple[int, ...]) -> tuple[int, int]:
    """(height, width) from one or two sides. DataError when they are not multiples of 32."""
    if len(sides) not in (1, 2) or any(side < 32 or side % 32 for side in sides):
        raise DataError(f"canvas should be height and width in px, multiples of 32, got {list(sides)}")
    return sides[0], sides[-1]


def open_objects(
    data: Path, objects: Literal["boxes", "labels", "regions"], classes: tuple[str, ...], seed: int
) -> Table:
    """The table with things of the wanted classes. DataError for an unknown class, with the nearest known."""
    table = open_table(data, seed=seed)
    if objects != "boxes":
        table = things_of_masks(table, by=objects)
    used = dict.fromkeys(thing.label for row in table.rows for thing in row.objects)
    for name in (*classes, *used):
        if name not in table.classes:
            raise DataError(f"{data}: no class is called {name!r}; {nearest(name, list(table.classes))}")
    return Table(rows=table.rows, classes=classes or table.classes, mask_names=table.mask_names)


def rows_of(table: Table, split: Split, data: Path, limit: int | None) -> tuple[Row, ...]:
    """Rows of a split with something of the table's classes in them, every box checked. DataError when none is left."""
    rows = tuple(row for row in table.of(split) if any(thing.label in table.classes for thing in row.objects))
    if not rows:
        raise DataError(f"{data}: no photo with boxes in the {split} split; run 'meot data split', or set objects")
    check_boxes(rows[:limit], table.classes)
    return rows[:limit]


def fit(
    recipe: DetectorRecipe,
    classes: tuple[str, ...],
    canvas: tuple[int, int],
    learned: tuple[Row, ...],
    held: tuple[Row, ...],
    folder: Path,
) -> nn.Module:
    """The detector trained on ``learned`` and watched on ``held``."""
    torch.manual_seed(recipe.seed)
    net = detector.build(
        recipe.net,
        classes=len(classes),
        canvas=canvas,
        body=recipe.body,
        weights=recipe.weights,
        freeze=recipe.freeze,
        score_from=recipe.score_from,
    )
    views = _views(recipe, classes, canvas)
    batches = Batches(learned, views=views, batch=recipe.batch, workers=recipe.workers, seed=recipe.seed)

    def measure(model: nn.Module) -> dict[str, float]:
        found = detect(model, held, canvas=canvas, classes=classes, batch=recipe.batch, model=recipe.name)
        return average_precision(found)

    return train(
        net,
        plan=plan_of(recipe, batches.steps),
        batches=batches,
        loss_of=loss_of,
        measure=measure,
        folder=folder,
        set_train=partial(_set_train, started=_started(recipe)),
    )


def _views(recipe: DetectorRecipe, classes: tuple[str, ...], canvas: tuple[int, int]) -> Views:
    return Views(
        canvas=canvas,
        classes=classes,
        zoom=recipe.zoom,
        rotate=recipe.rotate,
        colour=recipe.colour,
        masks=recipe.net == "maskrcnn",
    )


def _started(recipe: DetectorRecipe) -> bool:
    """Whether the backbone knows something already, and with it its batch norms."""
    return recipe.weights not in ("", "random") or (recipe.net == "light" and recipe.weights == "")


def _set_train(net: nn.Module, *, started: bool) -> None:
    net.train()
    if started:
        detector.freeze_norms(net)


def plan_of(recipe: DetectorRecipe, steps: int) -> Plan:
    """How long and how fast the recipe trains."""
    rates = {"": recipe.rate, "backbone.body": recipe.body_rate}
    return recipe.plan(epochs=recipe.epochs, steps=steps, rates=rates, watch="mAP50-95")


def loss_of(net: nn.Module, batch: Batch) -> Tensor:
    """The sum of the net's own losses: focal loss and boxes (RetinaNet, light), proposals, classes, boxes, masks."""
    losses: dict[str, Tensor] = net(batch.photos, batch.targets)
    return torch.stack([loss.float() for loss in losses.values()]).sum()
