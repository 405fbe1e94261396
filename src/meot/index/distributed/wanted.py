"""Keys as they travel to a shard: one bit for each that there could be, where that is shorter than the keys."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]


class Bits(NamedTuple):
    """first: the least key. bits: (B,) uint8, a bit for each number from it on, set where it is a key."""

    first: int
    bits: NDArray[np.uint8]


def packed(keys: Keys) -> Keys | Bits:
    """(K,) keys, at least one, in the shorter form: a filter that a good part passes is a sixth of its keys or less."""
    first = int(keys.min())
    span = int(keys.max()) - first + 1
    if span >= 64 * len(keys):
        return keys
    there = np.zeros(span, np.bool_)
    there[keys - first] = True
    return Bits(first, np.packbits(there))


def unpacked(packed: Keys | Bits) -> Keys:
    """The keys, (K,) int64; ascending when they came as bits."""
    if isinstance(packed, Bits):
        return np.flatnonzero(np.unpackbits(packed.bits).view(np.bool_)) + packed.first
    return packed
