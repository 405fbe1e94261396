"""YOLO detection as Ultralytics reads it: data.yaml, images/SPLIT/NAME.jpg, labels/SPLIT/NAME.txt.

Carries splits, classes and boxes; with ``outlines`` one polygon an object in place of the box (the box is then the one
around it). Not carried: groups, labels, tags, masks, attributes, crowd marks. Numbers are fractions of the photo's
size, kept to 9 digits, so boxes come back within 0.001 px.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tqdm import tqdm

from meot.data.sources.files import (
    SPLIT_FOLDERS,
    extent,
    list_of,
    name_of,
    number_of,
    photo_size,
    pictures,
    text_of,
    whole_of,
    yaml_of,
)
from meot.data.sources.outgoing import Album, Carries, index_of, refuse_loss, shown, split_of, whole
from meot.data.table import SPLITS, Object, Row, Split, Table
from meot.errors import DataError
from meot.photos import SUFFIXES

CARRIES = Carries(objects=True, boxes=True, splits=True)
OUTLINED = Carries(objects=True, boxes=True, polygons=True, splits=True)
_KEYS: dict[str, Split | None] = {"train": "train", "val": "validation", "valid": "validation", "test": "test"}


def read(place: Path) -> Table:
    """The table of a data.yaml, or of a folder with one or with images/, labels/ and classes.txt.

    A line of a label file is "class cx cy w h" or "class x y x y x y ..."; a photo without a label file has no
    objects. A label file without a photo gives a row whose photo is missing, for the checker to find. DataError with
    file and line for numbers that are none and classes that ``names`` has not.
    """
    place = place if place.is_file() else _yaml_in(place) or place
    if place.is_dir():
        names = [line for line in text_of(place / "classes.txt").splitlines() if line.strip()]
        parts: list[tuple[Path, Split | None]] = [(place / "images", None)]
    else:
        record = yaml_of(place)
        names = _names(record.get("names"), place)
        parts = _parts(record, place)
    found = [(photo, split) for part, split in parts for photo in _photos(part, place)]
    root = place if place.is_dir() else place.parent
    bar = tqdm(found, desc="labels", mininterval=5, disable=len(found) < 200)
    return Table(rows=tuple(_row(photo, split, names, root) for photo, split in bar), classes=tuple(names))


def _yaml_in(folder: Path) -> Path | None:
    files = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")], key=lambda file: (file.stem != "data", file.name))
    if not files and not (folder / "classes.txt").is_file():
        raise DataError(f"{folder}: expected YOLO (data.yaml, or images/, labels/ and classes.txt); check the path")
    return files[0] if files else None


def _names(value: Any, file: Path) -> list[str]:
    """Class names in the order of their numbers, from a list or from number -> name."""
    if isinstance(value, dict):
        numbered = {whole_of(number, f"{file}: names"): name for number, name in value.items()}
        if sorted(numbered) != list(range(len(numbered))):
            raise DataError(f"{file}: names must be numbered 0 to {len(numbered) - 1} without a gap; number them anew")
        value = [numbered[i] for i in range(len(numbered))]
    names = [name_of(name, f"{file}: names") for name in list_of(value, f"{file}: names")]
    if len(set(names)) != len(names):
        raise DataError(f"{file}: names has {max(names, key=names.count)!r} twice; give each class its own name")
    return names


def _parts(record: dict[str, Any], file: Path) -> list[tuple[Path, Split | None]]:
    given = Path(str(record.get("path") or "."))
    root = file.parent / given if (file.parent / given).is_dir() else file.parent
    found = []
    for key, split in _KEYS.items():
        value = record.get(key) or []
        for name in [value] if isinstance(value, str) else list_of(value, f"{file}: {key}"):
            part = root / name_of(name, f"{file}: {key}")
            if not part.exists() and str(name).startswith("../"):  # Roboflow writes one level too many
                part = root / str(name)[3:]
            if not part.exists():
                raise DataError(f"{file}: {key} is {str(name)[:60]!r}, and {part} is not there; mend the path")
            found.append((part, split))
    if not found:
        raise DataError(f"{file}: expected train, val or test with a folder of photos; add them")
    return found


def _photos(part: Path, place: Path) -> list[Path]:
    """The photos of a folder or a list of photos, and those that only label files speak of."""
    if part.is_file():
        lines = (line.strip() for line in text_of(part).splitlines())
        listed = [Path(os.path.normpath(part.parent / line)) for line in lines if line]
        wrong = [photo for photo in listed if photo.suffix.lower() not in SUFFIXES]
        if wrong:
            raise DataError(f"{part}: {wrong[0].name[:60]!r} is no photo; list photo files only")
        return listed
    if not part.is_dir():
        raise DataError(f"{place}: {part} is not there; check the path")
    photos = pictures(part)
    known = {_label_file(photo) for photo in photos}
    labels = _label_file(part / "x.jpg").parent
    stray = [file for file in sorted(labels.rglob("*.txt")) if file not in known and file.name != "classes.txt"]
    return photos + [part / file.relative_to(labels).with_suffix(".jpg") for file in stray]


def _label_file(photo: Path) -> Path:
    """The .txt of a photo: its path with the last folder "images" read as "labels"."""
    parts = list(photo.parts)
    if "images" in parts[:-1]:
        parts[len(parts) - 2 - parts[:-1][::-1].index("images")] = "labels"
    return Path(*parts).with_suffix(".txt")


def _row(photo: Path, split: Split | None, names: list[str], root: Path) -> Row:
    size, file = photo_size(photo), _label_file(photo)
    lines = text_of(file).splitlines() if file.is_file() else []
    things = [_object(line.split(), names, size, f"{file}:{i}") for i, line in enumerate(lines, 1) if line.strip()]
    return Row(photo=photo, source=root.name, split=split, objects=tuple(things), size=size)


def _object(cells: list[str], names: list[str], size: tuple[int, int] | None, where: str) -> Object:
    index = whole_of(cells[0], where)
    numbers = [number_of(cell, where) for cell in cells[1:]]
    if not 0 <= index < len(names):
        raise DataError(f"{where}: class {index}, but names has 0 to {len(names) - 1}; mend the line or add the name")
    if len(numbers) != 4 and (len(numbers) < 6 or len(numbers) % 2):
        raise DataError(f"{where}: expected 'class cx cy w h' or 'class x y x y x y ...', got {len(cells)} numbers")
    if size is None:
        return Object(label=names[index])
    height, width = size
    if len(numbers) == 4:
        cx, cy, w, h = numbers
        box = ((cx - w / 2) * width, (cy - h / 2) * height, (cx + w / 2) * width, (cy + h / 2) * height)
        return Object(label=names[index], box=box)
    outline = tuple(value * (height if i % 2 else width) for i, value in enumerate(numbers))
    return Object(label=names[index], box=extent([outline]), polygons=(outline,))


def write(table: Table, folder: Path, *, outlines: bool = False, lossy: bool = False) -> Path:
    """Write ``folder``: data.yaml, images/ and labels/; the folder.

    outlines: polygons for segmentation in place of boxes; each object then needs exactly one. DataError when something
    would be lost and ``lossy`` is not said; with it, a photo without a split counts as training.
    """
    things = [thing for row in table.rows for thing in row.objects]
    unfit = sum(len(thing.polygons) != 1 if outlines else thing.box is None for thing in things)
    more = [f"{unfit} objects without {'exactly one polygon' if outlines else 'a box'}"] if unfit else []
    if apart := sum(map(_apart, things)) if outlines else 0:
        more.append(f"the box of {apart} objects whose box is not the one around the polygon")
    refuse_loss(table, OUTLINED if outlines else CARRIES, "yolo", lossy=lossy, more=tuple(more))
    splits = sorted({split_of(row, lossy=lossy, form="yolo") for row in table.rows}, key=SPLITS.index)
    with whole(folder) as aside:
        album = Album()
        for row in shown(table):
            part = SPLIT_FOLDERS[split_of(row, lossy=lossy, form="yolo")]
            copy, size = album.add(row, aside / "images" / part)
            file = aside / "labels" / part / f"{copy.stem}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("".join(_lines(table, row, size, outlines)), encoding="utf-8")
        head = [f"{SPLIT_FOLDERS[split]}: images/{SPLIT_FOLDERS[split]}\n" for split in splits]
        names = [f"  {i}: {json.dumps(name, ensure_ascii=False)}\n" for i, name in enumerate(table.classes)]
        (aside / "data.yaml").write_text("".join([*head, "names:\n", *names]), encoding="utf-8")
    return folder


def _apart(thing: Object) -> bool:
    around = extent(thing.polygons)
    pairs = zip(thing.box or (), around or (), strict=False)
    return any(abs(one - other) > 0.01 for one, other in pairs)


def _lines(table: Table, row: Row, size: tuple[int, int], outlines: bool) -> list[str]:
    height, width = size
    lines = []
    for thing in row.objects:
        index = index_of(thing.label, table.classes, str(row.photo))
        if outlines and len(thing.polygons) == 1:
            numbers = [v / (height if i % 2 else width) for i, v in enumerate(thing.polygons[0])]
        elif not outlines and thing.box is not None:
            x0, y0, x1, y1 = thing.box
            numbers = [(x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height]
        else:
            continue
        lines.append(" ".join([str(index), *(f"{v:.9f}" for v in numbers)]) + "\n")
    return lines
