"""Photos with region maps as batches, and how well a net tells the regions apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from meot import taxonomy
from meot.data import augment
from meot.data.images import read_ids, read_rgb
from meot.data.sources import ccp
from meot.data.table import Row, Table
from meot.errors import DataError
from meot.models.pixels import normalise
from meot.training.loop import device_of

if TYPE_CHECKING:
    from meot.training.recipes.parsing import ParsingRecipe

UNKNOWN = 255
"""Value of pixels that count nothing: outside the photo, or of no region asked for."""

_PARTS = {"upper": "upper", "outer": "upper", "lower": "lower", "feet": "shoes", "whole": "", "suit": ""}


class Regions(NamedTuple):
    """names: of the regions in their order. lut: (256,) uint8 from a mask's value to its region, or UNKNOWN."""

    names: tuple[str, ...]
    lut: NDArray[np.uint8]


class Batch(NamedTuple):
    """pixels (N, 3, H, W) float32, regions (N, H, W) int64 with UNKNOWN where nothing is known."""

    pixels: Tensor
    regions: Tensor


def regions_of(table: Table, kind: Literal["regions", "parts", "own"], data: Path) -> Regions:
    """What to tell apart. DataError when the table does not name its masks' values, or the taxonomy not the names."""
    if not table.mask_names:
        raise DataError(f"{data}: expected names of its masks' values (mask_names), got none; import the data again")
    lut = np.full(256, UNKNOWN, np.uint8)
    if kind == "own":
        for place, value in enumerate(sorted(table.mask_names)):
            lut[value] = place
        return Regions(tuple(table.mask_names[value] for value in sorted(table.mask_names)), lut)
    terms = taxonomy.load()
    try:
        values = ccp.region_lut(terms, dict(table.mask_names))
    except KeyError as error:
        raise DataError(f"{data}: the taxonomy does not know the mask's {error}; train with regions = 'own'") from None
    named = sorted(table.mask_names)
    if kind == "regions":
        lut[named] = values[named]
        return Regions(tuple(region.id for region in terms.regions), lut)
    parts = ("background", "upper", "lower", "shoes")
    ids = {region.value: _PARTS.get(region.id, "background") for region in terms.regions}
    lut[named] = [parts.index(part) if (part := ids[values[value]]) else UNKNOWN for value in named]
    return Regions(parts, lut)


def fitted(row: Row, lut: NDArray[np.uint8], canvas: tuple[int, int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Photo (H, W, 3) and regions (H, W) as large as they fit into the canvas's top left corner.

    The rest is black and UNKNOWN. DataError when the mask has another size than its photo, or a value without a name.
    """
    image, ids = read_rgb(row.photo), read_ids(row.mask, row.photo)
    if image.shape[:2] != ids.shape:
        raise DataError(f"{row.mask}: expected a mask of {image.shape[:2]} px as its photo, got {ids.shape}; mend it")
    scale = min(canvas[0] / ids.shape[0], canvas[1] / ids.shape[1])
    wide, tall = max(1, round(ids.shape[1] * scale)), max(1, round(ids.shape[0] * scale))
    shown = np.zeros((*canvas, 3), np.uint8)
    regions = np.full(canvas, UNKNOWN, np.uint8)
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown[:tall, :wide] = cv2.resize(image, (wide, tall), interpolation=smooth)
    regions[:tall, :wide] = lut[cv2.resize(ids, (wide, tall), interpolation=cv2.INTER_NEAREST)]
    return shown, regions


class Batches:
    """Epochs of random views, read from disk as they are needed; the same epoch is always the same."""

    def __init__(self, rows: Sequence[Row], lut: NDArray[np.uint8], recipe: ParsingRecipe) -> None:
        sides = recipe.canvas
        if len(sides) not in (1, 2) or any(side < 32 or side % 32 for side in sides):
            raise DataError(f"canvas should be height and width in px, multiples of 32, got {list(sides)}")
        self.rows, self.lut, self.recipe = rows, lut, recipe
        self.canvas = sides[0], sides[-1]
        self.steps = max(1, len(rows) // recipe.batch)

    def __call__(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch; each photo once, but for those that do not fill a batch."""
        order = np.random.default_rng((self.recipe.seed, epoch)).permutation(len(self.rows))
        with ThreadPoolExecutor(max(1, self.recipe.workers)) as pool:
            for step in range(self.steps):
                chosen = order[step * self.recipe.batch : (step + 1) * self.recipe.batch]
                views = list(pool.map(partial(self._one, epoch), chosen))
                pixels = torch.from_numpy(normalise(np.stack([image for image, _ in views])))
                regions = torch.from_numpy(np.stack([regions for _, regions in views])).long()
                yield Batch(pixels.contiguous(memory_format=torch.channels_last), regions)

    def _one(self, epoch: int, place: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        image, regions = fitted(self.rows[place], self.lut, self.canvas)
        rng = np.random.default_rng((self.recipe.seed, epoch, int(place)))
        return _varied(image, regions, rng, self.recipe)


def _varied(
    image: NDArray[np.uint8], regions: NDArray[np.uint8], rng: Generator, recipe: ParsingRecipe
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    size = (image.shape[0], image.shape[1])
    box = (0.0, 0.0, float(size[1]), float(size[0]))
    zoom = (1 / recipe.zoom, recipe.zoom)
    matrix = augment.view_matrix(box, size, rng, zoom=zoom, shift=0.05, rotate=recipe.rotate, stretch=0.15)
    seen, ids = augment.warp(image, regions, matrix, size, outside=UNKNOWN)
    assert ids is not None
    return augment.recolour(seen, rng, strength=recipe.colour), ids


def enlarged(logits: Tensor, size: tuple[int, int]) -> Tensor:
    """(N, R, h, w) logits -> (N, R, H, W) float32, smoothed."""
    return functional.interpolate(logits.float(), size=size, mode="bilinear", align_corners=False)


@torch.no_grad()
def confusion(net: nn.Module, rows: Sequence[Row], regions: Regions, canvas: tuple[int, int]) -> NDArray[np.int64]:
    """(R, R) pixel counts of the canvas, truth by answer; unknown pixels are left out."""
    count = len(regions.names)
    counts = np.zeros((count, count), np.int64)
    for row in tqdm(rows, desc="measure", mininterval=5, leave=False):
        image, truth = fitted(row, regions.lut, canvas)
        pixels = torch.from_numpy(normalise(image[None])).to(device_of(net))
        said = enlarged(net(pixels), canvas)[0].argmax(0).cpu().numpy()
        known = truth != UNKNOWN
        pairs = truth[known].astype(np.int64) * count + said[known]
        counts += np.bincount(pairs, minlength=count * count).reshape(count, count)
    return counts


def figures(counts: NDArray[np.int64], names: tuple[str, ...]) -> dict[str, float]:
    """{"mIoU", "pixel", "IoU NAME"...} in 0..1 of (R, R) counts; the mean is over the regions that the truth has."""
    right = np.diag(counts)
    iou = right / np.maximum(counts.sum(0) + counts.sum(1) - right, 1)
    there = counts.sum(1) > 0
    means = {"mIoU": float(iou[there].mean()), "pixel": float(right.sum() / max(1, counts.sum()))}
    return means | {f"IoU {name}": float(value) for name, value, seen in zip(names, iou, there, strict=True) if seen}
