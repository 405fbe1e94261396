"""Clothing Co-Parsing (Yang et al. 2014): street photos with image-level tags and, for some, label masks."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meot.data.table import Row, Split
from meot.errors import DataError
from meot.taxonomy import Taxonomy


def read(folder: Path, split: Split, *, masked_only: bool) -> list[Row]:
    """Rows of ``folder`` (photos.csv, labels.txt, photos/, masks/) in one split; DataError when it is not there."""
    table = folder / "photos.csv"
    if not table.is_file():
        raise DataError(f"{table} not found; expected CCP (photos.csv, labels.txt, photos/, masks/) in {folder}")
    with table.open(encoding="utf-8", newline="") as lines:
        return [
            Row(
                photo=folder / "photos" / f"{row['photo']}.jpg",
                source="ccp",
                split=split,
                tags=tuple(row["tags"].split()),
                mask=folder / "masks" / f"{row['photo']}.png" if row["has_mask"] == "1" else None,
                group=f"photo-{row['photo']}",
            )
            for row in csv.DictReader(lines)
            if row["split"] == split and (row["has_mask"] == "1" or not masked_only)
        ]


def labels(folder: Path) -> dict[int, str]:
    """Mask value to label name, as ``labels.txt`` lists them ("0 null" .. "58 wedges")."""
    pairs = (line.split() for line in (folder / "labels.txt").read_text(encoding="utf-8").splitlines() if line.strip())
    return {int(value): name for value, name in pairs}


def region_lut(taxonomy: Taxonomy, names: dict[int, str]) -> NDArray[np.uint8]:
    """(256,) uint8 table from a mask's label id to the taxonomy's region value."""
    lut = np.zeros(256, np.uint8)
    for value, name in names.items():
        lut[value] = taxonomy.region_of("ccp", name).value
    return lut
