from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.index.contract import NaiveIndex, VectorIndexContract, unit_vectors

from meot import cluster
from meot.cluster import Cluster
from meot.index.compact import Blocks
from meot.index.distributed.copies import ShardLostError
from meot.index.distributed.index import DistributedIndex
from meot.index.protocol import VectorIndex


@pytest.fixture(scope="module")
def workers() -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="needs the distributed extra")
    started = cluster.start(2)
    yield started
    started.close()


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
    from meot.index.distributed.index import merged

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

    @pytest.fixture
    def dying(self, workers: Cluster) -> Cluster:
        workers.client.wait_for_workers(2, timeout=30)
        return workers

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
        kill(dying, index._shards[1][0].worker)
        with pytest.raises(ShardLostError, match=r"died with shard 1.*two copies"):
            index.search(unit_vectors(1), 3)
