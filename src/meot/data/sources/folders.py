"""Image folders, as torchvision and Ultralytics classification read them: [SPLIT/]CLASS/photo.jpg.

Carries one question's answer a photo and the split. Not carried: everything else. A class without photos is
not written.
"""

from __future__ import annotations

from pathlib import Path

from meot.data.sources.files import SPLIT_FOLDERS, folders_in, pictures, split_folders
from meot.data.sources.outgoing import Album, Carries, index_of, one_layout, refuse_loss, shown, whole
from meot.data.table import Row, Split, Table
from meot.errors import DataError
from meot.photos import SUFFIXES


def read(place: Path, *, question: str = "category") -> Table:
    """The table of a folder with one folder a class, below train/, val/ (valid, validation), test/ or not.

    question: what the folders' names answer. Photos lie in a class folder or in folders below it; photos beside the
    class folders become rows without a label. DataError when there is no class folder, or splits stand beside classes.
    """
    if not place.is_dir():
        raise DataError(f"{place}: not a folder; name a folder with one folder a class")
    parts: list[tuple[Path, Split | None]] = [(folder, split) for folder, split in split_folders(place) if split]
    names = {folder.name for folder, _ in parts}
    others = [folder for folder in folders_in(place) if folder.name not in names and pictures(folder)]
    if parts and others:
        raise DataError(f"{place}: has {others[0].name}/ beside {', '.join(sorted(names))}/; move it into one of them")
    parts = parts or [(place, None)]
    rows = [row for folder, split in parts for row in _rows(folder, split, place.name, question)]
    answers = tuple(sorted({part.name for folder, _ in parts for part in folders_in(folder)}))
    if not any(row.labels for row in rows):
        raise DataError(f"{place}: no class folders with photos ({', '.join(sorted(SUFFIXES))}); make one a class")
    return Table(rows=tuple(rows), questions={question: answers})


def _rows(folder: Path, split: Split | None, source: str, question: str) -> list[Row]:
    loose = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file() and p.name[0] != ".")
    rows = [Row(photo=photo, source=source, split=split) for photo in loose]
    for part in folders_in(folder):
        labels = {question: part.name}
        rows += [Row(photo=photo, source=source, split=split, labels=labels) for photo in pictures(part)]
    return rows


def write(table: Table, folder: Path, *, question: str = "", lossy: bool = False) -> Path:
    """Write ``folder``: [train|val|test/]ANSWER/photo for one question; the folder.

    question: may be left out when the table asks one only. DataError for photos without an answer and for other labels
    (both left out when ``lossy``), and for answers that cannot name a folder.
    """
    asked = question or (next(iter(table.questions)) if len(table.questions) == 1 else "")
    if asked not in table.questions:
        known = ", ".join(table.questions) or "none"
        raise DataError(f"folders carry one question's answers, got {asked!r}; name one of: {known}")
    carries = Carries(labels=frozenset({asked}), splits=True)
    silent = sum(asked not in row.labels for row in table.rows)
    more = (f"{silent} photos without a {asked}",) if silent else ()
    refuse_loss(table, carries, "folders", lossy=lossy, more=more)
    split = one_layout(table, "folders")
    for answer in table.questions[asked]:
        _check(answer)
    with whole(folder) as aside:
        album = Album()
        for row in shown(table):
            if asked in row.labels:
                index_of(row.labels[asked], table.questions[asked], f"{row.photo}: {asked}")
                album.add(row, aside / (SPLIT_FOLDERS[row.split] if split else "") / row.labels[asked])
    return folder


def _check(name: str) -> None:
    in_use = {"train", "training", "val", "valid", "validation", "test", "testing"}
    if name != name.strip() or name in ("", ".", "..") or name[0] == "." or set(name) & set('/\\:*?"<>|\0'):
        raise DataError(f"answer {name!r} cannot name a folder; rename it, or write the table as csv or coco")
    if name.lower() in in_use:
        raise DataError(f"answer {name!r} would be read as a split; rename it, or write the table as csv or coco")
