"""Photos into a closet: each once, read anew when the models are other ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meot import photos
from meot.catalogue.closet import Closet
from meot.catalogue.owned import mine
from meot.errors import PhotoError
from meot.types import Reader

Progress = Callable[[int, int], None]
"""Called with how many photos are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What adding did. added: photos; garments: read from them; known: photos that were there already.

    failed: (name, reason) of each photo that could not come in.
    """

    added: int
    garments: int
    known: int
    failed: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """The summary as ``meot closet add --json`` prints it."""
        failed = [{"name": name, "reason": reason} for name, reason in self.failed]
        return {"added": self.added, "garments": self.garments, "known": self.known, "failed": failed}


def add(closet: Closet, reader: Reader, files: Sequence[Path], progress: Progress) -> Kept:
    """Bring photos into the closet: of people only what the main person wears is kept.

    The same photo comes in once, whatever its name. A photo that cannot be read, or shows no clothes, stays out and is
    named; the others go on. CatalogueError when the closet cannot be written; what went in before stays.
    """
    added = garments = known = 0
    failed: list[tuple[str, str]] = []
    for done, file in enumerate(files, start=1):
        try:
            photo = photos.load(file)
            if closet.has(photo.sha256):
                known += 1
            else:
                look = reader.read(photo)
                if not mine(look):
                    raise PhotoError(f"{file}: expected a photo with clothes, found none in it; take another")
                closet.add(look)
                added, garments = added + 1, garments + len(mine(look))
        except PhotoError as error:
            failed.append((str(file), str(error)))
        progress(done, len(files))
    return Kept(added, garments, known, tuple(failed))


def refresh(closet: Closet, reader: Reader, progress: Progress) -> tuple[tuple[str, str], ...]:
    """Read those photos again, from their copies, that other models read; what was said of a garment stays with it.

    (name, reason) of each copy that cannot be read: its garments stay, and are compared with nothing.
    """
    stale = [photo for photo in closet.photos(reader.models) if not photo.current]
    failed = []
    for done, photo in enumerate(stale, start=1):
        file = closet.file(photo.path)
        try:
            closet.put_reading(photo.key, reader.read(photos.load(file)))
        except PhotoError as error:
            failed.append((str(file), str(error)))
        progress(done, len(stale))
    return tuple(failed)
