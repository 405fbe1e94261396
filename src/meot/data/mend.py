"""Mends the boxes and polygons of a table that can be mended."""

from __future__ import annotations

import math
from dataclasses import replace

from meot.data.check import Finding
from meot.data.faults import Box, box_fault, outline_fault
from meot.data.sources.files import extent, photo_size
from meot.data.table import Object, Table


def mend(table: Table) -> tuple[Table, list[Finding]]:
    """The table with its boxes mended, and what was done: reversed corners swapped, boxes and polygons cut at the
    photo's edge, broken polygons and objects without area left out."""
    found: list[Finding] = []
    rows = []
    for row in table.rows:
        size = row.size or (photo_size(row.photo) if row.objects else None)
        kept = [_mended(thing, size, str(row.photo), found) for thing in row.objects]
        rows.append(replace(row, objects=tuple(thing for thing in kept if thing is not None)))
    return table.having(tuple(rows)), found


def _mended(thing: Object, size: tuple[int, int] | None, where: str, found: list[Finding]) -> Object | None:
    def say(what: str) -> None:
        found.append(Finding("warning", where, f"{thing.label}: {what}", "look at it with 'meot data view'"))

    polygons = tuple(_cut(outline, size) for outline in thing.polygons if outline_fault(outline, None)[1] == "")
    polygons = tuple(outline for outline in polygons if outline_fault(outline, None)[1] == "")
    if polygons != thing.polygons:
        say(f"{len(thing.polygons)} polygons cut at the photo's edge or left out, {len(polygons)} kept")
    if thing.box is None and not thing.polygons:
        return thing
    box = thing.box
    if box is not None and all(map(math.isfinite, box)):
        straight = (min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))
        box = _four(_cut(straight, size))
    whole = None if box is None or box_fault(box, None) else box
    if thing.box is not None and whole != thing.box:
        say(f"{box_fault(thing.box, size) or 'box on the edge'}; now {whole or extent(polygons) or 'left out'}")
    if whole is None and (around := extent(polygons)) is None:
        return None
    return replace(thing, box=whole or (around if thing.box else None), polygons=polygons)


def _four(box: tuple[float, ...]) -> Box:
    return box[0], box[1], box[2], box[3]


def _cut(values: tuple[float, ...], size: tuple[int, int] | None) -> tuple[float, ...]:
    if size is None:
        return values
    return tuple(min(max(v, 0.0), float(size[0] if i % 2 else size[1])) for i, v in enumerate(values))
