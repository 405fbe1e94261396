"""Garments and people cut out of their photos and put before a studio wall, as shops show them; and garments whose
outline is real and whose cloth is drawn.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from meot.data import augment
from meot.data.images import box_around
from meot.data.negatives import ground, lay
from meot.data.surfaces import surface

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def shop_photo(image: Image, inside: Mask, rng: Generator) -> Image:
    """What (H, W) ``inside`` shows, which must be something, in a new frame on white or nearly so, at times with a
    shadow; its longer side is 200 to 700 px."""
    image, inside = _framed(image, inside, rng)
    wall = np.full(image.shape, 255.0 if rng.random() < 0.6 else rng.uniform(225, 255), np.float32)
    if rng.random() < 0.4:
        moved = np.roll(inside.astype(np.float32), rng.integers(-12, 13, 2), (0, 1))
        wall *= 1 - rng.uniform(0, 0.35) * cv2.GaussianBlur(moved, (0, 0), 8)[..., None]
    soft = cv2.GaussianBlur(inside.astype(np.float32), (3, 3), 0)[..., None]
    return _as_jpeg(np.clip(image * soft + wall * (1 - soft), 0, 255).astype(np.uint8), rng)


def drawn_cloth(inside: Mask, rng: Generator) -> Image:
    """A drawn surface in the outline of a garment on drawn ground: what it is made of does not make it one."""
    _, inside = _framed(np.zeros((*inside.shape, 3), np.uint8), inside, rng)
    image = ground(rng, (inside.shape[0], inside.shape[1]))
    lay(image, inside.astype(np.uint8) * 255, surface(rng, (inside.shape[0], inside.shape[1])), rng)
    return augment.recolour(image, rng, strength=0.6)


def part_of_person(person: Mask, rng: Generator) -> Mask:
    """(H, W) of the upper part of somebody standing, as shops show tops; now and then of the lower part."""
    rows = np.flatnonzero(person.any(1))
    top, tall = int(rows[0]), int(rows[-1] - rows[0] + 1)
    start, end = (rng.uniform(0, 0.12), rng.uniform(0.4, 0.75)) if rng.random() < 0.8 else (rng.uniform(0.4, 0.55), 1)
    kept = np.zeros_like(person)
    kept[top + int(start * tall) : top + int(end * tall)] = True
    return np.asarray(kept & person if (kept & person).any() else person, np.bool_)


def _framed(image: Image, inside: Mask, rng: Generator) -> tuple[Image, Mask]:
    """Both cut to what is inside, with a margin, and resized."""
    box = box_around(inside)
    assert box is not None
    x0, y0, x1, y1 = (int(edge) for edge in box)
    edge = int(rng.uniform(0.01, 0.25) * max(x1 - x0, y1 - y0))
    ids = inside[y0:y1, x0:x1].astype(np.uint8)
    image = np.asarray(cv2.copyMakeBorder(image[y0:y1, x0:x1], edge, edge, edge, edge, cv2.BORDER_REPLICATE), np.uint8)
    ids = np.asarray(cv2.copyMakeBorder(ids, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=[0]), np.uint8)
    scale = float(rng.choice([200, 300, 480, 700])) / max(ids.shape)
    size = (max(64, int(ids.shape[1] * scale)), max(64, int(ids.shape[0] * scale)))
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    image = np.asarray(cv2.resize(image, size, interpolation=smooth), np.uint8)
    return image, np.asarray(cv2.resize(ids, size, interpolation=cv2.INTER_LINEAR) > 0, np.bool_)


def _as_jpeg(image: Image, rng: Generator) -> Image:
    quality = int(rng.integers(60, 96))
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
