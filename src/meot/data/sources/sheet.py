"""CSV: a line a photo, or a line a garment in a photo.

Columns known by name: photo (or image, file, filename, path), split, group, source, tags (parted by ";"), region
(x0,y0,x1,y1 as fractions of the photo), class (of the thing in the region), attributes (parted by ";"). Every other
column is a question, its cells the answers; an empty cell or "unsure" is no answer. Lines about one photo become one
row: a line without region and class speaks of the whole photo, any other of an object.

Not carried: polygons, masks, crowd marks. Boxes are kept to 9 digits of the photo's size, within 0.001 px.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from meot.data.sources.files import csv_of, inside, number_of, photo_size, picture_beside, split_named
from meot.data.sources.outgoing import Album, Carries, index_of, refuse_loss, shown, whole
from meot.data.table import SPLITS, Object, Row, Split, Table
from meot.errors import DataError
from meot.photos import SUFFIXES

CARRIES = Carries(
    labels=True,
    tags=True,
    objects=True,
    boxes=True,
    object_labels=True,
    attributes=True,
    groups=True,
    splits=True,
)
PHOTO = ("photo", "image", "file", "filename", "file_name", "path")
KNOWN = ("split", "group", "source", "tags", "region", "class", "attributes")
UNKNOWN = ("unsure",)
THING = "garment"
"""What a region without a class holds."""


@dataclass
class _Photo:
    """What the lines about one photo have said so far."""

    line: int
    source: str
    split: Split | None
    group: str
    tags: tuple[str, ...]
    labels: dict[str, str] = field(default_factory=dict)
    objects: list[Object] = field(default_factory=list)
    size: tuple[int, int] | None = None


def read(place: Path, *, photos: Sequence[str] = (), group: str = "group", unknown: Sequence[str] = UNKNOWN) -> Table:
    """The table of a CSV file, or of a folder with one.

    photos: where the photos are, with columns in braces ("shop/{image}.jpg"), for one source when written
    "ccp=ccp/photos/{photo}.jpg"; a path in them starts in the current folder. Without it the photo column is a path
    that starts in the file's folder, its suffix guessed when it has none. group: the column that holds rows together.
    unknown: answers that mean "not known". DataError with the line for broken lines and for two that disagree.
    """
    file = place if place.is_file() else _only(place)
    head, lines = csv_of(file)
    column = next((name for name in PHOTO if name in head), None)
    if column is None:
        raise DataError(f"{file}:1: expected a column {' or '.join(PHOTO[:3])}, got {', '.join(head)}; rename one")
    questions = [name for name in head if name not in (*KNOWN, column, group)]
    templates = dict(_template(text) for text in photos)
    found: dict[Path, _Photo] = {}
    for number, cells in lines:
        where = f"{file}:{number}"
        photo = _photo_file(file, cells, column, templates, where)
        said = {q: cells[q] for q in questions if cells[q] and cells[q] not in unknown}
        _add(found, photo, cells, said, group, number, file)
    rows = tuple(_row(photo, said) for photo, said in found.items())
    return _table(rows, questions)


def _only(folder: Path) -> Path:
    files = sorted(folder.glob("*.csv"))
    if len(files) != 1:
        raise DataError(f"{folder}: expected one .csv file, found {len(files)}; name the file")
    return files[0]


def _template(text: str) -> tuple[str, str]:
    source, parted, rest = text.partition("=")
    return (source, rest) if parted and "{" not in source and "/" not in source else ("", text)


def _photo_file(file: Path, cells: dict[str, str], column: str, templates: dict[str, str], where: str) -> Path:
    template = templates.get(cells.get("source", ""), templates.get(""))
    if not cells[column]:
        raise DataError(f"{where}: the {column} cell is empty; fill it or delete the line")
    if template is None and templates:
        known = ", ".join(templates)
        raise DataError(f"{where}: no photos folder for source {cells.get('source', '')!r}, only for {known}; add it")
    if template is None:
        found = inside(file.parent, cells[column], file.parent, where)
        return found if found.suffix.lower() in SUFFIXES else picture_beside(found.parent, found.name)
    return Path(re.sub(r"\{([^{}]*)\}", lambda match: _cell(cells, match[1], where), template))


def _cell(cells: dict[str, str], name: str, where: str) -> str:
    if name not in cells:
        raise DataError(f"{where}: no column {name!r} for the photos' place; columns are {', '.join(cells)}")
    if ".." in re.split(r"[/\\]", cells[name]) or cells[name].startswith(("/", "\\")) or "\0" in cells[name]:
        raise DataError(f"{where}: {name} {cells[name][:60]!r} leads out of the photos' place; mend the cell")
    return cells[name]


def _add(
    found: dict[Path, _Photo],
    photo: Path,
    cells: dict[str, str],
    said: dict[str, str],
    group: str,
    line: int,
    file: Path,
) -> None:
    where = f"{file}:{line}"
    split = split_named(cells.get("split", ""))
    if cells.get("split") and split is None:
        raise DataError(f"{where}: split must be one of {', '.join(SPLITS)}, got {cells['split'][:40]!r}")
    source = cells.get("source", file.parent.name)
    here = _Photo(line, source, split, cells.get(group, ""), _listed(cells.get("tags", "")))
    known = found.setdefault(photo, here)
    if (known.split, known.group, known.source) != (here.split, here.group, here.source):
        raise DataError(f"{where}: split, group or source differ from line {known.line} about the same photo; mend one")
    region, label = cells.get("region", ""), cells.get("class", "")
    if region or label:
        known.size = known.size or photo_size(photo)
        box = _box(region, known.size, where) if region else None
        attributes = _listed(cells.get("attributes", ""))
        known.objects.append(Object(label=label or THING, box=box, labels=said, attributes=attributes))
        return
    for question, answer in said.items():
        if known.labels.setdefault(question, answer) != answer:
            before = f"{known.labels[question]!r} at line {known.line}"
            raise DataError(f"{where}: {question} is {answer!r} and {before} for the same photo; keep one")


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in cell.split(";") if name.strip())


def _box(region: str, size: tuple[int, int] | None, where: str) -> tuple[float, float, float, float] | None:
    values = [number_of(part.strip(), f"{where}: region") for part in region.split(",")]
    if len(values) != 4:
        raise DataError(f"{where}: region must be x0,y0,x1,y1 as fractions of the photo, got {region[:40]!r}")
    if size is None:  # the photo is missing or broken, which the checker reports
        return None
    height, width = size
    return values[0] * width, values[1] * height, values[2] * width, values[3] * height


def _row(photo: Path, said: _Photo) -> Row:
    return Row(
        photo=photo,
        source=said.source,
        split=said.split,
        labels=said.labels,
        tags=said.tags,
        objects=tuple(said.objects),
        group=said.group,
        size=said.size,
    )


def _table(rows: tuple[Row, ...], questions: Iterable[str]) -> Table:
    things = [thing for row in rows for thing in row.objects]
    labels = [row.labels for row in rows] + [thing.labels for thing in things]
    answers = {q: tuple(sorted({some[q] for some in labels if q in some})) for q in questions}
    return Table(
        rows=rows,
        classes=tuple(sorted({thing.label for thing in things})),
        questions={question: known for question, known in answers.items() if known},
        attributes=tuple(sorted({name for thing in things for name in thing.attributes})),
    )


def write(table: Table, folder: Path, *, lossy: bool = False) -> Path:
    """Write ``folder``: table.csv and photos/; the folder.

    DataError for names the format would change (outer blanks, ";" in a tag, an answer that means unknown, a question
    with a known column's name), and for what would be lost unless ``lossy``.
    """
    refuse_loss(table, CARRIES, "csv", lossy=lossy)
    _check_names(table)
    with whole(folder) as aside, (aside / "table.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, ["photo", *KNOWN, *table.questions], restval="")
        lines.writeheader()
        album = Album()
        for row in shown(table):
            copy, size = album.add(row, aside / "photos")
            for cells in _cells(table, row, size):
                lines.writerow({"photo": f"photos/{copy.name}"} | cells)
    return folder


def _check_names(table: Table) -> None:
    for question in table.questions:
        if question in (*KNOWN, *PHOTO) or not question or question != question.strip():
            raise DataError(f"question {question!r} cannot head a column; rename it, or write the table as coco")
    tags = {tag for row in table.rows for tag in row.tags}
    names = {*table.classes, *(answer for answers in table.questions.values() for answer in answers)}
    for name in sorted({*tags, *table.attributes, *names, *(row.group for row in table.rows)}):
        listed = name in tags or name in table.attributes
        if name != name.strip() or (listed and ";" in name) or (name in UNKNOWN and name in names):
            raise DataError(f"name {name!r} would not come back from CSV; rename it, or write the table as coco")


def _cells(table: Table, row: Row, size: tuple[int, int]) -> list[dict[str, str]]:
    shared = {"split": row.split or "", "group": row.group, "source": row.source, "tags": ";".join(row.tags)}
    found = [_answers(table, row.labels, row)] if row.labels or not row.objects else []
    for thing in row.objects:
        index_of(thing.label, table.classes, str(row.photo))
        cells = {"class": thing.label, "attributes": ";".join(thing.attributes)}
        if thing.box is not None:
            sides = zip(thing.box, (size[1], size[0]) * 2, strict=True)
            cells["region"] = ",".join(f"{value / side:.9f}" for value, side in sides)
        found.append(cells | _answers(table, thing.labels, row))
    return [shared | cells for cells in found]


def _answers(table: Table, labels: Mapping[str, str], row: Row) -> dict[str, str]:
    found = dict(labels)
    for question, answer in found.items():
        index_of(question, tuple(table.questions), str(row.photo))
        index_of(answer, table.questions[question], f"{row.photo}: {question}")
    return found
