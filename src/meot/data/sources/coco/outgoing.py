"""A table -> COCO files, with our own fields under the key "meot"."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meot.data.sources.files import SPLIT_FOLDERS, extent
from meot.data.sources.outgoing import Album, Carries, index_of, refuse_loss, shown, whole
from meot.data.sources.outlines import area
from meot.data.table import Object, Row, Split, Table

CARRIES = Carries(
    labels=True,
    tags=True,
    objects=True,
    boxes=True,
    polygons=True,
    object_labels=True,
    attributes=True,
    crowd=True,
    masks=True,
    groups=True,
    splits=True,
)


@dataclass
class _Out:
    """A COCO file in the making."""

    images: list[dict[str, Any]]
    annotations: list[dict[str, Any]]


def write(table: Table, folder: Path, *, lossy: bool = False) -> Path:
    """Write ``folder``: images/, masks/ and annotations/instances[_train|_val|_test].json; the folder.

    DataError for names the table does not list, for objects with neither box nor polygon (left out when ``lossy``),
    and when the folder is in use.
    """
    unplaced = sum(thing.box is None and not thing.polygons for row in table.rows for thing in row.objects)
    more = (f"{unplaced} objects with no place",) if unplaced else ()
    refuse_loss(table, CARRIES, "coco", lossy=lossy, more=more)
    with whole(folder) as aside:
        album, outs = Album(), dict[Split | None, _Out]()
        for row in shown(table):
            _add(table, row, album, aside, outs.setdefault(row.split, _Out([], [])))
        for split, out in outs.items():
            name = f"instances_{SPLIT_FOLDERS[split]}" if split else "instances"
            file = aside / "annotations" / f"{name}.json"
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps(_whole_file(table, out), ensure_ascii=False), encoding="utf-8")
    return folder


def _whole_file(table: Table, out: _Out) -> dict[str, Any]:
    return {
        "info": {"description": "written by meot"},
        "images": out.images,
        "annotations": out.annotations,
        "categories": [{"id": i, "name": name, "supercategory": ""} for i, name in enumerate(table.classes, 1)],
        "attributes": [{"id": i, "name": name, "supercategory": ""} for i, name in enumerate(table.attributes)],
        "meot": {
            "questions": {question: list(answers) for question, answers in table.questions.items()},
            "mask_names": {str(value): name for value, name in table.mask_names.items()},
        },
    }


def _add(table: Table, row: Row, album: Album, folder: Path, out: _Out) -> None:
    copy, (height, width) = album.add(row, folder / "images")
    number = len(out.images) + 1
    more: dict[str, Any] = {"split": row.split, "source": row.source, "group": row.group}
    more |= {"labels": dict(row.labels), "tags": list(row.tags)}
    if row.mask is not None:
        mask = folder / "masks" / f"{copy.stem}.png"
        mask.parent.mkdir(exist_ok=True)
        shutil.copyfile(row.mask, mask)
        more["mask"] = f"masks/{mask.name}"
    out.images.append({"id": number, "file_name": copy.name, "height": height, "width": width, "meot": more})
    for thing in row.objects:
        box = thing.box or extent(thing.polygons)
        if box is not None:
            first = len(out.annotations) + 1
            out.annotations.append({"id": first, "image_id": number} | _annotation(table, row, thing, box))


def _annotation(table: Table, row: Row, thing: Object, box: tuple[float, float, float, float]) -> dict[str, Any]:
    width, height = box[2] - box[0], box[3] - box[1]
    record: dict[str, Any] = {
        "category_id": index_of(thing.label, table.classes, str(row.photo)) + 1,
        "bbox": [box[0], box[1], width, height],
        "area": sum(map(area, thing.polygons)) if thing.polygons else width * height,
        "segmentation": [list(outline) for outline in thing.polygons],
        "iscrowd": int(thing.crowd),
    }
    if thing.attributes:
        record["attribute_ids"] = [index_of(name, table.attributes, str(row.photo)) for name in thing.attributes]
    if thing.labels:
        record["meot"] = {"labels": dict(thing.labels)}
    return record
