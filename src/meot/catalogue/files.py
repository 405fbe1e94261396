"""A photo's file: what tells it from every other, and whether it changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from meot.errors import PhotoError


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A photo file as it was when looked at. path: absolute. size: bytes. modified: nanoseconds since 1970."""

    path: Path
    sha256: str
    size: int
    modified: int


def stamp(path: Path) -> tuple[int, int]:
    """Size in bytes and time of change in nanoseconds. PhotoError when the file is not there."""
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    return found.st_size, found.st_mtime_ns


def look_at(path: Path) -> PhotoFile:
    """Read and hash the file. PhotoError when it cannot be read."""
    size, modified = stamp(path)
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from None
    return PhotoFile(path.absolute(), sha256, size, modified)


def _unreadable(path: Path, error: OSError) -> PhotoError:
    return PhotoError(f"{path}: cannot be opened ({error.strerror or error}); check path and permissions")
