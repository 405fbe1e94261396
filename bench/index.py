"""The vector index beside its peers: recall, time a query, memory, build, adding, filters.

Data: unit vectors around one centre for every 1,000 of them (cosine to the centre about 0.7), keys 0..N-1; queries are
fresh draws around the same centres, asked one at a time. Every contender runs in a process of its own; memory is what
its anonymous memory grew by, "processor ms" the median time the asking thread really computed, so that a busy machine
shows. Truth is a comparison with every vector.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from bench import engines
from bench.contenders import CONTENDERS, Contender, anonymous, trim
from bench.table import show

WIDTH, K, NEW = 128, 10, 1000
CONTENDERS |= {"LanceDB IVF_HNSW_SQ": engines.LanceDb, "pgvector HNSW": engines.PgVector}
SHARES = {"20 %": 0.2, "0.1 %": 0.001}


def draw(count: int, centres: int, seed: int, *, noise: float = 1.0) -> NDArray[np.float32]:
    """(count, WIDTH) unit vectors around centres that are the same for every seed."""
    middles = np.random.default_rng(99).standard_normal((centres, WIDTH), np.float32)
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    rng = np.random.default_rng(seed)
    vectors = middles[rng.integers(0, centres, count)]
    vectors += (noise / WIDTH**0.5) * rng.standard_normal((count, WIDTH), np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def prepare(folder: Path, count: int, queries: int) -> None:
    """Vectors, queries, new vectors, allowed keys and the truth, as files."""
    centres = max(count // 1000, 1)
    np.save(folder / "vectors.npy", draw(count, centres, 0))
    np.save(folder / "new.npy", draw(NEW, centres, 1))
    asked = draw(queries, centres, 2)
    np.save(folder / "queries.npy", asked)
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    np.save(folder / "truth.npy", faiss.knn(asked, vectors, K, metric=faiss.METRIC_INNER_PRODUCT)[1])
    for name, share in SHARES.items():
        rng = np.random.default_rng(3)
        allowed = np.sort(rng.choice(count, max(K, int(share * count)), replace=False))
        truth = faiss.knn(asked, np.ascontiguousarray(vectors[allowed]), K, metric=faiss.METRIC_INNER_PRODUCT)[1]
        np.save(folder / f"allowed {name}.npy", allowed)
        np.save(folder / f"truth {name}.npy", allowed[truth])


def measure(name: str, folder: Path) -> dict[str, object]:
    """One contender's row."""
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    queries, new = np.load(folder / "queries.npy"), np.load(folder / "new.npy")
    contender = CONTENDERS[name]()
    contender.folder = folder
    before = anonymous()
    started, worked = time.perf_counter(), time.process_time()
    contender.build(vectors)
    built, work = time.perf_counter() - started, time.process_time() - worked
    trim()
    grown = (anonymous() - before) / len(vectors)
    if name == "faiss flat" and len(vectors) > 200_000:
        queries = queries[:100]
    row: dict[str, object] = {"index": name} | _ask(contender, queries, np.load(folder / "truth.npy"), None)
    started = time.perf_counter()
    contender.search(queries, K, None)
    row["batch ms"] = (time.perf_counter() - started) * 1000 / len(queries)
    row |= {"bytes": None if contender.outside else grown, "build s": built, "build processor s": work}
    for share in SHARES:
        allowed = np.load(folder / f"allowed {share}.npy")
        told = _ask(contender, queries, np.load(folder / f"truth {share}.npy"), allowed) if contender.filters else {}
        row |= {f"{share} recall": told.get("recall"), f"{share} ms": told.get("processor ms")}
    contender.keep()
    started = time.perf_counter()
    contender.add(np.arange(len(vectors), len(vectors) + NEW), new)
    row["add ms"] = (time.perf_counter() - started) * 1000
    found = contender.search(new[:100], 1, None)[:, 0]
    row["found at once"] = float((found == np.arange(len(vectors), len(vectors) + 100)).mean())
    row["kind"] = contender.describe()
    return row


def _ask(
    contender: Contender, queries: NDArray[np.float32], truth: NDArray[np.int64], allowed: NDArray[np.int64] | None
) -> dict[str, object]:
    walls, works, hits = [], [], 0
    for query in queries[:20]:
        contender.search(query[None], K, allowed)
    for query, real in zip(queries, truth, strict=False):
        wall, work = time.perf_counter(), time.thread_time()
        found = contender.search(query[None], K, allowed)[0]
        walls.append((time.perf_counter() - wall) * 1000)
        works.append(walls[-1] if contender.outside else (time.thread_time() - work) * 1000)
        hits += len(set(found.tolist()) & set(real.tolist()))
    return {
        "recall": hits / (K * len(queries)),
        "median ms": float(np.median(walls)),
        "processor ms": float(np.median(works)),
        "p99 ms": float(np.quantile(walls, 0.99)),
        "p99 processor ms": float(np.quantile(works, 0.99)),
    }


def main() -> None:
    """Print a row for every contender that is installed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000, help="vectors")
    parser.add_argument("--queries", type=int, default=1000, help="queries")
    parser.add_argument("--only", nargs="*", default=list(CONTENDERS), choices=list(CONTENDERS), help="contenders")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--measure", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure[0], Path(options.measure[1]))))
        return
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="meot-bench-") as folder:
        prepare(Path(folder), options.count, options.queries)
        for name in tqdm(options.only, disable=not sys.stderr.isatty()):
            command = [sys.executable, "-m", "bench.index", "--measure", name, folder]
            environment = os.environ | {"OMP_WAIT_POLICY": "passive"}
            ran = subprocess.run(command, capture_output=True, text=True, env=environment)
            if ran.returncode:
                print(f"{name}: left out ({ran.stderr.strip().splitlines()[-1]})", flush=True)
                continue
            rows.append(json.loads(ran.stdout.strip().splitlines()[-1]))
            if not options.json:
                print(json.dumps(rows[-1]), flush=True)
    show(f"{options.count:,} x {WIDTH}, {options.queries} queries, k = {K}", rows, as_json=options.json)


if __name__ == "__main__":
    main()
