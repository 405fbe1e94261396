"""The table every source is converted to and every recipe learns from: one row a photo, one schema, one file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from meot.data.aside import aside
from meot.errors import DataError

Split = Literal["train", "validation", "test"]
SCHEMA = "meot.table/1"
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True, slots=True)
class Object:
    """One thing in a photo.

    label: its class, one of the table's ``classes``. box: xyxy, px of the photo as stored, right and
    bottom edge outside. polygons: outlines as (x, y, x, y, ...) px, several when the thing is cut in pieces. labels:
    question -> answer ("collar" -> "band"). attributes: free names (Fashionpedia). crowd: several things in one box.
    """

    label: str
    box: tuple[float, float, float, float] | None = None
    polygons: tuple[tuple[float, ...], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()
    crowd: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A photo with what is known of it; what is not known is not there.

    source: name of the set it came from. split: None while nobody has split the table. labels: question -> answer
    about the whole photo ("category" -> "T-Shirt"). tags: names of what is somewhere in the photo, unordered. objects:
    things with a place. mask: 8-bit PNG of the photo's size; its values are the source's (CCP: label ids; clothing:
    garment or not). group: rows of one group (one sender, one item) stay on one side of a split. size: (height,
    width) px, None when nobody has looked.
    """

    photo: Path
    source: str = ""
    split: Split | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    objects: tuple[Object, ...] = ()
    mask: Path | None = None
    group: str = ""
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the names they use, in the order that gives each name its number.

    classes: of objects. questions: question -> its possible answers. attributes: names an object may bear.
    mask_names: mask value -> what it means.
    """

    rows: tuple[Row, ...] = ()
    classes: tuple[str, ...] = ()
    questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()
    mask_names: Mapping[int, str] = field(default_factory=dict)

    def of(self, split: Split) -> tuple[Row, ...]:
        """The rows of one split."""
        return tuple(row for row in self.rows if row.split == split)

    def having(self, rows: tuple[Row, ...]) -> Table:
        """The same names over other rows."""
        return replace(self, rows=rows)


def save(table: Table, file: Path) -> Path:
    """Write ``file`` (.jsonl): a line with the schema and the names, then a line a row, paths relative to the file.

    Written aside and renamed, so that a killed run leaves the old file or the new one.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with aside(file) as part, part.open("w", encoding="utf-8") as lines:
        try:
            for record in _records(table, file.parent.resolve()):
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
        except UnicodeEncodeError as error:
            raise DataError(f"{error.object[:200]!r} has no UTF-8 name; rename the file or the label") from None
    return file


def _records(table: Table, folder: Path) -> Iterator[dict[str, Any]]:
    yield {
        "schema": SCHEMA,
        "classes": table.classes,
        "questions": dict(table.questions),
        "attributes": table.attributes,
        "mask_names": {str(value): name for value, name in table.mask_names.items()},
    }
    for row in table.rows:
        yield _known(
            {
                "photo": _relative(row.photo, folder),
                "source": row.source,
                "split": row.split,
                "labels": dict(row.labels),
                "tags": row.tags,
                "objects": [
                    _known(
                        {
                            "label": thing.label,
                            "box": thing.box,
                            "polygons": thing.polygons,
                            "labels": dict(thing.labels),
                            "attributes": thing.attributes,
                            "crowd": thing.crowd,
                        }
                    )
                    for thing in row.objects
                ],
                "mask": None if row.mask is None else _relative(row.mask, folder),
                "group": row.group,
                "size": row.size,
            }
        )


def _known(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if value or key in ("photo", "label")}


def _relative(file: Path, folder: Path) -> str:
    """``file`` as seen from ``folder``, with forward slashes."""
    return Path(os.path.relpath(file.resolve(), folder)).as_posix()


def load(file: Path) -> Table:
    """The table in ``file``. DataError with the line when it is no table of this version."""
    try:
        lines = file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read as a table ({error}); make one with 'meot data import'") from None
    if lines == [""]:
        raise DataError(f"{file}: expected a table, got an empty file; make one with 'meot data import'")
    head = _object(file, 1, lines[0])
    if head.get("schema") != SCHEMA:
        raise DataError(f"{file}:1: expected a {SCHEMA} table, got {head.get('schema')}; import the data again")
    try:
        names = Table(
            classes=tuple(head.get("classes", ())),
            questions={question: tuple(answers) for question, answers in head.get("questions", {}).items()},
            attributes=tuple(head.get("attributes", ())),
            mask_names={int(value): name for value, name in head.get("mask_names", {}).items()},
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{file}:1: the table's names are not as expected ({error}); import the data again") from None
    numbered = ((i, line) for i, line in enumerate(lines[1:], 2) if line.strip())
    return names.having(tuple(_row(file, i, _object(file, i, line)) for i, line in numbered))


def _object(file: Path, line: int, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file}:{line}: broken JSON ({error}); import the data again or mend the line") from None
    if not isinstance(found, dict):
        raise DataError(f"{file}:{line}: expected a JSON object, got {type(found).__name__}; mend the line")
    return found


def _row(file: Path, line: int, record: dict[str, Any]) -> Row:
    folder = file.parent
    try:
        split = record.get("split")
        if split is not None and split not in SPLITS:
            raise ValueError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
        size = record.get("size")
        return Row(
            photo=folder / record["photo"],
            source=record.get("source", ""),
            split=split,
            labels=dict(record.get("labels", {})),
            tags=tuple(record.get("tags", ())),
            objects=tuple(_thing(thing) for thing in record.get("objects", ())),
            mask=folder / record["mask"] if record.get("mask") else None,
            group=record.get("group", ""),
            size=None if size is None else (int(size[0]), int(size[1])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise DataError(f"{file}:{line}: not a row of a table ({error}); import the data again") from None


def _thing(record: dict[str, Any]) -> Object:
    box = record.get("box")
    return Object(
        label=record["label"],
        box=None if box is None else (float(box[0]), float(box[1]), float(box[2]), float(box[3])),
        polygons=tuple(tuple(float(v) for v in outline) for outline in record.get("polygons", ())),
        labels=dict(record.get("labels", {})),
        attributes=tuple(record.get("attributes", ())),
        crowd=bool(record.get("crowd", False)),
    )
