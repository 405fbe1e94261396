from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.index.contract import NaiveIndex, VectorIndexContract, unit_vectors

from meot.index import compact, compressed, growing
from meot.index.files import IndexFileError
from meot.index.growing import GrowingIndex
from meot.index.protocol import VectorIndex

TINY = 0.9
"""Recall where lists hold five vectors each, so that what was measured on them flatters. Real ones hold forty."""


class TestWhileSmall(VectorIndexContract):
    def build(self) -> VectorIndex:
        return GrowingIndex()


class Compacting(GrowingIndex):
    """Joins its parts after every change, so that the contract meets the compressed part alone."""

    def add(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        super().add(keys, vectors)
        self.compact()

    def remove(self, keys: NDArray[np.int64]) -> None:
        super().remove(keys)
        self.compact()


class TestCompressed(VectorIndexContract):
    recall = TINY

    def build(self) -> VectorIndex:
        return Compacting(exact_up_to=30, background=False)


class TestCompressedBesideFlat(VectorIndexContract):
    """Half compressed, half flat, removed rows still there; no row is scored one by one sooner than lists are."""

    recall = TINY

    @pytest.fixture(autouse=True)
    def _lists_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(compressed, "FEW", 0)

    def build(self) -> VectorIndex:
        return Halved(exact_up_to=30, background=False)


class Halved(GrowingIndex):
    def add(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        super().add(keys, vectors)
        if len(self) <= 200:
            self.compact()


class TestThroughASelector(TestCompressedBesideFlat):
    @pytest.fixture(autouse=True)
    def _no_candidates(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(compressed, "MANY", 0)


class TestReopened(VectorIndexContract):
    """Every search asks the index as its files give it back."""

    recall = TINY

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "index"

    def build(self) -> VectorIndex:
        return Reopening(self.folder)


class Reopening:
    def __init__(self, folder: Path) -> None:
        self.folder, self.index = folder, Halved(exact_up_to=30, background=False)

    def add(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        self.index.add(keys, vectors)

    def remove(self, keys: NDArray[np.int64]) -> None:
        self.index.remove(keys)

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        self.index.save(self.folder)
        self.index = Halved.open(self.folder, models="", exact_up_to=30, background=False)  # type: ignore[assignment]
        return self.index.search(queries, k, allowed)

    def __len__(self) -> int:
        return len(self.index)


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_changes_agrees_with_the_oracle(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    index, oracle = GrowingIndex(exact_up_to=60, background=False), NaiveIndex()
    spread = [1, 1, 1000, 2**40][seed]  # keys close together or far apart
    for _ in range(30):
        step = rng.choice(["add", "add", "remove", "compact", "save"])
        if step == "add":
            keys = np.setdiff1d(rng.integers(0, 500, 40) * spread, np.array([*oracle.stored], np.int64))
            vectors = unit_vectors(len(keys), seed=int(rng.integers(1 << 30)))
            index.add(keys, vectors)
            oracle.add(keys, vectors)
        elif step == "remove":
            gone = rng.choice([*oracle.stored, 7], min(20, len(oracle.stored) + 1), replace=False)
            index.remove(gone)
            oracle.remove(gone)
        elif step == "compact":
            index.compact()
        else:
            index.save(tmp_path / "index", generation=3)
            index = GrowingIndex.open(tmp_path / "index", models="", exact_up_to=60, background=False)
        assert index.keys().tolist() == sorted(oracle.stored)
        allowed = rng.permutation(np.array([*oracle.stored], np.int64))[: int(rng.integers(0, 300))]
        for through in (None, allowed):
            found = hits = 0
            queries = unit_vectors(8, seed=int(rng.integers(1 << 30)))
            for query, keys, scores in zip(queries, *index.search(queries, 5, through), strict=True):
                expected = oracle.search(query, 5, through)
                real = keys[keys >= 0].tolist()
                assert len(set(real)) == len(real) == len(expected)
                np.testing.assert_allclose(scores[: len(real)], [oracle.stored[k] @ query for k in real], atol=1e-6)
                found, hits = found + len(expected), hits + len(set(real) & set(expected))
            assert hits >= 0.9 * found


def test_a_thread_compresses_what_has_grown_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    started, go = threading.Event(), threading.Event()
    real = compact.compacted

    def slow(*args: object, **kwargs: object) -> object:
        started.set()
        assert go.wait(60)
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(growing, "compacted", slow)
    index, vectors = GrowingIndex(exact_up_to=100), unit_vectors(400)
    index.add(np.arange(300), vectors[:300])
    assert started.wait(60)
    index.add(np.arange(300, 400), vectors[300:])  # all of this while the thread works
    index.remove(np.arange(50))
    index.remove(np.array([320]))
    index.add(np.array([7]), vectors[399:])
    assert index.search(vectors[399:], 2)[0].tolist() == [[7, 399]]
    go.set()
    index.wait()
    assert index.describe()["kind"] == "compressed"
    assert index.keys().tolist() == [7, *range(50, 320), *range(321, 400)]
    assert index.search(vectors[399:], 2)[0].tolist() == [[7, 399]]


def test_readers_and_a_writer_at_once() -> None:
    index, vectors, wrong = GrowingIndex(exact_up_to=200), unit_vectors(2000), []
    index.add(np.arange(100), vectors[:100])
    done = threading.Event()

    def ask() -> None:
        rng = np.random.default_rng()
        while not done.is_set():
            row = int(rng.integers(0, 100))  # never removed
            keys, scores = index.search(vectors[row : row + 1], 3)
            if keys[0, 0] != row or abs(scores[0, 0] - 1) > 1e-5:
                wrong.append((row, keys))

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    for start in range(100, 2000, 100):
        index.add(np.arange(start, start + 100), vectors[start : start + 100])
        index.remove(np.arange(start, start + 30))
    index.wait()
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert len(index) == 100 + 19 * 70


def test_a_full_disk_leaves_the_index_uncompressed_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    index, vectors = GrowingIndex(exact_up_to=50), unit_vectors(300)
    monkeypatch.setattr("meot.index.vector_file.VectorFile.append", full)
    index.add(np.arange(100), vectors[:100])
    index.wait()
    assert index.search(vectors[:1], 1)[0].tolist() == [[0]]
    with pytest.raises(IndexFileError, match="No space left on device; free some space"):
        index.compact()
    monkeypatch.undo()
    index.add(np.arange(100, 300), vectors[100:])
    index.wait()
    assert index.describe()["kind"] == "compressed"


def test_shrinks_back_to_exact() -> None:
    index = GrowingIndex(exact_up_to=50, background=False)
    index.add(np.arange(100), unit_vectors(100))
    index.compact()
    index.remove(np.arange(60))
    index.compact()
    assert index.describe() == {"kind": "exact", "vectors": 40, "flat": 40}


@pytest.mark.parametrize("exact_up_to", [30, 1000])
def test_rebuilds_from_blocks_in_any_order(exact_up_to: int) -> None:
    vectors, keys = unit_vectors(300), np.random.default_rng(0).permutation(300)
    steps: list[tuple[str, int, int]] = []
    index = GrowingIndex.rebuild(
        ((keys[i : i + 70], vectors[keys[i : i + 70]]) for i in range(0, 300, 70)),
        exact_up_to=exact_up_to,
        progress=lambda *step: steps.append(step),
    )
    assert steps[:2] == [("gather", 70, 0), ("gather", 140, 0)]
    found, scores = index.search(vectors, 1)
    assert found[:, 0].tolist() == list(range(300))
    np.testing.assert_allclose(scores, 1, atol=1e-5)
    assert len(GrowingIndex.rebuild(iter(()))) == 0
    with pytest.raises(ValueError, match="distinct"):
        GrowingIndex.rebuild(iter([(np.array([1]), vectors[:1])] * 2))
    with pytest.raises(ValueError, match="expected vectors"):
        GrowingIndex.rebuild(iter([(np.array([1]), vectors[:1]), (np.array([2]), vectors[:1, :4])]))


def test_keeps_its_promise_where_it_starts_to_compress() -> None:
    rng = np.random.default_rng(0)
    centres = unit_vectors(30, width=32)
    drawn = centres[rng.integers(0, 30, 21_100)] + 0.15 * rng.normal(size=(21_100, 32)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    vectors, queries = drawn[:21_000].astype(np.float32), drawn[21_000:].astype(np.float32)
    index = GrowingIndex.rebuild([(np.arange(21_000), vectors)])
    assert index.describe()["kind"] == "compressed"
    for share in (1.0, 0.5, 0.2, 0.05, 0.005):
        allowed = np.flatnonzero(rng.random(21_000) < share)
        scores = queries @ vectors[allowed].T
        truth = allowed[np.argsort(-scores, axis=1)[:, :10]]
        found, cosines = index.search(queries, 10, None if share == 1 else allowed)
        hits = [len(set(real) & set(row)) for real, row in zip(truth.tolist(), found.tolist(), strict=True)]
        assert np.mean(hits) >= 9.5, share
        np.testing.assert_allclose(cosines, np.einsum("qd,qkd->qk", queries, vectors[found]), atol=1e-6)
