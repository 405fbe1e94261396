"""Between keys and rows of a part of an index whose rows stand in the order of their keys."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_DENSE = 2  # ranks are kept for every number between the keys while these are at most so many times the keys


class KeyTable:
    """Row i holds key i of the ascending keys. 4 to 8 bytes a key while they lie close together, else 8."""

    def __init__(self, keys: NDArray[np.int64]) -> None:
        """keys: (N,) int64, of 0 or more, strictly ascending."""
        self._count = len(keys)
        self._first = int(keys[0]) if len(keys) else 0
        span = int(keys[-1]) - self._first + 1 if len(keys) else 0
        self._dense = span <= _DENSE * len(keys) and len(keys) < 2**31
        if self._dense:  # at place o, how many keys lie below first + o
            self._ranks = np.zeros(span + 1, np.int32)
            self._ranks[keys - self._first + 1] = 1
            np.cumsum(self._ranks, out=self._ranks)
        else:
            self._keys = keys

    def __len__(self) -> int:
        """How many keys there are."""
        return self._count

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The keys (R,) of (R,) int64 rows."""
        if not self._dense:
            return self._keys[rows]
        return np.searchsorted(self._ranks, rows.astype(np.int32), "right") - 1 + self._first

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows (R,) int64 of those of (K,) int64 keys that are stored, in the order of the keys asked for."""
        if not self._dense:
            keys = keys[keys <= self._keys[-1]]
            at = np.searchsorted(self._keys, keys)
            return np.asarray(at[self._keys[at] == keys], np.int64)
        places = keys - self._first
        places = places[(places >= 0) & (places < len(self._ranks) - 1)]
        ranks = self._ranks[places]
        return ranks[self._ranks[places + 1] > ranks].astype(np.int64)
