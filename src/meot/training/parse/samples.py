"""What the bundled parser learns from: street photos and flat lays with region maps, in memory and in batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from meot.data import augment
from meot.data.images import read_ids, read_rgb
from meot.data.table import Row
from meot.models.pixels import normalise
from meot.taxonomy import Taxonomy

if TYPE_CHECKING:
    from meot.training.recipes.parser import ParserRecipe

AREA = 384 * 256
UNKNOWN = 255
_CANVASES = ((384, 256), (384, 256), (384, 256), (320, 320), (352, 288), (256, 384))


class Sample(NamedTuple):
    """A photo in memory. image: (H, W, 3) uint8; regions: (H, W) uint8; worn: people or a flat lay."""

    image: NDArray[np.uint8]
    regions: NDArray[np.uint8]
    worn: bool
    categories: tuple[int, ...]


class Batch(NamedTuple):
    """pixels (N, 3, H, W) float32, regions (N, H, W) int64, worn (N,) float32, allowed (N, C) float32."""

    pixels: Tensor
    regions: Tensor
    worn: Tensor
    allowed: Tensor


def load(rows: list[Row], taxonomy: Taxonomy, lut: NDArray[np.uint8], *, side: int = 416) -> list[Sample]:
    """Read the photos of ``rows`` into memory, the longer side at most ``side`` px, masks as region values.

    lut: (256,) uint8, from the values of street photos' masks to region values. DataError for a photo or a mask that
    cannot be read.
    """
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
        small = shrunk(image, side)
        regions = cv2.resize(ids, small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        samples.append(Sample(small, np.asarray(regions, np.uint8), worn, categories))
    return samples


def shrunk(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The (H, W, 3) uint8 photo with its longer side at most ``side`` px."""
    scale = min(1.0, side / max(image.shape[:2]))
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


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
