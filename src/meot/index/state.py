"""What an index holds at one moment; a change makes a new state, so who searches an old one is not disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from meot.index.among import Among, Bits, pack, test
from meot.index.compressed import Compressed
from meot.index.flat import Flat, Found, best


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A flat part, beside a compressed one when there are many vectors; alive: its rows that were not removed."""

    flat: Flat
    base: Compressed | None = None
    alive: Bits | None = None
    removed_rows: int = 0

    def __len__(self) -> int:
        """How many vectors there are."""
        return len(self.flat) + (0 if self.base is None else len(self.base) - self.removed_rows)

    @property
    def width(self) -> int:
        """Numbers a vector, D; 0 when nothing tells."""
        return int(self.flat.vectors.shape[1]) if self.base is None else self.base.width

    def keys(self) -> NDArray[np.int64]:
        """All keys (N,) int64, ascending."""
        if self.base is None:
            return self.flat.keys
        return np.sort(np.concatenate([self.base.keys.of(self.alive_rows()), self.flat.keys]))

    def alive_rows(self) -> NDArray[np.int64]:
        """Rows (R,) int64 of the compressed part that were not removed, ascending."""
        return np.zeros(0, np.int64) if self.base is None else Among(self.base.keys, self.alive, None).rows

    def added(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> State:
        """With (A, D) vectors under (A,) keys. ValueError when they do not fit or a key is there already."""
        if vectors.ndim != 2 or len(keys) != len(vectors):
            raise ValueError(f"expected vectors (N, D) for N keys, got {vectors.shape} for {len(keys)} keys")
        if not len(keys):
            return self
        ordered = np.sort(keys)
        stored = len(self.flat.find(ordered)) + len(self._find(ordered))
        if stored or ordered[0] < 0 or (np.diff(ordered) == 0).any():
            raise ValueError("keys must be new, distinct and not negative; remove a stored key before adding it again")
        if not len(self):
            return State(Flat.empty(vectors.shape[1]).added(keys, vectors))
        self.check_width(vectors)
        return replace(self, flat=self.flat.added(keys, vectors))

    def removed(self, keys: NDArray[np.int64]) -> State:
        """Without (K,) keys; those that are not stored are passed over."""
        keys = np.unique(keys)
        state = replace(self, flat=self.flat.removed(keys))
        gone = self._find(keys)
        if self.base is None or not len(gone):
            return state
        taken = ~pack(gone, len(self.base))
        alive = taken if self.alive is None else self.alive & taken
        return replace(state, alive=alive, removed_rows=self.removed_rows + len(gone))

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Keys (Q, k) and scores (Q, k); see :class:`meot.index.protocol.VectorIndex`."""
        keys = np.full((len(queries), k), -1, np.int64)
        scores = np.full((len(queries), k), -1, np.float32)
        if not len(self) or not len(queries) or not k or (allowed is not None and not len(allowed)):
            return keys, scores
        self.check_width(queries)
        if allowed is not None and (allowed[1:] <= allowed[:-1]).any():
            allowed = np.unique(allowed)
        for row, (found, cosines) in enumerate(self._search(queries, k, allowed)):
            keys[row, : len(found)], scores[row, : len(found)] = found, np.clip(cosines, -1, 1)
        return keys, scores

    def _search(self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None) -> Iterator[Found]:
        if self.base is None:
            yield from (self.flat.search(query, k, allowed) for query in queries)
            return
        far = self.base.search(queries, k, Among(self.base.keys, self.alive, allowed))
        for query, found in zip(queries, far, strict=True):
            if len(self.flat):
                near = self.flat.search(query, k, allowed)
                found = best(np.concatenate([near[0], found[0]]), np.concatenate([near[1], found[1]]), k)
            yield found

    def _find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of the compressed part, not removed, of (K,) ascending keys."""
        if self.base is None:
            return np.zeros(0, np.int64)
        rows = self.base.keys.find(keys)
        return rows if self.alive is None else rows[test(self.alive, rows)]

    def check_width(self, vectors: NDArray[np.float32]) -> None:
        """ValueError unless vectors are (N, D)."""
        if vectors.ndim != 2 or vectors.shape[1] != self.width:
            raise ValueError(f"expected vectors (N, {self.width}), got {vectors.shape}; use those of one model")
