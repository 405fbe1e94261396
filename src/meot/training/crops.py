"""Garments of flat lays and street photos, cut out and in memory, as random views or as the runtime sees them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from meot.data import augment
from meot.data.images import box_around, read_ids, read_rgb
from meot.data.table import Row
from meot.models.pixels import crop_box
from meot.taxonomy import Taxonomy


class Crop(NamedTuple):
    """A garment in memory. image: (H, W, 3) uint8; mask: (H, W) uint8, 0 or 1; box: xyxy px; label: the source's."""

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    box: tuple[float, float, float, float]
    categories: tuple[int, ...]
    worn: bool
    label: str


def jeans(labels: Path | None) -> dict[str, bool]:
    """Photo name -> is it denim, from ``jeans.csv``'s rows about whole flat lays."""
    if labels is None:
        return {}
    with (labels / "jeans.csv").open(encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["source"] == "clothing" and r["is_jeans"] != "unsure"]
    return {r["image"]: r["is_jeans"] == "yes" for r in rows}


def flats(rows: list[Row], taxonomy: Taxonomy, denim: dict[str, bool]) -> list[Crop]:
    """Flat lays in memory, one crop a photo."""
    ids = [c.id for c in taxonomy.categories]
    crops = []
    for row in tqdm(rows, desc="flat lays", mininterval=10):
        image = read_rgb(row.photo)
        mask = (read_ids(row.mask, row.photo) > 0).astype(np.uint8)
        categories = taxonomy.categories_of("clothing", row.labels["category"])
        if row.labels["category"] == "Pants" and row.photo.stem in denim:
            categories = (
                (ids.index("jeans"),) if denim[row.photo.stem] else (ids.index("trousers"), ids.index("leggings"))
            )
        whole = (0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
        crops.append(Crop(image, mask, box_around(mask) or whole, categories, False, row.labels["category"]))
    return crops


def garments(rows: list[Row], taxonomy: Taxonomy, names: dict[int, str], *, smallest: float = 0.002) -> list[Crop]:
    """Garments of street photos, cut out by their label masks; ``smallest`` is a share of the photo."""
    crops = []
    for row in tqdm(rows, desc="street photos", mininterval=10):
        image = read_rgb(row.photo)
        ids = read_ids(row.mask, row.photo)
        for value in np.unique(ids):
            categories = taxonomy.categories_of("ccp", names[int(value)])
            mask = (ids == value).astype(np.uint8)
            box = box_around(np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8))
            if not categories or box is None or mask.mean() < smallest:
                continue
            x0, y0, x1, y1 = crop_box(box, *mask.shape, margin=0.3, slimmest=0.6)
            inner = (box[0] - x0, box[1] - y0, box[2] - x0, box[3] - y0)
            crops.append(
                Crop(image[y0:y1, x0:x1].copy(), mask[y0:y1, x0:x1].copy(), inner, categories, True, names[int(value)])
            )
    return crops


def view(crop: Crop, size: int, rng: Generator) -> NDArray[np.uint8]:
    """(size, size, 3) uint8: a random look at the garment, at times before another background."""
    image, mask = crop.image, crop.mask
    if rng.random() < 0.2 and mask.any():
        image = augment.replace_background(image, mask > 0, rng)
    whole = (0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
    box = whole if not crop.worn and rng.random() < 0.4 else crop.box
    x0, y0, x1, y1 = crop_box(box, *mask.shape, margin=float(rng.uniform(-0.02, 0.15)))
    square = np.diag([size / (x1 - x0), size / (y1 - y0), 1.0]) @ np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1.0]])
    moved = augment.view_matrix(
        (0.0, 0.0, float(size), float(size)),
        (size, size),
        rng,
        zoom=(0.85, 1.35),
        shift=0.05,
        rotate=15 if crop.worn else 25,
        stretch=0.25,
    )
    seen, _ = augment.warp(image, None, moved @ square, (size, size))
    seen = augment.recolour(seen, rng, strength=1.0)
    if rng.random() < 0.25:
        side = rng.integers(size // 8, size // 3, 2)
        y, x = rng.integers(0, size - side[0]), rng.integers(0, size - side[1])
        seen[y : y + side[0], x : x + side[1]] = rng.integers(0, 256, 3)
    return seen


def still(crop: Crop, size: int, *, whole: bool = False) -> NDArray[np.uint8]:
    """(size, size, 3) uint8: the crop as the runtime cuts it."""
    height, width = crop.mask.shape
    box = (0.0, 0.0, float(width), float(height)) if whole else crop.box
    x0, y0, x1, y1 = crop_box(box, height, width)
    piece = crop.image[y0:y1, x0:x1]
    return np.asarray(
        cv2.resize(piece, (size, size), interpolation=cv2.INTER_AREA if len(piece) > size else 1), np.uint8
    )
