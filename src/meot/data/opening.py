"""From what a person has to a table with training and validation photos."""

from __future__ import annotations

from pathlib import Path

from meot.data.table import Table, load
from meot.errors import DataError


def open_table(place: Path, *, validation: float = 0.15, seed: int = 0) -> Table:
    """The table in ``place``: a .jsonl, or a data set in any known format, split when nobody has split it yet.

    validation: share of the photos put aside to measure on. DataError when there is nothing to learn from.
    """
    from meot.data import sources
    from meot.data.split import split_table

    if not place.exists():
        raise DataError(f"{place}: no such file or folder; name a table (.jsonl) or a folder with one folder a class")
    table = load(place) if place.suffix == ".jsonl" else sources.read(place)
    if any(row.split == "validation" for row in table.rows):
        return table
    return split_table(table, shares={"validation": validation}, seed=seed)
