"""Running a model file: onnxruntime behind a Protocol of one method."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from meot.errors import ModelError


class Session(Protocol):
    """Something that runs a model."""

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """The model's outputs, in its order, for inputs by name."""


class OnnxSession:
    """A model file in onnxruntime on the CPU. threads: 0 for one a core, at most 4."""

    def __init__(self, *, model: Path, threads: int = 0) -> None:
        import onnxruntime  # a tenth of a second, only when a model is really run

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or min(
            4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        )
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
