"""Between states: everything in one part of the right kind, in the order of its keys."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meot.index.build import Progress, compress
from meot.index.flat import Flat
from meot.index.state import State
from meot.index.vector_file import BLOCK, VectorFile

Blocks = Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]
"""Keys (B,) int64 and their vectors (B, D) float32, block after block."""


def compacted(state: State, *, exact_up_to: int, folder: Path | None, progress: Progress | None = None) -> State:
    """The same vectors: all flat when there are at most ``exact_up_to``, else all compressed."""
    rows, base = state.alive_rows(), state.base
    keys = np.concatenate([np.zeros(0, np.int64) if base is None else base.keys.of(rows), state.flat.keys])
    order = np.argsort(keys)
    known = np.concatenate([rows, np.full(len(state.flat), -1)])[order]
    own = (np.cumsum(known < 0) - 1).astype(np.int64)  # rows of the flat part stand in the order of keys too
    vectors = VectorFile.spool(state.width, folder)
    for start in range(0, len(keys), BLOCK):
        old, new = known[start : start + BLOCK], own[start : start + BLOCK]
        block = np.empty((len(old), state.width), np.float32)
        block[old < 0] = state.flat.vectors[new[old < 0]]
        if base is not None:
            block[old >= 0] = base.vectors.read(old[old >= 0])
        vectors.append(block)
    keys = keys[order]
    if len(keys) <= exact_up_to:
        return _flat(keys, vectors)
    built = compress(keys, vectors, like=base, known=known, progress=progress)
    return State(Flat.empty(state.width), built)


def gathered(blocks: Blocks, *, exact_up_to: int, folder: Path | None, progress: Progress | None = None) -> State:
    """A state of all blocks. Never more than a block of exact vectors is in memory once there are many.

    ValueError when a key comes twice or is negative, or when shapes do not fit.
    """
    vectors: VectorFile | None = None
    parts: list[NDArray[np.int64]] = []
    for some, block in blocks:
        if block.ndim != 2 or len(some) != len(block) or (vectors is not None and vectors.width != block.shape[1]):
            raise ValueError(f"expected vectors (N, D) for N keys, got {block.shape} for {len(some)} keys")
        if not len(some):
            continue
        vectors = vectors or VectorFile.spool(block.shape[1], folder)
        vectors.append(block)
        parts.append(np.array(some, np.int64))
        if progress is not None:
            progress("gather", len(vectors), 0)
    if vectors is None:
        return State(Flat.empty())
    keys = np.concatenate(parts)
    if (keys < 0).any() or len(np.unique(keys)) < len(keys):
        raise ValueError("keys must be distinct and not negative; give every vector a key of its own")
    if (np.diff(keys) < 0).any():
        order = np.argsort(keys)
        keys, vectors = keys[order], _sorted(vectors, order, folder)
    if len(keys) <= exact_up_to:
        return _flat(keys, vectors)
    return State(Flat.empty(vectors.width), compress(keys, vectors, progress=progress))


def _sorted(vectors: VectorFile, order: NDArray[np.int64], folder: Path | None) -> VectorFile:
    ordered = VectorFile.spool(vectors.width, folder)
    for start in range(0, len(order), BLOCK):
        ordered.append(vectors.read(order[start : start + BLOCK]))
    return ordered


def _flat(keys: NDArray[np.int64], vectors: VectorFile) -> State:
    return State(Flat(keys, vectors.read(np.arange(len(keys)))))
