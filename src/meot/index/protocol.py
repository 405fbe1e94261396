"""What every vector index can do."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class VectorIndex(Protocol):
    """Finds the stored unit vectors nearest to a query, by cosine similarity."""

    def add(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Store (N, D) float32 unit vectors under (N,) int64 keys of 0 or more that are not stored yet.

        ValueError when a key is stored already, or when shapes do not fit.
        """

    def remove(self, keys: NDArray[np.int64]) -> None:
        """Forget these (N,) int64 keys; those that are not stored are passed over."""

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k nearest among the ``allowed`` keys (all when None) to each of (Q, D) float32 unit vectors.

        Returns keys (Q, k) int64, best first, and cosine scores (Q, k) float32; places that nothing fills hold key -1
        and score -1. Keys in ``allowed`` that are not stored are passed over.
        """

    def __len__(self) -> int:
        """How many vectors are stored."""
