"""Patterns drawn onto photographed cloth: photos of rare patterns made from photos of plain garments.

The garment keeps its folds and its light: what is drawn is bent by a smooth random field, as cloth is, and darkened
where the plain cloth was dark. numpy and OpenCV only.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from meot.data.patterns import PATTERNS, Colour, Ink, Plane

Image = NDArray[np.uint8]


def paint(image: Image, mask: NDArray[np.bool_], pattern: str, rng: Generator) -> Image:
    """The (H, W, 3) uint8 photo of a plain garment with ``pattern`` drawn onto its cloth, (H, W) bool ``mask``.

    pattern: one of :data:`meot.data.patterns.PATTERNS`; KeyError for another. A photo whose mask is empty comes
    back as it is.
    """
    if not mask.any():
        return image
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    cloth = image[box[1] : box[3], box[0] : box[2]].astype(np.float32)
    own = mask[box[1] : box[3], box[0] : box[2]]
    colours, cover = PATTERNS[pattern](own.shape[0], own.shape[1], _contrasting(cloth[own], rng), rng)
    colours, cover = _bent(colours, cover, rng)
    light = _light(cloth, own)[..., None]
    soft = cv2.GaussianBlur(own.astype(np.float32), (3, 3), 0) * cover * rng.uniform(0.8, 1.0)
    drawn = cloth + (np.clip(colours * light, 0, 255) - cloth) * soft[..., None]
    done = image.copy()
    done[box[1] : box[3], box[0] : box[2]] = np.clip(drawn, 0, 255).astype(np.uint8)
    return done


def _light(cloth: NDArray[np.float32], own: NDArray[np.bool_]) -> Plane:
    """(H, W) brightness of the cloth over its median: its folds and shadows."""
    grey = cloth @ np.array([0.299, 0.587, 0.114], np.float32)
    grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), max(1.0, min(own.shape) / 150)), np.float32)
    light = (grey + 25) / (float(np.median(grey[own])) + 25)
    return np.asarray(np.clip(light, 0.45, 1.5), np.float32)


def _contrasting(cloth: NDArray[np.float32], rng: Generator) -> list[Colour]:
    """Four colours, each far enough from the cloth's own to be seen; some are only just so, as woven stripes are."""
    own, found = np.median(cloth, 0), []
    if rng.random() < 0.35:
        shift = float(rng.choice([-1.0, 1.0]) * rng.uniform(28, 70))
        near = np.clip(own + shift + rng.normal(0, 12, 3), 0, 255)
        return [(float(near[0]), float(near[1]), float(near[2]))] * 4
    for _ in range(60):
        colour = rng.uniform(0, 255, 3)
        if rng.random() < 0.4:
            colour[:] = rng.choice([15.0, 60.0, 200.0, 245.0])
        if np.abs(colour - own).sum() > 130:
            found.append((float(colour[0]), float(colour[1]), float(colour[2])))
        if len(found) == 4:
            break
    return found or [(255.0, 255.0, 255.0)]


def _bent(colours: NDArray[np.float32], cover: Plane, rng: Generator) -> Ink:
    """The drawing turned a little and moved by a smooth field, up to a few hundredths of its size."""
    height, width = cover.shape
    size = max(height, width)
    coarse = rng.normal(0, rng.uniform(0.002, 0.02) * size, (2, 5, 5)).astype(np.float32)
    shift = [cv2.resize(plane, (width, height), interpolation=cv2.INTER_CUBIC) for plane in coarse]
    angle, y, x = rng.normal(0, 0.08), *np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = x - width / 2, y - height / 2
    across = (np.cos(angle) * u - np.sin(angle) * v + width / 2 + shift[0]).astype(np.float32)
    down = (np.sin(angle) * u + np.cos(angle) * v + height / 2 + shift[1]).astype(np.float32)
    ink = np.dstack([colours, cover]).astype(np.float32)
    moved = np.asarray(cv2.remap(ink, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.float32)
    return moved[..., :3], moved[..., 3]
