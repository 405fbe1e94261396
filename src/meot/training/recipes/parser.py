"""Recipe of the bundled parser: street photos with label masks, flat lays with salient-object masks."""

from __future__ import annotations

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
from torch.nn import functional
from tqdm import tqdm

from meot.data import augment
from meot.data.images import read_ids, read_rgb
from meot.data.sources import ccp, clothing
from meot.data.table import Row
from meot.models.pixels import canvas, normalise
from meot.taxonomy import Taxonomy
from meot.training.loop import train
from meot.training.losses import one_of, soft_dice
from meot.training.nets.parser import ParserNet
from meot.training.plan import Plan

AREA = 384 * 256
_UNKNOWN = 255
_CANVASES = ((384, 256), (384, 256), (384, 256), (320, 320), (352, 288), (256, 384))


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


class Sample(NamedTuple):
    """A photo in memory. image: (H, W, 3) uint8; regions: (H, W) uint8; worn: people or a flat lay."""

    image: NDArray[np.uint8]
    regions: NDArray[np.uint8]
    worn: bool
    categories: tuple[int, ...]


class Sets(NamedTuple):
    """Street photos and flat lays to learn from, and street photos to measure on."""

    worn: list[Sample]
    flat: list[Sample]
    held: list[Sample]


class Batch(NamedTuple):
    """pixels (N, 3, H, W) float32, regions (N, H, W) int64, worn (N,) float32, allowed (N, C) float32."""

    pixels: Tensor
    regions: Tensor
    worn: Tensor
    allowed: Tensor


def load(rows: list[Row], taxonomy: Taxonomy, lut: NDArray[np.uint8], *, side: int = 416) -> list[Sample]:
    """Read the photos of ``rows`` into memory, the longer side at most ``side`` px, masks as region values."""
    samples = []
    for row in tqdm(rows, desc="photos", mininterval=10):
        image = read_rgb(row.photo)
        ids = read_ids(row.mask, row.photo)
        worn = row.source == "ccp"
        categories: tuple[int, ...] = ()
        if worn:
            ids = lut[ids]
        else:
            categories = taxonomy.categories_of("clothing", row.labels["category"])
            ids = np.where(ids > 0, taxonomy.region_of("clothing", row.labels["category"]).value, 0).astype(np.uint8)
        scale = min(1.0, side / max(image.shape[:2]))
        size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
        samples.append(
            Sample(
                np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8),
                np.asarray(cv2.resize(ids, size, interpolation=cv2.INTER_NEAREST), np.uint8),
                worn,
                categories,
            )
        )
    return samples


def _view(sample: Sample, size: tuple[int, int], rng: Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A random view: street photos whole or zoomed into a part of the person, flat lays turned freely."""
    height, width = sample.image.shape[:2]
    box = (0.0, 0.0, float(width), float(height))
    if sample.worn and rng.random() < 0.4:
        ys, xs = np.nonzero(sample.regions)
        if len(ys):
            at = rng.integers(len(ys))
            half = rng.uniform(0.2, 0.45) * height
            box = (xs[at] - half * 0.66, ys[at] - half, xs[at] + half * 0.66, ys[at] + half)
    fits = max(size[0] / height, size[1] / width) / min(size[0] / height, size[1] / width)
    zoom = (0.8, 1.15 * fits) if not sample.worn else (0.9, 1.25 * min(fits, 1.5))
    matrix = augment.view_matrix(box, size, rng, zoom=zoom, shift=0.05, rotate=10 if sample.worn else 25, stretch=0.2)
    image, regions = augment.warp(sample.image, sample.regions, matrix, size)
    assert regions is not None
    if rng.random() < (0.15 if sample.worn else 0.25):
        image = augment.replace_background(image, regions > 0, rng)
    return augment.recolour(image, rng, strength=0.8), regions


class Batches:
    """Epochs of random views; the same epoch is always the same."""

    def __init__(self, *, worn: list[Sample], flat: list[Sample], recipe: ParserRecipe, categories: int) -> None:
        self.worn, self.flat, self.recipe, self.categories = worn, flat, recipe, categories
        self.steps = max(1, len(worn) // (recipe.batch - recipe.flats_a_batch))
        self._odds = rarity(worn)

    def __call__(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch."""
        rng = np.random.default_rng((self.recipe.seed, epoch))
        order = _pick(self._odds, rng)
        people = self.recipe.batch - self.recipe.flats_a_batch
        for step in range(self.steps):
            chosen = [self.worn[i] for i in order[step * people : (step + 1) * people]]
            chosen += [self.flat[i] for i in rng.integers(0, len(self.flat), self.recipe.flats_a_batch)]
            yield self._batch(chosen, _CANVASES[rng.integers(len(_CANVASES))], rng)

    def _batch(self, chosen: list[Sample], size: tuple[int, int], rng: Generator) -> Batch:
        views = [_view(sample, size, rng) for sample in chosen]
        allowed = torch.zeros(len(chosen), self.categories)
        for row, sample in zip(allowed, chosen, strict=True):
            row[list(sample.categories)] = 1
        return Batch(
            torch.from_numpy(normalise(np.stack([v[0] for v in views]))).contiguous(memory_format=torch.channels_last),
            torch.from_numpy(np.stack([v[1] for v in views])).long(),
            torch.tensor([float(sample.worn) for sample in chosen]),
            allowed,
        )


def rarity(samples: list[Sample], *, floor: float = 0.15) -> NDArray[np.float64]:
    """(N,) how often a photo should be seen an epoch: sqrt(floor / share of its rarest region), at least 1.

    Repeat-factor sampling (Gupta et al. 2019); without it the suit, on one photo in twenty, is never learned.
    """
    present = np.array([np.bincount(s.regions.ravel(), minlength=256) > 0.002 * s.regions.size for s in samples])
    factor = np.maximum(1.0, np.sqrt(floor / np.maximum(present.mean(0), 1e-6)))
    return np.asarray((present * factor).max(1), np.float64)


def _pick(odds: NDArray[np.float64], rng: Generator) -> NDArray[np.int64]:
    """(N,) positions drawn by ``odds``: each as often as its share, the fractions by chance, in random order."""
    expected = odds / odds.sum() * len(odds)
    counts = expected.astype(int) + (rng.random(len(odds)) < expected % 1)
    picked = np.repeat(np.arange(len(odds)), counts)
    extra = rng.integers(0, len(odds), max(0, len(odds) - len(picked)))
    return np.asarray(rng.permutation(np.concatenate([picked, extra])), np.int64)


def loss_of(net: nn.Module, batch: Batch, weights: Tensor) -> Tensor:
    """Weighted cross entropy and Dice over the map, plus the two answers about the whole photo."""
    regions, worn, category = net(batch.pixels)
    regions = functional.interpolate(
        regions.float(), size=batch.regions.shape[1:], mode="bilinear", align_corners=False
    )
    pixel = functional.cross_entropy(regions, batch.regions, weights, ignore_index=_UNKNOWN)
    whole = functional.binary_cross_entropy_with_logits(worn.float(), batch.worn)
    flat = (batch.worn == 0).sum().clamp_min(1)
    kind = one_of(category, batch.allowed, smoothing=0.1).sum() / flat
    return pixel + 0.7 * soft_dice(regions, batch.regions, ignore=_UNKNOWN) + 0.1 * whole + 0.15 * kind


@torch.no_grad()
def confusion(net: nn.Module, samples: list[Sample], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """(G, G) pixel counts, truth by prediction, after mapping region values by ``groups`` (R,)."""
    size = int(groups.max()) + 1
    counts = np.zeros((size, size), np.int64)
    for sample in samples:
        tall, wide = canvas(*sample.image.shape[:2], area=AREA)
        small = np.asarray(cv2.resize(sample.image, (wide, tall), interpolation=cv2.INTER_LINEAR), np.uint8)
        pixels = torch.from_numpy(normalise(small[None]))
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(pixels.contiguous(memory_format=torch.channels_last))[0]
        logits = functional.interpolate(logits.float(), size=sample.regions.shape, mode="bilinear", align_corners=False)
        found = groups[logits[0].argmax(0).numpy()]
        truth = groups[sample.regions]
        counts += np.bincount((truth * size + found).ravel(), minlength=size * size).reshape(size, size)
    return counts


def superclasses(taxonomy: Taxonomy) -> tuple[list[str], NDArray[np.int64]]:
    """Names of CCP's nine superclasses and the class of each region value."""
    names = list(dict.fromkeys(r.ccp9[0] for r in taxonomy.regions))
    return names, np.array([names.index(r.ccp9[0]) for r in taxonomy.regions])


@torch.no_grad()
def label_by_tags(
    net: nn.Module, rows: list[Row], taxonomy: Taxonomy, *, sure_from: float = 0.6, side: int = 416
) -> list[Sample]:
    """Region maps for street photos that have only tags: the net's own, among the regions that the tags allow.

    Self-training with image-level labels: pixels whose best allowed probability is under ``sure_from`` stay unknown.
    """
    samples = []
    for row in tqdm(rows, desc="photos with tags", mininterval=10):
        image = read_rgb(row.photo)
        scale = min(1.0, side / max(image.shape[:2]))
        size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
        small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        allowed = {taxonomy.region_of("ccp", tag).value for tag in (*row.tags, "null", "skin", "hair")}
        p = _probabilities(net, small)
        p[[value for value in range(len(p)) if value not in allowed]] = 0
        p /= p.sum(0, keepdims=True) + 1e-6
        regions = np.where(p.max(0) >= sure_from, p.argmax(0), _UNKNOWN).astype(np.uint8)
        samples.append(Sample(small, regions, True, ()))
    return samples


def _probabilities(net: nn.Module, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(R, H, W) float32 of one (H, W, 3) photo, averaged over the photo and its mirror image."""
    tall, wide = canvas(*image.shape[:2], area=AREA)
    small = np.asarray(cv2.resize(image, (wide, tall), interpolation=cv2.INTER_LINEAR), np.uint8)
    pixels = torch.from_numpy(normalise(np.stack([small, small[:, ::-1]])))
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(pixels.contiguous(memory_format=torch.channels_last))[0].float()
    p = (logits[0].softmax(0) + logits[1].flip(2).softmax(0)) / 2
    large = functional.interpolate(p[None], size=image.shape[:2], mode="bilinear", align_corners=False)[0]
    return np.asarray(large.numpy(), np.float32)


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
