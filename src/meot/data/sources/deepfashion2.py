"""DeepFashion2 (Ge et al. 2019): annos/NNNNNN.json beside image/NNNNNN.jpg, below train/, validation/, test/.

Carries splits, boxes, polygons, the 13 categories, the pair as the row's group ("pair-12"), whether the photo is a
shop's or a user's (row label "source"), and an item's scale, occlusion, zoom_in, viewpoint and style as its labels.
Items of one pair and one style other than "0" are the same garment. Not carried: landmarks (not read), masks, tags,
attributes, crowd marks, other labels. Groups of other names are renumbered.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tqdm import tqdm

from meot.data.sources.files import (
    json_of,
    list_of,
    name_of,
    numbers_of,
    picture_beside,
    split_folders,
    table_of,
    whole_of,
)
from meot.data.sources.outgoing import Album, Carries, index_of, one_layout, refuse_loss, shown, whole
from meot.data.table import Object, Row, Split, Table
from meot.errors import DataError, nearest

CATEGORIES = (
    "short sleeve top",
    "long sleeve top",
    "short sleeve outwear",
    "long sleeve outwear",
    "vest",
    "sling",
    "shorts",
    "trousers",
    "skirt",
    "short sleeve dress",
    "long sleeve dress",
    "vest dress",
    "sling dress",
)
"""In the order of their ids, which begin with 1."""
GRADES = {
    "scale": ("small", "modest", "large"),
    "occlusion": ("slight", "medium", "heavy"),
    "zoom_in": ("none", "medium", "large"),
    "viewpoint": ("not worn", "frontal", "side or back"),
}
"""Question -> answers in the order of their codes, which begin with 1."""
CARRIES = Carries(
    labels=frozenset({"source"}),
    objects=True,
    boxes=True,
    polygons=True,
    object_labels=frozenset({*GRADES, "style"}),
    groups=True,
    splits=True,
)
_SOURCES = ("user", "shop")


def read(place: Path) -> Table:
    """The table of a folder with annos/ and image/, or with such folders named for splits. DataError when broken."""
    parts = [(folder, split) for folder, split in split_folders(place) if (folder / "annos").is_dir()]
    if not parts:
        raise DataError(f"{place}: expected DeepFashion2 (annos/, image/, or train/annos/ ...); check the path")
    files = [(file, split) for folder, split in parts for file in sorted((folder / "annos").glob("*.json"))]
    rows = tuple(
        _row(file, split) for file, split in tqdm(files, desc="annos", mininterval=5, disable=len(files) < 200)
    )
    styles = {thing.labels["style"] for row in rows for thing in row.objects if "style" in thing.labels}
    questions = dict(GRADES) | ({"style": tuple(sorted(styles, key=int))} if styles else {}) | {"source": _SOURCES}
    return Table(rows=rows, classes=CATEGORIES, questions=questions)


def _row(file: Path, split: Split | None) -> Row:
    record = json_of(file)
    pair = record.get("pair_id")
    labels = {}
    if record.get("source"):
        labels["source"] = _one_of(record["source"], _SOURCES, f"{file}: source")
    keys = sorted((key for key in record if re.fullmatch(r"item\d+", key)), key=lambda key: (len(key), key))
    return Row(
        photo=picture_beside(file.parent.parent / "image", file.stem),
        source="deepfashion2",
        split=split,
        labels=labels,
        objects=tuple(_object(table_of(record[key], f"{file}: {key}"), f"{file}: {key}") for key in keys),
        group="" if pair is None else f"pair-{whole_of(pair, f'{file}: pair_id')}",
    )


def _one_of(value: Any, known: tuple[str, ...], where: str) -> str:
    if value not in known:
        raise DataError(f"{where}: unknown name {str(value)[:40]!r}; {nearest(str(value), known)}")
    return str(value)


def _object(item: dict[str, Any], where: str) -> Object:
    box = item.get("bounding_box")
    found = None
    if box is not None:
        x0, y0, x1, y1 = numbers_of(box, f"{where}: bounding_box", 4)
        found = (x0, y0, x1, y1)
    outlines = list_of(item.get("segmentation") or [], f"{where}: segmentation")
    return Object(
        label=_category(item, where),
        box=found,
        polygons=tuple(numbers_of(outline, f"{where}: segmentation") for outline in outlines),
        labels=_grades(item, where),
    )


def _category(item: dict[str, Any], where: str) -> str:
    """The category by id and name, which must agree."""
    number, name = item.get("category_id"), item.get("category_name")
    if number is None:
        return _one_of(name_of(name, f"{where}: category_name"), CATEGORIES, f"{where}: category_name")
    index = whole_of(number, f"{where}: category_id")
    if not 1 <= index <= len(CATEGORIES):
        raise DataError(f"{where}: category_id must be 1 to {len(CATEGORIES)}, got {index}")
    if name is not None and name != CATEGORIES[index - 1]:
        raise DataError(
            f"{where}: category_id {index} is {CATEGORIES[index - 1]!r}, category_name says {str(name)[:40]!r}; "
            "mend whichever is wrong"
        )
    return CATEGORIES[index - 1]


def _grades(item: dict[str, Any], where: str) -> dict[str, str]:
    found = {}
    for question, answers in GRADES.items():
        if item.get(question) is not None:
            code = whole_of(item[question], f"{where}: {question}")
            if not 1 <= code <= len(answers):
                raise DataError(f"{where}: {question} must be 1 to {len(answers)}, got {code}")
            found[question] = answers[code - 1]
    if item.get("style") is not None:
        found["style"] = str(whole_of(item["style"], f"{where}: style"))
    return found


def write(table: Table, folder: Path, *, lossy: bool = False) -> Path:
    """Write ``folder``: [train|validation|test/]annos/ and image/; the folder. DataError for other categories."""
    refuse_loss(table, CARRIES, "deepfashion2", lossy=lossy)
    split = one_layout(table, "deepfashion2")
    pairs = _pairs(table)
    with whole(folder) as aside:
        album = Album()
        for row in shown(table):
            part = aside / row.split if split and row.split else aside
            copy, _ = album.add(row, part / "image")
            file = part / "annos" / f"{copy.stem}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(_record(row, pairs), ensure_ascii=False), encoding="utf-8")
    return folder


def _pairs(table: Table) -> dict[str, int]:
    groups = dict.fromkeys(row.group for row in table.rows if row.group)
    if all(re.fullmatch(r"pair-\d+", group) for group in groups):
        return {group: int(group[5:]) for group in groups}
    return {group: i for i, group in enumerate(groups, 1)}


def _record(row: Row, pairs: dict[str, int]) -> dict[str, Any]:
    record: dict[str, Any] = {"source": row.labels["source"]} if "source" in row.labels else {}
    if row.group:
        record["pair_id"] = pairs[row.group]
    for i, thing in enumerate(row.objects, 1):
        index = index_of(thing.label, CATEGORIES, str(row.photo))
        item: dict[str, Any] = {"category_id": index + 1, "category_name": CATEGORIES[index]}
        item["segmentation"] = [list(outline) for outline in thing.polygons]
        if thing.box is not None:
            item["bounding_box"] = list(thing.box)
        for question, answers in GRADES.items():
            if question in thing.labels:
                item[question] = index_of(thing.labels[question], answers, f"{row.photo}: {question}") + 1
        if "style" in thing.labels:
            item["style"] = whole_of(thing.labels["style"], f"{row.photo}: style")
        record[f"item{i}"] = item
    return record
