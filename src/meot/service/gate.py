"""A gate before the models: a few photos are read at once, a few more wait, the rest are asked to come again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from meot.service.problems import BUSY_SECONDS, BusyError

Watch = Callable[[str, int], None]
"""Told of "taken" and "refused" when that happens, and of "wait" when the queue changes; with the queue's length."""


class Gate:
    """Lets ``places`` in at once and ``queue`` wait."""

    def __init__(self, *, places: int, queue: int, watch: Watch = lambda _what, _waiting: None) -> None:
        self._places, self._queue = asyncio.Semaphore(places), queue
        self._waiting, self._watch = 0, watch

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Wait for a place and hold it for the block. BusyError at once when the queue is full."""
        if self._places.locked() and self._waiting >= self._queue:
            self._watch("refused", self._waiting)
            raise BusyError(
                f"at most {self._queue} photos may wait to be read, got one more; try again in {BUSY_SECONDS} seconds"
            )
        self._wait(1)
        try:
            await self._places.acquire()
        finally:
            self._wait(-1)
        self._watch("taken", self._waiting)
        try:
            yield
        finally:
            self._places.release()

    def _wait(self, more: int) -> None:
        self._waiting += more
        self._watch("wait", self._waiting)
