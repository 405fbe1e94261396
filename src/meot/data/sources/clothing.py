"""The clothing data set (CC0): flat lays, one garment a photo, 17 labels, 1-bit garment masks.

Carries the label ("category"), whether it is a child's ("kids"), the sender as the row's group ("sender-12"), the mask
and the split. Not carried: objects, tags, other labels. Photos are .jpg; groups of other names become senders.
"""

from __future__ import annotations

import csv
from pathlib import Path

from meot.data.sources.ccp import add_jpg
from meot.data.sources.files import csv_of, inside, split_named
from meot.data.sources.outgoing import Album, Carries, refuse_loss, shown, whole
from meot.data.table import SPLITS, Row, Split, Table
from meot.errors import DataError

TEN = ("Dress", "Hat", "Longsleeve", "Outwear", "Pants", "Shirt", "Shoes", "Shorts", "Skirt", "T-Shirt")
"""The labels of the ten-class subset on which published work reports."""
CARRIES = Carries(labels=frozenset({"category", "kids"}), masks=True, groups=True, splits=True)
COLUMNS = ("image", "label", "kids", "sender_id", "split")
_KIDS = {"False": "no", "True": "yes"}


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


def read_table(place: Path) -> Table:
    """The table of a folder with labels.csv, images/ and perhaps masks/. DataError with the line when broken."""
    file = place / "labels.csv"
    head, lines = csv_of(file)
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise DataError(f"{file}:1: expected columns {', '.join(COLUMNS)}, {missing[0]!r} is missing")
    masked = (place / "masks").is_dir()
    rows = tuple(_row(place, cells, masked, f"{file}:{line}") for line, cells in lines)
    asked = {q: tuple(sorted({row.labels[q] for row in rows if q in row.labels})) for q in ("category", "kids")}
    return Table(
        rows=rows,
        questions={question: answers for question, answers in asked.items() if answers},
        mask_names={0: "background", 255: "garment"} if masked else {},
    )


def _row(place: Path, cells: dict[str, str], masked: bool, where: str) -> Row:
    split = split_named(cells["split"])
    if cells["split"] and split is None:
        raise DataError(f"{where}: split must be one of {', '.join(SPLITS)}, got {cells['split'][:40]!r}")
    if cells["kids"] and cells["kids"] not in _KIDS:
        raise DataError(f"{where}: kids must be True or False, got {cells['kids'][:40]!r}")
    said = {"category": cells["label"], "kids": _KIDS.get(cells["kids"], "")}
    mask = inside(place / "masks", f"{cells['image']}.png", place / "masks", where)
    return Row(
        photo=inside(place / "images", f"{cells['image']}.jpg", place / "images", where),
        source="clothing",
        split=split,
        labels={question: answer for question, answer in said.items() if answer},
        mask=mask if masked and mask.is_file() else None,
        group=f"sender-{cells['sender_id']}" if cells["sender_id"] else "",
    )


def write(table: Table, folder: Path, *, lossy: bool = False) -> Path:
    """Write ``folder``: labels.csv, images/ and masks/; the folder.

    DataError for photos that are no .jpg, "kids" other than yes and no, and what would be lost unless ``lossy``.
    """
    refuse_loss(table, CARRIES, "clothing", lossy=lossy)
    kids = {answer: word for word, answer in _KIDS.items()} | {"": ""}
    with whole(folder) as aside, (aside / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(COLUMNS)
        album = Album()
        for row in shown(table):
            child = row.labels.get("kids", "")
            if child not in kids:
                raise DataError(f"{row.photo}: kids must be yes or no for the clothing format, got {child!r}")
            stem = add_jpg(album, row, aside / "images", aside / "masks", "clothing").stem
            sender = row.group.removeprefix("sender-")
            lines.writerow([stem, row.labels.get("category", ""), kids[child], sender, row.split or ""])
    return folder
