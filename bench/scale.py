"""The index on worker processes beside the index of one process: filling, memory, questions, a start, a worker's death.

Data as in ``bench.index``: unit vectors around one centre for every 1,000 of them. All times are of the clock, taken in
one run. Workers are processes of this machine, so its cores are shared: the figures tell what distribution costs, not
what more machines gain.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from bench.contenders import anonymous, trim
from bench.index import NEW, K, draw
from bench.table import show
from meot import cluster
from meot.cluster import Cluster
from meot.index.compact import Blocks
from meot.index.distributed.index import DistributedIndex
from meot.index.growing import GrowingIndex
from meot.index.protocol import VectorIndex

BLOCK = 20_000


def blocks(
    keys: NDArray[np.int64], vectors: NDArray[np.float32]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Keys with their vectors, block by block."""
    for start in range(0, len(keys), BLOCK):
        yield keys[start : start + BLOCK], vectors[keys[start : start + BLOCK]]


def ask(
    index: VectorIndex,
    queries: NDArray[np.float32],
    clock: Callable[[], float],
    *,
    truth: NDArray[np.int64] | None = None,
    allowed: NDArray[np.int64] | None = None,
) -> dict[str, float]:
    """Median and 99th percentile of one question at a time, processor time, and recall where the truth is known."""
    spent, hits, worked = [], 0, clock()
    for number, query in enumerate(queries):
        started = time.perf_counter()
        found = index.search(query[None], K, allowed)[0][0]
        spent.append((time.perf_counter() - started) * 1000)
        hits += 0 if truth is None else len(set(found.tolist()) & set(truth[number].tolist()))
    told = {"median ms": float(np.median(spent)), "p99 ms": float(np.quantile(spent, 0.99))}
    told["processor ms"] = (clock() - worked) * 1000 / len(queries)
    return told | ({} if truth is None else {"recall": hits / (K * len(queries))})


class Here(GrowingIndex):
    """The index of this process, filled as one of workers is."""

    def __init__(self, given: Callable[[], Blocks]) -> None:
        super().__init__()
        self._given = given

    def fill(self) -> None:
        """Build it."""
        self._state = GrowingIndex.rebuild(self._given())._state


def timed(work: Callable[[], object]) -> float:
    """Seconds that work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(
    name: str,
    index: VectorIndex,
    fill: Callable[[], object],
    memory: Callable[[], float],
    clock: Callable[[], float],
    vectors: NDArray[np.float32],
    queries: NDArray[np.float32],
) -> dict[str, object]:
    """One row: the index filled by ``fill`` and asked. clock: processor seconds of everybody who works on it."""
    before, count = memory(), len(vectors)
    filled = timed(fill)
    grown = (memory() - before) / count
    truth = faiss.knn(queries, vectors, K, metric=faiss.METRIC_INNER_PRODUCT)[1]
    ask(index, queries[:30], clock)
    plain = ask(index, queries, clock, truth=truth)
    fifth = np.sort(np.random.default_rng(3).choice(count, count // 5, replace=False))
    some = ask(index, queries[:100], clock, allowed=fifth)
    few = ask(index, queries[:100], clock, allowed=fifth[:: max(len(fifth) // 1000, 1)])
    batch = timed(lambda: index.search(queries, K)) * 1000 / len(queries)
    new = draw(NEW, max(count // 1000, 1), 1)
    added = timed(lambda: index.add(np.arange(count, count + NEW), new)) * 1000
    found = index.search(new[:100], 1)[0][:, 0]
    return {
        "index": name,
        "fill s": filled,
        "bytes a vector": grown,
        "recall": plain["recall"],
        "median ms": plain["median ms"],
        "p99 ms": plain["p99 ms"],
        "processor ms": plain["processor ms"],
        "20 % pass, ms": some["median ms"],
        "1,000 pass, ms": few["median ms"],
        "in batches, ms": batch,
        "add 1,000, ms": added,
        "found at once": float((found == np.arange(count, count + 100)).mean()),
    }


def own_memory() -> float:
    """Bytes of anonymous memory of this process."""
    trim()
    return float(anonymous())


def worker_memory(workers: Cluster) -> float:
    """Bytes of anonymous memory of all workers."""
    workers.client.run(trim)
    return float(sum(workers.client.run(anonymous).values()))


def lose(index: DistributedIndex, workers: Cluster, query: NDArray[np.float32]) -> dict[str, object]:
    """Kill the worker of the first shard: how long the next question waits for the shard to be made again."""
    victim = str(index.describe()[0]["worker"])
    os.kill(workers.client.run(os.getpid, workers=[victim])[victim], signal.SIGKILL)
    return {"what": "question after a worker was killed, s", "value": timed(lambda: index.search(query, K))}


def start_again(index: DistributedIndex, another: DistributedIndex) -> list[dict[str, object]]:
    """How long workers take to keep an index, and another program to hold what they kept."""
    saved = timed(lambda: index.save(0))
    opened = timed(lambda: another.open("", generation=0))
    assert len(another) == len(index)
    return [
        {"what": "workers keep their shards, s", "value": saved},
        {"what": "another program starts from them, s", "value": opened},
    ]


def main() -> None:
    """Print a row for one process and one for the workers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=200_000, help="vectors")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--queries", type=int, default=300, help="questions")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    centres = max(options.count // 1000, 1)
    vectors, queries = draw(options.count, centres, 0), draw(options.queries, centres, 2)
    keys = np.arange(options.count)
    here = Here(lambda: blocks(keys, vectors))
    rows = [measure("one process", here, here.fill, own_memory, time.process_time, vectors, queries)]
    workers = cluster.start(options.workers)
    folder = tempfile.TemporaryDirectory(prefix="meot-shards-")

    def on_workers() -> DistributedIndex:
        return DistributedIndex(
            cluster=workers, source=lambda wanted: blocks(wanted, _with_new(vectors)), folder=Path(folder.name)
        )

    index = on_workers()
    workers.wait()
    rows.append(
        measure(
            f"{options.workers} workers",
            index,
            lambda: index.load(blocks(keys, vectors)),
            lambda: worker_memory(workers),
            lambda: time.process_time() + sum(workers.client.run(time.process_time).values()),
            vectors,
            queries,
        )
    )
    show(f"{options.count:,} vectors of 128 numbers", rows, as_json=options.json)
    show("A program ends, another starts", start_again(index, on_workers()), as_json=options.json)
    show("A worker dies", [lose(index, workers, queries[:1])], as_json=options.json)
    index.close()
    folder.cleanup()


def _with_new(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([vectors, draw(NEW, max(len(vectors) // 1000, 1), 1)])


if __name__ == "__main__":
    main()
