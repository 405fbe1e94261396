"""Asking a database server that went away again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from meot.catalogue.complaints import UnreachableError
from meot.catalogue.database import Database

FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0
_log = logging.getLogger(__name__)
Keeper = TypeVar("Keeper", bound="HasDatabase")
Given = ParamSpec("Given")
Result = TypeVar("Result")


class HasDatabase(Protocol):
    """What keeps something in a database."""

    @property
    def database(self) -> Database:
        """The database."""


def insists(
    method: Callable[Concatenate[Keeper, Given], Result],
) -> Callable[Concatenate[Keeper, Given], Result]:
    """A method that is one transaction and may be done twice: while its database ``is persisting``, it is done again
    after the server went away, until the server is back or the patience at its end.
    """

    @wraps(method)
    def insisting(self: Keeper, /, *args: Given.args, **named: Given.kwargs) -> Result:
        until = time.monotonic() + self.database.patience_s
        wait = FIRST_WAIT_S
        while True:
            try:
                return method(self, *args, **named)
            except UnreachableError as error:
                if time.monotonic() + wait > until:
                    raise
                _log.warning("%s; trying again in %.1f s", error, wait)
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)

    return insisting
