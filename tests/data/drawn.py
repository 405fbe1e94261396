"""A table over drawn photos with all the names that converters trip over."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image

from meot.data.table import Object, Row, Table

CLASSES = ("티셔츠", "long sleeve top", "no", "007", "T-Shirt")
"""Korean, blanks, and what YAML reads as a truth value and a number."""


def photo(file: Path, size: tuple[int, int] = (60, 40), seed: int = 0) -> Path:
    """A photo of (height, width) px with noise of its own."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = random.Random(f"{file}{seed}").randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", (size[1], size[0]), pixels).save(file)
    return file


def mask(file: Path, value: int, size: tuple[int, int] = (60, 40)) -> Path:
    """A mask of (height, width) px, half ``value`` and half nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("L", (size[1], size[0]))
    picture.paste(value, (0, 0, size[1] // 2, size[0]))
    picture.save(file)
    return file


def table(folder: Path) -> Table:
    """Six photos of three splits, two with one file name, with every field of a table in use."""
    shirt = Object(
        label="티셔츠",
        box=(3.25, 4.5, 30.75, 50.125),
        polygons=((3.25, 4.5, 30.75, 4.5, 17.0, 50.125), (5.0, 6.0, 9.0, 6.0, 9.0, 11.0, 5.0, 11.0)),
        labels={"collar": "band", "무늬": "check"},
        attributes=("two tone", "floral"),
    )
    no, seven = Object(label="no", box=(0.0, 0.0, 40.0, 60.0)), Object(label="007", box=(1.1, 2.2, 3.3, 4.4))
    long = Object(label="long sleeve top", box=(10.0, 20.0, 20.5, 40.25), labels={"collar": "regular"})
    crowd = Object(label="T-Shirt", box=(0.0, 0.0, 12.5, 12.5), crowd=True)
    drawn = folder / "drawn"
    rows = (
        Row(photo=photo(drawn / "a" / "001.jpg"), split="train", objects=(shirt, no), group="보낸 사람 1", tags=("x",)),
        Row(photo=photo(drawn / "b" / "001.jpg"), split="validation", objects=(long,), group="sender 2"),
        Row(photo=photo(drawn / "b" / "옷 사진.png", (33, 77)), split="train", objects=(seven,), group="보낸 사람 1"),
        Row(photo=photo(drawn / "c" / "no label.jpg"), split="test", labels={"무늬": "dot"}),
        Row(photo=photo(drawn / "d" / "plain.jpg"), split="train", source="shop"),
        Row(photo=photo(drawn / "d" / "crowd.jpg"), split="test", objects=(crowd,), mask=mask(drawn / "m.png", 3)),
    )
    return Table(
        rows=rows,
        classes=CLASSES,
        questions={"collar": ("regular", "band"), "무늬": ("check", "dot")},
        attributes=("floral", "two tone"),
        mask_names={0: "null", 3: "bag of hers"},
    )
