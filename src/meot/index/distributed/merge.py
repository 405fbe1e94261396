"""The answers of shards as one answer, exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def merged(
    answers: list[tuple[int, tuple[NDArray[np.int64], NDArray[np.float32]]]], shards: int, k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The k best (Q, k) of what shards found: (shard, (its own keys (Q, k) int64, exact cosines (Q, k) float32)).

    Equal scores come in the order of their keys.
    """
    keys = np.hstack([np.where(found < 0, -1, found * shards + number) for number, (found, _) in answers])
    scores = np.hstack([np.where(found < 0, np.float32(-2), cosines) for _, (found, cosines) in answers])
    order = np.lexsort((keys, -scores), axis=1)[:, :k]
    keys, scores = np.take_along_axis(keys, order, 1), np.take_along_axis(scores, order, 1)
    return keys, np.where(keys < 0, np.float32(-1), scores).astype(np.float32)
