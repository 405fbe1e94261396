"""The index that grows: exact while small, compressed with exact re-ranking beyond; kept in files."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock, Thread

import faiss
import numpy as np
from numpy.typing import NDArray

from meot.index import files
from meot.index.build import Progress
from meot.index.compact import Blocks, compacted, gathered
from meot.index.files import IndexFileError
from meot.index.flat import Flat
from meot.index.state import State

EXACT_UP_TO = 20_000
"""Vectors that are simply compared; docs/index.md has the measurement."""
_RECENT = 4_096
_RECENT_SHARE = 0.01
_REMOVED_SHARE = 0.2

_log = logging.getLogger(__name__)


class GrowingIndex:
    """A :class:`meot.index.protocol.VectorIndex` of any size; thread-safe.

    Readers work on a state that never changes and wait for nobody; one writer at a time makes the next. What is added
    is found at once, in a flat part beside the compressed one; a thread joins the two when the flat part has grown.
    """

    def __init__(
        self, *, exact_up_to: int = EXACT_UP_TO, folder: Path | None = None, background: bool = True, models: str = ""
    ) -> None:
        """exact_up_to: vectors before they are compressed. folder: for nameless files of vectors, 4 bytes a number.

        background: join parts in a thread by itself; otherwise only when :meth:`compact` is called. models: the name
        of what made the vectors; files of another name are refused.
        """
        self.models, self.generation = models, 0
        self._exact_up_to, self._folder, self._background = exact_up_to, folder, background
        self._state = State(Flat.empty())
        self._writing, self._compacting = Lock(), Lock()
        self._missed: list[Callable[[State], State]] | None = None  # changes made while parts are being joined
        self._patience = 0  # after a failure, how large the flat part may grow before the next attempt
        self._thread: Thread | None = None

    @classmethod
    def open(
        cls, folder: Path, *, models: str, exact_up_to: int = EXACT_UP_TO, background: bool = True
    ) -> GrowingIndex:
        """The index that :meth:`save` put in a folder; its inverted lists stay on disk, mapped into memory.

        IndexFileError when there is none, when files are damaged, or when other models made it: :meth:`rebuild` it.
        """
        index = cls(exact_up_to=exact_up_to, folder=folder, background=background, models=models)
        index._state, index.generation = files.load(folder, models)
        return index

    @classmethod
    def rebuild(
        cls,
        blocks: Blocks,
        *,
        models: str = "",
        exact_up_to: int = EXACT_UP_TO,
        folder: Path | None = None,
        background: bool = True,
        progress: Progress | None = None,
    ) -> GrowingIndex:
        """An index of everything in ``blocks`` of (keys (B,), vectors (B, D)), read once and not kept in memory.

        ValueError as :meth:`add`; IndexFileError when the disk is full.
        """
        index = cls(exact_up_to=exact_up_to, folder=folder, background=background, models=models)
        with files.explain("the vectors of the index"):
            index._state = gathered(blocks, exact_up_to=exact_up_to, folder=folder, progress=progress)
        return index

    def __len__(self) -> int:
        """How many vectors are stored."""
        return len(self._state)

    @property
    def width(self) -> int:
        """Numbers a vector; 0 while nothing tells."""
        return self._state.width

    def keys(self) -> NDArray[np.int64]:
        """The keys (N,) int64 of all stored vectors, ascending."""
        return self._state.keys()

    def describe(self) -> dict[str, int | float | str]:
        """What the index is at present: its kind, its parts, and what was measured when its lists were made."""
        state = self._state
        said: dict[str, int | float | str] = {"kind": "exact", "vectors": len(state), "flat": len(state.flat)}
        if state.base is not None:
            said |= {"kind": "compressed", "lists": int(state.base.lists.nlist), "looked_into": state.base.probes[10]}
            said |= {"recall_at_10": state.base.recall, "removed": state.removed_rows}
        return said

    def add(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Store vectors under new keys; see :class:`meot.index.protocol.VectorIndex`. Found from the next search on."""
        kept = (np.array(keys, np.int64), np.array(vectors, np.float32))
        self._change(partial(State.added, keys=kept[0], vectors=kept[1]))

    def remove(self, keys: NDArray[np.int64]) -> None:
        """Forget keys; those that are not stored are passed over."""
        self._change(partial(State.removed, keys=np.array(keys, np.int64)))

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k nearest, with exact scores; see :class:`meot.index.protocol.VectorIndex`. Fastest for allowed keys
        that ascend.
        """
        wanted = None if allowed is None else np.asarray(allowed, np.int64)
        return self._state.search(np.ascontiguousarray(queries, np.float32), k, wanted)

    def compact(self, progress: Progress | None = None) -> None:
        """Join the parts now, in this thread; searches and changes go on meanwhile. IndexFileError when the disk is
        full; the index then stays as it was.
        """
        with self._compacting:
            with self._writing:
                state, self._missed = self._state, []
            try:
                with files.explain("the vectors of the index"):
                    joined = compacted(state, exact_up_to=self._exact_up_to, folder=self._folder, progress=progress)
                with self._writing:
                    for change in self._missed:
                        joined = change(joined)
                    self._state, self._patience = joined, 0
            finally:
                self._missed = None

    def save(self, folder: Path, *, generation: int = 0) -> None:
        """Write the index to a folder, as of this moment, with the ``generation`` of the catalogue that it shows.

        Killed at any moment, the folder holds the old index or the new one. IndexFileError when the folder cannot be
        written or the disk is full; the old index then stays.
        """
        state = self._state
        files.save(state, folder, models=self.models, generation=generation)
        self.generation = generation

    def wait(self) -> None:
        """Return once a thread that joins parts has ended."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _change(self, change: Callable[[State], State]) -> None:
        with self._writing:
            self._state = change(self._state)
            if self._missed is not None:
                self._missed.append(change)
            if self._background and self._thread is None and self._overgrown():
                self._thread = Thread(target=self._keep_compact, name="meot-index")
                self._thread.start()

    def _overgrown(self) -> bool:
        state = self._state
        if len(state.flat) < self._patience:
            return False
        if state.base is None:
            return len(state.flat) > self._exact_up_to
        recent = max(_RECENT, int(_RECENT_SHARE * len(state.base)))
        return len(state.flat) > recent or state.removed_rows > _REMOVED_SHARE * len(state.base)

    def _keep_compact(self) -> None:
        faiss.omp_set_num_threads(1)  # of this thread only: searches keep the other cores
        while True:
            try:
                self.compact()
            except IndexFileError as error:
                self._patience = 2 * len(self._state.flat)
                _log.warning("the index goes on uncompressed: %s", error)
            with self._writing:
                if not self._overgrown():
                    self._thread = None
                    return
