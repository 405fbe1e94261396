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
        """How many photos there are of a person's."""
        return len(self._photos.all(person))

    def tidy(self, person: int, sent: Sequence[str]) -> set[str] | None:
        """Where there is no room, let go of photos that neither a draft nor a job needs, nor the form just ``sent``.

        The names of those that are needed; None where there is room, and nobody has to know. It reads every draft of
        the person's, so it is done before the writers' lock is taken.
        """
        if self.most is None or self.count(person) <= self.most:
            return None
        with self._database.reading() as connection:
            needed = _needed(connection, person)
        old = self._photos.all(person, before=time.time() - _COMING_S)
        self._photos.remove(person, [photo for photo in old if photo.name not in needed | set(sent)])
        return needed

    def left_out(
        self, connection: Connection, person: int, sent: Sequence[str], needed: set[str] | None
    ) -> Sequence[str]:
        """Which of the photos just sent there is no room for, the last ones; those that are needed already never are.

        Within a transaction of a writer, so that one form is looked at behind the other. needed: of :meth:`tidy`.
        """
        over = 0 if self.most is None else self.count(person) - self.most
        if over <= 0:
            return ()
        known = _needed(connection, person) if needed is None else needed | _waiting(connection, person)
        return [name for name in sent if name not in known][-over:]


def _waiting(connection: Connection, person: int) -> set[str]:
    """The names of the photos that jobs wait for."""
    return {str(name) for given in jobs.unfinished(connection, DRAFT, person) for name in given["photos"]}


def _needed(connection: Connection, person: int) -> set[str]:
    """The same, and the names of those that drafts are made of."""
    waiting = _waiting(connection, person)  # first: what is done meanwhile is a draft by then
    texts = connection.scalars(select(drafts.c.photos).where(drafts.c.person == person))
    return waiting | {Path(said["path"]).name for text in texts for said in json.loads(text)}
