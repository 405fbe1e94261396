"""How a compressed part is made: lists are trained, vectors put into them, and the lists to look into measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from meot.index.compressed import Compressed, spare
from meot.index.keys import KeyTable
from meot.index.vector_file import VectorFile

_faiss: Any = faiss  # its type stubs know less than it does

Progress = Callable[[str, int, int], None]
"""Told of (step, vectors done, vectors in all)."""
RECALL = 0.97
"""Recall that the number of lists to look into is chosen for, above the 0.95 promised: queries differ."""
_SAMPLES_A_LIST = 39
_ROUNDS = 5
_ASKED = 150
DEPTHS = (10, 20, 50, 100, 200, 500, 1000)
"""Numbers of neighbours that the number of lists to look into is measured for."""
_RETRAIN = 2


def compress(
    keys: NDArray[np.int64],
    vectors: VectorFile,
    *,
    like: Compressed | None = None,
    known: NDArray[np.int64] | None = None,
    progress: Progress | None = None,
) -> Compressed:
    """Vectors (N, D) under (N,) int64 ascending keys, compressed.

    like: an older part whose lists are taken over while there are not twice as many vectors as they were made for;
    known: (N,) int64 its row of each vector, -1 for new ones, so that only those are put into lists anew.
    """
    told = progress or (lambda step, done, total: None)
    kept = like is not None and len(keys) <= _RETRAIN * like.trained
    if kept and like is not None:
        lists, assigned = _same(like), _lists_of(like, known)
    else:
        lists, assigned = _train(vectors, told), None
    assigned = _assign(lists, vectors, assigned, told)
    _fill(lists, vectors, assigned, told)
    probes, recall = (like.probes, like.recall) if kept and like is not None else _tune(lists, vectors, told)
    trained = like.trained if kept and like is not None else len(keys)
    return Compressed(lists=lists, keys=KeyTable(keys), vectors=vectors, probes=probes, recall=recall, trained=trained)


def list_count(count: int) -> int:
    """Lists for so many vectors: the power of two nearest to four square roots."""
    return int(2 ** round(np.log2(4 * max(count, 1) ** 0.5)))


def _empty(quantizer: Any, width: int, count: int) -> Any:
    lists = faiss.IndexIVFScalarQuantizer(quantizer, width, count, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_L2, True)
    lists.cp.niter, lists.cp.seed = _ROUNDS, 0
    lists.cp.min_points_per_centroid, lists.cp.max_points_per_centroid = 1, _SAMPLES_A_LIST
    return lists


def _train(vectors: VectorFile, told: Progress) -> Any:
    count = min(list_count(len(vectors)), len(vectors))
    size = min(len(vectors), _SAMPLES_A_LIST * count)
    told("train", 0, size)
    rows = np.random.default_rng(0).choice(len(vectors), size, replace=False)
    lists = _empty(faiss.IndexFlatL2(vectors.width), vectors.width, count)
    lists.train(vectors.read(np.sort(rows)))
    told("train", size, size)
    return lists


def _same(like: Compressed) -> Any:
    """Empty lists around the same centres."""
    quantizer = faiss.clone_index(like.lists.quantizer)
    lists = _empty(quantizer, like.width, like.lists.nlist)
    faiss.copy_array_to_vector(faiss.vector_to_array(like.lists.sq.trained), lists.sq.trained)
    lists.is_trained = True
    return lists


def _lists_of(like: Compressed, known: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    if known is None:
        return None
    places = faiss.vector_to_array(like.lists.direct_map.array)  # list << 32 | place in it, for each row
    return np.where(known >= 0, places[known] >> 32, -1)


def _assign(lists: Any, vectors: VectorFile, known: NDArray[np.int64] | None, told: Progress) -> NDArray[np.int64]:
    """The list (N,) of every vector."""
    assigned = np.full(len(vectors), -1, np.int64) if known is None else known
    for start, block in vectors.blocks():
        part = assigned[start : start + len(block)]
        new = np.flatnonzero(part < 0)
        if len(new):
            part[new] = lists.quantizer.search(block[new], 1)[1][:, 0]
        told("assign", start + len(block), len(vectors))
    return assigned


def _fill(lists: Any, vectors: VectorFile, assigned: NDArray[np.int64], told: Progress) -> None:
    """Put the vectors in, into memory of the very size: lists that grow would keep up to twice as much."""
    for number, size in enumerate(np.bincount(assigned, minlength=lists.nlist).tolist()):
        lists.invlists.resize(number, size)
        lists.invlists.resize(number, 0)
    for start, block in vectors.blocks():
        rows = np.arange(start, start + len(block))
        into = np.ascontiguousarray(assigned[start : start + len(block)])
        lists.add_core(len(block), *(faiss.swig_ptr(values) for values in (block, rows, into)))
        told("compress", start + len(block), len(vectors))
    lists.make_direct_map(True)


def _tune(lists: Any, vectors: VectorFile, told: Progress) -> tuple[dict[int, int], float]:
    """For each depth the fewest lists that find ``RECALL`` of so many nearest to vectors of its own; recall at 10."""
    rows = np.sort(np.random.default_rng(1).choice(len(vectors), min(_ASKED, len(vectors)), replace=False))
    queries, recalls, probes = vectors.read(rows), [], dict[int, int]()
    near = nearest(queries, vectors, min(DEPTHS[-1] + 1, len(vectors)))
    others = [found[found != row] for found, row in zip(near, rows, strict=True)]
    few = 1
    for depth in DEPTHS:
        truth = [found[:depth] for found in others]
        recall = _recall(lists, queries, truth, few)
        while recall < RECALL and few < lists.nlist:
            few = min(max(few + 1, few * 5 // 4), lists.nlist)
            recall = _recall(lists, queries, truth, few)
        probes[depth] = few
        recalls.append(recall)
        told("measure", len(recalls), len(DEPTHS))
    return probes, recalls[0]


def _recall(lists: Any, queries: NDArray[np.float32], truth: list[NDArray[np.int64]], nprobe: int) -> float:
    """Which part of the true neighbours is among the candidates that exact ranking would see."""
    parameters = _faiss.SearchParametersIVF(nprobe=nprobe)
    found = lists.search(queries, 1 + spare(len(truth[0])), params=parameters)[1]
    hits = sum(int(np.isin(real, row).sum()) for real, row in zip(truth, found, strict=True))
    return hits / max(sum(map(len, truth)), 1)


def nearest(queries: NDArray[np.float32], vectors: VectorFile, k: int) -> NDArray[np.int64]:
    """The rows (Q, k) of the vectors really nearest to (Q, D) queries, by comparing with every one."""
    scores = np.full((len(queries), k), -2, np.float32)
    rows = np.full((len(queries), k), -1, np.int64)
    for start, block in vectors.blocks():
        near, at = faiss.knn(queries, block, min(k, len(block)), metric=faiss.METRIC_INNER_PRODUCT)
        scores, rows = np.hstack([scores, near]), np.hstack([rows, at + start])
        order = np.argsort(-scores, axis=1)[:, :k]
        scores, rows = np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)
    return rows
