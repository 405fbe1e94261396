"""Recipe of the garment vector: a linear map learned from flat lays that are pasted onto people.

A flat lay's cloth is laid over the garment of somebody in a street photo, keeping that person's shading: the result
is a worn photo of a garment whose product photo we own, without any photo of such a pair. Contrastive learning
(InfoNCE, van den Oord et al. 2018) then maps both to the same place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from meot.data import augment
from meot.models.pixels import crop_box, normalise
from meot.training.crops import Crop
from meot.training.nets.garment import GarmentNet
from meot.training.nets.vector import GarmentVector


@dataclass(frozen=True, kw_only=True)
class VectorRecipe:
    """views: renderings of each garment. size: the vector's length. temperature: of the softmax over similarities."""

    views: int = 2
    size: int = 128
    anchors: int = 96
    worn_side: int = 160
    flat_side: int = 224
    steps: int = 300
    batch: int = 512
    rate: float = 1e-3
    weight_decay: float = 0.05
    temperature: float = 0.07
    seed: int = 0


class View(NamedTuple):
    """A garment to encode. image: (H, W, 3) uint8; mask: (H, W) uint8, 0 or 1, not empty."""

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]


def paste(flat: Crop, person: Crop, rng: Generator) -> View | None:
    """The flat lay's cloth on the person's garment, shaded like what was worn there; None when it is too small."""
    height, width = person.mask.shape
    x0, y0, x1, y1 = flat.box
    px0, py0, px1, py1 = person.box
    grow = rng.uniform(1.0, 1.25, 2)
    matrix = augment.view_matrix(
        (x0, y0, x1, y1),
        (max(8, int((py1 - py0) * grow[0])), max(8, int((px1 - px0) * grow[1]))),
        rng,
        zoom=(0.95, 1.1),
        shift=0.03,
        rotate=12,
        stretch=0.15,
    )
    fit = np.diag([(px1 - px0) * grow[1] / max(1.0, (x1 - x0)), (py1 - py0) * grow[0] / max(1.0, (y1 - y0))])
    turn = matrix[:, :2] / np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    linear = turn @ fit
    if linear[0, 0] < 0 and rng.random() < 0.5:
        linear[:, 0] *= -1
    centre = np.array([(px0 + px1) / 2, (py0 + py1) / 2]) - linear @ np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    cloth, there = augment.warp(flat.image, flat.mask, np.hstack([linear, centre[:, None]]), (height, width))
    assert there is not None
    mask = ((there > 0) & (person.mask > 0)).astype(np.uint8)
    if mask.sum() < 400 or mask.sum() < 0.3 * person.mask.sum():
        return None
    grey = cv2.GaussianBlur(cv2.cvtColor(person.image, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 2.5)
    shade = np.clip(grey / max(1.0, float(np.median(grey[mask > 0]))), 0.45, 1.6) ** rng.uniform(0.3, 0.8)
    soft = cv2.GaussianBlur(mask.astype(np.float32), (3, 3), 0)[..., None]
    image = np.clip(cloth * shade[..., None], 0, 255) * soft + person.image * (1 - soft)
    return View(image.astype(np.uint8), mask)


def product_view(flat: Crop, rng: Generator) -> View:
    """The flat lay, at times before another background."""
    image = augment.replace_background(flat.image, flat.mask > 0, rng) if rng.random() < 0.5 else flat.image
    return View(augment.recolour(image, rng, strength=0.35), flat.mask)


def cut_out(person: Crop, rng: Generator) -> View:
    """A worn garment as if photographed alone: cut out, bent a little, before a plain background."""
    height, width = person.mask.shape
    matrix = augment.view_matrix(
        (0.0, 0.0, float(width), float(height)),
        (height, width),
        rng,
        zoom=(0.9, 1.1),
        shift=0.02,
        rotate=12,
        stretch=0.3,
    )
    image, mask = augment.warp(person.image, person.mask, matrix, (height, width))
    assert mask is not None
    return View(augment.recolour(augment.replace_background(image, mask > 0, rng), rng, strength=0.35), mask)


def frame(view: View, side: int, rng: Generator | None = None) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The crop and its mask as the runtime frames them, (side, side); with ``rng`` the box is off by a little."""
    ys, xs = np.nonzero(view.mask)
    box = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1], np.float64)
    if rng is not None:
        size = np.array([box[2] - box[0], box[3] - box[1]] * 2)
        box += rng.uniform(-0.05, 0.05, 4) * size
    x0, y0, x1, y1 = crop_box((box[0], box[1], max(box[2], box[0] + 4), max(box[3], box[1] + 4)), *view.mask.shape)
    smooth = cv2.INTER_AREA if y1 - y0 > side else cv2.INTER_LINEAR
    return (
        np.asarray(cv2.resize(view.image[y0:y1, x0:x1], (side, side), interpolation=smooth), np.uint8),
        np.asarray(cv2.resize(view.mask[y0:y1, x0:x1], (side, side), interpolation=cv2.INTER_NEAREST), np.uint8),
    )


@torch.no_grad()
def gather(net: GarmentNet, vector: GarmentVector, views: list[View], side: int, rng: Generator | None) -> Tensor:
    """(N, F) float32 features of views, in batches."""
    found = []
    for start in tqdm(range(0, len(views), 32), desc="features", mininterval=10):
        framed = [frame(view, side, rng) for view in views[start : start + 32]]
        pixels = torch.from_numpy(normalise(np.stack([f[0] for f in framed])))
        mask = torch.from_numpy(np.stack([f[1] for f in framed]).astype(np.float32))[:, None]
        with torch.autocast("cpu", torch.bfloat16):
            levels = net.levels(pixels.contiguous(memory_format=torch.channels_last))
        found.append(vector.gather(levels, pixels, mask))
    return torch.cat(found)


def colour_anchors(crops: list[Crop], count: int, seed: int) -> Tensor:
    """(K, 3) k-means centres of the garments' own pixels, in normalised values."""
    rng = np.random.default_rng(seed)
    pixels = []
    for i in rng.choice(len(crops), min(len(crops), 1500), replace=False):
        own = crops[i].image[crops[i].mask > 0]
        if len(own):
            pixels.append(own[rng.integers(0, len(own), 40)])
    values = normalise(np.concatenate(pixels)[None, None])[0, :, 0].T
    cv2.setRNGSeed(seed)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 1e-3)
    _, _, centres = cv2.kmeans(np.ascontiguousarray(values), count, None, stop, 2, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    return torch.from_numpy(centres)


def train_vector(
    recipe: VectorRecipe, net: GarmentNet, flat: list[Crop], worn: list[Crop], upper: frozenset[str]
) -> GarmentVector:
    """Learn the vector's map on features of the trained garment net. upper: labels of tops, which are pasted on tops.

    Rows are garments: a worn and an unworn view each. Street photos' own garments join with their cut-outs.
    """
    rng = np.random.default_rng(recipe.seed)
    vector = GarmentVector(anchors=colour_anchors(flat + worn, recipe.anchors, recipe.seed), size=recipe.size)
    net.eval().to(memory_format=torch.channels_last)
    worn = [c for c in worn if c.mask.sum() > 1500]
    tops = [c for c in worn if c.label in upper]
    names, seen_worn, seen_flat = [], [], []
    for i, crop in enumerate(c for c in flat if c.label in upper and c.mask.sum() > 1500):
        for _ in range(recipe.views):
            pasted = paste(crop, tops[rng.integers(len(tops))], rng)
            if pasted is not None:
                names.append(i)
                seen_worn.append(View(augment.recolour(pasted.image, rng, strength=0.35), pasted.mask))
                seen_flat.append(product_view(crop, rng))
    pasted_count = len(names)
    for i, crop in enumerate(worn):
        names.append(1_000_000 + i)
        seen_worn.append(View(crop.image, crop.mask))
        seen_flat.append(cut_out(crop, rng))
    a = gather(net, vector, seen_worn, recipe.worn_side, rng)
    b = gather(net, vector, seen_flat, recipe.flat_side, rng)
    own = gather(net, vector, [View(c.image, c.mask) for c in worn], recipe.worn_side, None)
    _standardise(vector, torch.cat([a[:pasted_count], own]), b)
    return _learn(vector, a, b, torch.tensor(names), recipe)


@torch.no_grad()
def _standardise(vector: GarmentVector, worn: Tensor, flat: Tensor) -> None:
    vector.mean[0], vector.mean[1] = flat.mean(0), worn.mean(0)
    spread = ((flat - flat.mean(0)).square().mean(0) + (worn - worn.mean(0)).square().mean(0)) / 2
    blocks = _block_weights(vector)
    vector.scale.copy_(blocks / (spread.sqrt() + 1e-3))
    both = torch.cat([vector.centre(flat, torch.zeros(len(flat), 1)), vector.centre(worn, torch.ones(len(worn), 1))])
    _, values, axes = torch.svd_lowrank(both, q=vector.project.out_features, niter=6)
    vector.project.weight.copy_((axes / (values / len(both) ** 0.5).clamp_min(1e-3).sqrt()).t())
    vector.project.bias.zero_()


def _block_weights(vector: GarmentVector) -> Tensor:
    """Give every kind of feature the same say whatever its number of channels, before anything is learned."""
    sizes = [32, 32, 96, 96, 1280, vector.anchors.shape[0]]
    return torch.cat(
        [torch.full((n,), (100 / n) ** 0.5 * say) for n, say in zip(sizes, (1, 0.5, 1, 0.5, 0.5, 1), strict=True)]
    )


def _learn(vector: GarmentVector, worn: Tensor, flat: Tensor, names: Tensor, recipe: VectorRecipe) -> GarmentVector:
    torch.manual_seed(recipe.seed)
    optimiser = torch.optim.AdamW(vector.project.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, recipe.steps)
    a, b = vector.centre(worn, torch.ones(len(worn), 1)), vector.centre(flat, torch.zeros(len(flat), 1))
    for _ in tqdm(range(recipe.steps), desc="vector", mininterval=5):
        pick = torch.randint(len(a), (recipe.batch,))
        drop = functional.dropout(torch.ones(a.shape[1]), 0.1)
        x = functional.normalize(vector.project(a[pick] * drop), dim=1)
        y = functional.normalize(vector.project(b[pick] * drop), dim=1)
        near = x @ y.t() / recipe.temperature
        same = names[pick][:, None] == names[pick][None, :]
        near = near.masked_fill(same & ~torch.eye(len(pick), dtype=torch.bool), -1e4)
        truth = torch.arange(len(pick))
        loss = (functional.cross_entropy(near, truth) + functional.cross_entropy(near.t(), truth)) / 2
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return vector.eval()
