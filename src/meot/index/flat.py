"""The exact part of an index: few vectors in memory, compared one and all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Found = tuple[NDArray[np.int64], NDArray[np.float32]]
"""keys (F,) int64 and their cosine scores (F,) float32, best first."""


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """keys: (N,) int64, strictly ascending. vectors: (N, D) float32, unit length. A change makes a new one."""

    keys: NDArray[np.int64]
    vectors: NDArray[np.float32]

    @classmethod
    def empty(cls, width: int = 0) -> Flat:
        """A part without vectors."""
        return cls(np.zeros(0, np.int64), np.zeros((0, width), np.float32))

    def __len__(self) -> int:
        """How many vectors it holds."""
        return len(self.keys)

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows (R,) int64, ascending, of those of (K,) int64 ascending keys that are stored."""
        if not len(self) or not len(keys):
            return np.zeros(0, np.int64)
        low, high = np.searchsorted(keys, self.keys[0]), np.searchsorted(keys, self.keys[-1], "right")
        keys = keys[low:high]
        if len(keys) <= len(self):
            at = np.searchsorted(self.keys, keys)
            return np.asarray(at[self.keys[at] == keys], np.int64)
        at = np.searchsorted(keys, self.keys)
        at[at == len(keys)] = 0
        return np.flatnonzero(keys[at] == self.keys)

    def added(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> Flat:
        """With (A, D) vectors under (A,) new keys."""
        together = np.concatenate([self.keys, keys])
        both = np.concatenate([self.vectors.reshape(len(self), vectors.shape[1]), vectors])
        if (np.diff(together) > 0).all():
            return Flat(together, both)
        order = np.argsort(together)
        return Flat(together[order], both[order])

    def removed(self, keys: NDArray[np.int64]) -> Flat:
        """Without those of (K,) int64 ascending keys that are stored."""
        gone = self.find(keys)
        return Flat(np.delete(self.keys, gone), np.delete(self.vectors, gone, axis=0)) if len(gone) else self

    def search(self, query: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None) -> Found:
        """The k nearest to a (D,) query, among ascending allowed keys when given."""
        if allowed is None:
            return best(self.keys, self.vectors @ query, k)
        rows = self.find(allowed)
        return best(self.keys[rows], self.vectors[rows] @ query, k)


def best(keys: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> Found:
    """The k best of (N,) keys with their scores; equal scores in the order of their keys."""
    if k < len(scores):
        at = np.argpartition(-scores, k - 1)[:k]
        keys, scores = keys[at], scores[at]
    order = np.lexsort((keys, -scores))
    return keys[order], scores[order]
