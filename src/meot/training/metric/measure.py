"""Whether vectors find their item again, and whether they cluster into items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Indices = NDArray[np.int64]
KS = (1, 5, 10)


def ranks(asked: Vectors, items: Indices, gallery: Vectors, theirs: Indices, own: Indices | None = None) -> Indices:
    """(Q,) how many of the gallery's photos of other items are nearer than the nearest one of the asked item.

    asked: (Q, D), gallery: (G, D), unit length; items (Q,), theirs (G,): int64 items. own: (Q,) place of the asking
    photo itself in the gallery, which does not answer. A photo whose item is not in the gallery gets G.
    """
    near = asked @ gallery.T
    if own is not None:
        near[np.arange(len(asked)), own] = -np.inf
    same = items[:, None] == theirs[None]
    best = np.where(same, near, -np.inf).max(1)
    found = (~same & (near > best[:, None])).sum(1)
    return np.where(np.isfinite(best), found, len(gallery))


def recall(vectors: Vectors, items: Indices, sides: Indices, asks: NDArray[np.bool_] | None = None) -> dict[str, float]:
    """recall@1, @5, @10 in 0..1: share of asking photos with a photo of their item among the first k answers.

    With two sides, photos of side 1 ask and those of side 0 answer; with one, each asks all others. vectors: (N, D)
    float32 of unit length; items, sides: (N,) int64. asks: (N,) which of the photos may ask; all when None. Photos
    that have no answer (an item with one photo) do not ask.
    """
    paired = len(np.unique(sides)) > 1
    asking = sides == 1 if paired else np.ones(len(items), np.bool_)
    answering = sides == 0 if paired else asking
    asking = asking & np.array([_answered(items, answering, i) for i in range(len(items))], np.bool_)
    if asks is not None:
        asking = asking & asks
    if not asking.any():
        return {f"recall@{k}": float("nan") for k in KS}
    own = None if paired else np.flatnonzero(asking)
    found = ranks(vectors[asking], items[asking], vectors[answering], items[answering], own)
    return {f"recall@{k}": float((found < k).mean()) for k in KS}


def _answered(items: Indices, answering: NDArray[np.bool_], i: int) -> bool:
    others = (items == items[i]) & answering
    return bool(others.sum() - others[i] > 0)


def clustering(vectors: Vectors, items: Indices, *, seed: int = 0) -> float:
    """NMI, 0..1, of k-means (as many clusters as items) with the items; I / sqrt(H H) as the papers print it.

    vectors: (N, D) float32; items: (N,) int64. With few photos an item, chance is far above 0: 2 photos an item and
    300 items give about 0.85 at random, so compare it with that.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import normalized_mutual_info_score

    count = len(np.unique(items))
    found = KMeans(count, n_init=1, max_iter=50, random_state=seed).fit_predict(vectors)
    return float(normalized_mutual_info_score(items, found, average_method="geometric"))
