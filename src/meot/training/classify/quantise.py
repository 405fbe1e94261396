"""A model file in 8-bit integers (static, QDQ), calibrated on training pictures."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meot.training.classify.batches import pixels_of
from meot.training.classify.samples import Crop

if TYPE_CHECKING:
    from meot.training.recipes.classifier import ClassifierRecipe


class _Pictures:
    """Feeds calibration pictures one by one; onnxruntime's reader protocol."""

    def __init__(self, crops: list[Crop], recipe: ClassifierRecipe) -> None:
        self._left = iter([{"pixels": pixels_of([crop], recipe).numpy()} for crop in crops])

    def get_next(self) -> dict[str, Any] | None:
        return next(self._left, None)


def quantise(file: Path, crops: list[Crop], recipe: ClassifierRecipe) -> Path:
    """Write FILE.int8.onnx beside ``file`` and return it; weights per channel, activations from ``crops``."""
    from onnxruntime import quantization as q

    ready, target = file.with_suffix(".ready.onnx"), file.with_suffix(".int8.part.onnx")
    logging.getLogger().setLevel(logging.ERROR)
    try:
        q.quant_pre_process(str(file), str(ready), skip_symbolic_shape=True)
        q.quantize_static(
            str(ready),
            str(target),
            _Pictures(crops, recipe),
            quant_format=q.QuantFormat.QDQ,
            per_channel=True,
            activation_type=q.QuantType.QUInt8,
            weight_type=q.QuantType.QInt8,
            op_types_to_quantize=["Conv"],
        )
    finally:
        ready.unlink(missing_ok=True)
    return target
