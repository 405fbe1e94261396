"""A part of the index, in a worker's process."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import IO

import numpy as np
from numpy.typing import NDArray

from meot.index.distributed.wanted import Bits, Keys, unpacked
from meot.index.files import IndexFileError
from meot.index.growing import GrowingIndex

_log = logging.getLogger(__name__)


class Shard:
    """The vectors whose keys fall to one shard: an actor, so that whoever holds it calls its worker directly."""

    def __init__(self, folder: Path | None = None) -> None:
        """folder: of the worker's machine, where it is kept between runs; None, or one of no use: memory alone."""
        self._folder = folder
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                _log.warning("the shard stays in memory: %s", error)
                self._folder = None
        self._index = GrowingIndex()
        self._spool: IO[bytes] | None = None
        self._saving, self._is_saved = Thread(), False

    def open(self, models: str, generation: int) -> tuple[NDArray[np.int64], int]:
        """Take what was saved of these models up to a generation, if anything: ascending (K,) int64 keys, and width."""
        self._index = GrowingIndex(models=models, folder=self._folder)
        if self._folder is not None:
            try:
                found = GrowingIndex.open(self._folder, models=models)
            except IndexFileError as error:
                _log.info("%s", error)
            else:
                self._index = found if found.generation <= generation else self._index
        return self._index.keys(), self._index.width

    def save(self, models: str, generation: int) -> None:
        """Begin to keep it in its folder under these names; questions are answered meanwhile. :meth:`saved` waits."""
        self.saved()
        self._index.models = models
        self._saving = Thread(target=self._save, args=(generation,), name="meot-shard")
        self._saving.start()

    def saved(self) -> bool:
        """Whether the last :meth:`save` kept it, once that has ended; False while somebody else saved there, too."""
        if self._saving.ident is not None:
            self._saving.join()
        return self._is_saved

    def _save(self, generation: int) -> None:
        self._is_saved, index = False, self._index
        if self._folder is None or not len(index):
            return
        try:
            lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                index.wait()
                index.save(self._folder, generation=generation)
            finally:
                os.close(lock)
        except BlockingIOError:
            _log.info("the shard is not saved: another copy or program is saving there")
        except (IndexFileError, OSError) as error:
            _log.warning("the shard is not saved: %s", error)
        else:
            self._is_saved = True

    def add(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """As :meth:`meot.index.growing.GrowingIndex.add`."""
        self._index.add(keys, vectors)

    def remove(self, keys: NDArray[np.int64]) -> None:
        """As :meth:`meot.index.growing.GrowingIndex.remove`."""
        self._index.remove(keys)

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: Keys | Bits | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """As :meth:`meot.index.growing.GrowingIndex.search`; allowed: as they travel."""
        wanted = None if allowed is None else unpacked(allowed)
        return self._index.search(np.ascontiguousarray(queries), k, wanted)

    def spool(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Keep (K,) keys and (K, D) float32 vectors on the worker's disk for :meth:`build`."""
        self._spool = self._spool or TemporaryFile()  # noqa: SIM115 - build closes it
        np.save(self._spool, keys)
        np.save(self._spool, vectors)

    def build(self) -> int:
        """Make the index of what was spooled, in place of what it holds; how many vectors it holds now."""
        if self._spool is None:
            self._index = GrowingIndex(models=self._index.models, folder=self._folder)
            return 0
        with self._spool as file:
            self._spool = None
            self._index = GrowingIndex.rebuild(_blocks(file), models=self._index.models, folder=self._folder)
        return len(self._index)

    def state(self) -> dict[str, int | float | str]:
        """As :meth:`meot.index.growing.GrowingIndex.describe`."""
        return self._index.describe()


def _blocks(file: IO[bytes]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    end = file.tell()
    file.seek(0)
    while file.tell() < end:
        yield np.load(file), np.load(file)
