"""A garment photographed: laid on something, lit, seen by a small camera."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from meot.demo.cloth import Rgb, fold, noise, pattern
from meot.demo.details import sew
from meot.demo.shapes import SHAPES, outline
from meot.models.raster import blur, resize

SIZE = (640, 480)
"""(height, width) of a drawn photo."""
_WORK = 960
_DEPTH = {"knit": 0.7, "coat": 0.8, "hat": 0.6, "jacket": 1.1, "jeans": 1.2}


def ground(kind: str, rng: Generator) -> NDArray[np.float32]:
    """(W, W, 3) float32: white studio, a wall, a wooden floor, or a bed sheet."""
    size = _WORK
    if kind == "wood":
        plank = np.floor(np.mgrid[0:size, 0:size][1] / (size / 7)).astype(int)
        tone = rng.uniform(0.86, 1.08, plank.max() + 1)[plank]
        grain = resize(rng.standard_normal((30, size)).astype(np.float32), size, size)
        base = np.array((178, 138, 98), np.float32) * rng.uniform(0.8, 1.15)
        gap = np.mod(np.mgrid[0:size, 0:size][1], size / 7) < 3
        plane = base * (tone + 0.05 * grain - 0.25 * gap)[..., None]
    elif kind == "sheet":
        folds = noise(size, rng, coarse=3, octaves=4)
        plane = np.array((205, 203, 198), np.float32) * (1 + 0.045 * folds)[..., None]
    elif kind == "wall":
        base = np.array([(214, 206, 194), (190, 198, 202), (222, 220, 216)][rng.integers(3)], np.float32)
        plane = base * (1 + 0.012 * noise(size, rng, coarse=8, octaves=5))[..., None]
    else:
        plane = np.full((size, size, 3), 247, np.float32)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    light = 1 + rng.uniform(-0.08, 0.08) * (x - 0.5) + rng.uniform(-0.1, 0.02) * (y - 0.5)
    return np.asarray(np.clip(plane * light[..., None], 0, 255), np.float32)


def photograph(
    category: str, *, ground_kind: str, pattern_kind: str, colours: tuple[Rgb, Rgb], rng: Generator
) -> Image.Image:
    """A photo of one garment, :data:`SIZE`; category is a key of ``SHAPES``."""
    shape = SHAPES[category]
    size = _WORK
    tall = min(0.84, 0.62 * shape.height) * size
    wide = tall / shape.height
    box = ((size - wide) / 2, (size - tall) / 2, (size + wide) / 2, (size + tall) / 2)
    points = outline(shape, rng) * [wide, tall] + [box[0], box[1]]
    stencil = Image.new("L", (size, size), 0)
    ImageDraw.Draw(stencil).polygon([(float(x), float(y)) for x, y in points], fill=255)
    if "hood" in shape.details:
        ImageDraw.Draw(stencil).ellipse(
            (box[0] + 0.33 * wide, box[1] - 0.05 * tall, box[0] + 0.67 * wide, box[1] + 0.2 * tall), fill=255
        )
    inside = np.asarray(np.asarray(stencil, np.float32) / 255, np.float32)
    if shape.opening and "collar" not in shape.details and "hood" not in shape.details:
        inside = _cut_neck(inside, box, shape.opening, shape.half[0][1])
    cloth = pattern(pattern_kind, size, *colours, rng)
    if category == "jeans":
        cloth = np.asarray(cloth * (1 + 0.06 * noise(size, rng, coarse=120, octaves=2))[..., None], np.float32)
    cloth = sew(np.asarray(np.clip(cloth, 0, 255), np.float32), shape, box, colours[0], rng)
    cloth = fold(cloth, inside, rng, depth=_DEPTH.get(category, 1.0))
    return _shoot(_lay(cloth, inside, ground(ground_kind, rng), rng), rng)


def _cut_neck(
    inside: NDArray[np.float32], box: tuple[float, float, float, float], opening: tuple[float, float], top: float
) -> NDArray[np.float32]:
    hole = Image.new("L", (_WORK, _WORK), 0)
    wide, tall = box[2] - box[0], box[3] - box[1]
    x, y = (box[0] + box[2]) / 2, box[1] + top * tall
    half, deep = opening[0] * wide, opening[1] * tall
    ImageDraw.Draw(hole).ellipse((x - half, y - deep, x + half, y + deep), fill=255)
    back = Image.new("L", (_WORK, _WORK), 0)
    ImageDraw.Draw(back).rectangle((x - half, y - deep, x + half, y + 0.018 * tall), fill=255)
    cut = np.asarray(hole, np.float32) / 255 * np.asarray(back, np.float32) / 255
    return np.asarray(inside * (1 - cut), np.float32)


def _lay(
    cloth: NDArray[np.float32], inside: NDArray[np.float32], plane: NDArray[np.float32], rng: Generator
) -> NDArray[np.float32]:
    """The garment on its ground, with a soft shadow, turned a little."""
    degrees, scale, across, down = rng.uniform(-4, 4), rng.uniform(0.94, 1.04), *rng.uniform(-12, 12, 2)
    planes = [*np.moveaxis(cloth, -1, 0), inside]
    *colours, inside = (_turned(each, degrees, scale, across, down) for each in planes)
    cloth, soft = np.stack(colours, -1), blur(inside, 1.0)
    shadow = np.zeros_like(inside)
    shadow[9:, 7:] = inside[:-9, :-7]
    under = plane * (1 - 0.30 * blur(shadow, 9))[..., None]
    return np.asarray(under * (1 - soft[..., None]) + cloth * soft[..., None], np.float32)


def _turned(
    plane: NDArray[np.float32], degrees: float, scale: float, across: float, down: float
) -> NDArray[np.float32]:
    """(W, W) float32 turned and scaled about its middle, then moved; 0 beyond the border."""
    middle, turn = _WORK / 2, np.deg2rad(degrees)
    a, b = np.cos(turn) / scale, np.sin(turn) / scale
    x, y = middle + across, middle + down
    back = (a, -b, middle - a * x + b * y, b, a, middle - b * x - a * y)
    moved = Image.fromarray(plane).transform(
        (_WORK, _WORK), Image.Transform.AFFINE, back, resample=Image.Resampling.BILINEAR
    )
    return np.asarray(moved, np.float32)


def _shoot(scene: NDArray[np.float32], rng: Generator) -> Image.Image:
    """Crop to the photo's proportions and add the camera's light and grain."""
    height, width = SIZE
    margin = (_WORK - _WORK * width // height) // 2
    small = resize(scene[:, margin : _WORK - margin], height, width)
    warm = np.array([rng.uniform(0.97, 1.03), 1.0, rng.uniform(0.96, 1.02)], np.float32)
    seen = small * warm * rng.uniform(0.94, 1.04) + rng.normal(0, 2.2, small.shape)
    return Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))
