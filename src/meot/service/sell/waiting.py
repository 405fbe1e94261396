"""Photos of sellers that came in a ZIP: kept as they came, until the job that drafts makes clean copies of them."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from meot.errors import CatalogueError
from meot.service import uploads
from meot.service.problems import PhotoGoneError
from meot.service.uploads import Upload

if TYPE_CHECKING:
    from meot.service.sell.photos import DraftPhotos

_DAY_S = 86_400.0
_PART, _COPIED = ".part", ".copied"


class Waiting:
    """Files of one person, beside the copies in ``photos``. Each has a name of its own, which no other form shares."""

    def __init__(self, *, photos: DraftPhotos, person: int | None) -> None:
        self._photos, self._person = photos, person
        self._folder = photos.folder(person) / "new"

    def put(self, data: bytes) -> str:
        """Keep a file as it came; its name here. CatalogueError when it cannot be written."""
        name = token_hex(16)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._folder / name, data)
        except OSError as error:
            raise _unkept(error) from None
        return name

    def copy(self, name: str, called: str) -> str:
        """Make the clean copy of a file, under the name its sender gave it, and let go of the file; the copy's name.

        An attempt after a death finds what was copied before. PhotoGoneError when the file is gone, PhotoError when
        it is damaged, CatalogueError when the copy cannot be written.
        """
        file = self._folder / name
        copied = file.with_suffix(_COPIED)
        if copied.exists():
            return copied.read_text()
        try:
            data = file.read_bytes()
            copy = self._photos.keep(self._person, called, uploads.decode(Upload(data, called, {}))).name
            _write(copied, copy.encode())
            file.unlink(missing_ok=True)
        except FileNotFoundError:
            raise PhotoGoneError(f"{called} is no longer there; send it again") from None
        except OSError as error:
            raise _unkept(error) from None
        return copy

    def all(self, *, before: float | None = None) -> list[str]:
        """The names of files that wait; those that were last written before a moment (seconds since 1970) if given."""
        whole = {name: written for name, written in self._there().items() if "." not in name}
        return [name for name, written in whole.items() if before is None or written < before]

    def copies(self) -> set[str]:
        """The names of copies whose job is not over."""
        found = set()
        for name in self._there():
            if name.endswith(_COPIED):
                with suppress(FileNotFoundError):  # its job was over at this moment
                    found.add((self._folder / name).read_text())
        return found

    def drop(self, names: Sequence[str]) -> None:
        """Let go of files, and of what is known of their copies."""
        for name in names:
            with suppress(OSError):
                for file in (self._folder / name, (self._folder / name).with_suffix(_COPIED)):
                    file.unlink(missing_ok=True)

    def tidy(self, wanted: Collection[str]) -> None:
        """Let go of what nobody took for a day, but for the names that are ``wanted``."""
        long_ago = time.time() - _DAY_S
        old = [name for name, written in self._there().items() if written < long_ago]
        for name in old:
            if name.partition(".")[0] not in wanted:
                with suppress(OSError):
                    (self._folder / name).unlink(missing_ok=True)

    def _there(self) -> Mapping[str, float]:
        """Every file's name, and when it was last written."""
        found: dict[str, float] = {}
        with suppress(FileNotFoundError), os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # deleted meanwhile
                    found[entry.name] = entry.stat().st_mtime
        return found


def _write(file: Path, data: bytes) -> None:
    """Write a file that has its name only when it is whole."""
    started = file.with_name(f"{file.name}{_PART}")
    started.write_bytes(data)
    started.replace(file)


def _unkept(error: OSError) -> CatalogueError:
    return CatalogueError(f"a photo cannot be kept ({error.strerror or error}); check the space beside the catalogue")
