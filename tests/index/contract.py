"""What every vector index must do, as one test class: a family's test file inherits it and builds its own index."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from meot.index.protocol import VectorIndex


class NaiveIndex:
    """The oracle: a dictionary and a sort."""

    def __init__(self) -> None:
        self.stored: dict[int, NDArray[np.float32]] = {}

    def add(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        self.stored |= dict(zip(keys.tolist(), vectors, strict=True))

    def remove(self, keys: NDArray[np.int64]) -> None:
        for key in keys.tolist():
            self.stored.pop(key, None)

    def search(self, query: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None) -> list[int]:
        through = self.stored if allowed is None else self.stored.keys() & set(allowed.tolist())
        return sorted(through, key=lambda key: -float(self.stored[key] @ query))[:k]


def unit_vectors(count: int, width: int = 16, seed: int = 0) -> NDArray[np.float32]:
    values = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)


class VectorIndexContract:
    """Subclasses give ``build`` and the least recall against the oracle that they promise (1.0 for exact ones)."""

    recall = 1.0

    def build(self) -> VectorIndex:
        raise NotImplementedError

    def filled(self, count: int = 400) -> tuple[VectorIndex, NaiveIndex]:
        index, oracle = self.build(), NaiveIndex()
        keys = np.random.default_rng(1).permutation(10 * count)[:count].astype(np.int64)
        for part in (slice(0, count // 2), slice(count // 2, count)):
            for each in (index, oracle):
                each.add(keys[part], unit_vectors(count)[part])
        return index, oracle

    def agrees(self, index: VectorIndex, oracle: NaiveIndex, allowed: NDArray[np.int64] | None = None) -> None:
        queries = unit_vectors(20, seed=7)
        keys, scores = index.search(queries, 10, allowed)
        assert keys.shape == scores.shape == (20, 10)
        assert (keys.dtype.name, scores.dtype.name) == ("int64", "float32")
        assert (np.diff(scores, axis=1) <= 1e-6).all()
        hits = total = 0
        for query, found, cosines in zip(queries, keys.tolist(), scores, strict=True):
            expected = oracle.search(query, 10, allowed)
            real = [key for key in found if key >= 0]
            assert found == real + [-1] * (10 - len(real))
            assert len(set(real)) == len(real) == len(expected)
            if self.recall == 1.0:
                exact = [float(oracle.stored[key] @ query) for key in real]
                np.testing.assert_allclose(cosines[: len(real)], exact, atol=1e-5)
            assert (cosines[len(real) :] == -1).all()
            hits, total = hits + len(set(real) & set(expected)), total + len(expected)
        assert hits >= self.recall * total

    def test_agrees_with_the_oracle(self) -> None:
        self.agrees(*self.filled())

    @pytest.mark.parametrize("share", [0.5, 0.05, 0.01])
    def test_agrees_among_allowed_keys(self, share: float) -> None:
        index, oracle = self.filled()
        stored = np.array(sorted(oracle.stored), np.int64)
        allowed = stored[np.random.default_rng(3).random(len(stored)) < share]
        self.agrees(index, oracle, np.concatenate([allowed, np.array([99_999_999], np.int64)]))

    def test_agrees_after_removal_and_new_vectors_under_old_keys(self) -> None:
        index, oracle = self.filled()
        gone = np.array(sorted(oracle.stored), np.int64)[::3]
        for each in (index, oracle):
            each.remove(np.concatenate([gone, np.array([88_888_888], np.int64)]))
        assert len(index) == len(oracle.stored)
        self.agrees(index, oracle)
        for each in (index, oracle):
            each.add(gone[:50], unit_vectors(50, seed=9))
        assert len(index) == len(oracle.stored)
        self.agrees(index, oracle)

    def test_pads_what_nothing_fills(self) -> None:
        index = self.build()
        query = unit_vectors(2)
        for allowed in (None, np.zeros(0, np.int64)):
            keys, scores = index.search(query, 3, allowed)
            assert keys.tolist() == [[-1] * 3] * 2
            assert scores.tolist() == [[-1] * 3] * 2
        index.add(np.array([5]), unit_vectors(1))
        assert index.search(query, 3)[0][0].tolist() == [5, -1, -1]
        assert index.search(query, 3, np.array([6]))[0].tolist() == [[-1] * 3] * 2
        assert index.search(query[:0], 3)[0].shape == (0, 3)

    def test_may_be_emptied_and_filled_again(self) -> None:
        index = self.build()
        index.add(np.array([1, 2]), unit_vectors(2))
        index.remove(np.array([1, 2]))
        assert len(index) == 0
        index.add(np.array([1]), unit_vectors(1, width=8))
        assert index.search(unit_vectors(1, width=8), 1)[0].tolist() == [[1]]

    def test_adding_nothing_is_nothing(self) -> None:
        index = self.build()
        index.add(np.zeros(0, np.int64), np.zeros((0, 0), np.float32))
        assert len(index) == 0

    def test_refuses_what_does_not_fit(self) -> None:
        index = self.build()
        index.add(np.array([1, 2]), unit_vectors(2))
        for keys, vectors in (
            ([2], unit_vectors(1)),
            ([3, 3], unit_vectors(2)),
            ([-1], unit_vectors(1)),
            ([3], unit_vectors(2)),
            ([3], unit_vectors(1, width=4)),
        ):
            with pytest.raises(ValueError, match=r"keys|expected vectors"):
                index.add(np.array(keys, np.int64), vectors)
        with pytest.raises(ValueError, match="expected vectors"):
            index.search(unit_vectors(1, width=4), 1)
        assert len(index) == 2
