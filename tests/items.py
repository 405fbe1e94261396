"""Drawn items: the same garment as a product shot and worn, told apart by colour and stripes."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from meot.data import table as tables
from meot.data.table import Object, Row, Split, Table

BOX = (16.0, 12.0, 64.0, 72.0)


def _garment(rng: np.random.Generator, item: int) -> NDArray[np.uint8]:
    """(60, 48, 3) cloth of an item: two colours, stripes of its own width and direction."""
    own = np.random.default_rng(1000 + item)
    first, second = own.integers(0, 256, (2, 3))
    along = np.arange(60)[:, None] if item % 2 else np.arange(48)[None]
    stripes = (np.broadcast_to(along, (60, 48)) // int(own.integers(3, 12))) % 2
    cloth = np.where(stripes[..., None] > 0, first, second).astype(np.float32)
    seen = cloth * rng.uniform(0.85, 1.1) + rng.normal(0, 6, cloth.shape)
    return np.asarray(np.clip(seen, 0, 255), np.uint8)


def _photo(rng: np.random.Generator, item: int, *, worn: bool) -> NDArray[np.uint8]:
    shade = rng.integers(60, 200) if worn else 250
    image = np.full((84, 80, 3), shade, np.uint8)
    if worn:
        image[2:12, 34:46] = (120, 150, 200)
    image[12:72, 16:64] = _garment(rng, item)
    return image


def draw_pairs(folder: Path, *, items: int = 16, held: int = 6, seed: int = 0) -> Path:
    """A folder of pairs: pairs.csv, product/ and worn/; the last ``held`` items are for validation."""
    rng = np.random.default_rng(seed)
    for side in ("product", "worn"):
        (folder / side).mkdir(parents=True)
    with (folder / "pairs.csv").open("w", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(["pair", "split"])
        for i in range(items):
            table.writerow([f"{i:04d}", "validation" if i >= items - held else "train"])
            for side in ("product", "worn"):
                cv2.imwrite(str(folder / side / f"{i:04d}.jpg"), _photo(rng, i, worn=side == "worn"))
    return folder


def draw_items(folder: Path, *, items: int = 12, photos: int = 3, held: int = 4, seed: int = 0) -> Path:
    """A table of items with several photos each, boxes known, no sides; the last ``held`` items for validation."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    rows = []
    for i in range(items):
        split: Split = "validation" if i >= items - held else "train"
        for k in range(photos):
            file = folder / f"{i}-{k}.png"
            cv2.imwrite(str(file), _photo(rng, i, worn=True))
            rows.append(Row(photo=file, split=split, group=f"item-{i}", objects=(Object(label="top", box=BOX),)))
    return tables.save(Table(rows=tuple(rows), classes=("top",)), folder / "items.jsonl")
