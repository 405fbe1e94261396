"""The shelf of a service of several processes: what one of them took, the others can show."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path


class SharedShelf:
    """As :class:`meot.service.shelf.Shelf`, in a folder that the processes share; the folder is its maker's to delete.

    A file's time is when it was put or last taken. Several processes may put and take at once.
    """

    def __init__(
        self,
        *,
        folder: Path,
        most_count: int,
        most_bytes: int,
        seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder, self._clock = folder, clock
        self._most_count, self._most_bytes, self._seconds = most_count, most_bytes, seconds
        folder.mkdir(mode=0o700, exist_ok=True)

    def put(self, key: str, data: bytes) -> None:
        """Keep ``data``; what is larger than the whole shelf, or finds no room on the disk, is not kept."""
        if len(data) > self._most_bytes:
            return
        with suppress(OSError):
            number, part = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(number, "wb") as file:
                file.write(data)
            self._touch(Path(part))
            Path(part).replace(self._file(key))
        self._tidy()

    def take(self, key: str) -> bytes | None:
        """What was put under ``key``, which stays; None when it is gone."""
        file = self._file(key)
        try:
            if file.stat().st_mtime + self._seconds <= self._clock():
                file.unlink(missing_ok=True)
                return None
            data = file.read_bytes()
            self._touch(file)
        except FileNotFoundError:
            return None
        return data

    def __len__(self) -> int:
        """How many things are kept."""
        return sum(not path.name.endswith(".part") for path in self._paths())

    def _paths(self) -> list[Path]:
        with suppress(FileNotFoundError):  # its maker is gone, and this process about to go
            return list(self._folder.iterdir())
        return []

    def _file(self, key: str) -> Path:
        return self._folder / sha256(key.encode(errors="replace")).hexdigest()

    def _touch(self, file: Path) -> None:
        os.utime(file, (self._clock(), self._clock()))

    def _tidy(self) -> None:
        """Let go of what is too old, then of what was used longest ago, until the rest fits."""
        found = []
        for path in self._paths():
            with suppress(FileNotFoundError):  # another process let go of it
                state = path.stat()
                found.append((state.st_mtime, state.st_size, path))
        count, size = 0, 0
        for at, length, path in sorted(found, key=lambda entry: entry[0], reverse=True):
            count, size = count + 1, size + length
            if count > self._most_count or size > self._most_bytes or at + self._seconds <= self._clock():
                path.unlink(missing_ok=True)
