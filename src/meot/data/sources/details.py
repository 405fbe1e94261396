"""Component labels by eye: shirts.csv, patterns.csv, jeans.csv over photos of the clothing data set and CCP.

Whole flat lays bring their garment mask and their sender as the group, street photos the region that was looked at.
Read only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from meot.data.sources import clothing, sheet
from meot.data.table import SPLITS, Object, Row, Table
from meot.errors import DataError

FILES = {
    "shirts.csv": ("collar", "pattern", "sleeve"),
    "patterns.csv": ("pattern", "sleeve", "neckline"),
    "jeans.csv": ("fit", "color", "wash", "damage"),
}
"""File -> the questions it answers."""
NAMES = {"color": "denim_colour"}
"""Question in the files -> its name in the taxonomy, where they differ."""


def read(place: Path, *, data: Path) -> Table:
    """The table of the three files in ``place``; ``data`` holds clothing/ and ccp/. DataError when one is missing."""
    senders = {row.photo: row.group for split in SPLITS for row in clothing.read(data / "clothing", split)}
    photos = (f"clothing={data}/clothing/images/{{image}}.jpg", f"ccp={data}/ccp/photos/{{image}}.jpg")
    rows: dict[tuple[Path, str], Row] = {}
    answers: dict[str, dict[str, None]] = {}
    for name, questions in FILES.items():
        if not (place / name).is_file():
            raise DataError(f"{place / name} not found; expected {', '.join(FILES)} in {place}")
        table = sheet.read(place / name, photos=photos)
        for row in table.rows:
            _add(rows, _asking(row, questions), data, senders)
        for question in questions:
            answers.setdefault(NAMES.get(question, question), {}).update(
                dict.fromkeys(table.questions.get(question, ()))
            )
    kept = tuple(row for row in rows.values() if row.labels or any(thing.labels for thing in row.objects))
    return Table(rows=kept, classes=(sheet.THING,), questions={q: tuple(found) for q, found in answers.items()})


def write(table: Table, folder: Path) -> Path:
    """Always a DataError: three files by kind of garment hold less than a table does."""
    raise DataError(f"{folder}: component labels are only read; export {len(table.rows)} rows as csv or coco instead")


def _asking(row: Row, questions: tuple[str, ...]) -> Row:
    """The row with the answers to ``questions`` only, under the taxonomy's names."""

    def asked(labels: Mapping[str, str]) -> dict[str, str]:
        return {NAMES.get(q, q): labels[q] for q in questions if q in labels}

    objects = tuple(replace(thing, labels=asked(thing.labels)) for thing in row.objects)
    return replace(row, labels=asked(row.labels), objects=tuple(thing for thing in objects if thing.labels))


def _add(rows: dict[tuple[Path, str], Row], row: Row, data: Path, senders: Mapping[Path, str]) -> None:
    """Put a row among the others; answers of two files about one flat lay become one row."""
    if row.source == "clothing":
        mask = data / "clothing" / "masks" / f"{row.photo.stem}.png"
        row = replace(row, mask=mask, group=senders.get(row.photo, ""))
    key = (row.photo, row.source)
    known = rows.get(key)
    if known is None:
        rows[key] = row
        return
    objects: tuple[Object, ...] = known.objects + row.objects
    rows[key] = replace(known, labels={**known.labels, **row.labels}, objects=objects)
