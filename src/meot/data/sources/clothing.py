"""The clothing data set (CC0): flat lays, one garment a photo, 17 labels, 1-bit garment masks."""

from __future__ import annotations

import csv
from pathlib import Path

from meot.data.table import Row, Split
from meot.errors import DataError

TEN = ("Dress", "Hat", "Longsleeve", "Outwear", "Pants", "Shirt", "Shoes", "Shorts", "Skirt", "T-Shirt")
"""The labels of the ten-class subset on which published work reports."""


def read(folder: Path, split: Split) -> list[Row]:
    """Rows of ``folder`` (labels.csv, images/, masks/) in one split; DataError when it is not there."""
    table = folder / "labels.csv"
    if not table.is_file():
        raise DataError(f"{table} not found; expected the clothing data set (labels.csv, images/, masks/) in {folder}")
    with table.open(encoding="utf-8", newline="") as lines:
        return [
            Row(
                photo=folder / "images" / f"{row['image']}.jpg",
                source="clothing",
                split=split,
                labels={"category": row["label"]},
                mask=folder / "masks" / f"{row['image']}.png",
                group=f"sender-{row['sender_id']}",
            )
            for row in csv.DictReader(lines)
            if row["split"] == split
        ]
