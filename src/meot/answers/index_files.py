"""The vector index beside its catalogue: opened from files, rebuilt when they cannot be used, saved when it settles."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from meot.answers.settled import SECONDS, Settled
from meot.catalogue import attribute_file
from meot.catalogue.attributes import Attributes
from meot.index.build import Progress
from meot.index.files import IndexFileError
from meot.index.growing import GrowingIndex

FEWEST = 2_000
"""Garments from which files are kept; fewer are read from the database as fast."""
_ATTRIBUTES = "attributes.npz"

_log = logging.getLogger(__name__)
Blocks = Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]


class IndexFiles:
    """The folder of a catalogue's index. One process at a time saves there, the first that wants to; others read.

    A folder that cannot be written is no fault: the index is then kept in memory alone.
    """

    def __init__(
        self, *, folder: Path, fewest: int = FEWEST, settled: float = SECONDS, progress: Progress | None = None
    ) -> None:
        """settled: seconds without a change after which the index is saved. progress: told of long building."""
        self.folder, self._fewest, self._progress = folder, fewest, progress
        self._settled = Settled(seconds=settled)
        self._lock: int | None = None
        self._saving, self._closed = Lock(), False
        self._saved: tuple[str, int] | None = None

    def open(self, models: str, garments: int, generation: int) -> GrowingIndex | None:
        """The index in the folder; None when there are few garments, no index of ``models``, or a damaged one.

        generation: of the catalogue; an index of a later state is of no use to one that was put back from a copy.
        """
        if garments < self._fewest:
            return None
        try:
            index = GrowingIndex.open(self.folder, models=models)
        except IndexFileError as error:
            _log.info("%s", error)
            return None
        if index.generation > generation:
            return None
        self._saved = (models, index.generation)
        return index

    def rebuild(self, blocks: Blocks, models: str, garments: int) -> GrowingIndex:
        """An index of (keys, vectors) block by block, which are not kept in memory when they are many."""
        self._saved = None
        keeps = garments >= self._fewest and self._is_mine()
        folder = self.folder if keeps else None
        progress = self._progress if garments >= self._fewest else None
        try:
            return GrowingIndex.rebuild(blocks, models=models, folder=folder, progress=progress)
        except IndexFileError as error:
            if folder is None:
                raise
            _log.warning("%s", error)
        return GrowingIndex.rebuild(blocks, models=models, progress=progress)

    def attributes(self, fingerprint: str) -> Attributes | None:
        """The attributes kept of the catalogue with that fingerprint, of whatever state; None when there are none."""
        return attribute_file.load(self.folder / _ATTRIBUTES, fingerprint)

    def save_later(self, index: GrowingIndex, attributes: Attributes, fingerprint: str) -> None:
        """Save once nothing has changed for a while; a later call puts an earlier one off."""
        self._settled.then(partial(self.save, index, attributes, fingerprint))

    def save(self, index: GrowingIndex, attributes: Attributes, fingerprint: str) -> bool:
        """Save now, unless there are few garments or another process saves here; whether the folder holds them.

        attributes: of the state of the catalogue that the index shows.
        """
        with self._saving:  # a timer may go off while it is closed
            return not self._closed and self._save(index, attributes, fingerprint)

    def _save(self, index: GrowingIndex, attributes: Attributes, fingerprint: str) -> bool:
        state = index.models, attributes.generation
        if self._saved == state and (self.folder / _ATTRIBUTES).is_file():
            return True
        if len(index) < self._fewest or not self._is_mine():
            return False
        index.wait()
        try:
            index.save(self.folder, generation=attributes.generation)
            attribute_file.save(attributes, self.folder / _ATTRIBUTES, fingerprint)
        except (IndexFileError, OSError) as error:
            _log.warning("%s", error)
            return False
        self._saved = state
        return True

    def close(self) -> None:
        """Let go of the folder; what was not saved is not."""
        self._settled.forget()
        with self._saving:  # wait for the timer's
            self._closed = True
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def _is_mine(self) -> bool:
        """Whether this process may write to the folder; once it may, until it closes."""
        if self._lock is not None:
            return True
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            _log.info("the index stays in memory: %s", error)
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        self._lock = lock
        return True
