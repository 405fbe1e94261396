"""Who administers, looked at and changed in one transaction of a writer: somebody always does."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, select, update

from meot.catalogue.passwords import AccountError
from meot.catalogue.tables import people

ADMIN, LOWEST = "admin", "shopper"


class DemotedError(AccountError):
    """Who gives a role administers no more."""


def give(connection: Connection, person: int, role: str, *, by: int | None) -> None:
    """Give a person another role. by: who does; None for who runs the service.

    DemotedError when they administer no more, AccountError when nobody who can sign in would.
    """
    if by is not None and not _count(connection, people.c.key == by, people.c.role == ADMIN):
        raise DemotedError("you administer no more; ask somebody who does", "demoted")
    if role != ADMIN and _is_last(connection, person):
        raise _last()
    connection.execute(update(people).where(people.c.key == person).values(role=role))


def step_down(connection: Connection, person: int) -> None:
    """Take an administrator's role from who goes. AccountError when others stay, and none of them administers."""
    if _is_last(connection, person) and _count(connection, people.c.key != person, _SIGNS_IN):
        raise _last()
    connection.execute(update(people).where(people.c.key == person, people.c.role == ADMIN).values(role=LOWEST))


_SIGNS_IN = people.c.password != ""


def _is_last(connection: Connection, person: int) -> bool:
    """Whether a person administers and can sign in, and no other does."""
    admins = (people.c.role == ADMIN, _SIGNS_IN)
    return bool(
        _count(connection, people.c.key == person, *admins) and not _count(connection, people.c.key != person, *admins)
    )


def _count(connection: Connection, *wanted: ColumnElement[bool]) -> int:
    return int(connection.scalar(select(func.count()).select_from(people).where(*wanted)) or 0)


def _last() -> AccountError:
    return AccountError("nobody else administers; make somebody else an administrator first", "last")
