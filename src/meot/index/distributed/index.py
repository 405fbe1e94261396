"""The index whose shards live on workers: questions go to all of them, their answers are merged exactly."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meot.cluster import Cluster
from meot.index.compact import Blocks
from meot.index.distributed.copies import Copy, Lost, ShardLostError, result
from meot.index.distributed.held import Held
from meot.index.distributed.merge import merged
from meot.index.distributed.shards import Shards
from meot.index.distributed.wanted import packed

Source = Callable[[NDArray[np.int64]], Blocks]
"""The vectors of (K,) int64 keys, block by block, wherever they are kept for good."""


class DistributedIndex:
    """A :class:`meot.index.protocol.VectorIndex` on the workers of a cluster; thread-safe, for one program at a time.

    Key k is in shard k modulo the number of shards. Every shard is a :class:`meot.index.growing.GrowingIndex`, exact
    while small; merging adds no error. When a worker dies, other copies of its shards answer; lost ones are made again
    from ``source``, and from what was saved of them.
    """

    def __init__(
        self,
        *,
        cluster: Cluster,
        shards: int | None = None,
        copies: int = 1,
        source: Source | None = None,
        folder: Path | None = None,
    ) -> None:
        """shards: when None as many as are kept, else one for each worker. copies: of each shard, on different workers
        while there are enough.

        source: gives back what a lost worker held; without it and with one copy, its loss is a ShardLostError. folder:
        where workers keep shards between runs, each on its own disk or all on one that they share.
        """
        self._cluster, self._source, self._keeps = cluster, source, folder is not None
        self._shards = Shards(cluster=cluster, count=shards, copies=copies, folder=folder)
        self._models, self._generation = "", 0
        self._held = Held(1)
        self._changing = Lock()
        self._turns = itertools.count()

    def __len__(self) -> int:
        """How many vectors are stored."""
        return len(self._held)

    def keys(self) -> NDArray[np.int64]:
        """The keys (N,) int64 of all stored vectors, ascending."""
        return self._held.keys

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

    def open(self, models: str, generation: int) -> None:
        """Take into an empty index what :meth:`save` kept of ``models``, unless it is of a later ``generation``.

        What is held then (:meth:`keys`) may be all, some or nothing of it, and more than there is by now: bring it up
        by :meth:`remove` and :meth:`add`. ValueError when the index is not empty, ClusterError when no worker is there.
        """
        with self._changing:
            if len(self._held):
                raise ValueError(f"expected an empty index to open, got one of {len(self)} vectors")
            self._make_shards()
            self._models, self._generation = models, generation
            count, keys, width = len(self._shards), [np.zeros(0, np.int64)], 0
            for number, answers in self._shards.call("open", {n: self._kept_as(n) for n in range(count)}).items():
                best, its_width = max(
                    (told for _, told in answers), key=lambda told: len(told[0]), default=(keys[0], 0)
                )
                for copy, (own, _) in answers:
                    if not np.array_equal(own, best):
                        self._shards.drop(number, copy)  # it was saved at another time; it is made again to be the same
                keys.append(best * count + number)
                width = its_width or width
            self._held = Held(count, np.sort(np.concatenate(keys)), width)
            self._heal()

    def save(self, generation: int, *, wait: bool = True) -> bool:
        """Keep all shards where their workers have a folder, as of this ``generation``; whether all of them are kept.

        Without ``wait`` workers go on by themselves. What is lost or cannot be written is told in their logs alone: the
        next start brings it from the source.
        """
        with self._changing:
            if not self._keeps or not len(self._held):
                return False
            self._generation = generation
            numbers = range(len(self._shards))
            self._shards.call("save", {n: self._kept_as(n) for n in numbers})
            told = self._shards.call("saved", dict.fromkeys(numbers, ())) if wait else {}
            return wait and all(any(saved for _, saved in copies) for copies in told.values())

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
                self._shards.forget()  # and what was spooled goes with them
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
            allowed = allowed[allowed >= 0]  # shards pass over what they do not hold; no key is negative
        if not len(held) or not len(queries) or not k or (allowed is not None and not len(allowed)):
            return np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -1, np.float32)
        held.check_width(queries)
        asked = self._asked(np.asarray(queries, np.float32), k, allowed)
        turn = next(self._turns)
        begun = [(number, self._shards.begin(number, turn, "search", args)) for number, args in asked.items()]
        return merged([self._answer(number, call, asked[number]) for number, call in begun], len(self._shards), k)

    def heal(self) -> None:
        """Make lost copies again now, from ``source``; searches and changes that meet a loss do so by themselves."""
        with self._changing:
            self._heal()

    def close(self) -> None:
        """Let go of the shards and of the cluster; what they held is gone."""
        self._shards.close()
        self._cluster.close()

    def _make_shards(self) -> None:
        """Place the shards when the first vectors come: an index that nobody fills needs no worker."""
        if self._shards.make():
            self._held = Held(len(self._shards))

    def _kept_as(self, number: int) -> tuple[str, int]:
        """What a shard is kept as: whose vectors and which part of them, and of which generation."""
        return f"{self._models} part {number} of {len(self._shards)}", self._generation

    def _asked(
        self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None
    ) -> dict[int, tuple[Any, ...]]:
        """Shard -> what it is asked; shards that hold none of the allowed keys are not."""
        if allowed is None:
            return dict.fromkeys(range(len(self._shards)), (queries, k, None))
        parts = ((number, self._held.local(allowed[rows])) for number, rows in self._held.rows(allowed))
        return {number: (queries, k, packed(part)) for number, part in parts}

    def _answer(self, number: int, begun: tuple[Copy | None, Any], args: tuple[Any, ...]) -> tuple[int, Any]:
        """A shard's number and answer: of the copy that was asked first, or of another one."""
        copy, call = begun
        for attempt in range(2 * self._shards.copies + 1):
            try:
                return number, result(call)
            except Lost:
                with self._changing:
                    self._shards.drop(number, copy)
                    if not self._shards[number]:
                        self._heal()
                copy, call = self._shards.begin(number, attempt, "search", args)
        raise ShardLostError(f"shard {number} is lost as often as it is made; look at the workers' logs and memory")

    def _change(self, method: str, calls: dict[int, tuple[Any, ...]], *, heal: bool = True) -> None:
        """Call a method of all copies of shards, each with its own arguments; lost ones are made again."""
        self._shards.call(method, calls)
        if heal and any(len(copies) < self._shards.copies for copies in self._shards):
            self._heal()

    def _heal(self) -> None:
        for number in range(len(self._shards)):
            if not self._shards[number] and self._source is None and self._held.of(number).size:
                raise ShardLostError(
                    f"a worker died with shard {number}, of which there was one copy; fill the index again from the "
                    "catalogue, or keep two copies"
                )
            while len(self._shards[number]) < self._shards.copies and (self._source or not self._shards[number]):
                self._shards.keep(number, self._made_again(number))

    def _made_again(self, number: int) -> Copy:
        keys, copy = self._held.of(number), self._shards.place(number)
        try:
            kept = result(copy.begin("open", *self._kept_as(number)), None)[0] * len(self._shards) + number
            result(copy.begin("remove", self._held.local(np.setdiff1d(kept, keys, assume_unique=True))), None)
            missing = np.setdiff1d(keys, kept, assume_unique=True)
            fill = "add" if len(missing) < len(keys) else "spool"
            for some, vectors in self._source(missing) if self._source is not None and len(missing) else ():
                result(copy.begin(fill, self._held.local(some), vectors), None)
            if fill == "spool":
                result(copy.begin("build"), None)
        except Lost:
            raise ShardLostError(f"{copy.worker} died while shard {number} was made again on it; ask again") from None
        return copy
