"""PSPNet (Zhao et al. 2017): a dilated ResNet whose last features see the whole photo at four grid sizes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from torch import Tensor, nn
from torch.nn import functional

from meot.errors import DataError
from meot.training.nets.weights import fill, read_weights

_BINS = (1, 2, 3, 6)


class PyramidPooling(nn.Module):
    """(N, C, h, w) -> (N, 2C, h, w): the features beside their means over grids of 1, 2, 3 and 6 cells a side."""

    def __init__(self, channels: int, *, bins: Sequence[int] = _BINS) -> None:
        super().__init__()
        self.bins = tuple(bins)
        self.squeeze = nn.ModuleList([_convolution(channels, channels // len(bins), 1) for _ in bins])

    def forward(self, x: Tensor) -> Tensor:
        """The features and their context."""
        height, width = int(x.shape[2]), int(x.shape[3])
        seen = [x]
        for cells, squeeze in zip(self.bins, self.squeeze, strict=True):
            rows, columns = (_means(side, cells).to(x) for side in (height, width))
            context = squeeze(rows @ x @ columns.T)
            seen.append(functional.interpolate(context, size=(height, width), mode="bilinear", align_corners=False))
        return torch.cat(seen, 1)


def _means(side: int, cells: int) -> Tensor:
    """(cells, side) float32 whose product with ``side`` values is their adaptive average pooling into ``cells``.

    As a product it goes into a model file for any side, which pooling itself does only for multiples of ``cells``.
    """
    matrix = np.zeros((cells, side), np.float32)
    for i in range(cells):
        start, end = i * side // cells, -(-(i + 1) * side // cells)
        matrix[i, start:end] = 1 / (end - start)
    return torch.from_numpy(matrix)


def _convolution(before: int, after: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, padding=kernel // 2, bias=False),
        nn.GroupNorm(1, after) if kernel == 1 else nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


class PspNet(nn.Module):
    """(N, 3, H, W) float32 -> (N, R, H/8, W/8) logits; while it trains, the auxiliary head's as well.

    body: a timm ResNet (resnet50 as in the paper). weights: "" for a random start, "download" for timm's ImageNet
    weights, else a .safetensors or .pt file of the body. The pooled context is normalised over its channels, not over
    the batch as in the paper: a mean over one cell of few photos has no spread of its own.
    DataError for a body that is no ResNet of timm's; ModelError for a file that does not fit.
    """

    def __init__(self, *, regions: int, body: str = "resnet50", weights: str = "", dropout: float = 0.1) -> None:
        super().__init__()
        if not body.startswith("resnet") or body not in timm.list_models("resnet*"):
            raise DataError(
                f"no ResNet is called {body!r}; expected resnet18, resnet50, resnet101 or another of timm's"
            )
        made: Any = timm.create_model(
            body, features_only=True, output_stride=8, out_indices=(3, 4), pretrained=weights == "download"
        )
        self.body: nn.Module = made
        if weights not in ("", "download"):
            fill(self.body, read_weights(Path(weights)), weights)
        middle, last = made.feature_info.channels()
        self.context = PyramidPooling(last)
        self.regions = nn.Sequential(
            _convolution(2 * last, last // 4, 3), nn.Dropout2d(dropout), nn.Conv2d(last // 4, regions, 1)
        )
        self.auxiliary = nn.Sequential(
            _convolution(middle, middle // 4, 3), nn.Dropout2d(dropout), nn.Conv2d(middle // 4, regions, 1)
        )

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """(N, R, H/8, W/8) logits; in training mode (logits, auxiliary logits)."""
        middle, last = self.body(x)
        logits: Tensor = self.regions(self.context(last))
        return (logits, self.auxiliary(middle)) if self.training else logits
