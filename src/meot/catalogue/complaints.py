"""What a database's errors mean to a person."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from meot.catalogue.place import Place
from meot.errors import CatalogueError

BUSY_SECONDS = 30
"""How long a writer waits for another."""
_FULL = "the disk is full; everything added before is safe: free some space and start the same command again"
_LOCKED = f"another program has been writing for {BUSY_SECONDS} s; try again when it is done"
NO_DATABASE = "expected a meot catalogue, got a file that is no database; check the path"
_AWAY = "the database server cannot be reached; everything added before is safe: start it, then try again"
_NOWHERE = (
    "the database server's name leads nowhere; start the server, or check its name in the address, in which @ : / of a "
    "password are written %40 %3A %2F"
)
_REFUSED = "the database server does not let this user in; check the address' user and password"
_MEANINGS = {  # what the databases say, in lower case: the particular before the general
    "lock timeout": _LOCKED,
    "lock wait timeout": _LOCKED,
    "deadlock": _LOCKED,
    "locked": _LOCKED,
    "no space left": _FULL,
    "is full": _FULL,
    "readonly": "expected a catalogue that can be written, got a read-only one; check its permissions",
    "read-only": "expected a catalogue that can be written, got a read-only one; check its permissions",
    "unable to open": "the database cannot be opened; check the path and its folder's permissions",
    "not a database": NO_DATABASE,
    "malformed": "the database is damaged; restore a copy, or make a new one with `meot catalogue add`",
    "disk i/o": "the disk cannot be read or written; check its space and health, then start the same command again",
    "authentication failed": _REFUSED,
    "access denied": _REFUSED,
    "does not exist": "the server has no such database or user; make it first, or check the address",
    "unknown database": "the server has no such database; make it first, or check the address",
    "[errno -": _NOWHERE,  # what looking a name up ends with; in a network of containers while the server is stopped
    "connect": _AWAY,  # refused, reset, closed, can't connect, lost connection
    "gone away": _AWAY,
    "shutting down": _AWAY,
    "terminating": _AWAY,
    "starting up": _AWAY,
}


class AbsentError(CatalogueError):
    """There is no catalogue yet where one was looked for."""


class OwnerGoneError(CatalogueError):
    """The account that something is of is gone."""


class UnreachableError(CatalogueError):
    """The database's server does not answer at present; what was asked may be asked again."""


class LockedError(UnreachableError):
    """Another program has been writing for longer than a writer waits; what was asked may be asked again."""


def _lost_errors() -> tuple[type[Exception], ...]:
    """What the drivers in use raise for a connection that broke."""
    drivers = [sys.modules[name] for name in ("psycopg", "pymysql") if name in sys.modules]
    return tuple(getattr(driver, kind) for driver in drivers for kind in ("OperationalError", "InterfaceError"))


@contextmanager
def explain_errors(place: Place) -> Iterator[None]:
    """Turn the database's complaints (full, locked, damaged, away ...) into a CatalogueError of one sentence."""
    try:
        yield
    except (DBAPIError, sqlite3.DatabaseError) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error).lower()
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        if lost or not isinstance(error, ProgrammingError | IntegrityError | DataError):
            meaning = _AWAY if lost else next((mean for sign, mean in _MEANINGS.items() if sign in said), None)
            if meaning is not None:
                kinds = {_AWAY: UnreachableError, _NOWHERE: UnreachableError, _LOCKED: LockedError}
                raise kinds.get(meaning, CatalogueError)(f"{place.name}: {meaning}") from error
        raise
    except _lost_errors() as error:  # while a connection was made ready, which SQLAlchemy does not wrap
        raise UnreachableError(f"{place.name}: {_AWAY}") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CatalogueError(f"{place.name}: {_FULL}") from error
        raise
