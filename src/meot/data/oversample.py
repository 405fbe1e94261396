"""More photos of the poorest classes, by random crop and rotation (Yeu, Yoo, Bak 2023), written as real files.

Boxes, outlines and masks move with the photo. Only training photos are copied: a copy of a test photo is no new test.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from meot.data.aside import aside
from meot.data.cropping import Size, crop, move
from meot.data.images import read_ids, read_rgb
from meot.data.split import OVERSAMPLED
from meot.data.stats import answers, check_question, count, questions_of
from meot.data.table import SPLITS, Object, Row, Split, Table, load, save
from meot.errors import DataError

TABLE = "table.jsonl"
_PLAN = "plan.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Oversampling:
    """What to do. question: whose answers are counted; "class" is the objects' own. at_least: photos or objects each
    answer has in the end; add: so many more instead. poorest: only the so many smallest classes; None: all that are
    below ``at_least``, or the two smallest for ``add``. rotate: largest turn, degrees. crop: smallest side of a crop,
    share of the photo's. least: an object of which less than this share remains is dropped. seed: 0 or more.
    """

    question: str
    at_least: int | None = None
    add: int | None = None
    poorest: int | None = None
    rotate: float = 15.0
    crop: float = 0.75
    least: float = 0.4
    seed: int = 0

    def __post_init__(self) -> None:  # noqa: D105
        if (self.at_least is None) == (self.add is None):
            raise DataError("oversampling needs one aim: so many at least, or so many more; give one of the two")
        for name, value in (("at least", self.at_least), ("add", self.add), ("poorest", self.poorest)):
            if value is not None and value < 1:
                raise DataError(f"{name} is {value}, expected 1 or more")
        if not (0 < self.crop <= 1 and 0 <= self.least <= 1 and 0 <= self.rotate <= 180):
            raise DataError(
                "crop must be above 0 and at most 1, least 0..1, rotate 0..180 degrees; mend the one that is not"
            )


def aims(rows: Sequence[Row], plan: Oversampling, names: Sequence[str]) -> dict[str, int]:
    """Answer -> how many there are to be, poorest first, for those that are to grow. Answers nobody gives cannot."""
    having = count(rows, plan.question)
    order = sorted((name for name in names if having[name]), key=lambda name: having[name])
    if plan.add is not None:
        return {name: having[name] + plan.add for name in order[: plan.poorest or 2]}
    floor = plan.at_least or 0
    return {name: floor for name in order[: plan.poorest] if having[name] < floor}


def oversample(table: Table, plan: Oversampling, folder: Path) -> Table:
    """The table with new training rows; their photos and masks in ``folder``, and the table in ``folder``/table.jsonl.

    New rows keep the group of their origin (an origin without a group gets one of its own), say it in ``source`` as
    "oversampled:NAME", and have no tags: a crop may have lost what they name. A killed run leaves no table and goes on
    where it was. DataError for an unknown question, a table without training rows, a folder that holds another run,
    a full disk.
    """
    return _oversample(table, plan, folder, ("train",))


def oversample_every_split_as_the_paper_does(table: Table, plan: Oversampling, folder: Path) -> Table:
    """As :func:`oversample`, with validation and test rows multiplied too, each from its own photos.

    For reproducing published figures only: turned copies of a test photo count as new tests, so that one easy item
    is measured again and again and the rare classes' figures mean little.
    """
    return _oversample(table, plan, folder, SPLITS)


def _oversample(table: Table, plan: Oversampling, folder: Path, splits: tuple[Split, ...]) -> Table:
    names = questions_of(table)[check_question(table, plan.question)]
    if not table.of("train"):
        raise DataError("the table has no training row to make more of; split it first with 'meot data split'")
    made = next((row for row in table.rows if row.source.startswith(OVERSAMPLED)), None)
    if made is not None:
        raise DataError(f"{made.photo}: the table is oversampled already; start from the table it was made of")
    try:
        if _is_done(table, plan, folder, splits):
            return load(folder / TABLE)
        table = _grouped(table)
        new = [row for split in splits for row in _copies(table.of(split), plan, folder, split, names)]
        whole = table.having(table.rows + tuple(new))
        save(whole, folder / TABLE)
    except OSError as error:
        raise DataError(
            f"{error.filename or folder}: cannot be written ({error.strerror}); free some space and run it again: it "
            "goes on where it was"
        ) from None
    return whole


def _is_done(table: Table, plan: Oversampling, folder: Path, splits: tuple[Split, ...]) -> bool:
    """Whether the run is finished; makes the folder and notes the plan there. DataError when it holds another."""
    note = json.dumps({"plan": asdict(plan), "splits": splits, "table": _digest(table)})
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    (folder / "masks").mkdir(exist_ok=True)
    file = folder / _PLAN
    if not file.exists():
        if (folder / TABLE).exists():
            raise DataError(f"{folder}: holds a table of something else; name another folder")
        _write_aside(file, note.encode())
    elif file.read_text("utf-8") != note:
        raise DataError(f"{folder}: holds oversampling of another table or with other settings; name another folder")
    return (folder / TABLE).exists()


def _digest(table: Table) -> str:
    return hashlib.sha256(repr((table.rows, table.classes, dict(table.questions))).encode()).hexdigest()


def _grouped(table: Table) -> Table:
    """Training rows without a group get one of their own, so that a copy and its origin are never told apart."""
    rows = (row if row.group else replace(row, group=f"photo-{row.photo.as_posix()}") for row in table.rows)
    return table.having(tuple(rows))


def _copies(rows: Sequence[Row], plan: Oversampling, folder: Path, split: Split, names: Sequence[str]) -> Iterator[Row]:
    """Copies of ``rows`` until every aim is reached; what a copy brings of other classes counts for them too."""
    having = count(rows, plan.question)
    for answer, aim in aims(rows, plan, names).items():
        origins = [row for row in rows if answer in answers(row, plan.question)]
        bar = tqdm(total=aim, initial=having[answer], desc=f"{split} {answer}", unit="", mininterval=1)
        number = 0
        while having[answer] < aim:
            rng = np.random.default_rng([plan.seed, SPLITS.index(split), names.index(answer), number])
            if number % len(origins) == 0:
                order = rng.permutation(len(origins))
            origin = origins[order[number % len(origins)]]
            name = f"{split}-{names.index(answer)}-{number}-{origin.photo.stem}"
            copy = _copy(origin, plan, answer, folder, name, rng)
            brings = count([copy], plan.question)
            if not brings[answer]:
                raise DataError(
                    f"{origin.photo}: no {answer!r} lies inside the photo; run 'meot data check' on the table"
                )
            having.update(brings)
            bar.n = min(aim, having[answer])
            bar.refresh() if number % 20 == 0 else None
            number += 1
            yield copy
        bar.close()


def _copy(row: Row, plan: Oversampling, answer: str, folder: Path, name: str, rng: Generator) -> Row:
    """One varied copy; its photo is drawn unless it is there from a run that was killed."""
    size = _size(row)
    target = _target(row, plan.question, answer, rng)
    matrix, canvas = crop(size, target, rng, rotate=plan.rotate, smallest=plan.crop, least=plan.least)
    photo = folder / "photos" / f"{name}.jpg"
    mask = folder / "masks" / f"{name}.png" if row.mask is not None else None
    if mask is not None and not mask.exists():
        ids = read_ids(row.mask, row.photo)
        if ids.shape != size:
            raise DataError(
                f"{row.mask}: is {ids.shape[1]}x{ids.shape[0]}, its photo {size[1]}x{size[0]}; run the check"
            )
        turned = cv2.warpAffine(ids, matrix, canvas[::-1], flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT)
        _write_aside(mask, _encoded(".png", np.asarray(turned, np.uint8), []))
    if not photo.exists():
        seen = cv2.warpAffine(
            read_rgb(row.photo), matrix, canvas[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        _write_aside(photo, _encoded(".jpg", np.asarray(seen[..., ::-1], np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 95]))
    things = (move(thing, matrix, canvas, plan.least, always=thing is target) for thing in row.objects)
    return replace(
        row,
        photo=photo,
        mask=mask,
        source=OVERSAMPLED + (row.source or row.photo.name),
        tags=(),
        objects=tuple(thing for thing in things if thing is not None),
        size=canvas,
    )


def _size(row: Row) -> Size:
    """(height, width) of the upright photo, px."""
    try:
        with Image.open(row.photo) as image:
            turned = image.getexif().get(0x0112, 1) >= 5
            return (image.width, image.height) if turned else (image.height, image.width)
    except (OSError, SyntaxError) as error:
        raise DataError(f"{row.photo}: expected a photo, cannot read it ({error}); mend it or take it out") from None


def _target(row: Row, question: str, answer: str, rng: Generator) -> Object | None:
    """The object that the copy is made for, or the only one there is; None when it is the whole photo."""
    if row.labels.get(question) == answer:
        return row.objects[0] if len(row.objects) == 1 else None
    having = [thing for thing in row.objects if answer in answers(Row(photo=row.photo, objects=(thing,)), question)]
    return having[int(rng.integers(len(having)))] if having else None


def _encoded(kind: str, pixels: NDArray[np.uint8], options: list[int]) -> bytes:
    _, data = cv2.imencode(kind, pixels, options)
    return bytes(data)


def _write_aside(file: Path, data: bytes) -> None:
    with aside(file) as part:
        part.write_bytes(data)
