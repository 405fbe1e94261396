"""Recipe of the bundled garment net: flat lays with one label, and garments cut out of street photos."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from meot.data import augment
from meot.data.images import box_around, read_ids, read_rgb
from meot.data.sources import ccp, clothing
from meot.data.table import Row, Split
from meot.models.pixels import crop_box, normalise
from meot.taxonomy import Taxonomy
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


class Crop(NamedTuple):
    """A garment in memory. image: (H, W, 3) uint8; mask: (H, W) uint8, 0 or 1; box: xyxy px; label: the source's."""

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    box: tuple[float, float, float, float]
    categories: tuple[int, ...]
    worn: bool
    label: str


class Batch(NamedTuple):
    """pixels (N, 3, S, S) float32; first, second (N, C) float32 allowed categories; share of the first in each mix."""

    pixels: Tensor
    first: Tensor
    second: Tensor
    share: float


def jeans(labels: Path | None) -> dict[str, bool]:
    """Photo name -> is it denim, from ``jeans.csv``'s rows about whole flat lays."""
    if labels is None:
        return {}
    with (labels / "jeans.csv").open(encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["source"] == "clothing" and r["is_jeans"] != "unsure"]
    return {r["image"]: r["is_jeans"] == "yes" for r in rows}


def flats(rows: list[Row], taxonomy: Taxonomy, denim: dict[str, bool]) -> list[Crop]:
    """Flat lays in memory, one crop a photo."""
    ids = [c.id for c in taxonomy.categories]
    crops = []
    for row in tqdm(rows, desc="flat lays", mininterval=10):
        image = read_rgb(row.photo)
        mask = (read_ids(row.mask, row.photo) > 0).astype(np.uint8)
        categories = taxonomy.categories_of("clothing", row.labels["category"])
        if row.labels["category"] == "Pants" and row.photo.stem in denim:
            categories = (
                (ids.index("jeans"),) if denim[row.photo.stem] else (ids.index("trousers"), ids.index("leggings"))
            )
        whole = (0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
        crops.append(Crop(image, mask, box_around(mask) or whole, categories, False, row.labels["category"]))
    return crops


def garments(rows: list[Row], taxonomy: Taxonomy, names: dict[int, str], *, smallest: float = 0.002) -> list[Crop]:
    """Garments of street photos, cut out by their label masks; ``smallest`` is a share of the photo."""
    crops = []
    for row in tqdm(rows, desc="street photos", mininterval=10):
        image = read_rgb(row.photo)
        ids = read_ids(row.mask, row.photo)
        for value in np.unique(ids):
            categories = taxonomy.categories_of("ccp", names[int(value)])
            mask = (ids == value).astype(np.uint8)
            box = box_around(np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8))
            if not categories or box is None or mask.mean() < smallest:
                continue
            x0, y0, x1, y1 = crop_box(box, *mask.shape, margin=0.3, slimmest=0.6)
            inner = (box[0] - x0, box[1] - y0, box[2] - x0, box[3] - y0)
            crops.append(
                Crop(image[y0:y1, x0:x1].copy(), mask[y0:y1, x0:x1].copy(), inner, categories, True, names[int(value)])
            )
    return crops


def view(crop: Crop, size: int, rng: Generator) -> NDArray[np.uint8]:
    """(size, size, 3) uint8: a random look at the garment, at times before another background."""
    image, mask = crop.image, crop.mask
    if rng.random() < 0.2 and mask.any():
        image = augment.replace_background(image, mask > 0, rng)
    whole = (0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
    box = whole if not crop.worn and rng.random() < 0.4 else crop.box
    x0, y0, x1, y1 = crop_box(box, *mask.shape, margin=float(rng.uniform(-0.02, 0.15)))
    square = np.diag([size / (x1 - x0), size / (y1 - y0), 1.0]) @ np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1.0]])
    moved = augment.view_matrix(
        (0.0, 0.0, float(size), float(size)),
        (size, size),
        rng,
        zoom=(0.85, 1.35),
        shift=0.05,
        rotate=15 if crop.worn else 25,
        stretch=0.25,
    )
    seen, _ = augment.warp(image, None, moved @ square, (size, size))
    seen = augment.recolour(seen, rng, strength=1.0)
    if rng.random() < 0.25:
        side = rng.integers(size // 8, size // 3, 2)
        y, x = rng.integers(0, size - side[0]), rng.integers(0, size - side[1])
        seen[y : y + side[0], x : x + side[1]] = rng.integers(0, 256, 3)
    return seen


def still(crop: Crop, size: int, *, whole: bool = False) -> NDArray[np.uint8]:
    """(size, size, 3) uint8: the crop as the runtime cuts it."""
    height, width = crop.mask.shape
    box = (0.0, 0.0, float(width), float(height)) if whole else crop.box
    x0, y0, x1, y1 = crop_box(box, height, width)
    piece = crop.image[y0:y1, x0:x1]
    return np.asarray(
        cv2.resize(piece, (size, size), interpolation=cv2.INTER_AREA if len(piece) > size else 1), np.uint8
    )


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
    """Cross entropy on partial labels, mixed when the photos are (mixup, Zhang et al. 2018)."""
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
    """Top-1 among ``labels`` of the crops that carry one of them, probabilities summed over each label's categories."""
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
