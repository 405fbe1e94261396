"""Exact vectors on disk, read row by row."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK = 65_536
"""Vectors read or written at once."""


class VectorFile:
    """(N, D) little-endian float32, one row after another. Safe to read from several threads.

    Rows are read, not mapped: what has been asked for stays in the system's cache and never counts as memory of this
    process. OSError when the disk fails or is full.
    """

    def __init__(self, *, descriptor: int, width: int, count: int) -> None:
        self._descriptor, self.width, self._count = descriptor, width, count
        weakref.finalize(self, os.close, descriptor)

    @classmethod
    def spool(cls, width: int, folder: Path | None = None) -> VectorFile:
        """An empty file without a name in ``folder`` (the system's for temporary files); gone when it is let go of."""
        descriptor, path = tempfile.mkstemp(prefix="meot-vectors-", dir=folder)
        os.unlink(path)
        return cls(descriptor=descriptor, width=width, count=0)

    @classmethod
    def open(cls, path: Path, width: int) -> VectorFile:
        """The vectors in a file, for reading only."""
        descriptor = os.open(path, os.O_RDONLY)
        return cls(descriptor=descriptor, width=width, count=os.fstat(descriptor).st_size // (4 * width))

    def __len__(self) -> int:
        """How many vectors it holds."""
        return self._count

    def append(self, vectors: NDArray[np.float32]) -> None:
        """Write (B, D) vectors behind the others."""
        data = np.ascontiguousarray(vectors, "<f4").reshape(-1).view(np.uint8).data
        at = 4 * self.width * self._count
        while len(data):
            written = os.pwrite(self._descriptor, data, at)
            data, at = data[written:], at + written
        self._count += len(vectors)

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors (R, D) float32 of (R,) int64 rows."""
        if not len(rows):
            return np.zeros((0, self.width), np.float32)
        first, last = int(rows.min()), int(rows.max())
        if last - first < 2 * len(rows):  # close together: one read is cheaper than many
            return self._read(first, last + 1 - first)[rows - first]
        size, descriptor, pread = 4 * self.width, self._descriptor, os.pread
        data = b"".join([pread(descriptor, size, size * row) for row in rows.tolist()])
        return np.frombuffer(data, "<f4").reshape(len(rows), self.width)

    def blocks(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """All vectors from the first to the last: (row of the block's first, (B, D) float32)."""
        for start in range(0, self._count, BLOCK):
            yield start, self._read(start, min(BLOCK, self._count - start))

    def _read(self, start: int, count: int) -> NDArray[np.float32]:
        size = 4 * self.width
        vectors = np.empty((count, self.width), "<f4")
        rest, at = vectors.reshape(-1).view(np.uint8).data, size * start
        while len(rest):
            got = os.preadv(self._descriptor, [rest], at)
            if not got:
                raise OSError("the file of vectors ends early")
            rest, at = rest[got:], at + got
        return vectors
