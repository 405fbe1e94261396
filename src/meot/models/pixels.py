"""Pixels as models want them; runtime and workshop share these functions word for word."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def normalise(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, H, W, 3) uint8 RGB 0..255 -> (N, 3, H, W) float32, ImageNet mean 0 and deviation 1 a channel."""
    scale = (1.0 / (255.0 * STD)).astype(np.float32)
    offset = (MEAN / STD).astype(np.float32)
    planes = np.empty((len(images), 3, *images.shape[1:3]), np.float32)
    for channel in range(3):  # straight into its plane: six times faster than moving the axis of the whole
        np.multiply(images[..., channel], scale[channel], out=planes[:, channel])
        planes[:, channel] -= offset[channel]
    return planes


def canvas(height: int, width: int, *, area: int, multiple: int = 32) -> tuple[int, int]:
    """(height, width) in multiples of ``multiple`` nearest to ``area`` pixels in the photo's own proportions.

    Proportions are kept within 1:3 and 3:1; what is longer is squeezed.
    """
    ratio = min(max(height / width, 1 / 3), 3.0)
    tall = max(multiple, round((area * ratio) ** 0.5 / multiple) * multiple)
    wide = max(multiple, round(area / tall / multiple) * multiple)
    return tall, wide


VIEWS = {"garment": (0.0, 0.0, 1.0, 1.0), "top": (0.2, -0.02, 0.8, 0.42), "middle": (0.28, 0.25, 0.72, 0.75)}
"""Part of a garment's box -> left, top, right, bottom as shares of it: all of it, its collar, its cloth."""


def view_box(box: tuple[float, float, float, float], view: str) -> tuple[float, float, float, float]:
    """The part of a garment's xyxy ``box`` that ``view``, one of :data:`VIEWS`, looks at."""
    x0, y0, x1, y1 = box
    left, top, right, bottom = VIEWS[view]
    wide, tall = x1 - x0, y1 - y0
    return x0 + left * wide, y0 + top * tall, x0 + right * wide, y0 + bottom * tall


def crop_box(
    box: tuple[float, float, float, float], height: int, width: int, *, margin: float = 0.06, slimmest: float = 0.6
) -> tuple[int, int, int, int]:
    """Whole-pixel xyxy box of a garment's crop: ``box`` with a margin, not slimmer than ``slimmest``, in the photo.

    A slim garment takes in its surroundings rather than being stretched. margin is a share of the longer side.
    """
    x0, y0, x1, y1 = box
    wide, tall = x1 - x0, y1 - y0
    extra = margin * max(wide, tall)
    wide, tall = wide + 2 * extra, tall + 2 * extra
    wide, tall = max(wide, slimmest * tall), max(tall, slimmest * wide)
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    left = max(0, int(np.floor(cx - wide / 2)))
    top = max(0, int(np.floor(cy - tall / 2)))
    right = min(width, int(np.ceil(cx + wide / 2)))
    bottom = min(height, int(np.ceil(cy + tall / 2)))
    return left, top, max(right, left + 1), max(bottom, top + 1)
