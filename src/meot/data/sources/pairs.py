"""Pairs of photos: the same garment as a product shot and worn; ``pairs.csv``, ``product/`` and ``worn/``."""

from __future__ import annotations

import csv
from pathlib import Path

from meot.data.table import SPLITS, Row, Table
from meot.errors import DataError

SIDES = ("product", "worn")


def read(folder: Path) -> Table:
    """A table with two rows a pair, labels {"view": "product" or "worn"}, the pair as their group.

    DataError when ``pairs.csv`` is missing, lacks a column, names a pair twice, a split that is none, or a photo that
    is not there.
    """
    file = folder / "pairs.csv"
    if not file.is_file():
        raise DataError(f"{file} not found; expected pairs.csv (columns pair, split), product/ and worn/ in {folder}")
    with file.open(encoding="utf-8", newline="") as lines:
        records = list(csv.DictReader(lines))
    if not records or not {"pair", "split"} <= set(records[0]):
        raise DataError(f"{file}:1: expected the columns pair and split with a row each; mend the file")
    seen: set[str] = set()
    rows: list[Row] = []
    for line, record in enumerate(records, 2):
        if record["pair"] in seen:
            raise DataError(f"{file}:{line}: pair {record['pair']!r} stands there twice; delete one")
        seen.add(record["pair"])
        rows += _rows(folder, file, line, record)
    return Table(rows=tuple(rows), questions={"view": SIDES})


def _rows(folder: Path, file: Path, line: int, record: dict[str, str]) -> list[Row]:
    split = next((s for s in SPLITS if s == record["split"]), None)
    if split is None:
        raise DataError(f"{file}:{line}: expected a split of {', '.join(SPLITS)}, got {record['split']!r}; mend it")
    found = []
    for side in SIDES:
        photo = folder / side / f"{record['pair']}.jpg"
        if not photo.is_file():
            raise DataError(f"{file}:{line}: {photo} not found; add the photo or delete the line")
        found.append(Row(photo=photo, source="pairs", split=split, labels={"view": side}, group=record["pair"]))
    return found
