"""People who go while something of theirs is on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from meot.catalogue.complaints import OwnerGoneError
from meot.service.problems import SignInError


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
