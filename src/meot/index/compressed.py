"""The compressed part of an index: a byte a number in inverted lists, exact vectors on disk for the last word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from meot.index.among import Among
from meot.index.flat import Found, best
from meot.index.keys import KeyTable
from meot.index.vector_file import VectorFile

_faiss: Any = faiss  # its type stubs know less than it does

FEW = 4_000
"""So many rows are scored one by one sooner than lists are searched for them."""
MANY = 600
"""More candidates than this cost more than telling faiss which rows pass."""


class Compressed:
    """Rows that never change (inverted lists with 8-bit residuals; Jegou, Douze and Schmid 2011). Thread-safe.

    Lists give candidates, whose exact cosines come from the vectors on disk: scores are exact, and what compression
    costs is a neighbour missed now and then.
    """

    def __init__(
        self, *, lists: Any, keys: KeyTable, vectors: VectorFile, probes: dict[int, int], recall: float, trained: int
    ) -> None:
        """lists: a faiss IndexIVFScalarQuantizer whose ids are rows, with a direct map.

        probes: for ascending numbers of neighbours, the lists to look into; recall: what the first of them found when
        it was chosen; trained: how many vectors there were when the lists were made.
        """
        self.lists, self.keys, self.vectors = lists, keys, vectors
        self.probes, self.recall, self.trained = probes, recall, trained
        self.saved: tuple[Path, dict[str, Any]] | None = None  # the folder of its files, and their manifest entries

    def __len__(self) -> int:
        """How many rows there are, removed ones too."""
        return len(self.keys)

    @property
    def width(self) -> int:
        """Numbers a vector, D."""
        return self.vectors.width

    def search(self, queries: NDArray[np.float32], k: int, among: Among) -> Iterator[Found]:
        """For each of (Q, D) queries its k nearest rows of those that may answer; fewer when there are fewer."""
        wanted = int(spare(k) / among.share * 1.2)
        if wanted > MANY:
            for query in queries:
                yield self._rank(query, self._through(query, k, among), k)
            return
        candidates = self._near(queries, wanted, self._probes(k, among.share))
        for query, rows in zip(queries, candidates, strict=True):
            passing = among.passing(rows[rows >= 0])
            if len(passing) < k:
                passing = self._through(query, k, among)
            yield self._rank(query, passing[: spare(k)], k)

    def _through(self, query: NDArray[np.float32], k: int, among: Among) -> NDArray[np.int64]:
        """Candidates for one query found by looking only at rows that may answer."""
        rows = among.rows
        if len(rows) <= max(FEW, k):
            return self._first(query, rows, spare(k))
        probes = self._probes(k, len(rows) / len(self))
        while True:
            near = self._near(query[None], spare(k), probes, among.selector)[0]
            found: NDArray[np.int64] = near[near >= 0]
            if len(found) >= k or probes >= self.lists.nlist:
                return found
            probes = min(4 * probes, self.lists.nlist)

    def _near(self, queries: NDArray[np.float32], most: int, probes: int, selector: Any = None) -> NDArray[np.int64]:
        """Rows (Q, most) by compressed distance, best first, -1 where there are no more."""
        parameters = _faiss.SearchParametersIVF(nprobe=probes, sel=selector)
        return np.asarray(self.lists.search(queries, min(most, len(self)), params=parameters)[1], np.int64)

    def _first(self, query: NDArray[np.float32], rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
        """The ``most`` best of (R,) rows by their compressed vectors."""
        if len(rows) <= most:
            return rows
        scores: NDArray[np.float32] = self.lists.reconstruct_batch(rows) @ query
        return np.asarray(rows[np.argpartition(-scores, most - 1)[:most]], np.int64)

    def _rank(self, query: NDArray[np.float32], rows: NDArray[np.int64], k: int) -> Found:
        """The k best of a few rows by their exact vectors."""
        return best(self.keys.of(rows), self.vectors.read(rows) @ query, k)

    def _probes(self, k: int, share: float) -> int:
        """Lists to look into when ``k`` results are wanted and only a ``share`` of the rows passes.

        The k-th neighbour that passes lies about as far out as the (k / share)-th of all, so what was measured for the
        next larger number holds. Beyond the last, lists grow as the number does.
        """
        depth = k / share
        few = next((probes for measured, probes in self.probes.items() if measured >= depth), None)
        if few is None:
            last = max(self.probes)
            few = int(np.ceil(self.probes[last] * depth / last))
        return min(few, int(self.lists.nlist))


def spare(k: int) -> int:
    """How many candidates to rank exactly for k results, so that compressed order does not decide."""
    return k + max(16, k // 2)
