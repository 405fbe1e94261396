"""Room for the photos of drafts: how many a person may keep, and what is let go of before anything is refused."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from meot.catalogue import jobs
from meot.catalogue.tables import drafts
from meot.service.sell.work import DRAFT

if TYPE_CHECKING:
    from meot.catalogue.database import Database
    from meot.service.sell.photos import DraftPhotos

_COMING_S = 600.0
"""So long a form may be on its way: younger photos are left alone."""


class Room:
    """Counts the photos of each person's folder, whatever they are of. most: how many there may be, None for any."""

    def __init__(self, *, database: Database, photos: DraftPhotos, most: int | None) -> None:
        self._database, self._photos, self.most = database, photos, most

    def count(self, person: int) -> int:
        """How many photos there are of a person's, those that wait to be copied among them."""
        return len(self._there(person))

    def tidy(self, person: int, sent: Sequence[str]) -> set[str] | None:
        """Where there is no room, let go of photos that neither a draft nor a job needs, nor the form just ``sent``.

        ``sent`` names copies, and files that wait. The names of those that are needed; None where there is room, and
        nobody has to know. It reads every draft of
        the person's, so it is done before the writers' lock is taken.
        """
        if self.most is None or self.count(person) <= self.most:
            return None
        waiting, long_ago = self._photos.waiting(person), time.time() - _COMING_S
        copies = waiting.copies()  # first: what is a draft meanwhile is needed by it
        with self._database.reading() as connection:
            needed = _needed(connection, person) | copies
        old = self._photos.all(person, before=long_ago)
        self._photos.remove(person, [photo for photo in old if photo.name not in needed | set(sent)])
        waiting.drop([name for name in waiting.all(before=long_ago) if name not in needed | set(sent)])
        return needed

    def left_out(
        self, connection: Connection, person: int, sent: Sequence[str], needed: set[str] | None
    ) -> Sequence[str]:
        """Which of the photos just sent there is no room for, the last ones; those that are needed already never are.

        Another form that brought the same photo, and had no room for it, may have taken it away meanwhile; then there
        is none for it here either. Within a transaction of a writer, so that one form is looked at behind the other.
        needed: of :meth:`tidy`.
        """
        if self.most is None:
            return ()
        there = self._there(person)
        gone, over = [name for name in sent if name not in there], len(there) - self.most
        if over <= 0:
            return gone
        known = _needed(connection, person) if needed is None else needed | waiting(connection, person)
        free = there - known - self._photos.waiting(person).copies()  # a job may have made some while we waited
        return [*gone, *[name for name in sent if name in free][-over:]]

    def _there(self, person: int) -> set[str]:
        return {photo.name for photo in self._photos.all(person)} | set(self._photos.waiting(person).all())


def waiting(connection: Connection, person: int) -> set[str]:
    """The names of the photos that jobs were given, copies and files that wait."""
    given = jobs.unfinished(connection, DRAFT, person)
    packed = (each["file"] for payload in given for each in payload.get("packed", ()))
    return {str(name) for payload in given for name in payload["photos"]} | {str(name) for name in packed}


def _needed(connection: Connection, person: int) -> set[str]:
    """The same, and the names of those that drafts are made of."""
    given = waiting(connection, person)  # first: what is done meanwhile is a draft by then
    texts = connection.scalars(select(drafts.c.photos).where(drafts.c.person == person))
    return given | {Path(said["path"]).name for text in texts for said in json.loads(text)}
