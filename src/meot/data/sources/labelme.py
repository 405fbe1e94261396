"""labelme: a NAME.json of shapes for each photo.

Carries boxes (rectangles), polygons (pieces of one object share label and ``group_id``), classes (labels.txt beside the
files gives their order), splits (folders named for them), groups and sources (keys that labelme leaves alone), labels
and tags (flags: "collar=band" is a label, any other a tag of the photo or an attribute of the object). Not carried:
masks, crowd marks. Points, lines, circles and painted masks are read as the box around their points. A rectangle has
no reversed corners: labelme draws it from any corner.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from tqdm import tqdm

from meot.data.sources.files import (
    extent,
    inside,
    json_of,
    list_of,
    name_of,
    number_of,
    numbers_of,
    picture_beside,
    split_named,
    table_of,
    text_of,
    whole_of,
)
from meot.data.sources.outgoing import Album, Carries, index_of, one_layout, refuse_loss, shown, whole
from meot.data.table import Object, Row, Table
from meot.errors import DataError

CARRIES = Carries(
    labels=True,
    tags=True,
    objects=True,
    boxes=True,
    polygons=True,
    object_labels=True,
    attributes=True,
    groups=True,
    splits=True,
)
_NO_CLASS = ("__ignore__", "_background_")


def read(place: Path) -> Table:
    """The table of a folder with labelme's files, in folders of their own or not. DataError when one is broken."""
    files = sorted(place.rglob("*.json")) if place.is_dir() else [place]
    root = place if place.is_dir() else place.parent
    if not files:
        raise DataError(f"{place}: no labelme files here (looked for *.json); check the path")
    bar = tqdm(files, desc="shapes", mininterval=5, disable=len(files) < 200)
    rows = tuple(_row(file, root) for file in bar)
    listed = root / "labels.txt"
    named = [line.strip() for line in text_of(listed).splitlines()] if listed.is_file() else []
    things = [thing for row in rows for thing in row.objects]
    labels = [row.labels for row in rows] + [thing.labels for thing in things]
    questions: dict[str, dict[str, None]] = {}
    for question, answer in sorted({pair for some in labels for pair in some.items()}):
        questions.setdefault(question, {})[answer] = None
    return Table(
        rows=rows,
        classes=_in_order([name for name in named if name not in _NO_CLASS], [thing.label for thing in things]),
        questions={question: tuple(answers) for question, answers in questions.items()},
        attributes=tuple(sorted({name for thing in things for name in thing.attributes})),
    )


def _in_order(listed: list[str], used: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*filter(None, listed), *sorted(set(used))]))


def _row(file: Path, root: Path) -> Row:
    record = json_of(file)
    if "shapes" not in record:
        raise DataError(f"{file}: expected labelme with 'shapes'; keep other JSON files elsewhere")
    labels, tags = _flags(record.get("flags"), f"{file}: flags")
    height, width = record.get("imageHeight"), record.get("imageWidth")
    folders = file.relative_to(root).parts[:-1]
    return Row(
        photo=_photo(record, file, root),
        source=str(record.get("source", root.name)),
        split=next((split for split in map(split_named, folders) if split), None),
        labels=labels,
        tags=tags,
        objects=_objects(list_of(record["shapes"], f"{file}: shapes"), file),
        group=str(record.get("group", "")),
        size=(whole_of(height, f"{file}: imageHeight"), whole_of(width, f"{file}: imageWidth"))
        if height and width
        else None,
    )


def _photo(record: dict[str, Any], file: Path, root: Path) -> Path:
    """The photo that imagePath names, or the one beside the file with its name."""
    name = record.get("imagePath")
    if not name:
        return picture_beside(file.parent, file.stem)
    text = name_of(name, f"{file}: imagePath")
    beside = file.parent / text.replace("\\", "/").rsplit("/", 1)[-1]
    try:
        found = inside(file.parent, text, root.absolute().parent, f"{file}: imagePath")
    except DataError:  # the path of another machine; the photo usually came along with the file
        if not os.path.isfile(beside):
            raise
        return beside
    return found if os.path.isfile(found) or not os.path.isfile(beside) else beside


def _flags(value: Any, where: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Labels ("question=answer") and other names among the flags that are set."""
    names = [str(name) for name, on in table_of(value or {}, where).items() if on]
    labels = dict(name.split("=", 1) for name in names if "=" in name)
    return labels, tuple(name for name in names if "=" not in name)


def _objects(shapes: list[Any], file: Path) -> tuple[Object, ...]:
    """One object a shape, or a label and group_id that several shapes share and at most one of them is a rectangle."""
    found = [(f"{file}: shapes[{i}]", table_of(shape, f"{file}: shapes[{i}]")) for i, shape in enumerate(shapes)]
    boxes = Counter(_key(shape) for _, shape in found if shape.get("shape_type") == "rectangle")
    pieces: dict[Any, list[tuple[str, dict[str, Any]]]] = {}
    for i, (where, shape) in enumerate(found):
        key = _key(shape)
        alone = shape.get("group_id") is None or boxes[key] > 1
        pieces.setdefault(i if alone else key, []).append((where, shape))
    return tuple(_object(parts) for parts in pieces.values())


def _key(shape: dict[str, Any]) -> tuple[str, str]:
    return str(shape.get("label")), str(shape.get("group_id"))


def _object(parts: list[tuple[str, dict[str, Any]]]) -> Object:
    where, first = parts[0]
    labels, attributes = _flags(first.get("flags"), f"{where}: flags")
    box, polygons = None, []
    for here, shape in parts:
        points = [numbers_of(p, f"{here}: points", 2) for p in list_of(shape.get("points"), f"{here}: points")]
        outline = tuple(value for point in points for value in point)
        kind = shape.get("shape_type") or "polygon"
        if kind == "polygon":
            polygons.append(outline)
        else:
            box = _circle(outline) if kind == "circle" and len(points) == 2 else extent([outline])
    return Object(
        label=name_of(first.get("label"), f"{where}: label"),
        box=box or extent(polygons),
        polygons=tuple(polygons),
        labels=labels,
        attributes=attributes,
    )


def _circle(points: tuple[float, ...]) -> tuple[float, float, float, float]:
    x, y, other_x, other_y = (number_of(value, "circle") for value in points)
    radius = ((other_x - x) ** 2 + (other_y - y) ** 2) ** 0.5
    return x - radius, y - radius, x + radius, y + radius


def write(table: Table, folder: Path, *, lossy: bool = False) -> Path:
    """Write ``folder``: labels.txt and [train|validation|test/] photos with a .json beside each; the folder.

    DataError for names with "=", which parts question and answer, and for what would be lost unless ``lossy``.
    """
    unplaced = sum(thing.box is None and not thing.polygons for row in table.rows for thing in row.objects)
    more = (f"{unplaced} objects with no place",) if unplaced else ()
    refuse_loss(table, CARRIES, "labelme", lossy=lossy, more=more)
    split = one_layout(table, "labelme")
    with whole(folder) as aside:
        album = Album()
        for row in shown(table):
            copy, size = album.add(row, aside / row.split if split and row.split else aside)
            text = json.dumps(_record(table, row, copy.name, size), ensure_ascii=False, indent=1)
            copy.with_suffix(".json").write_text(text, encoding="utf-8")
        (aside / "labels.txt").write_text("".join(f"{name}\n" for name in table.classes), encoding="utf-8")
    return folder


def _record(table: Table, row: Row, name: str, size: tuple[int, int]) -> dict[str, Any]:
    shapes = []
    for i, thing in enumerate(row.objects):
        index_of(thing.label, table.classes, str(row.photo))
        shapes += _shapes(thing, i, str(row.photo))
    return {
        "version": "5.5.0",
        "flags": _set_flags(dict(row.labels), row.tags, str(row.photo)),
        "shapes": shapes,
        "imagePath": name,
        "imageData": None,
        "imageHeight": size[0],
        "imageWidth": size[1],
        "group": row.group,
        "source": row.source,
    }


def _set_flags(labels: dict[str, str], names: tuple[str, ...], where: str) -> dict[str, bool]:
    wrong = [name for name in (*labels, *names) if "=" in name]
    if wrong:
        raise DataError(f"{where}: labelme's flags cannot carry {wrong[0]!r}, which has a '='; rename it")
    return {f"{question}={answer}": True for question, answer in labels.items()} | dict.fromkeys(names, True)


def _shapes(thing: Object, number: int, where: str) -> list[dict[str, Any]]:
    drawn: list[tuple[str, tuple[float, ...]]] = [("polygon", outline) for outline in thing.polygons]
    if thing.box is not None and thing.box != extent(thing.polygons):
        drawn.append(("rectangle", thing.box))
    flags = _set_flags(dict(thing.labels), thing.attributes, where)
    return [
        {
            "label": thing.label,
            "points": [list(outline[i : i + 2]) for i in range(0, len(outline), 2)],
            "group_id": number if len(drawn) > 1 else None,
            "description": "",
            "shape_type": kind,
            "flags": flags,
        }
        for kind, outline in drawn
    ]
