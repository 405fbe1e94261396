"""Which rows of a compressed part may answer: those not removed and, when asked for, those of allowed keys."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from meot.index.keys import KeyTable

_faiss: Any = faiss  # its type stubs know less than it does

Bits = NDArray[np.uint8]
"""One bit a row, the first row in the lowest bit of the first byte."""


def test(bits: Bits, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the bits of (R,) rows are set."""
    return np.asarray(bits[rows >> 3] >> (rows & 7).astype(np.uint8) & 1, np.bool_)


def pack(rows: NDArray[np.int64], count: int) -> Bits:
    """Bits for ``count`` rows, set for (R,) rows."""
    chosen = np.zeros(count, np.bool_)
    chosen[rows] = True
    return np.packbits(chosen, bitorder="little")


class Among:
    """The rows that may answer, for one search. alive: bits, None when nothing was removed. allowed: ascending keys."""

    def __init__(self, keys: KeyTable, alive: Bits | None, allowed: NDArray[np.int64] | None) -> None:
        self._keys, self._alive, self._allowed = keys, alive, allowed

    @property
    def most(self) -> int:
        """An upper bound of how many rows pass, known without looking."""
        return len(self._keys) if self._allowed is None else min(len(self._keys), len(self._allowed))

    @property
    def share(self) -> float:
        """About which part of all rows passes."""
        return max(self.most, 1) / max(len(self._keys), 1)

    def passing(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of (R,) int64 rows that pass, in their order."""
        if self._alive is not None:
            rows = rows[test(self._alive, rows)]
        if self._allowed is not None:
            keys = self._keys.of(rows)
            at = np.searchsorted(self._allowed, keys)
            at[at == len(self._allowed)] = 0
            rows = rows[self._allowed[at] == keys]
        return rows

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """All rows that pass, (R,) int64 ascending."""
        rows = np.arange(len(self._keys)) if self._allowed is None else self._keys.find(self._allowed)
        return rows if self._alive is None else rows[test(self._alive, rows)]

    @cached_property
    def selector(self) -> Any:
        """The same rows as faiss takes them."""
        self._bits = pack(self.rows, len(self._keys))  # faiss reads it as long as the selector lives
        return _faiss.IDSelectorBitmap(self._bits)
