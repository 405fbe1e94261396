"""A gate before the models: a few photos are read at once, a few more wait, the rest are asked to come again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from meot.service.problems import BUSY_SECONDS, BusyError


class Gate:
    """Lets ``places`` in at once and ``queue`` wait."""

    def __init__(self, *, places: int, queue: int) -> None:
        self._places, self._queue = asyncio.Semaphore(places), queue
        self._waiting = 0

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Wait for a place and hold it for the block. BusyError at once when the queue is full."""
        if self._places.locked() and self._waiting >= self._queue:
            raise BusyError(
                f"at most {self._queue} photos may wait to be read, got one more; try again in {BUSY_SECONDS} seconds"
            )
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()
