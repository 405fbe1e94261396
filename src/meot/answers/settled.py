"""Doing something once things have settled."""

from __future__ import annotations

from collections.abc import Callable
from threading import Timer

SECONDS = 20.0
"""Without a change, after which an index is saved."""


class Settled:
    """A wait that every change begins anew; used from one thread at a time."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._timer: Timer | None = None

    def then(self, work: Callable[[], object]) -> None:
        """Call ``work`` in a thread after the wait, in place of what was to be called before."""
        self.forget()
        self._timer = Timer(self._seconds, work)
        self._timer.daemon = True
        self._timer.start()

    def forget(self) -> None:
        """Call nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
