from __future__ import annotations

import numpy as np
import pytest

from meot.index.keys import KeyTable


@pytest.mark.parametrize("spread", [1, 2, 3, 2**40])
def test_finds_the_rows_of_keys_and_the_keys_of_rows(spread: int) -> None:
    keys = 5 + spread * np.arange(1000)
    table = KeyTable(keys)
    assert len(table) == 1000
    rows = np.random.default_rng(0).permutation(1000)
    assert table.of(rows).tolist() == keys[rows].tolist()
    assert table.find(keys[rows]).tolist() == rows.tolist()
    strange = np.array([0, 4, 6 if spread > 1 else 2000, 2**62, int(keys[-1]) + 1])
    assert table.find(np.concatenate([strange, keys[3:4], strange])).tolist() == [3]
    assert table.find(np.zeros(0, np.int64)).tolist() == []


@pytest.mark.parametrize("gap", [1, 10**6])
def test_keys_with_a_gap(gap: int) -> None:
    keys = np.concatenate([np.arange(10), np.arange(10, 20) + gap])
    table = KeyTable(keys)
    assert table.find(np.arange(30) + gap).tolist() == [*range(min(gap, 10), 10), *range(10, 20)] or gap == 1
    assert table.of(np.arange(20)).tolist() == keys.tolist()
