"""The index of meot and its peers, each behind the same few methods, for :mod:`bench.index`."""

from __future__ import annotations

import ctypes
import gc
import importlib
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from meot.index.growing import GrowingIndex

_faiss: Any = faiss  # its type stubs know less than it does

Vectors = NDArray[np.float32]
Keys = NDArray[np.int64]


class Contender:
    """An index whose keys are 0..N-1 after building."""

    filters = True
    outside = False
    """Whether it works in threads or processes of its own."""
    folder: Path

    def build(self, vectors: Vectors) -> None:
        """Index (N, D) vectors that lie in a file mapped into memory."""
        raise NotImplementedError

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add more."""
        raise NotImplementedError

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Keys:
        """Keys (Q, k)."""
        raise NotImplementedError

    def keep(self) -> None:
        """Save for the next contender."""

    def describe(self) -> str:
        """What it came to be."""
        return ""


class Meot(Contender):
    """What is under test, built from blocks."""

    def build(self, vectors: Vectors) -> None:
        """Rebuild."""
        blocks = (slice(i, i + 50_000) for i in range(0, len(vectors), 50_000))
        self.index = GrowingIndex.rebuild((np.arange(len(vectors))[part], vectors[part]) for part in blocks)

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add."""
        self.index.add(keys, vectors)

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Keys:
        """Search."""
        return self.index.search(queries, k, allowed)[0]

    def keep(self) -> None:
        """Save."""
        self.index.save(self.folder / "saved")

    def describe(self) -> str:
        """Its own words, and nothing left running."""
        self.index.wait()
        return " ".join(f"{name} {value}" for name, value in self.index.describe().items())


class MeotFiles(Meot):
    """What the one before saved, opened by mapping; its build is the opening, checks of all files included."""

    def build(self, vectors: Vectors) -> None:
        """Open."""
        self.index = GrowingIndex.open(self.folder / "saved", models="")

    def keep(self) -> None:
        """It is kept already."""


class Faiss(Contender):
    """A faiss index by its factory name."""

    def __init__(self, name: str, parameters: Any, probes: dict[str, int], *, filters: bool = True) -> None:
        self.name, self.parameters, self.probes, self.filters = name, parameters, probes, filters

    def build(self, vectors: Vectors) -> None:
        """Train on a part, add in blocks."""
        lists = 2 ** round(np.log2(4 * len(vectors) ** 0.5))
        name = self.name.format(lists=lists)
        self.index = faiss.index_factory(vectors.shape[1], name, faiss.METRIC_INNER_PRODUCT)
        if not self.index.is_trained:
            rows = np.sort(np.random.default_rng(0).choice(len(vectors), min(len(vectors), 39 * lists), replace=False))
            self.index.train(np.ascontiguousarray(vectors[rows]))
        for start in range(0, len(vectors), 50_000):
            self.index.add(np.ascontiguousarray(vectors[start : start + 50_000]))

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add."""
        self.index.add(vectors)

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Keys:
        """Search; the selector is made for every question, as a filter of a request is."""
        chosen = {}
        if allowed is not None:
            mask = np.zeros(self.index.ntotal, np.bool_)
            mask[allowed] = True
            bits = np.packbits(mask, bitorder="little")
            chosen = {"sel": _faiss.IDSelectorBitmap(bits)}
        if self.name.endswith("Refine(SQ8)"):
            inner = _faiss.SearchParametersIVF(nprobe=self.probes["nprobe"], **chosen)
            given = _faiss.IndexRefineSearchParameters(k_factor=8, base_index_params=inner)
        else:
            given = self.parameters(**self.probes, **chosen)
        found: Keys = self.index.search(queries, k, params=given)[1]
        return found


class Usearch(Contender):
    """usearch, half precision; its Python index takes no filter."""

    filters = False

    def build(self, vectors: Vectors) -> None:
        """Add in blocks."""
        index = importlib.import_module("usearch.index")
        self.index = index.Index(ndim=vectors.shape[1], metric="ip", dtype="f16")
        for start in range(0, len(vectors), 50_000):
            part = np.ascontiguousarray(vectors[start : start + 50_000])
            self.index.add(np.arange(start, start + len(part)), part)

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add."""
        self.index.add(keys, vectors)

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Keys:
        """Search."""
        return np.asarray(self.index.search(queries, k).keys, np.int64).reshape(len(queries), k)


class Hnswlib(Contender):
    """hnswlib; its filter is a Python function called for every vector, so it is not asked."""

    filters = False

    def build(self, vectors: Vectors) -> None:
        """Add in blocks."""
        hnswlib = importlib.import_module("hnswlib")
        self.index = hnswlib.Index(space="ip", dim=vectors.shape[1])
        self.index.init_index(max_elements=len(vectors) + 10_000, ef_construction=100, M=16)
        self.index.set_ef(64)
        for start in range(0, len(vectors), 50_000):
            part = np.ascontiguousarray(vectors[start : start + 50_000])
            self.index.add_items(part, np.arange(start, start + len(part)))

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add."""
        self.index.add_items(vectors, keys)

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Keys:
        """Search."""
        return np.asarray(self.index.knn_query(queries, k)[0], np.int64)


def _ivf(name: str, nprobe: int) -> Any:
    return lambda: Faiss(name, _faiss.SearchParametersIVF, {"nprobe": nprobe})


CONTENDERS: dict[str, Any] = {
    "meot": Meot,
    "meot from files": MeotFiles,
    "faiss flat": lambda: Faiss("Flat", _faiss.SearchParameters, {}),
    "faiss IVF,Flat": _ivf("IVF{lists},Flat", 16),
    "faiss IVF,SQ8": _ivf("IVF{lists},SQ8", 16),
    "faiss IVF,PQ64 fast scan, SQ8 refine": _ivf("IVF{lists},PQ64x4fs,Refine(SQ8)", 16),
    "faiss HNSW32": lambda: Faiss("HNSW32,Flat", _faiss.SearchParametersHNSW, {"efSearch": 64}),
    "usearch f16": Usearch,
    "hnswlib": Hnswlib,
}


def anonymous() -> int:
    """Bytes of this process's own memory: files mapped into it are not counted."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return 1024 * int(line.split()[1])
    raise OSError("/proc/self/status does not tell RssAnon; run the bench on Linux")


def trim() -> None:
    """Give freed memory back, so that it is not counted."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
