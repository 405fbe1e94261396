"""Which keys a distributed index holds: known here, so that a change is refused before any worker hears of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


class Held:
    """Ascending keys, 8 bytes each, and the width of their vectors; a change makes another."""

    def __init__(self, shards: int, keys: NDArray[np.int64] | None = None, width: int = 0) -> None:
        self._shards, self._keys, self._width = shards, np.zeros(0, np.int64) if keys is None else keys, width

    def __len__(self) -> int:
        """How many keys."""
        return len(self._keys)

    @property
    def keys(self) -> NDArray[np.int64]:
        """All keys (N,) int64, ascending."""
        return self._keys

    def has(self, keys: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each of (K,) keys is held."""
        at = np.searchsorted(self._keys, keys)
        at[at == len(self._keys)] = 0
        return np.asarray(self._keys[at] == keys, np.bool_) if len(self._keys) else np.zeros(len(keys), np.bool_)

    def of(self, shard: int) -> NDArray[np.int64]:
        """The keys (K,) int64 of one shard, ascending."""
        return np.asarray(self._keys[self._keys % self._shards == shard], np.int64)

    def rows(self, keys: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Shard and the places of its keys among (K,) keys, for each shard that has one."""
        shard = keys % self._shards
        for number in np.flatnonzero(np.bincount(shard, minlength=self._shards)).tolist():
            yield number, np.flatnonzero(shard == number)

    def local(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """By which keys (K,) their shard knows these: close together where these are, so their table is small."""
        return np.asarray(keys // self._shards, np.int64)

    def added(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> Held:
        """With (A,) keys of (A, D) vectors. ValueError when they do not fit or a key is held already."""
        if vectors.ndim != 2 or len(keys) != len(vectors):
            raise ValueError(f"expected vectors (N, D) for N keys, got {vectors.shape} for {len(keys)} keys")
        if not len(keys):
            return self
        if len(self):
            self.check_width(vectors)
        ordered = np.sort(keys)
        if ordered[0] < 0 or (np.diff(ordered) == 0).any() or self.has(ordered).any():
            raise ValueError("keys must be new, distinct and not negative; remove a stored key before adding it again")
        if len(self) and ordered[0] < self._keys[-1]:
            together = np.sort(np.concatenate([self._keys, ordered]), kind="stable")
        else:
            together = np.concatenate([self._keys, ordered])
        return Held(self._shards, together, vectors.shape[1])

    def removed(self, keys: NDArray[np.int64]) -> Held:
        """Without (K,) keys that are held."""
        return Held(self._shards, np.setdiff1d(self._keys, keys, assume_unique=True), self._width)

    def check_width(self, vectors: NDArray[np.float32]) -> None:
        """ValueError unless vectors are (N, D)."""
        if vectors.ndim != 2 or vectors.shape[1] != self._width:
            raise ValueError(f"expected vectors (N, {self._width}), got {vectors.shape}; use those of one model")
