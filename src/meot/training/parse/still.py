"""A parser net before still photos: what it confuses, and region maps for photos that have only tags."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from meot.data.images import read_rgb
from meot.data.table import Row
from meot.models.pixels import canvas, normalise
from meot.taxonomy import Taxonomy
from meot.training.parse.samples import AREA, UNKNOWN, Sample, shrunk


@torch.no_grad()
def confusion(net: nn.Module, samples: list[Sample], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """(G, G) pixel counts, truth by prediction, after mapping region values by ``groups`` (R,)."""
    size = int(groups.max()) + 1
    counts = np.zeros((size, size), np.int64)
    for sample in samples:
        logits = _logits(net, _seen(sample.image)[None])
        logits = functional.interpolate(logits, size=sample.regions.shape, mode="bilinear", align_corners=False)
        found = groups[logits[0].argmax(0).numpy()]
        truth = groups[sample.regions]
        counts += np.bincount((truth * size + found).ravel(), minlength=size * size).reshape(size, size)
    return counts


@torch.no_grad()
def label_by_tags(
    net: nn.Module, rows: list[Row], taxonomy: Taxonomy, *, sure_from: float = 0.6, side: int = 416
) -> list[Sample]:
    """Region maps for street photos that have only tags: the net's own, among the regions that the tags allow.

    Self-training with image-level labels: pixels whose best allowed probability is under ``sure_from`` stay unknown.
    """
    samples = []
    for row in tqdm(rows, desc="photos with tags", mininterval=10):
        small = shrunk(read_rgb(row.photo), side)
        allowed = {taxonomy.region_of("ccp", tag).value for tag in (*row.tags, "null", "skin", "hair")}
        p = _probabilities(net, small)
        p[[value for value in range(len(p)) if value not in allowed]] = 0
        p /= p.sum(0, keepdims=True) + 1e-6
        regions = np.where(p.max(0) >= sure_from, p.argmax(0), UNKNOWN).astype(np.uint8)
        samples.append(Sample(small, regions, True, ()))
    return samples


def _probabilities(net: nn.Module, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(R, H, W) float32 of one (H, W, 3) photo, averaged over the photo and its mirror image."""
    small = _seen(image)
    logits = _logits(net, np.stack([small, small[:, ::-1]]))
    p = (logits[0].softmax(0) + logits[1].flip(2).softmax(0)) / 2
    large = functional.interpolate(p[None], size=image.shape[:2], mode="bilinear", align_corners=False)[0]
    return np.asarray(large.numpy(), np.float32)


def _seen(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 3) uint8: the (H, W, 3) photo in the size that the runtime shows it in."""
    tall, wide = canvas(*image.shape[:2], area=AREA)
    return np.asarray(cv2.resize(image, (wide, tall), interpolation=cv2.INTER_LINEAR), np.uint8)


def _logits(net: nn.Module, images: NDArray[np.uint8]) -> Tensor:
    """(N, R, h, w) float32 region logits, at the net's own stride, of (N, H, W, 3) uint8 photos."""
    pixels = torch.from_numpy(normalise(images)).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        logits: Tensor = net(pixels)[0]
    return logits.float()
