"""Trained nets -> model files with cards. Refuses when the file does not answer as the net does."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from meot.data.aside import aside
from meot.errors import ModelError
from meot.models.card import Card, digest
from meot.models.session import OnnxSession
from meot.training.nets.parser import ParserNet

_HALF_FROM = 256
"""Tensors with at least this many numbers are stored in half precision and computed with in single."""
FITTED = (
    "as large as it fits into the canvas, in its top left corner, the rest black; "
    "RGB 0..255 / 255, ImageNet mean and deviation a channel"
)
"""How nets are fed whose photos are fitted into a canvas, for their cards."""


class ParserFile(nn.Module):
    """What the parser's model file computes: the map at the input's size, its logits, and the whole photo's answers."""

    def __init__(self, net: ParserNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(N, 3, H, W) -> (N, H, W) uint8, (N, R, H/4, W/4), (N,), (N, C)."""
        logits, worn, category = self.net(pixels)
        large = functional.interpolate(logits, scale_factor=4.0, mode="bilinear", align_corners=False)
        return large.argmax(1).to(torch.uint8), logits, worn, category


def _halve(model: onnx.ModelProto) -> None:
    """Store large weights as float16 with a cast behind each; onnxruntime folds the casts when it loads the file."""
    graph, casts = model.graph, []
    for weight in list(graph.initializer):
        if weight.data_type != TensorProto.FLOAT or int(np.prod(weight.dims)) < _HALF_FROM:
            continue
        values = numpy_helper.to_array(weight)
        if np.abs(values).max() > 6e4:
            continue
        name = weight.name
        small = numpy_helper.from_array(values.astype(np.float16), f"{name}.half")
        graph.initializer.remove(weight)
        graph.initializer.append(small)
        casts.append(helper.make_node("Cast", [small.name], [name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        graph.node.insert(0, cast)


def export(
    net: nn.Module,
    *,
    examples: Sequence[Mapping[str, Tensor]],
    outputs: tuple[str, ...],
    dynamic: dict[str, dict[int, str]],
    card: Card,
    folder: Path,
    tolerance: float = 0.05,
) -> Path:
    """Write ``folder``/TASK.onnx and TASK.json, and return the former.

    examples: inputs of several sizes on which file and net are compared: the largest difference of a float output,
    relative to the output's own root mean square, must stay under ``tolerance``, and at most that share of an integer
    output may differ. ModelError when not; nothing is left then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{card.task}.onnx"
    net.eval().to(memory_format=torch.contiguous_format)
    with aside(file) as part:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                net,
                tuple(examples[0].values()),
                str(part),
                input_names=list(examples[0]),
                output_names=list(outputs),
                dynamic_axes=dynamic,
                opset_version=17,
                dynamo=False,
            )
        model = onnx.load(str(part))
        _halve(model)
        onnx.save(model, str(part))
        _compare(net, part, examples, outputs, tolerance)
    replace(card, sha256=digest(file)).write(folder / f"{card.task}.json")
    return file


@torch.no_grad()
def _compare(
    net: nn.Module, file: Path, examples: Sequence[Mapping[str, Tensor]], outputs: tuple[str, ...], tolerance: float
) -> None:
    session = OnnxSession(model=file, threads=1)
    for example in examples:
        said = net(*example.values())
        expected = said if isinstance(said, tuple) else (said,)
        found = session.run({name: value.numpy() for name, value in example.items()})
        for name, ours, theirs in zip(outputs, expected, found, strict=True):
            gap = difference(ours.numpy(), theirs)
            if not gap <= tolerance:
                raise ModelError(
                    f"output {name!r} of {file.name} differs from the net's by {gap:.3g}, expected at most {tolerance}"
                )


def difference(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    """How far two arrays of one shape differ: the share of integers that do; of floats the largest difference over the
    root of our mean square.
    """
    if np.issubdtype(ours.dtype, np.integer):
        return float(np.mean(ours != theirs))
    return float(np.abs(ours - theirs).max() / max(float(np.sqrt(np.mean(np.square(ours)))), 1e-3))
