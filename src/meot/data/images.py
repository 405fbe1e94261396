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


def read_mask(file: Path | None, photo: Path, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W) uint8 values of a mask of a photo of ``size``, (height, width). DataError when it is of another size."""
    ids = read_ids(file, photo)
    if ids.shape != size:
        raise DataError(
            f"{file}: the mask is {ids.shape[1]}x{ids.shape[0]}, its photo {size[1]}x{size[0]}; make them the same size"
        )
    return ids


def box_around(mask: NDArray[np.bool_] | NDArray[np.uint8]) -> tuple[float, float, float, float] | None:
    """xyxy box around what is not 0 in an (H, W) mask, right and bottom edge outside; None when there is nothing."""
    rows, columns = np.flatnonzero((mask > 0).any(1)), np.flatnonzero((mask > 0).any(0))
    if len(rows) == 0:
        return None
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
