"""Recipe of a human parser on anybody's masks: PSPNet as in the literature, or a light net; IoU a region, pixels right.

The parser that ships has a recipe of its own, ``parser``, which learns from two sets at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from meot import taxonomy
from meot.data.opening import open_table
from meot.data.table import Row, Split, Table
from meot.errors import DataError, ModelError
from meot.models.card import Card
from meot.training.export import FITTED, export
from meot.training.loop import train
from meot.training.losses import soft_dice
from meot.training.nets.parser import ParserNet
from meot.training.nets.pspnet import PspNet
from meot.training.parse.maps import UNKNOWN, Batch, Batches, Regions, confusion, enlarged, figures, regions_of
from meot.training.plan import Decay, OwnModel

_BODIES = {"light": ("body.stem", "body.blocks"), "pspnet": ("body",)}
"""Where the weights of each net's backbone are, which learn at ``body_rate``."""


@dataclass(frozen=True, kw_only=True)
class ParsingRecipe(OwnModel):
    """One net on photos with masks; mean IoU on the validation split after every epoch, the best epoch is kept."""

    data: Annotated[Path, "table (.jsonl) or a data set with masks in a known format"]
    net: Annotated[Literal["light", "pspnet"], "light: EfficientNet-B0 with a feature pyramid"] = "light"
    body: Annotated[str, "backbone of pspnet: a ResNet of timm's"] = "resnet50"
    weights: Annotated[str, "start of the backbone: empty for random, download, or a file"] = ""
    regions: Annotated[
        Literal["regions", "parts", "own"],
        "regions: the taxonomy's; parts: upper, lower, shoes (one-pieces and suits count nothing); own: the mask's",
    ] = "regions"
    canvas: Annotated[tuple[int, ...], "height and width photos are fitted into, px, multiples of 32"] = (384, 256)
    batch: Annotated[int, "photos a step"] = 8
    epochs: Annotated[int, "epochs"] = 30
    rate: Annotated[float, "peak learning rate of the new layers"] = 1.5e-3
    body_rate: Annotated[float, "peak learning rate of the backbone"] = 4e-4
    weight_decay: Decay = 0.02
    auxiliary: Annotated[float, "weight of pspnet's auxiliary loss"] = 0.4
    dice: Annotated[float, "weight of the Dice loss beside cross entropy; 0 as in the PSPNet paper"] = 0.0
    zoom: Annotated[float, "largest random zoom in and out, from 1 (none)"] = 1.4
    rotate: Annotated[float, "largest random rotation, degrees"] = 10.0
    colour: Annotated[float, "how much colours are changed, 0..1"] = 0.6
    workers: Annotated[int, "threads that read photos ahead"] = 1


class LightNet(nn.Module):
    """(N, 3, H, W), sides multiples of 32 -> (N, R, H/4, W/4) logits: the region map of the parser that ships."""

    def __init__(self, *, regions: int, weights: str = "") -> None:
        super().__init__()
        file = None if weights in ("", "download") else Path(weights)
        try:
            self.body = ParserNet(regions=regions, categories=1, weights=file, pretrained=weights == "download")
        except (ValueError, OSError) as error:
            raise ModelError(f"{weights}: not weights of tf_efficientnet_b0 ({error}); name another file") from None

    def forward(self, x: Tensor) -> Tensor:
        """The region logits."""
        logits: Tensor = self.body(x)[0]
        return logits


class ParsingFile(nn.Module):
    """What a parsing model's file computes."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 3, H, W) -> region numbers (N, H, W) uint8, and logits at the net's own stride."""
        logits = self.net(pixels)
        return enlarged(logits, (pixels.shape[2], pixels.shape[3])).argmax(1).to(torch.uint8), logits


def train_parsing(recipe: ParsingRecipe, folder: Path) -> Path:
    """Train into ``folder`` and return the model file there, parsing.onnx with its card."""
    table = open_table(recipe.data, seed=recipe.seed)
    regions = regions_of(table, recipe.regions, recipe.data)
    learned, held = (_rows(table, split, recipe) for split in ("train", "validation"))
    batches = Batches(learned, regions.lut, recipe)
    torch.manual_seed(recipe.seed)
    net = build(recipe, len(regions.names))
    rates = {"": recipe.rate} | dict.fromkeys(_BODIES[recipe.net], recipe.body_rate)
    plan = recipe.plan(epochs=recipe.epochs, steps=batches.steps, rates=rates, watch="mIoU")
    net = train(
        net,
        plan=plan,
        batches=batches,
        loss_of=partial(loss_of, recipe=recipe),
        measure=lambda model: figures(confusion(model, held, regions, batches.canvas), regions.names),
        folder=folder,
        set_train=_set_train,
    )
    measured = figures(confusion(net, held, regions, batches.canvas), regions.names)
    return _export(net, recipe, regions, batches.canvas, measured, folder)


def _set_train(net: nn.Module) -> None:
    net.train()


def build(recipe: ParsingRecipe, regions: int) -> nn.Module:
    """The recipe's net for so many regions."""
    if recipe.net == "light":
        return LightNet(regions=regions, weights=recipe.weights)
    return PspNet(regions=regions, body=recipe.body, weights=recipe.weights)


def _rows(table: Table, split: Split, recipe: ParsingRecipe) -> tuple[Row, ...]:
    rows = tuple(row for row in table.of(split) if row.mask is not None)[: recipe.limit]
    if not rows:
        raise DataError(f"{recipe.data}: no photo with a mask in the {split} split; run 'meot data split' first")
    return rows


def loss_of(net: nn.Module, batch: Batch, *, recipe: ParsingRecipe) -> Tensor:
    """() cross entropy over known pixels, with pspnet's auxiliary one, and Dice where it is asked for."""
    answer = net(batch.pixels)
    heads = answer if isinstance(answer, tuple) else (answer,)
    size = (batch.regions.shape[1], batch.regions.shape[2])
    total = torch.zeros((), device=batch.pixels.device)
    for logits, weight in zip(heads, (1.0, recipe.auxiliary), strict=False):
        total = total + weight * functional.cross_entropy(enlarged(logits, size), batch.regions, ignore_index=UNKNOWN)
    if recipe.dice:
        total = total + recipe.dice * soft_dice(enlarged(heads[0], size), batch.regions, ignore=UNKNOWN)
    return total


def _export(
    net: nn.Module,
    recipe: ParsingRecipe,
    regions: Regions,
    canvas: tuple[int, int],
    measured: dict[str, float],
    folder: Path,
) -> Path:
    card = Card(
        name=recipe.name,
        task="parsing",
        taxonomy=taxonomy.load().version,
        licence=recipe.licence,
        trained_on=(recipe.trained_on or recipe.data.name,),
        started_from=f"{recipe.net}, {Path(recipe.weights or 'random weights').name}",
        preprocessing=FITTED,
        outputs=("map", "logits"),
        labels=regions.names,
        settings={"height": float(canvas[0]), "width": float(canvas[1])},
        measured=measured,
        command="meot train RECIPE.toml",
    )
    generator = torch.Generator().manual_seed(0)
    return export(
        ParsingFile(net),
        examples=[{"pixels": torch.randn(n, 3, *canvas, generator=generator)} for n in (1, 2)],
        outputs=card.outputs,
        dynamic={name: {0: "n"} for name in ("pixels", *card.outputs)},
        card=card,
        folder=folder,
    )
