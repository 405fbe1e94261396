"""Surfaces drawn by code: fur, wood, stone, grass, tiles and their kin, as clouds of noise and regular patterns."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray


def colour(rng: Generator) -> NDArray[np.float32]:
    """(3,) float32 RGB 0..255: a random hue, mostly muted like most of the world."""
    hue, muted = rng.uniform(0, 180), rng.random() < 0.7
    saturation = rng.uniform(0, 130) if muted else rng.uniform(100, 255)
    pixel = np.array([[[hue, saturation, rng.uniform(20, 255)]]], np.uint8)
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0], np.float32)


def cloud(rng: Generator, size: tuple[int, int], *, cells: tuple[int, int], octaves: int) -> NDArray[np.float32]:
    """(H, W) float32 noise 0..1; cells: down and across in its first octave, so uneven numbers make streaks."""
    total = np.zeros(size, np.float32)
    for octave in range(octaves):
        grid = rng.standard_normal([max(2, min(c * 2**octave, s)) for c, s in zip(cells, size, strict=True)])
        total += 0.6**octave * cv2.resize(grid.astype(np.float32), size[::-1], interpolation=cv2.INTER_CUBIC)
    low, high = np.quantile(total, [0.01, 0.99])
    return np.asarray(np.clip((total - low) / max(high - low, 1e-6), 0, 1), np.float32)


def _regular(rng: Generator, size: tuple[int, int]) -> NDArray[np.float32]:
    """(H, W) float32 0..1: tiles, bricks, boards, dots or rings."""
    height, width = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / min(size)
    bend = 0.02 * rng.random() * cloud(rng, size, cells=(3, 3), octaves=2)
    pitch, joint = rng.uniform(3, 40), rng.uniform(0.04, 0.3)
    row = (y + bend) * pitch
    kind = rng.integers(0, 5)
    if kind == 0:
        return np.asarray(np.hypot(row % 1 - 0.5, (x + bend) * pitch % 1 - 0.5) < rng.uniform(0.15, 0.45), np.float32)
    if kind == 1:
        return np.asarray(np.hypot(x - x.mean(), y - y.mean()) * pitch % 1, np.float32)
    if kind == 2:
        return np.asarray(row % 1 < joint, np.float32)
    shift = 0.5 * (np.floor(row) % 2) if kind == 3 else 0.0
    column = (x + bend) * pitch * rng.uniform(0.3, 1.0) + shift
    return np.asarray(np.maximum(row % 1 < joint, column % 1 < joint), np.float32)


def surface(rng: Generator, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: two or three colours mixed by noise, at times with a regular pattern and grain over it."""
    height, width = size
    cells = tuple(int(c) for c in np.exp(rng.uniform(np.log(2), np.log(40), 2)))
    share = cloud(rng, size, cells=(cells[0], cells[1]), octaves=int(rng.integers(1, 6)))
    contrast = rng.random()
    first, second = colour(rng), colour(rng)
    second = first + contrast * (second - first)
    image = first + share[..., None] * (second - first)
    if rng.random() < 0.35:
        image += (_regular(rng, size)[..., None]) * rng.uniform(-0.6, 0.6) * (colour(rng) - first)
    if rng.random() < 0.6:
        image += rng.normal(0, rng.uniform(1, 30), (height, width, 1))
    return np.clip(image, 0, 255).astype(np.uint8)
