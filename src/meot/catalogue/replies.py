"""Answers to writes, kept for a while: who sends the same request again, under the same key, does nothing twice."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from meot.catalogue.database import Database
from meot.catalogue.tables import replies
from meot.errors import CatalogueError

KEPT_S = 24 * 3600.0
ABANDONED_S = 120.0
"""A write that was begun so long ago and has no answer was given up by a process that died."""


class UnderWayError(CatalogueError):
    """The first request with that key is still being worked on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was given. request: sha256 of what it answered. body: text; "" where it was not kept."""

    request: str
    status: int
    body: str


class Replies:
    """The kept answers of a database, each under a person and the key that they chose."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def begin(self, person: int, name: str) -> Reply | None:
        """The answer kept under that key; None when there is none, and from then on the caller is to give one.

        UnderWayError when another request with that key is being worked on.
        """
        now = time.time()
        mine = (replies.c.person == person, replies.c.name == name)
        with self._database.writing() as connection:
            connection.execute(delete(replies).where(replies.c.created_at < now - KEPT_S))
            connection.execute(delete(replies).where(replies.c.status == 0, replies.c.created_at < now - ABANDONED_S))
            row = connection.execute(select(replies).where(*mine)).mappings().first()
            if row is None:
                values = {"person": person, "name": name, "request": "", "status": 0, "body": "", "created_at": now}
                connection.execute(insert(replies).values(values))
                return None
        if not row["status"]:
            raise UnderWayError("the first request with this key is being worked on; send it again in some seconds")
        return Reply(row["request"], row["status"], row["body"])

    def keep(self, person: int, name: str, reply: Reply) -> None:
        """Keep the answer that was given."""
        values = {"request": reply.request, "status": reply.status, "body": reply.body, "created_at": time.time()}
        with self._database.writing() as connection:
            mine = (replies.c.person == person, replies.c.name == name)
            connection.execute(update(replies).where(*mine).values(values))

    def drop(self, person: int, name: str) -> None:
        """Give no answer: the key may be used again."""
        with self._database.writing() as connection:
            connection.execute(delete(replies).where(replies.c.person == person, replies.c.name == name))
