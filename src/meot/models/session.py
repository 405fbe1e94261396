"""Running a model file: onnxruntime behind a Protocol of one method."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from meot.errors import ModelError


class Session(Protocol):
    """Something that runs a model."""

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """The model's outputs, in its order, for inputs by name."""


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


class SharedSession:
    """A session that shares the rows of a batch out among threads.

    A small net gains little from several threads on each of its layers; several crops at once gain nearly all. Every
    input and output has the batch as its first axis. threads: as for :class:`OnnxSession`.
    """

    def __init__(self, *, model: Path, threads: int = 0) -> None:
        self._threads = cores(threads)
        self._session = OnnxSession(model=model, threads=1)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="meot-session")

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """The model's outputs, in its order, for inputs by name."""
        rows = len(next(iter(inputs.values())))
        parts = min(rows, self._threads)
        if parts < 2:
            return self._session.run(inputs)
        cuts = [rows * part // parts for part in range(parts + 1)]
        shares = [{name: values[a:b] for name, values in inputs.items()} for a, b in itertools.pairwise(cuts)]
        done = list(self._pool.map(self._session.run, shares))
        return [np.concatenate(outputs) for outputs in zip(*done, strict=True)]
