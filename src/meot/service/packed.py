"""Photos that come in one ZIP: what it says of itself is checked before any is taken out, and each comes out alone."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from functools import partial
from typing import IO

from meot.service.problems import (
    NoPhotoError,
    TooManyPhotosError,
    UnpackableError,
    UnpackedTooLargeError,
    UploadTooLargeError,
)

MOST_PHOTOS = 500
"""Of all ZIPs of a form together."""
MOST_UNPACKED = 512 << 20
"""Bytes that all ZIPs of a form together may unpack to."""
_MOST_DIRECTORY = 1 << 20
"""Bytes read at once. The list of a ZIP's entries is read in one piece, so it may be no longer."""
_BLOCK = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCKED, _UTF8 = 0x1, 0x800
_LEFT_BEHIND = frozenset({"thumbs.db", "desktop.ini"})
"""What systems put into folders without being asked; so is whatever begins with a dot, or lies in __MACOSX."""


def is_packed(head: bytes) -> bool:
    """Whether a file that begins so is a ZIP, whatever it is called."""
    return head[:4] in (b"PK\x03\x04", b"PK\x05\x06")


class Packed:
    """The photos of a ZIP, in its order. paths: what each is called in it, with the folders it lies in.

    UnpackableError for a ZIP that is damaged, locked or packed in an unusual way, TooManyPhotosError and
    UnpackedTooLargeError for one that holds more than ``most`` or unpacks to more than ``most_bytes``, NoPhotoError for
    an empty one. What an entry says of its size is as far as it is read, so none can grow beyond it.
    size: bytes that it unpacks to.
    """

    def __init__(self, file: IO[bytes], *, name: str, most: int = MOST_PHOTOS, most_bytes: int = MOST_UNPACKED) -> None:
        self._name = name
        try:
            self._zip = zipfile.ZipFile(_Sparing(file))
            entries = [entry for entry in self._zip.infolist() if _is_meant(entry)]
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise UnpackableError(f"{name}: cannot be unpacked ({error}); pack the photos anew") from None
        if any(entry.flag_bits & _LOCKED or entry.compress_type not in _METHODS for entry in entries):
            raise UnpackableError(
                f"{name}: has a password or an unusual compression; pack the photos anew, without a password"
            )
        if len(entries) > most:
            raise TooManyPhotosError(
                f"{name}: {MOST_PHOTOS} photos may come in ZIPs at once, got more; send them in turns"
            )
        self.size = sum(entry.file_size for entry in entries)
        if self.size > most_bytes:
            raise UnpackedTooLargeError(
                f"{name}: ZIPs may unpack to {MOST_UNPACKED >> 20} MB at once, got more; send the photos in turns"
            )
        if not entries:
            raise NoPhotoError(f"{name}: expected photos in the ZIP, got none; pack some")
        self._entries: Sequence[zipfile.ZipInfo] = entries
        self.paths: Sequence[str] = [_path(entry) for entry in entries]

    def read(self, place: int, most_megabytes: int) -> bytes:
        """The bytes of a photo. UploadTooLargeError for a large one, UnpackableError for a damaged one."""
        entry, path = self._entries[place], self.paths[place]
        if entry.file_size > most_megabytes << 20:
            raise UploadTooLargeError(f"{path} must be at most {most_megabytes} MB, got a larger one; shrink it")
        try:
            with self._zip.open(entry) as packed:
                return b"".join(iter(partial(packed.read, _BLOCK), b""))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError, RuntimeError) as error:
            raise UnpackableError(f"{path}: cannot be unpacked ({error}); pack it anew") from None


class _Sparing:
    """A file that is never asked for more than so many bytes at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell, self.seekable, self._read = file.seek, file.tell, file.seekable, file.read

    def read(self, size: int = -1) -> bytes:
        if size > _MOST_DIRECTORY:
            raise zipfile.BadZipFile("its list of entries is too long")
        return self._read(_MOST_DIRECTORY if size < 0 else size)


def _is_meant(entry: zipfile.ZipInfo) -> bool:
    *folders, last = entry.filename.split("/")
    if not last or last.lower() in _LEFT_BEHIND:  # of a folder the last part is empty
        return False
    return not any(_is_hidden(part) or part == "__MACOSX" for part in (*folders, last))


def _is_hidden(part: str) -> bool:
    """Whether a part of a path is: it begins with a dot, and is not the folder itself, as some programs write it."""
    return part.startswith(".") and part != "."


def _path(entry: zipfile.ZipInfo) -> str:
    """What an entry is called: in UTF-8 or, of a Korean Windows, in CP949, whether it says so or not."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename
