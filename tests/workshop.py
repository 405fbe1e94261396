"""Tiny training sets in the formats of the real ones, drawn into a folder."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

CCP_LABELS = ("null", "accessories", "bag", "hair", "pants", "shirt", "shoes", "skin", "coat", "suit")


def _noise(rng: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    return np.asarray(rng.integers(90, 160, (height, width, 3)), np.uint8)


def draw_clothing(folder: Path, *, photos: int = 8, seed: int = 0) -> Path:
    """A clothing set: blocks in the shape of a T-shirt or of trousers; every fourth photo is for validation."""
    rng = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    with (folder / "labels.csv").open("w", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(["image", "label", "kids", "sender_id", "split"])
        for i in range(photos):
            image, mask = _noise(rng, 160, 120), np.zeros((160, 120), np.uint8)
            if i % 2:
                mask[20:150, 35:55] = mask[20:150, 65:85] = mask[20:60, 35:85] = 255
            else:
                mask[30:130, 35:85] = mask[30:60, 10:110] = 255
            image[mask > 0] = rng.integers(0, 256, 3)
            cv2.imwrite(str(folder / "images" / f"photo-{i}.jpg"), image)
            cv2.imwrite(str(folder / "masks" / f"photo-{i}.png"), mask)
            table.writerow(
                [
                    f"photo-{i}",
                    "Pants" if i % 2 else "T-Shirt",
                    "False",
                    i,
                    "validation" if i % 4 == 3 or i % 4 == 2 else "train",
                ]
            )
    return folder


def draw_ccp(folder: Path, *, photos: int = 8, seed: int = 0) -> Path:
    """A CCP: figures of hair, skin, shirt, pants and shoes; every other for validation, the last two with tags only."""
    rng = np.random.default_rng(seed)
    (folder / "photos").mkdir(parents=True)
    (folder / "masks").mkdir()
    (folder / "labels.txt").write_text("\n".join(f"{i} {name}" for i, name in enumerate(CCP_LABELS)), "utf-8")
    with (folder / "photos.csv").open("w", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(["photo", "has_mask", "split", "tags"])
        for i in range(photos):
            image, ids = _noise(rng, 240, 160), np.zeros((240, 160), np.uint8)
            for name, top, bottom, left, right in (
                ("hair", 10, 25, 65, 95),
                ("skin", 25, 45, 68, 92),
                ("shirt", 45, 120, 50, 110),
                ("pants", 120, 210, 55, 105),
                ("shoes", 210, 230, 50, 110),
            ):
                value = CCP_LABELS.index(name)
                ids[top:bottom, left:right] = value
                image[top:bottom, left:right] = rng.integers(0, 256, 3)
            cv2.imwrite(str(folder / "photos" / f"{i:04d}.jpg"), image)
            masked = i < photos - 2
            if masked:
                cv2.imwrite(str(folder / "masks" / f"{i:04d}.png"), ids)
            split = "validation" if i % 2 else "train"
            table.writerow([f"{i:04d}", str(int(masked)), split, "hair pants shirt shoes skin"])
    return folder
