"""COCO files -> a table: what their ids name, and where their photos lie."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from meot.data.sources.files import (
    SPLIT_FOLDERS,
    extent,
    inside,
    json_of,
    list_of,
    name_of,
    number_of,
    numbers_of,
    split_folders,
    split_named,
    table_of,
    whole_of,
)
from meot.data.sources.outlines import mask_of, polygons_of
from meot.data.table import SPLITS, Object, Row, Table
from meot.errors import DataError

Names = Mapping[Hashable, str]


def read(place: Path, *, photos: Path | None = None) -> Table:
    """The table of a COCO file or of a folder with some.

    The split is the one its file's or folder's name speaks of ("instances_val2017.json",
    "train/_annotations.coco.json"). photos: the folder that ``file_name`` starts from; without it the usual places are
    tried. DataError for broken files and for ids that nothing has.
    """
    files = [place] if place.is_file() else _files(place)
    parts = [_read_file(file, place if place.is_dir() else place.parent, photos) for file in files]
    return Table(
        rows=tuple(row for part in parts for row in part.rows),
        classes=_union(part.classes for part in parts),
        questions={
            question: _union(part.questions.get(question, ()) for part in parts)
            for question in _union(tuple(part.questions) for part in parts)
        },
        attributes=_union(part.attributes for part in parts),
        mask_names={value: name for part in parts for value, name in part.mask_names.items()},
    )


def _union(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in lists for name in names))


def _files(folder: Path) -> list[Path]:
    found = sorted([*(folder / "annotations").glob("*.json"), *folder.glob("*.json")])
    for part, split in split_folders(folder):
        found += sorted(part.glob("*.json")) if split else []
    named = [file for file in found if file.name.startswith("instances")]
    if not found:
        raise DataError(f"{folder}: no COCO file here (looked for *.json, annotations/*.json); name the file")
    return named or found


def _read_file(file: Path, place: Path, photos: Path | None) -> Table:
    record = json_of(file)
    if "images" not in record:
        raise DataError(f"{file}: expected COCO with 'images', 'annotations', 'categories'; name the right file")
    things = [table_of(t, f"{file}: annotations[{i}]") for i, t in enumerate(_list(record, "annotations", file))]
    for i, thing in enumerate(things):
        thing["where"] = f"{file}: annotations[{i}] (id {thing.get('id')})"
    classes = _names(record, "categories", file, {_id(t.get("category_id"), t["where"]) for t in things})
    used = {_id(a, t["where"]) for t in things for a in list_of(t.get("attribute_ids") or [], t["where"])}
    attributes = _names(record, "attributes", file, used)
    more = table_of(record.get("meot", {}), str(file))
    objects = _objects(things, classes, attributes)
    rows = _rows(record, file, place, photos, objects)
    if objects:
        raise DataError(f"{file}: annotations of image ids {sorted(map(str, objects))[:5]}, which 'images' has not")
    return Table(
        rows=rows,
        classes=tuple(dict.fromkeys(classes.values())),
        questions=_questions(more, rows, file),
        attributes=tuple(dict.fromkeys(attributes.values())),
        mask_names={whole_of(v, str(file)): str(n) for v, n in table_of(more.get("mask_names", {}), str(file)).items()},
    )


def _questions(more: dict[str, Any], rows: tuple[Row, ...], file: Path) -> dict[str, tuple[str, ...]]:
    found = {
        q: [str(a) for a in list_of(v, str(file))] for q, v in table_of(more.get("questions", {}), str(file)).items()
    }
    for labels in (labels for row in rows for labels in (row.labels, *(thing.labels for thing in row.objects))):
        for question, answer in labels.items():
            if answer not in found.setdefault(question, []):
                found[question].append(answer)
    return {question: tuple(answers) for question, answers in found.items()}


def _list(record: dict[str, Any], key: str, file: Path) -> list[Any]:
    return list_of(record.get(key) or [], f"{file}: {key}")


def _id(value: Any, where: str) -> Hashable:
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        return value
    raise DataError(f"{where}: expected an id (a whole number), got {str(value)[:40]!r}; mend the file")


def _names(record: dict[str, Any], key: str, file: Path, used: set[Hashable]) -> dict[Hashable, str]:
    """id -> name; two used ids of one name become "supercategory/name"."""
    entries: dict[Hashable, tuple[str, str]] = {}
    for i, entry in enumerate(_list(record, key, file)):
        where = f"{file}: {key}[{i}]"
        known = table_of(entry, where)
        number = _id(known.get("id"), where)
        if number in entries:
            raise DataError(f"{where}: id {number} is there twice; give each its own")
        entries[number] = (name_of(known.get("name"), where), str(known.get("supercategory") or ""))
    if not used <= entries.keys():
        missing = sorted(map(str, used - entries.keys()))[0]
        raise DataError(f"{file}: id {missing} is used and not among '{key}'; add its name there")
    often = Counter(name for number, (name, _) in entries.items() if number in used)
    found = {n: f"{over}/{name}" if often[name] > 1 else name for n, (name, over) in entries.items()}
    twice = [name for name, count in Counter(found[n] for n in used).items() if count > 1]
    if twice:
        raise DataError(f"{file}: {key} has {twice[0]!r} under several ids; give each its own name")
    return found


def _objects(things: list[dict[str, Any]], classes: Names, attributes: Names) -> dict[Hashable, list[Object]]:
    found: dict[Hashable, list[Object]] = {}
    for thing in things:
        where = thing["where"]
        polygons = _polygons(thing.get("segmentation"), where)
        given = thing.get("bbox")
        box = None
        if given:
            x, y, width, height = numbers_of(given, f"{where}: bbox", 4)
            box = (x, y, x + width, y + height)
        labels = table_of(table_of(thing.get("meot", {}), where).get("labels", {}), where)
        made = Object(
            label=classes[thing["category_id"]],
            box=box or extent(polygons),
            polygons=polygons,
            labels={str(q): name_of(a, where) for q, a in labels.items()},
            attributes=tuple(attributes[a] for a in thing.get("attribute_ids") or ()),
            crowd=bool(number_of(thing.get("iscrowd") or 0, where)),
        )
        found.setdefault(_id(thing.get("image_id"), where), []).append(made)
    return found


def _polygons(segmentation: Any, where: str) -> tuple[tuple[float, ...], ...]:
    where = f"{where}: segmentation"
    if isinstance(segmentation, dict):
        return polygons_of(mask_of(segmentation, where))
    return tuple(numbers_of(outline, where) for outline in list_of(segmentation or [], where))


def _rows(
    record: dict[str, Any], file: Path, place: Path, photos: Path | None, objects: dict[Hashable, list[Object]]
) -> tuple[Row, ...]:
    images = [table_of(e, f"{file}: images[{i}]") for i, e in enumerate(_list(record, "images", file))]
    first = next((str(image.get("file_name")) for image in images), "")
    folder = photos or _folder(file, place, first)
    split = split_named(file.stem) or split_named(file.parent.name)
    seen: set[Hashable] = set()
    rows = []
    for i, image in enumerate(images):
        where = f"{file}: images[{i}]"
        number = _id(image.get("id"), where)
        if number in seen:
            raise DataError(f"{where}: id {number} is there twice; give each photo its own")
        seen.add(number)
        name = name_of(image.get("file_name"), f"{where}: file_name")
        row = Row(
            photo=inside(folder, name, photos or place, f"{where}: file_name"),
            source=place.name,
            split=split,
            objects=tuple(objects.pop(number, ())),
            size=_size(image, where),
        )
        rows.append(_known(row, table_of(image.get("meot", {}), where), place, where))
    return tuple(rows)


def _size(image: dict[str, Any], where: str) -> tuple[int, int] | None:
    if not image.get("height") or not image.get("width"):
        return None
    return whole_of(image["height"], where), whole_of(image["width"], where)


def _known(row: Row, more: dict[str, Any], place: Path, where: str) -> Row:
    """The row with what only our own files say."""
    if not more:
        return row
    split, mask = more.get("split"), more.get("mask")
    if split is not None and split not in SPLITS:
        raise DataError(f"{where}: split must be one of {', '.join(SPLITS)}, got {split!r}")
    return replace(
        row,
        split=split,
        source=str(more.get("source", "")),
        group=str(more.get("group", "")),
        labels={str(q): name_of(a, where) for q, a in table_of(more.get("labels", {}), where).items()},
        tags=tuple(name_of(tag, where) for tag in list_of(more.get("tags", []), where)),
        mask=inside(place, name_of(mask, where), place, where) if mask else None,
    )


def _folder(file: Path, place: Path, first: str) -> Path:
    """Where the photos are: the first of the usual folders in which the first photo is found."""
    words = file.stem.rsplit("_", 1)[-1]
    split = split_named(file.stem)
    roots = [file.parent, place, *([file.parent.parent] if file.parent != place else [])]
    names = ["", "images", words, f"images/{words}"]
    names += [f"{over}{name}" for over in ("", "images/") for name in (split, SPLIT_FOLDERS[split]) if name]
    for folder in (root / name for root in roots for name in names):
        if first and os.path.isfile(folder / first):
            return folder
    return next((root / "images" for root in roots if (root / "images").is_dir()), place)
