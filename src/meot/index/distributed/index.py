"""The index whose shards live on workers: questions go to all of them, their answers are merged exactly."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meot.cluster import Cluster
from meot.index.compact import Blocks
from meot.index.distributed.copies import Copy, Lost, ShardLostError, place, result
from meot.index.distributed.held import Held

Source = Callable[[NDArray[np.int64]], Blocks]
"""The vectors of (K,) int64 keys, block by block, wherever they are kept for good."""


class DistributedIndex:
    """A :class:`meot.index.protocol.VectorIndex` on the workers of a cluster; thread-safe, for one program at a time.

    Key k is in shard k modulo the number of shards. Every shard is a :class:`meot.index.growing.GrowingIndex`, exact
    while small; merging adds no error. When a worker dies, other copies of its shards answer; lost ones are made again
    from ``source``.
    """

    def __init__(
        self, *, cluster: Cluster, shards: int | None = None, copies: int = 1, source: Source | None = None
    ) -> None:
        """shards: one for each worker when None. copies: of each shard, on different workers while there are enough.

        source: gives back what a lost worker held; without it and with one copy, its loss is a ShardLostError.
        """
        self._cluster, self._count, self._copies, self._source = cluster, shards, copies, source
        self._shards: list[tuple[Copy, ...]] = []
        self._held = Held(1)
        self._changing = Lock()
        self._turns = itertools.count()

    def __len__(self) -> int:
        """How many vectors are stored."""
        return len(self._held)

    def describe(self) -> list[dict[str, int | float | str]]:
        """Of each shard's first copy: its worker, and what :meth:`meot.index.distributed.shard.Shard.state` says."""
        return [{"worker": copies[0].worker} | result(copies[0].begin("state")) for copies in self._shards if copies]

    def add(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Store vectors under new keys; see :class:`meot.index.protocol.VectorIndex`. Found from the next search on.

        ShardLostError, ClusterError when workers are gone; what their shards held before is then gone, too.
        """
        keys, vectors = np.asarray(keys, np.int64), np.asarray(vectors, np.float32)
        with self._changing:
            self._held.added(keys, vectors)  # refused before any worker is asked for
            if not len(keys):
                return
            self._make_shards()
            held = self._held.added(keys, vectors)
            calls = {n: (held.local(keys[rows]), vectors[rows]) for n, rows in self._held.rows(keys)}
            self._held = held
            self._change("add", calls)

    def remove(self, keys: NDArray[np.int64]) -> None:
        """Forget keys; those that are not stored are passed over."""
        keys = np.unique(np.asarray(keys, np.int64))
        with self._changing:
            keys = keys[self._held.has(keys)]
            if not len(keys):
                return
            self._held = self._held.removed(keys)
            self._change("remove", {n: (self._held.local(keys[rows]),) for n, rows in self._held.rows(keys)})

    def load(self, blocks: Blocks) -> None:
        """Fill an empty index: vectors go to the workers' disks block by block, then all shards are built at once.

        ValueError when the index is not empty, or as :meth:`add`.
        """
        with self._changing:
            if len(self._held):
                raise ValueError(f"expected an empty index to load into, got one of {len(self)} vectors; use add")
            self._make_shards()
            held = self._held
            try:
                for keys, vectors in blocks:
                    held = held.added(keys, vectors)
                    calls = {n: (held.local(keys[rows]), vectors[rows]) for n, rows in held.rows(keys)}
                    self._change("spool", calls, heal=False)
            except BaseException:
                self._shards = []  # and what was spooled goes with them
                raise
            self._held = held
            self._change("build", dict.fromkeys(range(len(self._shards)), ()))

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k nearest; see :class:`meot.index.protocol.VectorIndex`.

        A search that meets a lost worker asks another copy, or waits until the shard is made again. ShardLostError
        when it cannot be, ClusterError when no worker is left.
        """
        held = self._held
        allowed = None if allowed is None else np.asarray(allowed, np.int64)
        if allowed is not None:
            allowed = allowed[held.has(allowed)]
        if not len(held) or not len(queries) or not k or (allowed is not None and not len(allowed)):
            return np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -1, np.float32)
        held.check_width(queries)
        asked = self._asked(np.asarray(queries, np.float32), k, allowed)
        turn = next(self._turns)
        begun = [(number, self._begin(number, turn, "search", args)) for number, args in asked.items()]
        return merged([self._answer(number, call, asked[number]) for number, call in begun], len(self._shards), k)

    def heal(self) -> None:
        """Make lost copies again now, from ``source``; searches and changes that meet a loss do so by themselves."""
        with self._changing:
            self._heal()

    def close(self) -> None:
        """Let go of the shards and of the cluster; what they held is gone."""
        self._shards = [()] * len(self._shards)
        self._cluster.close()

    def _make_shards(self) -> None:
        """Place the shards when the first vectors come: an index that nobody fills needs no worker."""
        if self._shards:
            return
        shards: list[tuple[Copy, ...]] = [()] * (self._count or len(self._cluster.wait()))
        for number, _ in itertools.product(range(len(shards)), range(self._copies)):
            shards[number] += (place(self._cluster, shards, number),)
        self._shards, self._held = shards, Held(len(shards))

    def _asked(
        self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None
    ) -> dict[int, tuple[Any, ...]]:
        """Shard -> what it is asked; shards that hold none of the allowed keys are not."""
        if allowed is None:
            return dict.fromkeys(range(len(self._shards)), (queries, k, None))
        parts = ((number, self._held.local(allowed[rows])) for number, rows in self._held.rows(allowed))
        return {number: (queries, k, part) for number, part in parts}

    def _begin(self, number: int, turn: int, method: str, args: Iterable[Any]) -> tuple[Copy | None, Any]:
        copies = self._shards[number]
        if not copies:
            return None, None
        copy = copies[turn % len(copies)]
        return copy, copy.begin(method, *args)

    def _answer(self, number: int, begun: tuple[Copy | None, Any], args: tuple[Any, ...]) -> tuple[int, Any]:
        """A shard's number and answer: of the copy that was asked first, or of another one."""
        copy, call = begun
        for attempt in range(2 * self._copies + 1):
            try:
                return number, result(call)
            except Lost:
                with self._changing:
                    self._drop(number, copy)
                    if not self._shards[number]:
                        self._heal()
                copy, call = self._begin(number, attempt, "search", args)
        raise ShardLostError(f"shard {number} is lost as often as it is made; look at the workers' logs and memory")

    def _change(self, method: str, calls: dict[int, tuple[Any, ...]], *, heal: bool = True) -> None:
        """Call a method of all copies of shards, each with its own arguments; lost ones are made again."""
        begun = [(n, copy, copy.begin(method, *args)) for n, args in calls.items() for copy in self._shards[n]]
        for number, copy, call in begun:
            try:
                result(call, None)
            except Lost:
                self._drop(number, copy)
        if heal and any(len(copies) < self._copies for copies in self._shards):
            self._heal()

    def _drop(self, number: int, lost: Copy | None) -> None:
        self._shards[number] = tuple(copy for copy in self._shards[number] if copy is not lost)

    def _heal(self) -> None:
        for number in range(len(self._shards)):
            if not self._shards[number] and self._source is None and self._held.of(number).size:
                raise ShardLostError(
                    f"a worker died with shard {number}, of which there was one copy; fill the index again from the "
                    "catalogue, or keep two copies"
                )
            while len(self._shards[number]) < self._copies and (self._source is not None or not self._shards[number]):
                self._shards[number] += (self._made_again(number),)

    def _made_again(self, number: int) -> Copy:
        keys, copy = self._held.of(number), place(self._cluster, self._shards, number)
        try:
            for some, vectors in self._source(keys) if self._source is not None and len(keys) else ():
                result(copy.begin("spool", self._held.local(some), vectors), None)
            result(copy.begin("build"), None)
        except Lost:
            raise ShardLostError(f"{copy.worker} died while shard {number} was made again on it; ask again") from None
        return copy


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
