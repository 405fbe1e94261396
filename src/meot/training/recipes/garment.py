"""Recipe of the bundled garment net: flat lays with one label, and garments cut out of street photos."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from meot.data.sources import ccp, clothing
from meot.data.table import Split
from meot.models.pixels import normalise
from meot.taxonomy import Taxonomy
from meot.training.crops import Crop, flats, garments, jeans, still, view
from meot.training.loop import device_of, train
from meot.training.losses import one_of
from meot.training.nets.garment import GarmentNet, restore_batch_norm
from meot.training.plan import Plan


@dataclass(frozen=True, kw_only=True)
class GarmentRecipe:
    """Flat lays with one label, and garments cut out of street photos."""

    data: Annotated[Path, "folder with clothing/ and ccp/"]
    labels: Annotated[Path | None, "folder with jeans.csv, which tells jeans from other trousers"] = None
    weights: Annotated[Path | None, "folder with starting weights; without it torchvision's own are downloaded"] = None
    epochs: Annotated[int, "epochs"] = 22
    batch: Annotated[int, "garments a step"] = 32
    size: Annotated[int, "side of the square picture, px"] = 176
    worn_an_epoch: Annotated[int, "garments of street photos an epoch"] = 1500
    floor: Annotated[
        float, "share of the flat lays below which a label is repeated (repeat-factor sampling, Gupta et al. 2019)"
    ] = 0.03
    rate: Annotated[float, "peak learning rate; the backbone's is a quarter"] = 2e-3
    seed: Annotated[int, "seed of every random choice"] = 0
    limit: Annotated[int | None, "use only so many photos of each set, to try things out"] = None
    version: Annotated[str, "name of this model's version"] = "s.1"


class Batch(NamedTuple):
    """pixels (N, 3, S, S) float32; first, second (N, C) float32 allowed categories; share of the first in each mix."""

    pixels: Tensor
    first: Tensor
    second: Tensor
    share: float


class Batches:
    """Epochs of random views: every flat lay once or more (rare labels are repeated), a share of the worn garments."""

    def __init__(self, *, flat: list[Crop], worn: list[Crop], recipe: GarmentRecipe, categories: int) -> None:
        self.flat, self.worn, self.recipe, self.categories = flat, worn, recipe, categories
        self._flat_repeats = _repeats(flat, recipe.floor)
        self._worn_odds = _repeats(worn, 0.05)
        self._worn_odds /= self._worn_odds.sum()
        expected = int(self._flat_repeats.sum()) + min(recipe.worn_an_epoch, 4 * len(worn))
        self.steps = max(1, expected // recipe.batch)

    def __call__(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch."""
        rng = np.random.default_rng((self.recipe.seed, epoch))
        extra = rng.random(len(self.flat)) < self._flat_repeats % 1
        chosen = [self.flat[i] for i in np.repeat(np.arange(len(self.flat)), self._flat_repeats.astype(int) + extra)]
        need = max(0, self.steps * self.recipe.batch - len(chosen))
        chosen += [self.worn[i] for i in rng.choice(len(self.worn), need, p=self._worn_odds)]
        order = rng.permutation(len(chosen))
        for step in range(self.steps):
            yield self._batch(
                [chosen[i] for i in order[step * self.recipe.batch : (step + 1) * self.recipe.batch]], rng
            )

    def _batch(self, crops: list[Crop], rng: Generator) -> Batch:
        pixels = torch.from_numpy(normalise(np.stack([view(c, self.recipe.size, rng) for c in crops])))
        allowed = torch.zeros(len(crops), self.categories)
        for row, crop in zip(allowed, crops, strict=True):
            row[list(crop.categories)] = 1
        share = float(rng.beta(0.4, 0.4)) if rng.random() < 0.4 else 1.0
        if share < 1:
            pixels = share * pixels + (1 - share) * pixels.flip(0)
        return Batch(pixels.contiguous(memory_format=torch.channels_last), allowed, allowed.flip(0), share)


def _repeats(crops: list[Crop], floor: float) -> NDArray[np.float64]:
    """(N,) how often each crop should be seen an epoch: 1, or sqrt(floor / share of its label) when that is rare."""
    counts = Counter(crop.label for crop in crops)
    return np.array([max(1.0, (floor * len(crops) / counts[crop.label]) ** 0.5) for crop in crops])


def loss_of(net: nn.Module, batch: Batch) -> Tensor:
    """() mean cross entropy on partial labels, mixed when the photos are (mixup, Zhang et al. 2018)."""
    logits = net(batch.pixels)
    loss = one_of(logits, batch.first, smoothing=0.1)
    if batch.share < 1:
        loss = batch.share * loss + (1 - batch.share) * one_of(logits, batch.second, smoothing=0.1)
    return loss.mean()


@torch.no_grad()
def predict(
    net: nn.Module, crops: list[Crop], size: int, *, whole: bool = False, flip: bool = False
) -> NDArray[np.float32]:
    """(N, C) float32 probabilities of still crops."""
    found = []
    for start in range(0, len(crops), 32):
        pixels = torch.from_numpy(normalise(np.stack([still(c, size, whole=whole) for c in crops[start : start + 32]])))
        pixels = pixels.to(device_of(net)).contiguous(memory_format=torch.channels_last)
        p = net(pixels).softmax(1)
        found.append(((p + net(pixels.flip(3)).softmax(1)) / 2 if flip else p).cpu().numpy())
    return np.concatenate(found)


def accuracy(probabilities: NDArray[np.float32], crops: list[Crop], taxonomy: Taxonomy, labels: list[str]) -> float:
    """Top-1, 0..1, among ``labels`` of the crops that carry one of them: (N, C) probabilities summed over each label's
    categories.
    """
    table = np.zeros((len(taxonomy.categories), len(labels)))
    for j, label in enumerate(labels):
        table[list(taxonomy.categories_of("clothing", label)), j] = 1
    rows = [i for i, crop in enumerate(crops) if crop.label in labels]
    best = (probabilities[rows] @ table).argmax(1)
    return float(np.mean([labels[b] == crops[i].label for b, i in zip(best, rows, strict=True)]))


def train_garment(recipe: GarmentRecipe, taxonomy: Taxonomy, folder: Path) -> GarmentNet:
    """Train the garment net into ``folder`` and return it; prints validation accuracy after every epoch."""
    names, denim, cut = ccp.labels(recipe.data / "ccp"), jeans(recipe.labels), slice(None, recipe.limit)

    def both(split: Split) -> tuple[list[Crop], list[Crop]]:
        return (
            flats(clothing.read(recipe.data / "clothing", split)[cut], taxonomy, denim),
            garments(ccp.read(recipe.data / "ccp", split, masked_only=True)[cut], taxonomy, names),
        )

    (flat, worn), (held_flat, held_worn) = both("train"), both("validation")
    torch.manual_seed(recipe.seed)
    net = GarmentNet(
        categories=len(taxonomy.categories),
        pretrained=recipe.weights is None,
        weights=None if recipe.weights is None else recipe.weights / "mobilenet_v2_torchvision_folded.safetensors",
    )
    batches = Batches(flat=flat, worn=worn, recipe=recipe, categories=len(taxonomy.categories))
    if recipe.weights is not None and not (folder / "checkpoint.pt").exists():
        restore_batch_norm(net, (batch.pixels for batch in itertools.islice(batches(0), 12)))
    seventeen = sorted({crop.label for crop in held_flat})

    def measure(model: nn.Module) -> dict[str, float]:
        p = predict(model, held_flat, 208)
        w = predict(model, held_worn, 160).argmax(1)
        return {
            "ten": accuracy(p, held_flat, taxonomy, [x for x in clothing.TEN if x in seventeen]),
            "all": accuracy(p, held_flat, taxonomy, seventeen),
            "worn": float(np.mean([best in crop.categories for best, crop in zip(w, held_worn, strict=True)])),
        }

    def set_train(model: nn.Module) -> None:
        model.train()
        assert isinstance(model, GarmentNet)
        model.freeze_early()

    net.freeze_early()
    plan = Plan(
        epochs=recipe.epochs,
        steps_an_epoch=batches.steps,
        seed=recipe.seed,
        rates={"": recipe.rate, "features": recipe.rate / 4},
    )
    trained = train(
        net, plan=plan, batches=batches, loss_of=loss_of, measure=measure, folder=folder, set_train=set_train
    )
    assert isinstance(trained, GarmentNet)
    torch.save(trained.state_dict(), folder / "garment.pt")
    return trained
