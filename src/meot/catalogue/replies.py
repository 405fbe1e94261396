"""Answers to writes, kept for a while: who sends the same request again, under the same key, does nothing twice."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from meot.catalogue.database import Database
from meot.catalogue.tables import replies
from meot.errors import CatalogueError

KEPT_S = 24 * 3600.0
BEAT_S = 3.0
"""How often a request says that it is still being worked on."""
SILENT_S = 15.0
"""A request that gave no sign for so long was given up by a process that died."""
_ANSWERED: ContextVar[tuple[int, str] | None] = ContextVar("meot_answered", default=None)
"""The person and key of the request that is being answered."""


class UnderWayError(CatalogueError):
    """The first request with that key is still being worked on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was given. request: sha256 of what it answered. body: text; "" where it was not kept.

    status: 0 where none was given, because the process that was to give it died; request is what it had said of it.
    """

    request: str
    status: int
    body: str


class Replies:
    """The kept answers of a database, each under a person and the key that they chose."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def begin(self, person: int, name: str, request: str = "") -> Reply | None:
        """The answer kept under that key; None when there is none, and from then on the caller is to give one.

        With a reply of status 0, too, if what it asks is the same. request: what is known of the caller's, see
        :meth:`mark`. UnderWayError when another request with that key is being worked on.
        """
        now = time.time()
        with self._database.writing() as connection:
            connection.execute(delete(replies).where(replies.c.created_at < now - KEPT_S))
            row = connection.execute(select(replies).where(_same(person, name))).mappings().first()
            if row is None:
                _put(connection, person, name, request, made={}, at=now)
                return None
            if row["status"]:
                return Reply(row["request"], row["status"], row["body"])
            if row["created_at"] >= now - SILENT_S:
                raise UnderWayError("the first request with this key is being worked on; send it again in some seconds")
            connection.execute(update(replies).where(_same(person, name)).values(created_at=now))
            return Reply(row["request"], 0, "")

    def mark(self, person: int, name: str, request: str) -> None:
        """Say what the request is that is being worked on, before anything is done for it: whoever comes with another
        one under the key is known by that, even when this process dies.
        """
        with self._database.writing() as connection:
            open_ = (_same(person, name), replies.c.status == 0)
            connection.execute(update(replies).where(*open_).values(request=request, created_at=time.time()))

    def beat(self, person: int, name: str) -> None:
        """Say that the request is still being worked on."""
        with self._database.writing() as connection:
            open_ = (_same(person, name), replies.c.status == 0)
            connection.execute(update(replies).where(*open_).values(created_at=time.time()))

    def keep(self, person: int, name: str, reply: Reply) -> None:
        """Keep the answer that was given."""
        values = {"request": reply.request, "status": reply.status, "body": reply.body, "created_at": time.time()}
        with self._database.writing() as connection:
            connection.execute(update(replies).where(_same(person, name)).values(values))

    def drop(self, person: int, name: str) -> None:
        """Give no answer: the key may be used again. What was made under it stays known."""
        with self._database.writing() as connection:
            mine = (_same(person, name), replies.c.status == 0)
            connection.execute(delete(replies).where(*mine, replies.c.body == ""))
            _release(connection, person, name)

    def release(self, person: int, name: str) -> None:
        """Leave a reply of status 0 as it was found, to whoever comes with the request that it is of."""
        with self._database.writing() as connection:
            _release(connection, person, name)


@contextmanager
def answering(person: int, name: str) -> Iterator[None]:
    """Within the block, what is made is made for the request under that key, see :func:`made_before`."""
    token = _ANSWERED.set((person, name))
    try:
        yield
    finally:
        _ANSWERED.reset(token)


def made_before(connection: Connection, what: str) -> int | None:
    """The number of ``what`` that the request that is being answered made before its process died; None for none.

    Asked in the transaction that would make it, which tells :func:`note_made` of what it made. A request makes one of
    a kind. UnderWayError when another process answered it meanwhile, because this one was silent for too long.
    """
    asked = _ANSWERED.get()
    return None if asked is None else _made(connection, *asked).get(what)


def note_made(connection: Connection, what: str, number: int) -> None:
    """Remember what the request that is being answered made, in the transaction that made it."""
    asked = _ANSWERED.get()
    if asked is None:
        return
    made = {**_made(connection, *asked), what: number}
    if not connection.execute(update(replies).where(_same(*asked)).values(body=json.dumps(made))).rowcount:
        at = time.time() - SILENT_S - 1
        _put(connection, *asked, "", made=made, at=at)  # it was given up, and goes on all the same


def _same(person: int, name: str) -> ColumnElement[bool]:
    return (replies.c.person == person) & (replies.c.name == name)


def _release(connection: Connection, person: int, name: str) -> None:
    open_ = (_same(person, name), replies.c.status == 0)
    connection.execute(update(replies).where(*open_).values(created_at=time.time() - SILENT_S - 1))


def _put(connection: Connection, person: int, name: str, request: str, *, made: dict[str, int], at: float) -> None:
    """A request without an answer yet; its body tells what it made so far, "" for nothing."""
    values = {"person": person, "name": name, "request": request, "status": 0, "created_at": at}
    connection.execute(insert(replies).values(**values, body=json.dumps(made) if made else ""))


def _made(connection: Connection, person: int, name: str) -> dict[str, int]:
    row = connection.execute(select(replies).where(_same(person, name))).mappings().first()
    if row is not None and row["status"]:
        raise UnderWayError("another process answered this request meanwhile; send it again")
    return dict(json.loads(row["body"])) if row is not None and row["body"] else {}
