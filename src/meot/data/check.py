"""Finds what is wrong with a table before anything is learned from it."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from meot.data.faults import box_fault, outline_fault, size_said
from meot.data.probe import Probe, probe, probe_mask
from meot.data.table import Row, Table
from meot.errors import nearest

_MEND = "write a mended table with 'meot data check --mend OUT', or mend the source"
_NAME = "rename it in the source, or add the name to the table's first line"
_COPY = "fetch or export the photo again, or delete its line"
_SPLIT = "split the table anew with 'meot data split'"
_FEW = "add photos of it, merge it with another answer, or leave it out"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong. An error makes a worse model or no model; a warning may be meant.

    where: the table's line and the photo, or the table. what: what is wrong, expected and got. next_step: what to do.
    """

    level: Literal["error", "warning"]
    where: str
    what: str
    next_step: str


def check(table: Table, *, read_photos: bool = True, file: Path | None = None) -> list[Finding]:
    """Everything wrong with a table, in its order.

    read_photos: also decode every photo and mask, which finds damaged ones, wrong sizes and photos that are the same
    byte for byte. file: the table's own file, for the lines in ``where``.
    """
    if not table.rows:
        return [Finding("error", str(file or "table"), "has no photo", "import a folder that has some")]
    places = [_place(row, i, file) for i, row in enumerate(table.rows)]
    found = list(_names(table, str(file or "table")))
    probes = probe([row.photo for row in table.rows]) if read_photos else {}
    for row, where in zip(table.rows, places, strict=True):
        found += _labels(table, row, where)
        found += _photo(row, probes.get(row.photo), where)
        found += _objects(row, probes.get(row.photo), where)
        found += _mask(table, row, probes.get(row.photo), where, read=read_photos)
    found += _repeats(table, places)
    found += _copies(table, places, probes)
    found += _splits(table, str(file or "table"))
    return found


def _place(row: Row, index: int, file: Path | None) -> str:
    return f"{file}:{index + 2} ({row.photo.name})" if file else str(row.photo)


def _names(table: Table, where: str) -> Iterator[Finding]:
    """Names given twice, and names that hardly any photo bears."""
    lists = {"class": table.classes, "attribute": table.attributes} | dict(table.questions)
    for kind, names in lists.items():
        for name, count in Counter(names).items():
            if count > 1:
                yield Finding("error", where, f"{kind} {name!r} is listed {count} times", "keep it once")
    for (kind, name), count in photos_by_name(table).items():
        if count < 2:
            said = "no photo" if count == 0 else "one photo only"
            yield Finding("warning", where, f"{kind} {name!r} has {said}", _FEW)


def photos_by_name(table: Table) -> dict[tuple[str, str], int]:
    """("class", name) or (question, answer) -> photos with it, listed names without a photo included."""
    counts = {("class", name): 0 for name in table.classes}
    counts |= {(question, answer): 0 for question, answers in table.questions.items() for answer in answers}
    for row in table.rows:
        for key in _borne(row):
            counts[key] = counts.get(key, 0) + 1
    return counts


def _borne(row: Row) -> set[tuple[str, str]]:
    named = {("class", thing.label) for thing in row.objects}
    return named.union(row.labels.items(), *(thing.labels.items() for thing in row.objects))


def _labels(table: Table, row: Row, where: str) -> Iterator[Finding]:
    """Names that the table does not list."""
    for thing in row.objects:
        if thing.label not in table.classes:
            yield _unknown("class", thing.label, table.classes, where)
        for name in thing.attributes:
            if name not in table.attributes:
                yield _unknown("attribute", name, table.attributes, where)
    for labels in (row.labels, *(thing.labels for thing in row.objects)):
        for question, answer in labels.items():
            if question not in table.questions:
                yield _unknown("question", question, tuple(table.questions), where)
            elif answer not in table.questions[question]:
                yield _unknown(f"answer to {question!r},", answer, table.questions[question], where)
    if not (row.labels or row.tags or row.objects or row.mask):
        yield Finding("warning", where, "nothing is known of this photo", "label it or delete its line")


def _unknown(kind: str, name: str, known: tuple[str, ...], where: str) -> Finding:
    return Finding("error", where, f"unknown {kind} {name!r}; {nearest(str(name), known)}", _NAME)


def _photo(row: Row, seen: Probe | None, where: str) -> Iterator[Finding]:
    if not os.path.isfile(row.photo):
        yield Finding("error", where, f"the photo is missing: {row.photo}", "put it there or delete its line")
    elif seen and seen.problem:
        yield Finding("error", where, seen.problem, _COPY)
    elif seen and row.size and seen.size != row.size:
        got, said = size_said(seen.size), size_said(row.size)
        yield Finding("error", where, f"the photo is {got}, the table says {said}", "import the data again")
    if seen and seen.turned and (row.mask or any(thing.box or thing.polygons for thing in row.objects)):
        yield Finding(
            "warning",
            where,
            "the camera's notes turn this photo, and its boxes or mask may be meant for it unturned",
            "save the photo upright and label it again, or look at it with 'meot data view'",
        )


def _objects(row: Row, seen: Probe | None, where: str) -> Iterator[Finding]:
    size = seen.size if seen and seen.size else row.size
    for i, thing in enumerate(row.objects):
        name = f"object {i + 1} ({thing.label})"
        if thing.box is not None:
            said = box_fault(thing.box, size)
            if said:
                yield Finding("error", where, f"{name}: {said}", _MEND)
        elif not thing.polygons:
            yield Finding("warning", where, f"{name}: has no place in the photo", "draw a box, or label the photo")
        for outline in thing.polygons:
            level, said = outline_fault(outline, size)
            if said:
                yield Finding(level, where, f"{name}: {said}", _MEND)


def _mask(table: Table, row: Row, seen: Probe | None, where: str, *, read: bool) -> Iterator[Finding]:
    if row.mask is None:
        return
    if not os.path.isfile(row.mask):
        yield Finding("error", where, f"the mask is missing: {row.mask}", "put it there or take it out of the line")
        return
    if not read:
        return
    mask = probe_mask(row.mask)
    if mask.problem:
        yield Finding("error", where, f"mask {row.mask.name}: {mask.problem}", "save it as an 8-bit grey PNG")
        return
    size = seen.size if seen and seen.size else row.size
    if size and mask.size != size:
        said = f"the mask is {size_said(mask.size)}, the photo {size_said(size)}"
        yield Finding("error", where, said, "make the mask anew from the photo as it is stored")
    unnamed = sorted(mask.values - set(table.mask_names))
    if unnamed and table.mask_names:
        said = f"mask values without a name: {', '.join(map(str, unnamed[:10]))}"
        yield Finding("error", where, said, "add their names to mask_names in the table's first line")


def _repeats(table: Table, places: list[str]) -> Iterator[Finding]:
    """A photo in the table twice; file names that several photos have."""
    by_path: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(table.rows):
        by_path[os.path.abspath(row.photo)].append(i)
    for rows in by_path.values():
        if len(rows) > 1:
            crossing = len({table.rows[i].split for i in rows}) > 1
            said = f"the photo is there {len(rows)} times, first at {places[rows[0]]}"
            said += ", in several splits" if crossing else ""
            yield Finding("error" if crossing else "warning", places[rows[-1]], said, "keep one line a photo")
    names = Counter(Path(path).name.casefold() for path in by_path)
    shared = [name for name, count in names.items() if count > 1]
    if shared:
        said = f"{len(shared)} file names are those of several photos, such as {shared[0]!r}"
        yield Finding("warning", "table", said, "nothing when they lie in different folders on purpose")


def _copies(table: Table, places: list[str], probes: Mapping[Path, Probe]) -> Iterator[Finding]:
    """Files that are the same byte for byte under different paths."""
    by_bytes: dict[str, dict[Path, int]] = defaultdict(dict)
    for i, row in enumerate(table.rows):
        if row.photo in probes and probes[row.photo].digest:
            by_bytes[probes[row.photo].digest].setdefault(row.photo, i)
    for same in (list(rows.values()) for rows in by_bytes.values() if len(rows) > 1):
        rows = [table.rows[i] for i in same]
        crossing = len({row.split for row in rows}) > 1
        differing = any(row.labels != rows[0].labels for row in rows)
        said = f"the same picture as {places[same[0]]}"
        said += ", in another split" if crossing else ""
        said += ", with other labels" if differing else ""
        level: Literal["error", "warning"] = "error" if crossing or differing else "warning"
        yield Finding(level, places[same[-1]], said, "keep one of them, or give both one group and split anew")


def _splits(table: Table, where: str) -> Iterator[Finding]:
    """Groups that are torn, photos without a split beside photos with one, names that a split has not."""
    splits = sorted({row.split for row in table.rows if row.split}, reverse=True)
    without = sum(row.split is None for row in table.rows)
    if without and splits:
        yield Finding("error", where, f"{without} photos have no split while others have one", _SPLIT)
    sides: dict[str, set[str]] = defaultdict(set)
    for row in table.rows:
        if row.group and row.split:
            sides[row.group].add(row.split)
    for group, found in sides.items():
        if len(found) > 1:
            said = f"group {group!r} is in {' and '.join(sorted(found, reverse=True))}"
            yield Finding("error", where, f"{said}, so what is measured was seen in training", _SPLIT)
    if len(splits) > 1:
        yield from _missing(table, splits, where)


def _missing(table: Table, splits: Iterable[str], where: str) -> Iterator[Finding]:
    borne = {split: {key for row in table.rows if row.split == split for key in _borne(row)} for split in splits}
    for kind, name in sorted(set().union(*borne.values())):
        for split, names in borne.items():
            if (kind, name) not in names:
                yield Finding("warning", where, f"{kind} {name!r} is not in {split}", _SPLIT + ", or " + _FEW)
