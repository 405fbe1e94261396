from __future__ import annotations

import numpy as np
import pytest

from meot.index.distributed.wanted import Bits, packed, unpacked


@pytest.mark.parametrize(
    "keys",
    [[0], [7], [2**40], [3, 4, 5, 6], [5, 3, 9, 3], [0, 63], [0, 10**12], [10**12, 10**12 + 8], list(range(9, 900, 7))],
)
def test_keys_arrive_as_they_left_but_for_their_order(keys: list[int]) -> None:
    there = unpacked(packed(np.array(keys, np.int64)))
    assert there.dtype == np.int64
    assert sorted(set(there.tolist())) == sorted(set(keys))


def test_many_keys_that_lie_close_travel_as_bits_and_few_as_they_are() -> None:
    many = packed(np.flatnonzero(np.random.default_rng(0).random(1_000_000) < 0.2))
    assert isinstance(many, Bits)
    assert many.bits.nbytes <= 125_000
    far = np.arange(0, 1_000_000, 1000)
    assert packed(far) is far
