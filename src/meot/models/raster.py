"""Pictures as arrays: resizing, blurring, growing and shrinking masks, connected pieces.

Pillow and numpy are enough for it; OpenCV would be a third of the installed size.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_Kind = TypeVar("_Kind", np.uint8, np.float32)


def resize(image: NDArray[_Kind], height: int, width: int) -> NDArray[_Kind]:
    """(H, W) or (H, W, C), uint8 or float32, at another size: areas are averaged, or values interpolated to enlarge."""
    smaller = height <= image.shape[0] and width <= image.shape[1]
    how = Image.Resampling.HAMMING if smaller else Image.Resampling.BILINEAR
    if image.dtype == np.uint8 and image.ndim == 3:
        return np.asarray(Image.fromarray(image).resize((width, height), how), image.dtype)
    planes = image[..., None] if image.ndim == 2 else image
    done = [np.asarray(Image.fromarray(plane).resize((width, height), how)) for plane in np.moveaxis(planes, -1, 0)]
    return np.asarray(done[0] if image.ndim == 2 else np.stack(done, -1), image.dtype)


def resize_ids(ids: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """(H, W) values at another size; nearest, because values between two ids mean nothing."""
    rows = np.arange(height) * ids.shape[0] // height
    columns = np.arange(width) * ids.shape[1] // width
    return np.asarray(ids.take(rows, 0).take(columns, 1), np.uint8)


def grow(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """(H, W) bool: True wherever a True pixel is at most ``by`` rows and columns away."""
    grown = mask
    for axis in (0, 1):
        source, grown = grown, grown.copy()
        for step in range(1, by + 1):
            ahead, behind = (
                (slice(step, None), slice(None, -step))
                if axis == 0
                else ((slice(None), slice(step, None)), (slice(None), slice(None, -step)))
            )
            grown[ahead] |= source[behind]
            grown[behind] |= source[ahead]
    return grown


def shrink(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """(H, W) bool: True where no False pixel is within ``by`` rows and columns; the border does not count as False."""
    return ~grow(~mask, by)


def blur(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """(H, W) float32 under a Gaussian of deviation ``sigma`` pixels, cut at three; the border goes on as it ends."""
    reach = max(1, round(3 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
    weights /= weights.sum()
    for axis in (0, 1):
        wide = np.pad(plane, [(reach, reach) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(wide, len(weights), axis)
        plane = np.asarray(windows @ weights, np.float32)
    return plane


class Pieces(NamedTuple):
    """Connected pieces of a mask.

    names: (H, W) int32, 0 outside, else 1 + the piece's position. areas: (N,) int64 pixels. boxes: (N, 4) int64 xyxy.
    centres: (N, 2) float64 mean x and y.
    """

    names: NDArray[np.int32]
    areas: NDArray[np.int64]
    boxes: NDArray[np.int64]
    centres: NDArray[np.float64]


def connected(mask: NDArray[np.bool_]) -> Pieces:
    """The pieces of (H, W) bool ``mask`` that touch by sides or corners, in the order of their first pixels.

    Runs of True pixels in a row are joined with those they touch in the next (run-based labelling, He et al. 2008).
    """
    width = mask.shape[1] + 1  # a column of False ends every row, so that runs never go on in the next
    first, last = _runs(mask)
    row = first // width
    piece = _join(len(first), *_touching(first, last, width))
    count = int(piece.max()) + 1 if len(piece) else 0
    length = last - first
    left, right = first - row * width, last - row * width
    areas = np.bincount(piece, length, count).astype(np.int64)
    boxes = np.full((count, 4), np.iinfo(np.int64).max)
    boxes[:, 2:] = 0
    np.minimum.at(boxes[:, 0], piece, left)
    np.minimum.at(boxes[:, 1], piece, row)
    np.maximum.at(boxes[:, 2], piece, right)
    np.maximum.at(boxes[:, 3], piece, row + 1)
    sums = [np.bincount(piece, w, count) for w in (length * (left + right - 1) / 2, length * row)]
    return Pieces(_paint(mask.shape, first, last, piece), areas, boxes, np.stack(sums, -1) / areas[:, None])


def _runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(R,) start and end of each run of True pixels, in reading order, counted in rows of W + 1 pixels."""
    flat = np.zeros((mask.shape[0], mask.shape[1] + 1), np.bool_)
    flat[:, :-1] = mask
    flat = flat.reshape(-1)
    steps = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    steps = np.concatenate([[0], steps]) if flat[0] else steps
    return steps[::2], steps[1::2]


def _paint(
    shape: tuple[int, ...], first: NDArray[np.int64], last: NDArray[np.int64], piece: NDArray[np.int64]
) -> NDArray[np.int32]:
    """(H, W) int32 of the shape: each run in its piece's name, 0 between."""
    height, width = shape
    names = np.zeros(2 * len(first) + 1, np.int32)
    names[1::2] = piece + 1
    edges = np.zeros(2 * len(first) + 2, np.int64)
    edges[1:-1:2], edges[2:-1:2], edges[-1] = first, last, height * (width + 1)
    return np.ascontiguousarray(np.repeat(names, np.diff(edges)).reshape(height, width + 1)[:, :-1])


def _touching(
    first: NDArray[np.int64], last: NDArray[np.int64], width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (upper, lower) of runs in neighbouring rows that touch by side or corner; rows are ``width`` pixels."""
    low = np.searchsorted(last, first + width)
    counts = np.maximum(np.searchsorted(first, last + width, side="right") - low, 0)
    upper = np.repeat(np.arange(len(first)), counts)
    offset = np.arange(len(upper)) - np.repeat(np.cumsum(counts) - counts, counts)
    return upper, np.repeat(low, counts) + offset


def _join(count: int, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """(count,) group of each item when the items ``a[i]`` and ``b[i]`` belong together, groups by first item."""
    root = np.arange(count)
    while True:
        mine, other = root[a], root[b]
        if (mine == other).all():
            return np.unique(root, return_inverse=True)[1].reshape(-1)
        lower = np.minimum(mine, other)
        np.minimum.at(root, mine, lower)
        np.minimum.at(root, other, lower)
        while (root != root[root]).any():
            root = root[root]
