"""All shards of an index with their copies: placed on workers, called together, dropped when their worker is lost."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from meot.cluster import Cluster
from meot.index.distributed.copies import Copy, Lost, place, result
from meot.index.distributed.kept import count_of, find_kept, folder_of


class Shards:
    """The copies of each shard, by its number; none before :meth:`make`."""

    def __init__(self, *, cluster: Cluster, count: int | None, copies: int, folder: Path | None) -> None:
        """count: when None as many as are kept in ``folder``, else one for each worker. copies: of each."""
        self._cluster, self._count, self._folder = cluster, count, folder
        self.copies = copies
        self._of: list[tuple[Copy, ...]] = []
        self._kept: dict[tuple[int, int], set[str]] = {}

    def __len__(self) -> int:
        """How many shards."""
        return len(self._of)

    def __getitem__(self, number: int) -> tuple[Copy, ...]:
        """The copies of a shard that are not known to be lost."""
        return self._of[number]

    def __iter__(self) -> Iterator[tuple[Copy, ...]]:
        """The copies of each shard."""
        return iter(self._of)

    def make(self) -> bool:
        """Place all copies, empty, unless that is done; whether it was not. ClusterError when no worker is there."""
        if self._of:
            return False
        self._kept = {} if self._folder is None else find_kept(self._cluster, self._folder)
        made: list[tuple[Copy, ...]] = [()] * (self._count or count_of(self._kept) or len(self._cluster.wait()))
        for number, _ in itertools.product(range(len(made)), range(self.copies)):
            made[number] += (self._placed(made, number),)
        self._of = made
        return True

    def forget(self) -> None:
        """Let go of all; they can be made again."""
        self._of = []

    def close(self) -> None:
        """Let go of all copies for good."""
        self._of = [()] * len(self._of)

    def place(self, number: int) -> Copy:
        """A new, empty copy of a shard, which does not count before :meth:`keep`. ClusterError when none takes it."""
        return self._placed(self._of, number)

    def keep(self, number: int, copy: Copy) -> None:
        """Count a copy among those of its shard."""
        self._of[number] += (copy,)

    def drop(self, number: int, lost: Copy | None) -> None:
        """Count a copy no more."""
        self._of[number] = tuple(copy for copy in self._of[number] if copy is not lost)

    def begin(self, number: int, turn: int, method: str, args: Iterable[Any]) -> tuple[Copy | None, Any]:
        """Begin a call of one copy of a shard, each in its turn: the copy and the call, None where there is none."""
        copies = self._of[number]
        if not copies:
            return None, None
        copy = copies[turn % len(copies)]
        return copy, copy.begin(method, *args)

    def call(self, method: str, calls: dict[int, tuple[Any, ...]]) -> dict[int, list[tuple[Copy, Any]]]:
        """Call a method of all copies of shards, each shard's with their own arguments: what each copy answered.

        Copies that are lost are dropped; whatever another one raises is raised.
        """
        begun = [(number, copy, copy.begin(method, *args)) for number, args in calls.items() for copy in self[number]]
        answers: dict[int, list[tuple[Copy, Any]]] = {number: [] for number in calls}
        for number, copy, call in begun:
            try:
                answers[number].append((copy, result(call, None)))
            except Lost:
                self.drop(number, copy)
        return answers

    def _placed(self, shards: list[tuple[Copy, ...]], number: int) -> Copy:
        folder = None if self._folder is None else folder_of(self._folder, number, len(shards))
        having = self._kept.get((number, len(shards)), ())
        return place(self._cluster, shards, number, folder=folder, having=having)
