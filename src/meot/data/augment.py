"""Random views of a photo and its region map, drawn the same way for both. numpy and OpenCV only."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def warp(
    image: Image, mask: Image | None, matrix: NDArray[np.float64], size: tuple[int, int], *, outside: int = 0
) -> tuple[Image, Image | None]:
    """Apply a 2x3 affine matrix to both; size is (height, width). The photo is smoothed, the mask never."""
    height, width = size
    seen = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if mask is None:
        return np.asarray(seen, np.uint8), None
    ids = cv2.warpAffine(
        mask, matrix, (width, height), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=outside
    )
    return np.asarray(seen, np.uint8), np.asarray(ids, np.uint8)


def view_matrix(
    box: tuple[float, float, float, float],
    size: tuple[int, int],
    rng: Generator,
    *,
    zoom: tuple[float, float],
    shift: float,
    rotate: float,
    stretch: float,
) -> NDArray[np.float64]:
    """Matrix that maps ``box`` (xyxy, px) into a canvas of ``size`` (height, width), randomly moved.

    zoom: range of the factor around "the box just fits"; shift: share of the canvas; rotate: degrees;
    stretch: largest change of the aspect ratio (0.1 = up to 10 %). Flips left and right half of the time.
    """
    height, width = size
    x0, y0, x1, y1 = box
    scale = min(width / (x1 - x0), height / (y1 - y0)) * float(np.exp(rng.uniform(*np.log(zoom))))
    aspect = float(np.exp(rng.uniform(-stretch, stretch) / 2))
    sx, sy = scale * aspect * (-1 if rng.random() < 0.5 else 1), scale / aspect
    angle = np.deg2rad(rng.uniform(-rotate, rotate))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([sx, sy])
    slack = np.abs([width - scale * (x1 - x0), height - scale * (y1 - y0)])
    move = rng.uniform(-0.5, 0.5, 2) * slack + rng.uniform(-shift, shift, 2) * (width, height)
    centre = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    offset = np.array([width / 2, height / 2]) + move - turn @ centre
    return np.hstack([turn, offset[:, None]])


def recolour(image: Image, rng: Generator, *, strength: float) -> Image:
    """The (H, W, 3) uint8 photo with random brightness, contrast, saturation, white balance, and now and then blur or
    JPEG's noise. strength: 0..1, how far it may go.
    """
    x = image.astype(np.float32)
    x *= rng.uniform(1 - 0.35 * strength, 1 + 0.35 * strength)
    mean = x.mean()
    x = (x - mean) * rng.uniform(1 - 0.35 * strength, 1 + 0.3 * strength) + mean
    grey = x @ np.array([0.299, 0.587, 0.114], np.float32)
    x = grey[..., None] + (x - grey[..., None]) * rng.uniform(1 - 0.5 * strength, 1 + 0.4 * strength)
    x *= rng.uniform(1 - 0.1 * strength, 1 + 0.1 * strength, 3).astype(np.float32)
    seen = np.clip(x, 0, 255).astype(np.uint8)
    if rng.random() < 0.15 * strength:
        seen = np.asarray(cv2.GaussianBlur(seen, (3, 3), 0), np.uint8)
    if rng.random() < 0.15 * strength:
        _, data = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 80))])
        seen = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(seen, np.uint8)


def replace_background(image: Image, foreground: NDArray[np.bool_], rng: Generator) -> Image:
    """The (H, W, 3) uint8 photo with a plain wall or a studio white where ``foreground``, (H, W), is False, as in shop
    photos.
    """
    shade = rng.uniform(235, 255) if rng.random() < 0.6 else rng.uniform(60, 235)
    colour = np.clip(shade + rng.uniform(-8, 8, 3), 0, 255)
    soft = cv2.GaussianBlur(foreground.astype(np.float32), (3, 3), 0)[..., None]
    return np.asarray(image * soft + colour * (1 - soft), np.uint8)
