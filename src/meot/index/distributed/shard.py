"""A part of the index, in a worker's process."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO

import numpy as np
from numpy.typing import NDArray

from meot.index.growing import GrowingIndex


class Shard:
    """The vectors whose keys fall to one shard: an actor, so that whoever holds it calls its worker directly."""

    def __init__(self) -> None:
        self._index = GrowingIndex()
        self._spool: IO[bytes] | None = None

    def add(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """As :meth:`meot.index.growing.GrowingIndex.add`."""
        self._index.add(keys, vectors)

    def remove(self, keys: NDArray[np.int64]) -> None:
        """As :meth:`meot.index.growing.GrowingIndex.remove`."""
        self._index.remove(keys)

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """As :meth:`meot.index.growing.GrowingIndex.search`."""
        return self._index.search(np.ascontiguousarray(queries), k, allowed)

    def spool(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Keep a block on the worker's disk for :meth:`build`: 4 bytes a number."""
        self._spool = self._spool or TemporaryFile()  # noqa: SIM115 - build closes it
        np.save(self._spool, keys)
        np.save(self._spool, vectors)

    def build(self) -> int:
        """Make the index of what was spooled, in place of what it holds; how many vectors it holds now."""
        if self._spool is None:
            self._index = GrowingIndex()
            return 0
        with self._spool as file:
            self._spool = None
            self._index = GrowingIndex.rebuild(_blocks(file))
        return len(self._index)

    def state(self) -> dict[str, int | float | str]:
        """As :meth:`meot.index.growing.GrowingIndex.describe`."""
        return self._index.describe()


def _blocks(file: IO[bytes]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    end = file.tell()
    file.seek(0)
    while file.tell() < end:
        yield np.load(file), np.load(file)
