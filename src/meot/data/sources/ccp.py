"""Clothing Co-Parsing (Yang et al. 2014): street photos with image-level tags and, for some, label masks.

Carries tags, masks with their values' names, and the split; the group in a column of ours, without which every photo is
its own group. Not carried: objects, labels. Photos are .jpg, and names in tags and masks have no blank in them.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meot.data.sources.files import csv_of, inside, split_named, text_of
from meot.data.sources.outgoing import Album, Carries, refuse_loss, shown, whole
from meot.data.table import SPLITS, Row, Split, Table
from meot.errors import DataError
from meot.taxonomy import Taxonomy

CARRIES = Carries(tags=True, masks=True, groups=True, splits=True)
_COLUMNS = ("photo", "has_mask", "split", "tags")


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


def read_table(place: Path) -> Table:
    """The table of a folder with photos.csv, labels.txt, photos/ and masks/. DataError with the line when broken."""
    file = place / "photos.csv"
    head, lines = csv_of(file)
    missing = [name for name in _COLUMNS if name not in head]
    if missing:
        raise DataError(f"{file}:1: expected columns {', '.join(_COLUMNS)}, {missing[0]!r} is missing")
    return Table(rows=tuple(_row(place, cells, f"{file}:{line}") for line, cells in lines), mask_names=labels(place))


def _row(place: Path, cells: dict[str, str], where: str) -> Row:
    name = cells["photo"]
    split = split_named(cells["split"])
    if cells["split"] and split is None:
        raise DataError(f"{where}: split must be one of {', '.join(SPLITS)}, got {cells['split'][:40]!r}")
    return Row(
        photo=inside(place / "photos", f"{name}.jpg", place / "photos", where),
        source="ccp",
        split=split,
        tags=tuple(cells["tags"].split()),
        mask=inside(place / "masks", f"{name}.png", place / "masks", where) if cells["has_mask"] == "1" else None,
        group=cells.get("group") or f"photo-{name}",
    )


def labels(folder: Path) -> dict[int, str]:
    """Mask value to label name, as ``labels.txt`` lists them ("0 null" .. "58 wedges"). DataError with the line."""
    file, found = folder / "labels.txt", dict[int, str]()
    for number, line in enumerate(text_of(file).splitlines(), 1):
        value, _, name = line.strip().partition(" ")
        if line.strip() and not (value.isdecimal() and int(value) < 256 and name.strip()):
            raise DataError(f"{file}:{number}: expected 'VALUE NAME' with a value of 0 to 255, got {line[:40]!r}")
        if line.strip():
            found[int(value)] = name.strip()
    return found


def region_lut(taxonomy: Taxonomy, names: dict[int, str]) -> NDArray[np.uint8]:
    """(256,) uint8 table from a mask's label id to the taxonomy's region value."""
    lut = np.zeros(256, np.uint8)
    for value, name in names.items():
        lut[value] = taxonomy.region_of("ccp", name).value
    return lut


def write(table: Table, folder: Path, *, lossy: bool = False) -> Path:
    """Write ``folder``: photos.csv, labels.txt, photos/ and masks/; the folder.

    DataError for photos that are no .jpg, names with a blank, and what would be lost unless ``lossy``.
    """
    refuse_loss(table, CARRIES, "ccp", lossy=lossy)
    names = {tag for row in table.rows for tag in row.tags} | set(table.mask_names.values())
    blank = next((name for name in sorted(names) if name.split() != [name]), None)
    if blank is not None:
        raise DataError(f"ccp parts names by blanks, so it cannot carry {blank!r}; rename it or write coco")
    with whole(folder) as aside, (aside / "photos.csv").open("w", encoding="utf-8", newline="") as file:
        text = "".join(f"{value} {name}\n" for value, name in sorted(table.mask_names.items()))
        (aside / "labels.txt").write_text(text, encoding="utf-8")
        lines = csv.writer(file)
        lines.writerow([*_COLUMNS, "group"])
        album = Album()
        for row in shown(table):
            stem = add_jpg(album, row, aside / "photos", aside / "masks", "ccp").stem
            group = "" if row.group == f"photo-{stem}" else row.group
            lines.writerow([stem, int(row.mask is not None), row.split or "", " ".join(row.tags), group])
    return folder


def add_jpg(album: Album, row: Row, photos: Path, masks: Path, form: str) -> Path:
    """Copy a row's photo as NAME.jpg and its mask as NAME.png; the photo's copy. DataError when it is no .jpg."""
    if row.photo.suffix.lower() not in (".jpg", ".jpeg"):
        raise DataError(f"{row.photo}: {form} holds .jpg photos only; convert it or write the table as csv or coco")
    copy, _ = album.add(row, photos)
    if copy.suffix != ".jpg":
        copy = copy.replace(copy.with_suffix(".jpg"))
    if row.mask is not None:
        masks.mkdir(exist_ok=True)
        shutil.copyfile(row.mask, masks / f"{copy.stem}.png")
    return copy
