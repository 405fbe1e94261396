"""People who go while something of theirs is on its way."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from meot.catalogue.complaints import OwnerGoneError
from meot.catalogue.tables import jobs, people
from meot.service.problems import SignInError

if TYPE_CHECKING:
    from meot.catalogue.database import Database

_COMING_S = 600.0
"""So long a form may be on its way; its end lets go of what it brought, unless its process is killed."""
_DAY_S = 86_400.0
_NEW = "new"
_WAITING = (("closet", _NEW), ("drafts", ""))
"""Where photos come in, in a folder for each person's number: what a closet keeps is deleted with the closet."""


@contextmanager
def still_there(forget: Callable[[], None]) -> Iterator[None]:
    """Around what is written for a person. When they went, ``forget`` lets go of the files that came after them, and
    it is a SignInError.
    """
    try:
        yield
    except OwnerGoneError as error:
        forget()
        raise SignInError(str(error)) from None


def sweep(database: Database) -> int:
    """Delete photos that came in for people after those were gone, and whose form never ended; how many folders.

    Younger ones are left alone. Of people who are there, what waits to be read goes after a day without a job of theirs
    that is open: it was sent by a form that never ended, or its job was cancelled. Where nobody is there at all nothing
    is: the rows of a backup may be to come. CatalogueError when the database cannot be asked who is there.
    """
    found = [(int(folder.name), folder / inside) for kind, inside in _WAITING for folder in _folders(database, kind)]
    with database.reading() as connection:  # last: who comes meanwhile has no folder above
        known = set(connection.scalars(select(people.c.key)))
        busy = set(connection.scalars(select(jobs.c.person).where(jobs.c.state.in_(("waiting", "running")))))
    if not known:
        return 0
    left = [folder for number, folder in found if number not in known and _is_old(folder)]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # others may stand there
            folder.parent.rmdir()
    for number, folder in found:
        if number in known - busy:
            _tidy(folder if folder.name == _NEW else folder / _NEW)
    return len(left)


def _folders(database: Database, kind: str) -> list[Path]:
    root = database.place.beside(kind)
    return [folder for folder in root.glob("[0-9]*") if folder.name.isdecimal() and folder.is_dir()]


def _is_old(folder: Path) -> bool:
    """Whether nothing was written there for some minutes; False where there is no folder."""
    try:
        latest = max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except OSError:  # gone, or going
        return False
    return latest < time.time() - _COMING_S


def _tidy(folder: Path) -> None:
    with suppress(OSError):
        for file in folder.iterdir():
            if file.stat().st_mtime < time.time() - _DAY_S:
                file.unlink(missing_ok=True)
