"""How far an unfinished run got, so that a stopped or killed one goes on without asking for its pages again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from meot.data.crawl.notes import Note
from meot.data.crawl.page import Picture


class Step(NamedTuple):
    """A page that was read: what it showed, and which of its links are followed."""

    page: str
    depth: int
    pictures: tuple[Picture, ...]
    links: tuple[str, ...]


def whole_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects in a file of lines, after a last line that was cut off in writing is taken away."""
    if not file.exists():
        return
    with file.open("r+b") as data:
        end = 0
        for line in data:
            if not line.endswith(b"\n"):
                data.truncate(end)
                return
            end += len(line)
            yield json.loads(line)


def append(file: Path, record: dict[str, Any]) -> None:
    """Write one line behind the others, at once."""
    with file.open("ab") as data:
        data.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n")


class Trail:
    """The pages that a run has read, in a file that goes when the run is finished. file: one for each plan."""

    def __init__(self, *, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.steps = [_step(record) for record in whole_lines(file)]
        except (ValueError, KeyError, TypeError, RecursionError):  # damaged: only some pages are asked for once more
            file.unlink()
            self.steps = []

    def add(self, step: Step) -> None:
        """Note a page that was read just now."""
        append(self._file, step._asdict() | {"pictures": [picture._asdict() for picture in step.pictures]})

    def finish(self) -> None:
        """Forget the run: the next one asks for its pages anew."""
        self._file.unlink(missing_ok=True)


def _step(record: dict[str, Any]) -> Step:
    pictures = tuple(
        Picture(**said | {"notes": tuple(Note(*note) for note in said["notes"])}) for said in record["pictures"]
    )
    return Step(record["page"], record["depth"], pictures, tuple(record["links"]))
