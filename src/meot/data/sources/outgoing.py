"""A table on its way into another format: what would be lost, safe file names, and no half-written folder."""

from __future__ import annotations

import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from meot.data.sources.files import photo_size
from meot.data.table import Object, Row, Split, Table
from meot.errors import DataError, nearest
from meot.photos import SUFFIXES

Labels = bool | frozenset[str]


class LossWarning(UserWarning):
    """Said when a table is written with a loss that was agreed to."""


@dataclass(frozen=True, kw_only=True)
class Carries:
    """What a format can say. labels, object_labels: every question, none, or the questions named."""

    labels: Labels = False
    tags: bool = False
    objects: bool = False
    boxes: bool = False
    polygons: bool = False
    object_labels: Labels = False
    attributes: bool = False
    crowd: bool = False
    masks: bool = False
    groups: bool = False
    splits: bool = False


def lost(table: Table, carries: Carries) -> list[str]:
    """What of the table the format cannot say, counted: "boxes of 12 objects"."""
    things = [thing for row in table.rows for thing in row.objects]
    rows: list[tuple[str, Callable[[Row], bool], bool]] = [
        ("the split", lambda row: row.split is not None, carries.splits),
        ("the group", lambda row: bool(row.group), carries.groups),
        ("the tags", lambda row: bool(row.tags), carries.tags),
        ("the mask", lambda row: row.mask is not None, carries.masks),
        ("labels", lambda row: _beyond(row.labels, carries.labels), False),
        ("the objects", lambda row: bool(row.objects), carries.objects),
    ]
    parts: list[tuple[str, Callable[[Object], bool], bool]] = [
        ("the box", lambda thing: thing.box is not None, carries.boxes),
        ("the polygons", lambda thing: bool(thing.polygons), carries.polygons),
        ("labels", lambda thing: _beyond(thing.labels, carries.object_labels), False),
        ("the attributes", lambda thing: bool(thing.attributes), carries.attributes),
        ("the crowd mark", lambda thing: thing.crowd, carries.crowd),
    ]
    counts = [(what, sum(map(has, table.rows)), "photo") for what, has, fits in rows if not fits]
    if carries.objects:
        counts += [(what, sum(map(has, things)), "object") for what, has, fits in parts if not fits]
    return [f"{what} of {count} {kind}{'s' * (count > 1)}" for what, count, kind in counts if count]


def _beyond(labels: Collection[str], carried: Labels) -> bool:
    if isinstance(carried, bool):
        return bool(labels) and not carried
    return not carried.issuperset(labels)


def refuse_loss(table: Table, carries: Carries, form: str, *, lossy: bool, more: tuple[str, ...] = ()) -> None:
    """DataError when the format would lose something, a LossWarning when ``lossy`` agrees to it.

    more: losses that only the format can see. DataError also when there is nothing to write.
    """
    if not table.rows:
        raise DataError(f"the table has no photo, so there is nothing to write as {form}; import some first")
    missing = [*lost(table, carries), *more]
    if missing and not lossy:
        raise DataError(
            f"{form} cannot carry {'; '.join(missing)}; write it as coco, which carries all, or agree to the loss "
            "with --lossy (lossy=True)"
        )
    if missing:
        warnings.warn(f"left out, because {form} cannot carry it: {'; '.join(missing)}", LossWarning, stacklevel=3)


def index_of(name: str, known: tuple[str, ...], where: str) -> int:
    """The number of ``name`` in ``known``. DataError that names the nearest known one."""
    if name in known:
        return known.index(name)
    raise DataError(f"{where}: unknown name {name!r}; {nearest(name, known)}")


def split_of(row: Row, *, lossy: bool, form: str) -> Split:
    """The row's split; a photo without one is refused, or counted as training when a loss is agreed to."""
    if row.split is None and not lossy:
        raise DataError(f"{row.photo}: has no split and {form} needs one; run 'meot data split' first")
    return row.split or "train"


def one_layout(table: Table, form: str) -> bool:
    """Whether photos are split. DataError when only some are."""
    without = [row for row in table.rows if row.split is None]
    if without and len(without) != len(table.rows):
        raise DataError(
            f"{without[0].photo}: has no split while others have one, {form} needs all or none; run 'meot data split'"
        )
    return not without


class Album:
    """Copies photos into a folder under names that differ before the suffix, also where case does not count."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name(self, photo: Path) -> str:
        """The photo's file name, with -2, -3, ... where another photo has it already.

        Dots and blanks before it and control characters in it are left out: readers pass over such files.
        """
        stem = re.sub(r"[\x00-\x1f]", "_", photo.stem).lstrip(". ").rstrip() or "photo"
        wanted, turn = stem, 1
        while wanted.casefold() in self._taken:
            turn += 1
            wanted = f"{stem}-{turn}"
        self._taken.add(wanted.casefold())
        return wanted + photo.suffix

    def add(self, row: Row, folder: Path) -> tuple[Path, tuple[int, int]]:
        """Copy the row's photo into ``folder``: the copy and its (height, width). DataError when it is no photo."""
        size = photo_size(row.photo)
        if size is None:
            raise DataError(f"{row.photo}: expected a photo, cannot read it; run 'meot data check' on the table")
        if row.photo.suffix.lower() not in SUFFIXES:
            raise DataError(f"{row.photo}: a photo's name must end in {', '.join(sorted(SUFFIXES))}; rename it")
        folder.mkdir(parents=True, exist_ok=True)
        copy = folder / self.name(row.photo)
        shutil.copyfile(row.photo, copy)
        return copy, size


def shown(table: Table) -> Iterator[Row]:
    """The table's rows with a progress bar."""
    yield from tqdm(table.rows, desc="photos", unit="photo", mininterval=5, disable=len(table.rows) < 200)


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """A folder to write into that takes its name only when all is written. DataError when the name is in use."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder}: is there already and not empty; name a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        aside.chmod(0o755)
        yield aside
        aside.replace(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
