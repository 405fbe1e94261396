"""Photos and masks of training tables, from disk into memory."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from meot.errors import DataError


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB. DataError when the file is missing or no photo."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise DataError(f"{path}: expected a photo, cannot read it; check the table's photo column")
    return np.asarray(image[..., ::-1].copy(), np.uint8)


def read_ids(path: Path | None, photo: Path) -> NDArray[np.uint8]:
    """(H, W) uint8 values of a mask. DataError when it is missing or no picture; ``photo`` is for the message."""
    ids = None if path is None else cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if ids is None:
        raise DataError(f"{photo}: expected a mask, cannot read {path}; check the table's mask column")
    return np.asarray(ids, np.uint8)
