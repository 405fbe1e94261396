"""A small shelf in memory: bounded in count and bytes, the longest unused thing goes first, old things go too."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock


class Shelf:
    """Bytes by key. Thread-safe.

    most_count and most_bytes bound what is kept; ``seconds`` after it was put or last taken, a thing is forgotten.
    """

    def __init__(
        self, *, most_count: int, most_bytes: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most_count, self._most_bytes, self._seconds, self._clock = most_count, most_bytes, seconds, clock
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def put(self, key: str, data: bytes) -> None:
        """Keep ``data``; what is larger than the whole shelf is not kept."""
        with self._lock:
            self._drop(key)
            if len(data) > self._most_bytes:
                return
            self._kept[key] = (self._clock() + self._seconds, data)
            self._bytes += len(data)
            while self._is_over():
                self._drop(next(iter(self._kept)))

    def take(self, key: str) -> bytes | None:
        """What was put under ``key``, which stays; None when it is gone."""
        with self._lock:
            now = self._clock()
            while self._kept and next(iter(self._kept.values()))[0] <= now:  # the first was used longest ago
                self._drop(next(iter(self._kept)))
            if key not in self._kept:
                return None
            data = self._kept[key][1]
            self._kept[key] = (now + self._seconds, data)
            self._kept.move_to_end(key)
            return data

    def __len__(self) -> int:
        """How many things are kept."""
        return len(self._kept)

    def _is_over(self) -> bool:
        return len(self._kept) > self._most_count or self._bytes > self._most_bytes

    def _drop(self, key: str) -> None:
        if key in self._kept:
            self._bytes -= len(self._kept.pop(key)[1])
