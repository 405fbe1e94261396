"""Batches with positives and negatives in them: m items with k photos each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from meot.errors import DataError

Indices = NDArray[np.int64]


class ItemBatches:
    """Epochs of m items x k photos: photos of one item are the positives, those of the others the negatives.

    Every epoch shows every item once, in a random order, as far as it fills batches: what is left over at the end
    waits for another epoch. Corner cases: with fewer than m items a batch holds all of them; an item with more than
    k photos shows k different ones; one with fewer repeats some (the recipe's random views still tell them apart);
    an item never appears twice in a batch. With ``sides`` (0 or 1 a photo) an item that has both shows both, a
    photo of side 1 first and one of side 0 second.
    """

    def __init__(
        self, groups: Indices, *, items: int, photos: int, seed: int, sides: Indices | None = None, table: Path
    ) -> None:
        """groups: (N,) int64 item of each photo. table: for the message. DataError with fewer than two items."""
        if items < 2 or photos < 2:
            raise DataError(f"a batch needs at least 2 items of 2 photos, got {items} of {photos}; raise them")
        self._members = [np.flatnonzero(groups == g) for g in np.unique(groups)]
        if len(self._members) < 2:
            raise DataError(f"{table}: {len(self._members)} item(s) to learn from, expected at least 2; add photos")
        if all(len(m) == 1 for m in self._members):
            raise DataError(f"{table}: no item has two photos to learn from; give photos of one item the same 'group'")
        self._items, self._photos, self._seed = min(items, len(self._members)), photos, seed
        self._sides = np.zeros(len(groups), np.int64) if sides is None else sides
        self.steps = len(self._members) // self._items

    def __call__(self, epoch: int) -> Iterator[Indices]:
        """The batches of an epoch: (m * k,) int64 photos, the k of an item one after the other."""
        rng = np.random.default_rng((self._seed, epoch))
        order = rng.permutation(len(self._members))
        for step in range(self.steps):
            chosen = order[step * self._items : (step + 1) * self._items]
            yield np.concatenate([self._pick(self._members[i], rng) for i in chosen])

    def _pick(self, members: Indices, rng: Generator) -> Indices:
        mixed = rng.permutation(members)
        first = [side[:1] for side in (mixed[self._sides[mixed] == 1], mixed[self._sides[mixed] == 0])]
        leading = np.concatenate(first) if all(len(f) for f in first) else mixed[:1]
        rest = mixed[~np.isin(mixed, leading)]
        found = np.concatenate([leading, rest])
        return np.resize(found, self._photos)
