"""Data sets of other people's formats, in and out. A format is a module with what it carries in its first lines."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from meot.data.table import Table
from meot.errors import DataError, nearest


class Format(NamedTuple):
    """module: of this package, with ``reader(place, **options) -> Table`` and ``write(table, folder, **options)``."""

    module: str
    help: str
    reader: str = "read"


FORMATS = {
    "folders": Format("folders", "One folder a class, below train/, val/, test/ or not."),
    "csv": Format("sheet", "A line a photo or a garment: photo, questions, split, group, region."),
    "coco": Format("coco", "COCO instances, with Fashionpedia's attributes; carries everything."),
    "yolo": Format("yolo", "YOLO detection: data.yaml, images/, labels/."),
    "yolo-cls": Format("folders", "YOLO classification: SPLIT/CLASS/photo."),
    "labelme": Format("labelme", "labelme's .json of shapes for each photo."),
    "deepfashion2": Format("deepfashion2", "DeepFashion2: annos/ and image/."),
    "ccp": Format("ccp", "Clothing Co-Parsing: photos.csv, labels.txt, photos/, masks/.", "read_table"),
    "details": Format(
        "details", "Component labels by eye: shirts.csv, patterns.csv, jeans.csv; --data for the photos."
    ),
    "clothing": Format("clothing", "The clothing data set: labels.csv, images/, masks/.", "read_table"),
}


def read(place: Path, form: str = "auto", **options: Any) -> Table:
    """The table of a data set in ``place``; "auto" finds the format by what lies there.

    options: of the format's reader. DataError for a format or an option that is not known, and from the reader.
    """
    if not place.exists():
        raise DataError(f"{place}: no such file or folder; check the path")
    name = guess(place) if form == "auto" else form
    module, entry = _module(name)
    reader: Callable[..., Table] = getattr(module, entry.reader)
    return reader(place, **_fitting(reader, options, name, "read"))


def write(table: Table, folder: Path, form: str, **options: Any) -> Path:
    """Write the table as a data set in another format into a new ``folder``; errors as in :func:`read`."""
    module, _ = _module(form)
    writer: Callable[..., Path] = module.write
    return writer(table, folder, **_fitting(writer, options, form, "written"))


def _module(name: str) -> tuple[Any, Format]:
    if name not in FORMATS:
        raise DataError(f"unknown format {name!r}; {nearest(name, FORMATS)}")
    entry = FORMATS[name]
    return importlib.import_module(f"{__name__}.{entry.module}"), entry


def _fitting(function: Callable[..., Any], options: dict[str, Any], name: str, doing: str) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters.values()
    known = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    for option in options:
        if option not in known:
            raise DataError(f"{name} is {doing} without {option!r}; it takes {', '.join(known) or 'no options'}")
    return options


def guess(place: Path) -> str:
    """The format of a file or folder, by the names in it. DataError that lists the formats when nothing fits."""
    found = _guess_file(place) if place.is_file() else _guess_folder(place)
    if found is None and place.is_dir() and not any(place.iterdir()):
        raise DataError(f"{place}: the folder is empty; put one folder of photos a class there, or name another")
    if found is None:
        raise DataError(f"{place}: no known format; say which it is: {', '.join(FORMATS)}")
    return found


def _guess_file(file: Path) -> str | None:
    by_suffix = {".csv": "csv", ".yaml": "yolo", ".yml": "yolo"}
    return _guess_json(file) if file.suffix == ".json" else by_suffix.get(file.suffix)


def _guess_json(file: Path) -> str | None:
    """By the keys within a JSON file's first and last 64 KiB."""
    with file.open("rb") as data:
        text = data.read(1 << 16)
        data.seek(max(0, file.stat().st_size - (1 << 16)))
        text += data.read()
    if b'"shapes"' in text:
        return "labelme"
    return "coco" if b'"images"' in text or b'"categories"' in text else None


def _guess_folder(folder: Path) -> str | None:
    def has(*names: str) -> bool:
        return all((folder / name).exists() for name in names)

    if has("photos.csv", "labels.txt"):
        return "ccp"
    if has("labels.csv", "images"):
        return "clothing"
    if any(has(f"{split}annos") for split in ("", "train/", "validation/", "test/")):
        return "deepfashion2"
    if any(folder.glob("*.yaml")) or any(folder.glob("*.yml")) or has("images", "labels", "classes.txt"):
        return "yolo"
    annotations = [*sorted(folder.glob("annotations/*.json")), *sorted(folder.glob("*.json"))]
    annotations += sorted(folder.glob("*/*.json"))
    for file in annotations[:50]:
        if (found := _guess_json(file)) is not None:
            return found
    if len(list(folder.glob("*.csv"))) == 1:
        return "csv"
    from meot.data.sources.files import folders_in, pictures

    return "folders" if any(pictures(part) for part in folders_in(folder)) else None
