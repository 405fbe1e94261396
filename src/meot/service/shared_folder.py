"""Folders that last as long as a block: what a killed process left in them can be told from what is in use.

The processes of one service share one: visitors' photos, counts, who asks how often. A lesson's photos have their own.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":  # which has no such locks; what a killed service left there stays
    import fcntl

_NAME, _LESSON = "meot-serve-", "meot-lesson-"
_LIVES = "lives"
_ROOM_BYTES = 256 << 20
_MEMORY = Path("/dev/shm")


@contextmanager
def shared_folder(*, inside: Path | None = None) -> Iterator[Path]:
    """A new folder for a block, for this user alone; what services that were killed left behind is deleted.

    inside: where it is made; memory where there is room, else the system's folder for what is temporary. OSError when
    it cannot be made.
    """
    temporary = Path(tempfile.gettempdir())
    for place in (temporary, _MEMORY) if inside is None else (inside,):
        _clear(place, _NAME)
    with _lasting(inside or (_MEMORY if _is_roomy(_MEMORY) else temporary), _NAME) as folder:
        yield folder


@contextmanager
def lesson_folder() -> Iterator[Path]:
    """The same for a lesson's photos, in the system's folder for what is temporary; see :func:`clear_lessons`."""
    with _lasting(Path(tempfile.gettempdir()), _LESSON) as folder:
        yield folder


def clear_lessons() -> None:
    """Delete the folders of this user's lessons whose processes were killed; those that are read stay."""
    _clear(Path(tempfile.gettempdir()), _LESSON)


@contextmanager
def _lasting(place: Path, name: str) -> Iterator[Path]:
    folder, lock = _make(place, name)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            lock.close()


def _make(place: Path, name: str) -> tuple[Path, BinaryIO | None]:
    """A folder that has its name only once it is locked, so that nobody takes it for one left behind."""
    begun = Path(tempfile.mkdtemp(prefix=f".{name}", dir=place))
    if sys.platform == "win32":
        return begun, None
    lock = (begun / _LIVES).open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX)
    folder = begun.rename(begun.with_name(begun.name.removeprefix(".")))
    return folder, lock


def _clear(place: Path, name: str) -> None:
    """Delete the folders of processes that live no more: the system lets go of their locks however they ended."""
    if sys.platform == "win32":
        return
    for folder in place.glob(f"{name}*"):
        with suppress(OSError):  # it lives, or another process deletes it
            if folder.lstat().st_uid == os.getuid():
                with (folder / _LIVES).open("r+b") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)


def _is_roomy(place: Path) -> bool:
    """Whether what visitors send has room there."""
    return os.access(place, os.W_OK) and shutil.disk_usage(place).free > _ROOM_BYTES
