"""Recipe of the bundled parser: street photos with label masks, flat lays with salient-object masks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from meot.data.sources import ccp, clothing
from meot.taxonomy import Taxonomy
from meot.training.loop import train
from meot.training.losses import one_of, soft_dice
from meot.training.nets.parser import ParserNet
from meot.training.parse.samples import UNKNOWN, Batch, Batches, Sample, load
from meot.training.parse.still import confusion, label_by_tags
from meot.training.plan import Plan


@dataclass(frozen=True, kw_only=True)
class ParserRecipe:
    """Photos with masks first, then photos with masks or tags."""

    data: Annotated[Path, "folder with clothing/ and ccp/"]
    weights: Annotated[Path | None, "folder with starting weights; without it timm's own are downloaded"] = None
    epochs: Annotated[int, "epochs on photos with masks"] = 20
    tagged_epochs: Annotated[int, "epochs after them on photos with masks or tags; 0: none"] = 7
    threads: Annotated[int, "processor threads"] = 1
    batch: Annotated[int, "photos a step"] = 12
    flats_a_batch: Annotated[int, "flat lays among them"] = 4
    rate: Annotated[float, "peak learning rate"] = 1.5e-3
    seed: Annotated[int, "seed of every random choice"] = 0
    limit: Annotated[int | None, "use only so many photos of each set, to try things out"] = None
    version: Annotated[str, "name of this model's version"] = "s.1"


class Sets(NamedTuple):
    """Street photos and flat lays to learn from, and street photos to measure on."""

    worn: list[Sample]
    flat: list[Sample]
    held: list[Sample]


def loss_of(net: nn.Module, batch: Batch, weights: Tensor) -> Tensor:
    """() cross entropy and Dice over the map, plus the two answers about the whole photo; weights: (R,), of regions."""
    regions, worn, category = net(batch.pixels)
    regions = functional.interpolate(
        regions.float(), size=batch.regions.shape[1:], mode="bilinear", align_corners=False
    )
    pixel = functional.cross_entropy(regions, batch.regions, weights, ignore_index=UNKNOWN)
    whole = functional.binary_cross_entropy_with_logits(worn.float(), batch.worn)
    flat = (batch.worn == 0).sum().clamp_min(1)
    kind = one_of(category, batch.allowed, smoothing=0.1).sum() / flat
    return pixel + 0.7 * soft_dice(regions, batch.regions, ignore=UNKNOWN) + 0.1 * whole + 0.15 * kind


def superclasses(taxonomy: Taxonomy) -> tuple[list[str], NDArray[np.int64]]:
    """Names of CCP's nine superclasses, and (R,) int64 the class of each region value."""
    names = list(dict.fromkeys(r.ccp9[0] for r in taxonomy.regions))
    return names, np.array([names.index(r.ccp9[0]) for r in taxonomy.regions])


def train_parser(recipe: ParserRecipe, taxonomy: Taxonomy, folder: Path) -> ParserNet:
    """Train the parser into ``folder`` and return it; prints mIoU on CCP's validation masks after every epoch.

    First on the photos with masks; then, from there, also on the street photos that have only tags.
    """
    lut = ccp.region_lut(taxonomy, ccp.labels(recipe.data / "ccp"))
    cut = slice(None, recipe.limit)
    worn = load(ccp.read(recipe.data / "ccp", "train", masked_only=True)[cut], taxonomy, lut)
    flat = load(clothing.read(recipe.data / "clothing", "train")[cut], taxonomy, lut, side=352)
    held = load(ccp.read(recipe.data / "ccp", "validation", masked_only=True)[cut], taxonomy, lut)
    torch.manual_seed(recipe.seed)
    net = ParserNet(
        regions=len(taxonomy.regions),
        categories=len(taxonomy.categories),
        pretrained=recipe.weights is None,
        weights=None if recipe.weights is None else recipe.weights / "efficientnet_b0_salient.safetensors",
    )
    net = _stage(net, Sets(worn, flat, held), recipe, taxonomy, folder / "first", recipe.epochs, recipe.rate)
    if recipe.tagged_epochs:
        rows = [row for row in ccp.read(recipe.data / "ccp", "train", masked_only=False) if row.mask is None][cut]
        sets = Sets(worn + label_by_tags(net, rows, taxonomy), flat, held)
        net = _stage(net, sets, recipe, taxonomy, folder / "second", recipe.tagged_epochs, recipe.rate / 2)
    torch.save(net.state_dict(), folder / "parser.pt")
    return net


def _stage(
    net: ParserNet, sets: Sets, recipe: ParserRecipe, taxonomy: Taxonomy, folder: Path, epochs: int, rate: float
) -> ParserNet:
    batches = Batches(worn=sets.worn, flat=sets.flat, recipe=recipe, categories=len(taxonomy.categories))
    names, groups = superclasses(taxonomy)
    common = ("background", "lower", "upper", "suit")
    weights = torch.tensor([1.0 if region.id in common else 1.15 for region in taxonomy.regions])

    def measure(model: nn.Module) -> dict[str, float]:
        counts = confusion(model, sets.held, groups)
        hit = np.diag(counts)
        iou = hit / np.maximum(counts.sum(0) + counts.sum(1) - hit, 1)
        figures = {"mIoU9": float(iou.mean()), "pixel": float(hit.sum() / counts.sum())}
        return figures | {name: float(value) for name, value in zip(names, iou, strict=True)}

    def set_train(model: nn.Module) -> None:
        model.train()
        assert isinstance(model, ParserNet)
        model.freeze_early()

    net.freeze_early()
    plan = Plan(
        epochs=epochs,
        steps_an_epoch=batches.steps,
        seed=recipe.seed,
        threads=recipe.threads,
        average=0.99,
        rates={"": rate, "stem": rate / 4, "blocks": rate / 4},
    )
    trained = train(
        net,
        plan=plan,
        batches=batches,
        loss_of=lambda model, batch: loss_of(model, batch, weights),
        measure=measure,
        folder=folder,
        set_train=set_train,
    )
    assert isinstance(trained, ParserNet)
    return trained
