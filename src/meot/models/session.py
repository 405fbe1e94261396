"""Running a model file: onnxruntime behind a Protocol of one method."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from meot.errors import ModelError

Done = TypeVar("Done")

_PART = 2
"""Rows that a thread takes at once: one costs a little more alone, and many leave the other threads without work."""


class Session(Protocol):
    """Something that runs a model."""

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """The model's outputs, in its order, for inputs by name; shapes are the model's own, its card says which."""


def cores(wanted: int = 0) -> int:
    """Threads to use: ``wanted``, or one for each core, at most 4, when that is 0."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return wanted or min(4, there)


class OnnxSession:
    """A model file in onnxruntime on the CPU. threads: 0 for one a core, at most 4."""

    def __init__(self, *, model: Path, threads: int = 0) -> None:
        import onnxruntime  # a tenth of a second, only when a model is really run

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores(threads)
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own, undocumented classes
            raise ModelError(
                f"{model}: cannot be loaded by onnxruntime ({error}); install or export it again"
            ) from None

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """The model's outputs, in its order, for inputs by name."""
        return [np.asarray(output) for output in self._session.run(None, dict(inputs))]


class Crew:
    """Threads that share rows out, beside the one that asks: it does what none of them has begun when it must wait.

    A small net gains little from several threads on each of its layers; several crops at once gain nearly all.
    threads: as for :class:`OnnxSession`, the asking one counted in.
    """

    def __init__(self, threads: int = 1) -> None:
        self._threads = cores(threads)
        others = self._threads - 1
        self._pool = ThreadPoolExecutor(others, thread_name_prefix="meot-crew") if others else None

    def begin(self, rows: int, work: Callable[[slice], Done]) -> Callable[[], list[Done]]:
        """Start ``work`` on parts of so many rows; what is returned waits, and says what came of them, in their order.

        Without other threads, and once the main one has ended, nothing is started: the work is done, as one part, by
        who waits for it.
        """
        if self._pool is None:
            return lambda: [work(slice(0, rows))]
        size = 1 if rows <= self._threads else _PART
        parts = [slice(first, min(first + size, rows)) for first in range(0, rows, size)]
        try:
            begun = [(part, self._pool.submit(work, part)) for part in parts]
        except RuntimeError:  # the main thread has ended, and threads take nothing up any more
            return lambda: [work(slice(0, rows))]

        def wait() -> list[Done]:
            own = {i: work(part) for i, (part, other) in reversed(list(enumerate(begun))) if other.cancel()}
            return [own[i] if i in own else other.result() for i, (_, other) in enumerate(begun)]

        return wait
