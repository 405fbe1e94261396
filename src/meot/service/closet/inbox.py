"""Photos that came for a closet and are not read yet, in a folder of each person's own."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from meot import photos
from meot.errors import CatalogueError
from meot.photos import LARGEST_SIDE
from meot.service import pictures
from meot.types import Photo

_QUALITY = 95
_DAY_S = 86_400.0
_PART_S = 600.0
"""A photo that is being written for so long was left by a process that died."""
_HASH = re.compile(r"[0-9a-f]{64}")


class Inbox:
    """Photos of one person below ``root``, the folder of the closets' copies; they go with the closet.

    Each is known by the SHA-256 of the file that was sent, so that the same file comes in once.
    """

    def __init__(self, *, root: Path, person: int) -> None:
        self._folder = root / str(person) / "new"

    def put(self, photo: Photo) -> str:
        """Keep a clean copy until it is read; its hash. CatalogueError when it cannot be written."""
        return self._write(photo.sha256, pictures.encode(photo, side=LARGEST_SIDE, quality=_QUALITY))

    def put_as_it_came(self, data: bytes) -> str:
        """Keep the file itself, whatever is in it, where there are too many to decode them now; as :meth:`put`."""
        return self._write(hashlib.sha256(data).hexdigest(), data)

    def _write(self, sha256: str, data: bytes) -> str:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, started = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            _name(started, self._file(sha256))
        except OSError as error:
            raise CatalogueError(
                f"a photo cannot be kept ({error.strerror or error}); check the space beside the catalogue"
            ) from None
        return sha256

    def take(self, sha256: str) -> Photo | None:
        """The photo with that hash, which stays; None when it is not here. PhotoError when what came is damaged."""
        file = self._file(sha256)
        return replace(photos.load(file), sha256=sha256) if file.is_file() else None

    def drop(self, sha256: str) -> None:
        """Let go of a photo."""
        with suppress(OSError):
            self._file(sha256).unlink(missing_ok=True)

    def tidy(self, wanted: Collection[str]) -> None:
        """Let go of what nobody took for a day, but for the hashes that are ``wanted``, and of what was never whole."""
        now = time.time()
        with suppress(OSError):
            for file in self._folder.iterdir():
                age = now - file.stat().st_mtime
                if age > (_PART_S if file.suffix == ".part" else _DAY_S) and file.stem not in wanted:
                    file.unlink(missing_ok=True)

    def forget(self) -> None:
        """Let go of everything, of a person who is gone."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with suppress(OSError):  # others may stand there
            self._folder.parent.rmdir()

    def _file(self, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise CatalogueError(f"expected the SHA-256 of a photo, got {sha256[:70]!r}; name another")
        return self._folder / f"{sha256}.jpg"


def _name(started: str, file: Path) -> None:
    """Give a file that is whole its name."""
    os.replace(started, file)
