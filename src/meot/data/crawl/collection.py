"""The folder that photos are collected in: one folder a class, a line for each picture seen, and the table of it all.

``collected.jsonl`` is only ever added to. A photo's class is the folder it lies in now, so moving it corrects it and
deleting it takes it out; a deleted photo is not collected again.
"""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from meot import photos
from meot.data.crawl.notes import of_file, unique
from meot.data.crawl.page import Picture
from meot.data.crawl.plan import Outcome, Plan
from meot.data.crawl.trail import append, whole_lines
from meot.data.duplicates import COLOUR, prints
from meot.data.table import Row, Table, save
from meot.errors import DataError, PhotoError

SCHEMA = "meot.collected/1"
RECORDS, TABLE, STATE = "collected.jsonl", "table.jsonl", ".collect"
"""Names in the folder: every picture seen; the photos as a table; what unfinished runs leave."""
_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp", "TIFF": ".tif"}
_SETTLED = frozenset({"taken", "duplicate", "unreadable"})
"""Outcomes after which an address is not asked for again; "small" ones too while the plan asks for as much."""
_COLOURS = 192


class Verdict(NamedTuple):
    """What came of a picture's bytes, and why where that is not plain."""

    outcome: Outcome
    reason: str = ""


class Seen:
    """The prints of every photo that was ever taken, to find one that is nearly the same."""

    def __init__(self, *, distance: int) -> None:
        self._distance = distance
        self._names: list[str] = []
        self._hashes = np.empty(64, np.uint64)
        self._colours = np.empty((64, _COLOURS), np.uint8)

    def add(self, name: str, hashed: int, colours: NDArray[np.uint8]) -> None:
        """Remember a photo. hashed: of 64 bits; colours: (192,) uint8."""
        count = len(self._names)
        if count == len(self._hashes):
            self._hashes = np.concatenate([self._hashes, np.empty_like(self._hashes)])
            self._colours = np.concatenate([self._colours, np.empty_like(self._colours)])
        self._names.append(name)
        self._hashes[count], self._colours[count] = hashed, colours

    def like(self, hashed: int, colours: NDArray[np.uint8]) -> str | None:
        """The name of the first photo that is nearly the same, as ``meot data stats --leaks`` has it; None without.

        hashed, colours: as in :meth:`add`.
        """
        count = len(self._names)
        near = np.flatnonzero(np.bitwise_count(self._hashes[:count] ^ np.uint64(hashed)) <= self._distance)
        gaps = np.abs(self._colours[near].astype(np.int16) - colours.astype(np.int16)).mean(1)
        alike = near[gaps <= COLOUR]
        return self._names[int(alike[0])] if len(alike) else None


class Collection:
    """The folder, open for one run. DataError when its ``collected.jsonl`` is another's or damaged."""

    def __init__(self, *, plan: Plan) -> None:
        self._plan, self._folder = plan, plan.folder
        self._file = self._folder / RECORDS
        self._seen = Seen(distance=plan.distance)
        self._settled: set[str] = set()
        self._taken: dict[str, dict[str, Any]] = {}
        (self._folder / plan.name).mkdir(parents=True, exist_ok=True)
        try:
            for number, record in enumerate(whole_lines(self._file)):
                self._recall(number, record)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DataError(f"{self._file}: not what was collected ({error}); mend it or collect elsewhere") from None
        if not self._file.exists() or not self._file.stat().st_size:
            append(self._file, {"schema": SCHEMA})
        self._count = sum(1 for photo in self.places().values() if photo.parent == self._class_folder)

    @property
    def _class_folder(self) -> Path:
        return self._folder / self._plan.name

    @property
    def count(self) -> int:
        """Photos of the plan's class that lie in the folder."""
        return self._count

    @property
    def full(self) -> bool:
        """Whether the class has as many photos as were asked for."""
        return self._plan.most is not None and self._count >= self._plan.most

    def settled(self, address: str) -> bool:
        """Whether what is at an address was seen before, so that it need not be asked for again."""
        return address in self._settled

    def _recall(self, number: int, record: dict[str, Any]) -> None:
        if number == 0:
            if record.get("schema") != SCHEMA:
                raise ValueError(f"expected {SCHEMA} in its first line, got {record.get('schema')!r}")
            return
        outcome = record["outcome"]
        if outcome in _SETTLED or (outcome == "small" and min(record["size"]) < self._plan.min_side):
            self._settled.add(record["image"])
        if outcome == "taken":
            self._taken[record["sha256"]] = record
            colours = np.frombuffer(b64decode(record["colours"]), np.uint8)
            self._seen.add(record["sha256"], int(record["hash"], 16), colours)

    def keep(self, data: bytes, picture: Picture) -> Verdict:
        """Judge a picture's bytes, keep them when they are new, and note what came of it.

        OSError when the disk is full or may not be written.
        """
        record: dict[str, Any] = {"image": picture.address, "page": picture.page, "sha256": _digest(data)}
        form, size = _peek(data)
        if size is not None and min(size) < self._plan.min_side:
            return self._note("small", record | {"size": list(size)}, f"{size[1]}x{size[0]} px")
        try:
            photos.decode(data, name=picture.address)
        except PhotoError as error:
            return self._note("unreadable", record, str(error))
        if record["sha256"] in self._taken:
            return self._note("duplicate", record | {"of": record["sha256"]}, "the same file")
        return self._new(data, picture, record | {"size": list(size or ())}, _SUFFIXES.get(form, ".jpg"))

    def _new(self, data: bytes, picture: Picture, record: dict[str, Any], suffix: str) -> Verdict:
        """Keep a sound photo unless one that is nearly the same is there."""
        aside = self._folder / STATE / f"{record['sha256']}{suffix}"
        aside.parent.mkdir(exist_ok=True)
        aside.write_bytes(data)
        try:
            hashes, colours = prints([aside], workers=1)
            said = {"alt": picture.alt, "caption": picture.caption, "item": picture.item, "found": picture.found}
            notes = [list(note) for note in unique(iter((*picture.notes, *of_file(data))))]
            record |= {name: text for name, text in said.items() if text} | {"notes": notes}
            if (like := self._seen.like(int(hashes[0]), colours[0])) is not None:
                return self._note("duplicate", record | {"of": like}, "nearly the same")
            os.replace(aside, self._class_folder / aside.name)
        except DataError as error:
            return self._note("unreadable", record, str(error))
        finally:
            aside.unlink(missing_ok=True)
        self._seen.add(record["sha256"], int(hashes[0]), colours[0])
        self._taken[record["sha256"]] = record
        self._count += 1
        plan = self._plan
        place = {"photo": f"{plan.name}/{aside.name}" if plan.name else aside.name, "question": plan.question}
        seen = {"hash": f"{int(hashes[0]):016x}", "colours": b64encode(colours[0].tobytes()).decode()}
        return self._note("taken", record | place | {"class": plan.name, "bytes": len(data)} | seen, "")

    def _note(self, outcome: Outcome, record: dict[str, Any], reason: str) -> Verdict:
        self._settled.add(record["image"])
        at = datetime.now(UTC).isoformat(timespec="seconds")
        append(self._file, {"outcome": outcome, "at": at} | record | ({"reason": reason} if reason else {}))
        return Verdict(outcome, reason)

    def places(self) -> dict[str, Path]:
        """sha256 -> where each photo that was collected lies now; those that were deleted are left out."""
        found = [self._folder, *(part for part in self._folder.iterdir() if part.is_dir() and part.name != STATE)]
        here = (photo for part in found for photo in part.iterdir() if photo.stem in self._taken)
        return {photo.stem: photo for photo in here if photo.suffix in photos.SUFFIXES}

    def write_table(self) -> Path:
        """Write ``table.jsonl`` anew: every photo that is there, the class its folder names, its item as its group."""
        rows, questions = [], dict[str, set[str]]()
        for name, photo in sorted(self.places().items(), key=lambda place: place[1]):
            record = self._taken[name]
            question = record.get("question", self._plan.question)
            labels = {} if photo.parent == self._folder else {question: photo.parent.name}
            for asked, answer in labels.items():
                questions.setdefault(asked, set()).add(answer)
            size = (int(record["size"][0]), int(record["size"][1])) if record.get("size") else None
            source = self._folder.resolve().name
            rows.append(Row(photo=photo, source=source, labels=labels, group=record.get("item", ""), size=size))
        table = Table(rows=tuple(rows), questions={asked: tuple(sorted(said)) for asked, said in questions.items()})
        return save(table, self._folder / TABLE)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder for one run. DataError when another has it; the hold of a killed run ends with it."""
    try:
        import fcntl
    except ImportError:  # not on Windows, where nothing keeps two runs apart
        yield
        return
    (folder / STATE).mkdir(parents=True, exist_ok=True)
    with (folder / STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(f"{folder}: another run is collecting into it; wait for it or name another") from None
        yield


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _peek(data: bytes) -> tuple[str, tuple[int, int] | None]:
    """Format and (height, width) px by a file's beginning; nothing is decoded. ("", None) for what is no photo."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=photos.FORMATS) as image:
                return image.format or "", (image.height, image.width)
    except Exception:  # Pillow raises whatever a damaged file makes it trip on; decoding says what is wrong
        return "", None
