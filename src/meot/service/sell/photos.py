"""The photos that sellers' drafts are made of: clean copies in a folder of each person's own."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path

from meot.errors import CatalogueError
from meot.photos import LARGEST_SIDE
from meot.service import pictures
from meot.service.sell.waiting import Waiting
from meot.types import Photo

_QUALITY = 92
_LONGEST = 60
"""Characters of a name; in UTF-8 they still fit into every file system's 255 bytes."""
_PART_S = 600.0
"""A photo that is being written for so long was left by a process that died."""
_UNSAFE = str.maketrans(dict.fromkeys('/\\\\:*?"<>|', "_"))


class DraftPhotos:
    """Photos below ``root``, in a folder for each person (None: of nobody in particular)."""

    def __init__(self, *, root: Path) -> None:
        self._root = root

    def folder(self, person: int | None) -> Path:
        """Where a person's photos lie; it may not be there yet."""
        return self._root / ("nobody" if person is None else str(person))

    def keep(self, person: int | None, name: str, photo: Photo) -> Path:
        """Keep a clean copy under the name its sender gave it; the copy. One that is there already is not kept twice.

        CatalogueError when it cannot be written.
        """
        jpeg = pictures.encode(photo, side=LARGEST_SIDE, quality=_QUALITY)
        folder, stem = self.folder(person), plain_stem(name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return _write(folder, stem, jpeg)
        except OSError as error:
            raise CatalogueError(
                f"a photo cannot be kept ({error.strerror or error}); check the space beside the catalogue"
            ) from None

    def all(self, person: int | None, *, before: float | None = None) -> list[Path]:
        """Every photo of the person's; those that came last before a moment (seconds since 1970) if given."""
        found: list[Path] = []
        with suppress(FileNotFoundError), os.scandir(self.folder(person).absolute()) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # deleted meanwhile
                    whole = entry.is_file() and not entry.name.startswith(".")
                    if whole and (before is None or max(entry.stat().st_mtime, entry.stat().st_atime) < before):
                        found.append(Path(entry.path))
        return found

    def waiting(self, person: int | None) -> Waiting:
        """The person's photos of which there is no copy yet."""
        return Waiting(photos=self, person=person)

    def tidy(self, person: int | None) -> None:
        """Let go of photos of the person's that were never whole, because the process that wrote them died."""
        now = time.time()
        with suppress(OSError):
            for started in self.folder(person).glob(".*.part"):
                if now - started.stat().st_mtime > _PART_S:
                    started.unlink(missing_ok=True)

    def remove(self, person: int | None, photos: Iterable[Path]) -> None:
        """Delete photos of the person's; what lies elsewhere is left alone. CatalogueError when one cannot be."""
        folder = self.folder(person).absolute()
        for photo in photos:
            if photo.parent == folder:
                try:
                    photo.unlink(missing_ok=True)
                except OSError as error:
                    raise CatalogueError(
                        f"a photo cannot be deleted ({error.strerror or error}); check the folder's permissions"
                    ) from None

    def forget(self, person: int | None) -> None:
        """Delete every photo of the person's. CatalogueError when that cannot be done."""
        folder = self.folder(person)
        if folder.exists():
            try:
                shutil.rmtree(folder)
            except OSError as error:
                raise CatalogueError(
                    f"photos of drafts cannot be deleted ({error.strerror or error}); check the folder's permissions"
                ) from None


def plain_stem(name: str) -> str:
    """A sender's file name as a file may be called here: no folders, no ending, nothing that a system reads into."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    stem = last.rsplit(".", 1)[0] if "." in last[1:] else last
    plain = "".join(sign for sign in stem if sign.isprintable()).translate(_UNSAFE)
    return plain.strip(" .")[:_LONGEST].strip(" .") or "photo"


def _write(folder: Path, stem: str, jpeg: bytes) -> Path:
    """Write under the first name that is free, "A12 (2).jpg" after "A12.jpg"; the file that holds these very bytes."""
    handle, started = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(jpeg)
        os.chmod(started, 0o644)
        for number in count(1):
            path = folder / (f"{stem}.jpg" if number == 1 else f"{stem} ({number}).jpg")
            if _holds(path, jpeg) or _name(started, path) or _holds(path, jpeg):  # the same may come twice at once
                return path.absolute()
    finally:
        with suppress(FileNotFoundError):
            os.unlink(started)
    raise AssertionError("numbers do not end")


def _name(started: str, path: Path) -> bool:
    """Give a file that is whole its name; False when that is taken. Nobody ever sees it half, whoever is killed."""
    try:
        os.link(started, path)
    except FileExistsError:
        return False
    except OSError:  # a file system on which a file has one name only: that is taken first, so that nobody else can
        with suppress(FileExistsError):
            path.open("xb").close()
            os.replace(started, path)
            return True
        return False
    return True


def _holds(path: Path, data: bytes) -> bool:
    try:
        if path.stat().st_size != len(data):
            return False
        if hashlib.sha256(path.read_bytes()).digest() != hashlib.sha256(data).digest():
            return False
        written = path.stat().st_mtime_ns  # stays, or it would be read again
        os.utime(path, ns=(time.time_ns(), written))  # it came just now, too: no form lets go of it as an old one
        return True
    except OSError:
        return False
