"""The exact index: every stored vector is compared (faiss, flat inner product)."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray


class ExactIndex:
    """Compares with every vector, so its answers are right by construction. Grows to some hundred thousand vectors."""

    def __init__(self) -> None:
        self._index: Any = None  # made with the first vectors, which tell the width
        self._keys: set[int] = set()

    def __len__(self) -> int:
        """How many vectors are stored."""
        return len(self._keys)

    def add(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Store vectors under new keys; see :class:`meot.index.protocol.VectorIndex`."""
        if vectors.ndim != 2 or len(keys) != len(vectors):
            raise ValueError(f"expected vectors (N, D) for N keys, got {vectors.shape} for {len(keys)} keys")
        new = {int(key) for key in keys}
        if len(new) < len(keys) or new & self._keys or any(key < 0 for key in new):
            raise ValueError("keys must be new, distinct and not negative; remove a stored key before adding it again")
        if not len(keys):
            return
        if self._index is None or not self._keys:
            self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        self._check_width(vectors)
        self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(keys, np.int64))
        self._keys |= new

    def remove(self, keys: NDArray[np.int64]) -> None:
        """Forget keys; those that are not stored are passed over."""
        stored = self._keys & {int(key) for key in keys}
        if stored:
            self._index.remove_ids(np.array(sorted(stored), np.int64))
            self._keys -= stored

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k nearest; see :class:`meot.index.protocol.VectorIndex`."""
        keys = np.full((len(queries), k), -1, np.int64)
        scores = np.full((len(queries), k), -1, np.float32)
        most = min(k, len(self._keys))
        if not most or not len(queries) or (allowed is not None and not len(allowed)):
            return keys, scores
        self._check_width(queries)
        parameters = None
        if allowed is not None:
            parameters = faiss.SearchParameters()
            parameters.sel = faiss.IDSelectorBatch(np.ascontiguousarray(allowed, np.int64))
        found, at = self._index.search(np.ascontiguousarray(queries, np.float32), most, params=parameters)
        keys[:, :most] = at
        scores[:, :most] = np.where(at < 0, np.float32(-1), np.clip(found, -1, 1))
        return keys, scores

    def _check_width(self, vectors: NDArray[np.float32]) -> None:
        if vectors.ndim != 2 or vectors.shape[1] != self._index.d:
            raise ValueError(f"expected vectors (N, {self._index.d}), got {vectors.shape}; use those of one model")
