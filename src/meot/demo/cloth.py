"""Cloth: its patterns, and its folds."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from meot.models.raster import blur

Rgb = tuple[int, int, int]
Plane = NDArray[np.float32]
"""(S, S) float32."""


def noise(size: int, rng: Generator, *, coarse: int, octaves: int = 4) -> Plane:
    """(size, size) float32 smooth noise of mean 0 and deviation 1; ``coarse`` cells a side in the first octave."""
    total = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        cells = min(size, coarse * 2**octave)
        grid = rng.standard_normal((cells, cells)).astype(np.float32)
        total += _stretch(grid, size) * 0.55**octave
    return np.asarray((total - total.mean()) / total.std(), np.float32)


def _stretch(plane: Plane, size: int) -> Plane:
    """(h, w) float32 smoothly stretched to (size, size)."""
    return np.asarray(Image.fromarray(plane).resize((size, size), Image.Resampling.BICUBIC), np.float32)


def pattern(kind: str, size: int, ground: Rgb, figure: Rgb, rng: Generator) -> NDArray[np.float32]:
    """(size, size, 3) float32 0..255: the cloth before it is cut; kind is an id of the taxonomy's pattern component."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    bend = 0.006 * noise(size, rng, coarse=3, octaves=2)
    share = np.zeros((size, size), np.float32)
    if kind == "stripe":
        share = (np.mod((y + bend) * rng.integers(14, 24), 1) < rng.uniform(0.3, 0.5)).astype(np.float32)
    elif kind == "check":
        lines = rng.integers(7, 12)
        across, down = np.mod((x + bend) * lines, 1) < 0.45, np.mod((y + bend) * lines, 1) < 0.45
        share = 0.5 * across.astype(np.float32) + 0.5 * down.astype(np.float32)
    elif kind == "dot":
        rows = rng.integers(16, 26)
        v = (y + bend) * rows
        u = (x + bend) * rows + 0.5 * (np.floor(v) % 2)
        share = (np.hypot(np.mod(u, 1) - 0.5, np.mod(v, 1) - 0.5) < 0.24).astype(np.float32)
    cloth = np.array(ground, np.float32) * (1 - share[..., None]) + np.array(figure, np.float32) * share[..., None]
    if kind in ("floral", "graphic"):
        image = Image.fromarray(cloth.astype(np.uint8))
        (_flowers if kind == "floral" else _print)(image, figure, rng)
        cloth = np.asarray(image, np.float32)
    return cloth


def _flowers(image: Image.Image, figure: Rgb, rng: Generator) -> None:
    draw, size = ImageDraw.Draw(image), image.width
    for _ in range(150):
        x, y, r = rng.uniform(0, size), rng.uniform(0, size), size * rng.uniform(0.010, 0.022)
        petal = tuple(int(v) for v in np.clip(np.array(figure) + rng.normal(0, 25, 3), 0, 255))
        leaf = (60 + int(rng.integers(0, 40)), 110, 70)
        turn = rng.uniform(0, 2 * np.pi)
        draw.ellipse((x + r, y + r, x + 2.6 * r, y + 1.8 * r), fill=leaf)
        for k in range(5):
            px, py = x + r * np.cos(turn + k * 1.2566), y + r * np.sin(turn + k * 1.2566)
            draw.ellipse((px - 0.75 * r, py - 0.75 * r, px + 0.75 * r, py + 0.75 * r), fill=petal)
        draw.ellipse((x - 0.5 * r, y - 0.5 * r, x + 0.5 * r, y + 0.5 * r), fill=(240, 205, 80))


def _print(image: Image.Image, figure: Rgb, rng: Generator) -> None:
    """A print on the chest: a sun over hills, or letters."""
    draw, size = ImageDraw.Draw(image), image.width
    cx, cy, r = size * 0.5, size * 0.42, size * rng.uniform(0.10, 0.13)
    if rng.random() < 0.5:
        draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=figure)
        for k in range(3):
            base, shade = cy + r * (0.35 + 0.3 * k), tuple(int(v * (0.75 - 0.18 * k)) for v in figure)
            xs = np.linspace(cx - 1.3 * r, cx + 1.3 * r, 30)
            hills = [(float(a), float(base - 0.3 * r * np.sin(3 * a / r + k + 1))) for a in xs]
            draw.polygon([*hills, (cx + 1.3 * r, cy + 1.25 * r), (cx - 1.3 * r, cy + 1.25 * r)], fill=shade)
    else:
        for row in range(2):
            for k in range(4):
                x0 = cx - 1.2 * r + k * 0.62 * r
                y0 = cy - 0.7 * r + row * 0.85 * r
                wide = 0.16 * r
                draw.rectangle((x0, y0, x0 + wide, y0 + 0.65 * r), fill=figure)
                if rng.random() < 0.8:
                    draw.rectangle((x0, y0, x0 + 0.5 * r, y0 + wide), fill=figure)
                if rng.random() < 0.7:
                    draw.rectangle((x0 + 0.35 * r, y0, x0 + 0.35 * r + wide, y0 + 0.65 * r), fill=figure)


def fold(cloth: NDArray[np.float32], inside: Plane, rng: Generator, *, depth: float) -> NDArray[np.float32]:
    """The (S, S, 3) float32 cloth, 0..255, shaded with folds, a rounded rim and weave.

    inside: (S, S), 1 within the outline, 0 elsewhere. depth: of the folds, 1 for most cloths.
    """
    size = len(inside)
    stretched = noise(size, rng, coarse=4, octaves=4)
    tall = _stretch(stretched[: size // 2], size)
    height = 0.6 * noise(size, rng, coarse=3, octaves=3) + 0.5 * tall
    down, across = np.gradient(blur(height, 1.2))
    slope = np.asarray(across + 0.6 * down, np.float32)
    slope = blur(slope / (slope.std() + 1e-6), size / 180)
    rim = np.clip(2 * (1 - blur(inside, 0.008 * size)), 0, 1)
    light = 1 + depth * (0.09 * np.tanh(slope) + 0.05 * height) - 0.22 * rim
    weave = 1 + 0.018 * rng.standard_normal((size, size)).astype(np.float32)
    return np.asarray(np.clip(cloth * (light * weave)[..., None] + 4 * np.tanh(slope)[..., None], 0, 255), np.float32)
