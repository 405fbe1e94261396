from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.index.contract import NaiveIndex, VectorIndexContract, unit_vectors

from meot.cluster import Cluster
from meot.index.compact import Blocks
from meot.index.distributed.copies import Copy, ShardLostError
from meot.index.distributed.index import DistributedIndex
from meot.index.distributed.kept import find_kept
from meot.index.distributed.merge import merged
from meot.index.protocol import VectorIndex


@pytest.fixture
def dying(workers: Cluster) -> Cluster:
    """The workers, both of them alive again, whichever was killed before."""
    workers.client.wait_for_workers(2, timeout=120)
    return workers


class TestOnTwoWorkers(VectorIndexContract):
    @pytest.fixture(autouse=True)
    def _cluster(self, workers: Cluster) -> None:
        self.workers = workers

    def build(self) -> VectorIndex:
        return DistributedIndex(cluster=self.workers)


class TestThreeShardsTwice(TestOnTwoWorkers):
    def build(self) -> VectorIndex:
        return DistributedIndex(cluster=self.workers, shards=3, copies=2)


def stored(count: int = 300) -> tuple[NaiveIndex, NDArray[np.int64]]:
    oracle, keys = NaiveIndex(), np.arange(count) * 7
    oracle.add(keys, unit_vectors(count))
    return oracle, keys


def blocks_of(oracle: NaiveIndex, keys: NDArray[np.int64]) -> Blocks:
    for start in range(0, len(keys), 100):
        some = keys[start : start + 100]
        yield some, np.stack([oracle.stored[key] for key in some.tolist()])


def agrees(index: DistributedIndex, oracle: NaiveIndex) -> None:
    queries = unit_vectors(10, seed=5)
    assert index.search(queries, 10)[0].tolist() == [oracle.search(query, 10) for query in queries]


def kill(where: Cluster, worker: str) -> None:
    """Kill a worker's process, as a machine that loses power would."""
    os.kill(where.client.run(os.getpid, workers=[worker])[worker], signal.SIGKILL)


def test_shards_lie_in_different_processes(workers: Cluster) -> None:
    index = DistributedIndex(cluster=workers, shards=2)
    index.add(np.arange(50), unit_vectors(50))
    said = index.describe()
    assert len({shard["worker"] for shard in said}) == 2
    assert [shard["vectors"] for shard in said] == [25, 25]


def test_loads_block_by_block(workers: Cluster) -> None:
    oracle, keys = stored()
    index = DistributedIndex(cluster=workers)
    index.load(blocks_of(oracle, keys))
    assert len(index) == 300
    agrees(index, oracle)
    with pytest.raises(ValueError, match="empty index"):
        index.load(blocks_of(oracle, keys))


def test_merging_equals_sorting_everything() -> None:
    rng = np.random.default_rng(0)
    scores = rng.choice(np.array([-1.0, 0.1, 0.5, 0.9], np.float32), (3, 4, 5))  # many are equal
    local = np.stack([rng.permutation(40)[:20].reshape(4, 5) for _ in range(3)])
    answers = [(shard, (local[shard], scores[shard])) for shard in range(3)]
    keys, best = merged(answers, 3, 6)
    for row in range(4):
        everything = sorted(
            (-float(scores[shard, row, place]), int(local[shard, row, place]) * 3 + shard)
            for shard in range(3)
            for place in range(5)
        )
        assert [(-float(s), int(key)) for key, s in zip(keys[row], best[row], strict=True)] == everything[:6]


class TestAWorkerDies:
    """Each test kills some; their supervisors start others in their place."""

    def test_its_shard_is_made_again_from_the_source(self, dying: Cluster) -> None:
        oracle, keys = stored()
        index = DistributedIndex(cluster=dying, source=lambda wanted: blocks_of(oracle, wanted))
        index.load(blocks_of(oracle, keys))
        index.remove(keys[:50])
        oracle.remove(keys[:50])
        kill(dying, index._shards[0][0].worker)
        agrees(index, oracle)
        kill(dying, index._shards[1][0].worker)
        oracle.add(np.array([5000]), unit_vectors(1, seed=3))
        index.add(np.array([5000]), unit_vectors(1, seed=3))
        agrees(index, oracle)
        assert len(index) == 251

    def test_the_other_copy_answers(self, dying: Cluster) -> None:
        oracle, keys = stored()
        index = DistributedIndex(cluster=dying, shards=2, copies=2)
        index.add(keys, unit_vectors(300))
        kill(dying, index._shards[0][0].worker)
        for _ in range(3):
            agrees(index, oracle)
        index.remove(keys[:9])
        oracle.remove(keys[:9])
        agrees(index, oracle)

    def test_the_only_copy_without_a_source_is_said_to_be_lost(self, dying: Cluster) -> None:
        oracle, keys = stored()
        index = DistributedIndex(cluster=dying)
        index.load(blocks_of(oracle, keys))
        lost = index._shards[1][0].worker
        first = min(number for number, copies in enumerate(index._shards) if copies[0].worker == lost)
        kill(dying, lost)
        with pytest.raises(ShardLostError, match=rf"died with shard {first}.*two copies"):
            index.search(unit_vectors(1), 3)


class TestKeptByWorkers:
    """Shards that workers keep in a folder: the next program starts from them."""

    @pytest.fixture
    def building(self, dying: Cluster, tmp_path: Path) -> Callable[..., DistributedIndex]:
        def build(oracle: NaiveIndex, copies: int = 1, shards: int | None = None) -> DistributedIndex:
            return DistributedIndex(
                cluster=dying,
                shards=shards,
                copies=copies,
                source=lambda wanted: blocks_of(oracle, wanted),
                folder=tmp_path / "shards",
            )

        return build

    @pytest.fixture
    def kept(self, building: Callable[..., DistributedIndex]) -> tuple[NaiveIndex, NDArray[np.int64]]:
        """What three shards were filled with and saved, then changed a little and saved again."""
        oracle, keys = stored()
        index = building(oracle, shards=3)
        index.open("garment-1", 5)
        index.load(blocks_of(oracle, keys))
        assert index.save(5)
        index.remove(keys[:10])
        oracle.remove(keys[:10])
        assert index.save(6)
        return oracle, keys[10:]

    @pytest.mark.parametrize("copies", [1, 2])
    def test_another_start_holds_what_was_saved(
        self, building: Callable[..., DistributedIndex], kept: tuple[NaiveIndex, NDArray[np.int64]], copies: int
    ) -> None:
        index = building(kept[0], copies)
        index.open("garment-1", 6)
        assert index.keys().tolist() == kept[1].tolist()
        assert len(index.describe()) == 3  # as many as there were, whatever the number of workers
        agrees(index, kept[0])
        with pytest.raises(ValueError, match="empty index to open"):
            index.open("garment-1", 6)

    @pytest.mark.parametrize(("models", "generation"), [("garment-2", 6), ("garment-1", 5)])
    def test_other_models_and_a_later_state_are_not_taken(
        self,
        building: Callable[..., DistributedIndex],
        kept: tuple[NaiveIndex, NDArray[np.int64]],
        models: str,
        generation: int,
    ) -> None:
        index = building(kept[0])
        index.open(models, generation)
        assert len(index) == 0
        index.load(blocks_of(*kept))
        agrees(index, kept[0])

    def test_a_shard_whose_files_are_damaged_is_left_out_and_can_be_added(
        self,
        building: Callable[..., DistributedIndex],
        kept: tuple[NaiveIndex, NDArray[np.int64]],
        tmp_path: Path,
    ) -> None:
        (tmp_path / "shards" / "1-of-3" / "manifest.json").write_text("{", encoding="utf-8")
        index = building(kept[0])
        index.open("garment-1", 6)
        missing = np.setdiff1d(kept[1], index.keys())
        assert set((missing % 3).tolist()) == {1}
        for keys, vectors in blocks_of(kept[0], missing):
            index.add(keys, vectors)
        agrees(index, kept[0])

    def test_what_a_lost_worker_saved_is_brought_up_to_the_present_from_the_source(
        self, building: Callable[..., DistributedIndex], kept: tuple[NaiveIndex, NDArray[np.int64]], workers: Cluster
    ) -> None:
        oracle, keys = kept
        asked: list[int] = []

        def source(wanted: NDArray[np.int64]) -> Blocks:
            asked.extend(wanted.tolist())
            return blocks_of(oracle, wanted)

        index = building(oracle)
        index._source = source
        index.open("garment-1", 6)
        new = np.array([6000, 6001, 6002])
        oracle.add(new, unit_vectors(3, seed=3))
        index.add(new, unit_vectors(3, seed=3))
        index.remove(keys[:5])
        oracle.remove(keys[:5])
        kill(workers, index._shards[0][0].worker)
        agrees(index, oracle)
        assert set(asked) <= set(new.tolist())  # the rest was in files

    def test_a_copy_that_is_behind_the_other_is_made_again(
        self,
        building: Callable[..., DistributedIndex],
        kept: tuple[NaiveIndex, NDArray[np.int64]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        index = building(kept[0], 2)
        call = index._shards.call

        def one_lags(method: str, calls: dict[int, tuple[Any, ...]]) -> dict[int, list[tuple[Copy, Any]]]:
            answers = call(method, calls)
            if method == "open":  # as if its machine had saved before the others
                copy, (own, width) = answers[0][1]
                copy.begin("remove", own[:7]).result()
                answers[0][1] = copy, (own[7:], width)
            return answers

        monkeypatch.setattr(index._shards, "call", one_lags)
        index.open("garment-1", 6)
        for _ in range(4):  # each copy in its turn
            agrees(index, kept[0])

    def test_shards_that_were_never_saved_do_not_say_how_many_there_are(
        self, building: Callable[..., DistributedIndex], workers: Cluster, tmp_path: Path
    ) -> None:
        oracle, keys = stored()
        index = building(oracle, shards=1)
        index.open("garment-1", 1)
        assert (tmp_path / "shards" / "0-of-1").is_dir()
        assert find_kept(workers, tmp_path / "shards") == {}
        index.load(blocks_of(oracle, keys))
        assert index.save(1)
        assert list(find_kept(workers, tmp_path / "shards")) == [(0, 1)]

    def test_without_a_folder_nothing_is_kept(self, workers: Cluster) -> None:
        index = DistributedIndex(cluster=workers)
        index.add(np.arange(5), unit_vectors(5))
        assert not index.save(1)
