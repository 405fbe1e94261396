"""What there is to answer with: a catalogue's attributes and the index of its garments, both following it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot.answers.index_files import IndexFiles
from meot.answers.settled import Settled
from meot.catalogue import rows
from meot.catalogue.attributes import Attributes
from meot.catalogue.store import Catalogue
from meot.index.distributed.index import DistributedIndex
from meot.index.growing import GrowingIndex
from meot.index.protocol import VectorIndex


class Comparable(NamedTuple):
    """attributes: of the catalogue. garments: (R,) bool, which of them the index holds."""

    attributes: Attributes
    garments: NDArray[np.bool_]


class Stock:
    """The products that live, and an index of the garments that stand for them; thread-safe.

    index: an empty one, which is filled from the catalogue; one on workers, from what these kept of it. files: where an
    index of many garments is kept instead.
    """

    def __init__(self, *, catalogue: Catalogue, index: VectorIndex, files: IndexFiles | None = None) -> None:
        self._catalogue, self._files = catalogue, files
        self._index: VectorIndex | GrowingIndex = index
        self._lock = Lock()
        self._attributes: Attributes | None = None
        self._fingerprint = ""
        self._held = np.zeros(0, np.int64)
        self._filled: tuple[int, str] | None = None  # the generation and the models that the index shows
        self._comparable: Comparable | None = None
        self._anew = False
        self._settled = Settled()

    def attributes(self) -> Attributes:
        """The attributes of the catalogue's present state."""
        with self._lock:
            return self._follow()

    def comparable(self, models: Mapping[str, str]) -> Comparable:
        """The same, with the index brought up to it: the garments of photos that were read with ``models``."""
        wanted = rows.models_key(rows.without_taught(models))
        with self._lock:
            attributes = self._follow()
            if self._filled != (attributes.generation, wanted) or self._comparable is None:
                said = attributes.vocabularies.models
                alike = [i for i, text in enumerate(said.texts) if _without_taught(text) == wanted]
                garments = np.isin(attributes.garments.models, alike)
                self._fill(np.unique(attributes.garments.garment[garments]), models, wanted, attributes)
                self._comparable = Comparable(attributes, garments)
                self._filled = (attributes.generation, wanted)
            return self._comparable

    def search(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Keys (F,) and cosines (F,) of the k garments nearest to a (D,) vector among ascending ``allowed`` keys."""
        keys, scores = self._index.search(vector[None], min(k, len(allowed)), allowed)
        found = keys[0] >= 0
        return keys[0][found], scores[0][found]

    def describe(self) -> dict[str, int | float | str]:
        """What the index is like at present: its kind, how many vectors it holds, and what it says of itself."""
        if isinstance(self._index, GrowingIndex):
            return self._index.describe()
        return {"kind": type(self._index).__name__, "vectors": len(self._index)}

    def rebuild(self, models: Mapping[str, str]) -> None:
        """Make the index anew from the catalogue, whatever stands in its files; questions wait meanwhile."""
        with self._lock:
            self._index.remove(self._held)
            self._held, self._filled, self._anew = np.zeros(0, np.int64), None, True
        self.comparable(models)

    def compact(self) -> None:
        """Join what was added to the index since it was made; questions are answered meanwhile."""
        if isinstance(self._index, GrowingIndex):
            self._index.compact()

    def close(self) -> None:
        """Save the index where it is kept in files, here or on workers."""
        self._settled.forget()
        if isinstance(self._index, DistributedIndex) and self._comparable is not None:
            self._index.save(self._comparable.attributes.generation)
        if self._files is not None:
            if self._comparable is not None and isinstance(self._index, GrowingIndex):
                self._files.save(self._index, self._comparable.attributes, self._fingerprint)
            self._files.close()

    def _follow(self) -> Attributes:
        if self._attributes is None and self._files is not None:
            self._attributes = self._files.attributes(self._catalogue.fingerprint())
        self._attributes = self._catalogue.attributes(self._attributes)
        if not self._fingerprint:  # another catalogue may come to lie where this one did
            self._fingerprint = self._catalogue.fingerprint()
        return self._attributes

    def _fill(self, wanted: NDArray[np.int64], models: Mapping[str, str], name: str, attributes: Attributes) -> None:
        """Bring the index to the (G,) ascending keys ``wanted``."""
        if self._filled is None:
            if self._files is not None:
                self._open(self._files, wanted, models, name, attributes.generation)
            elif isinstance(self._index, DistributedIndex):
                self._open_workers(self._index, wanted, models, name, attributes.generation)
        gone = np.setdiff1d(self._held, wanted, assume_unique=True)
        self._index.remove(gone)
        held = [np.setdiff1d(self._held, gone, assume_unique=True)]
        for keys, vectors in self._catalogue.vectors_of(np.setdiff1d(wanted, self._held, assume_unique=True)):
            self._index.add(keys, vectors)
            held.append(keys)
        self._held = np.sort(np.concatenate(held))
        if self._files is not None and isinstance(self._index, GrowingIndex):
            self._files.save_later(self._index, attributes, self._fingerprint)
        if isinstance(self._index, DistributedIndex):
            self._settled.then(partial(self._index.save, attributes.generation, wait=False))

    def _open(
        self, files: IndexFiles, wanted: NDArray[np.int64], models: Mapping[str, str], name: str, generation: int
    ) -> None:
        """Take the index from files, or a new one built without holding all vectors in memory."""
        known = self._known(name)
        found = None if self._anew else files.open(known, len(wanted), generation)
        self._anew = False
        if found is None:
            found = files.rebuild(self._blocks(wanted, models), known, len(wanted))
        self._index, self._held = found, found.keys()

    def _open_workers(
        self, index: DistributedIndex, wanted: NDArray[np.int64], models: Mapping[str, str], name: str, generation: int
    ) -> None:
        """Take what workers kept, or build all their shards at once, when they kept nothing."""
        if not len(index):
            index.open(self._known(name), -1 if self._anew else generation)  # nothing is kept of a state so early
        self._anew = False
        if not len(index):
            index.load(self._blocks(wanted, models))
        self._held = index.keys()

    def _known(self, name: str) -> str:
        """What tells the vectors of the catalogue and the models called ``name`` from all others."""
        return f"{name} {self._fingerprint}"

    def _blocks(
        self, wanted: NDArray[np.int64], models: Mapping[str, str]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        for keys, vectors in self._catalogue.vector_blocks(models):
            kept = np.isin(keys, wanted, assume_unique=True)
            if kept.any():
                yield keys[kept], vectors[kept]


def _without_taught(models: str) -> str | None:
    """The name of a stored set of models without what was taught; None where a photo was not read."""
    return rows.models_key(rows.without_taught(json.loads(models))) if models else None
