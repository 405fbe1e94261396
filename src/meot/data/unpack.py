"""Archives from strangers: unpacked whole or not at all, never outside their folder, never without end."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

from tqdm import tqdm

from meot.errors import DataError

_CHUNK = 1 << 18
MOST_FILES = 2_000_000
MOST_UNPACKED = 200 * 10**9
"""Bytes an archive may unpack to."""
_SUFFIXES = (".tar.gz", ".tgz", ".tar", ".zip")


def unpack(archive: Path, *, most_files: int = MOST_FILES, most_bytes: int = MOST_UNPACKED) -> Path | None:
    """Unpack a .zip, .tar, .tar.gz or .tgz beside itself, into a folder of its name; None for any other file.

    Written aside and renamed; a folder that is there already is left as it is. DataError for a damaged archive, one
    with a password, an entry that points outside or is a link, more than ``most_files`` entries or ``most_bytes``.
    """
    stem = next((archive.name.removesuffix(s) for s in _SUFFIXES if archive.name.lower().endswith(s)), None)
    if not stem or stem == archive.name:
        return None
    target, aside = archive.with_name(stem), archive.with_name(stem + ".part-folder")
    if target.exists():
        return target
    shutil.rmtree(aside, ignore_errors=True)
    try:
        _unpack_into(archive, aside, most_files, most_bytes)
        os.replace(aside, target)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise DataError(f"{archive}: cannot be unpacked ({error}); delete it and get it again") from None
    except OSError as error:
        raise DataError(f"{archive}: cannot be unpacked ({error.strerror or error}); make room, then go on") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


class _Entry(NamedTuple):
    name: str
    folder: bool
    plain: bool
    open: Callable[[], IO[bytes]]


def _unpack_into(archive: Path, folder: Path, most_files: int, most_bytes: int) -> None:
    room, inside = most_bytes, folder.resolve()
    for number, entry in enumerate(tqdm(_entries(archive), desc=f"unpacking {archive.name}", unit="", delay=2)):
        place = (inside / entry.name.replace("\\", "/")).resolve()
        if number >= most_files:
            raise DataError(f"{archive}: has more than {most_files:,} entries; unpack it by hand if you trust it")
        if not place.is_relative_to(inside) or not (entry.plain or entry.folder):
            raise DataError(f"{archive}: entry {entry.name!r} is a link or points outside; do not use this archive")
        if entry.folder:
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with entry.open() as packed, place.open("wb") as data:
            while chunk := packed.read(_CHUNK):
                room -= len(chunk)
                if room < 0:
                    raise DataError(
                        f"{archive}: unpacks to more than {most_bytes:,} bytes; unpack it by hand if you trust it"
                    )
                data.write(chunk)


def _entries(archive: Path) -> Iterator[_Entry]:
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                plain = stat.S_IFMT(info.external_attr >> 16) in (0, stat.S_IFREG) and not info.is_dir()
                yield _Entry(info.filename, info.is_dir(), plain, partial(packed.open, info))
        return
    with tarfile.open(archive) as rolled:
        for member in rolled:
            yield _Entry(member.name, member.isdir(), member.isreg(), partial(_member, rolled, member))


def _member(rolled: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    found = rolled.extractfile(member)
    if found is None:
        raise tarfile.TarError(f"{member.name} has no content")
    return found
