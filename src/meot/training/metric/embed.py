"""A garment's picture -> a unit vector: features pooled at several depths, their colours, and a head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

CHANNELS = {6: 32, 10: 64, 13: 96, 18: 1280}
"""Positions in MobileNetV2's features that are pooled, and their channels; strides 8, 16, 16, 32."""
_LAST, _GRID_AT, _GRID = 18, 13, 3


class Batch(NamedTuple):
    """inputs: (N, 4, S, S) masked pixels and mask, or (N, F) features, float32; items, sides: (N,) int64."""

    inputs: Tensor
    items: Tensor
    sides: Tensor


class Pooling(nn.Module):
    """(N, 4, S, S) -> (N, F) float32 features of the pixels under the mask; ``size`` is F.

    Mean and deviation at each depth (print and cloth early, shape late; the largest value instead of the deviation
    at the last), a 3 x 3 grid of means halfway (where a print sits), and the shares of ``anchors`` (K, 3), colours in
    normalised values.
    """

    def __init__(self, features: nn.Sequential, anchors: Tensor) -> None:
        super().__init__()
        self.features = features
        self.register_buffer("anchors", anchors)
        self.anchors: Tensor
        self.parts = [k for c in CHANNELS.values() for k in (c, c)] + [CHANNELS[_GRID_AT] * _GRID**2, len(anchors)]
        self.size = sum(self.parts)

    def forward(self, x: Tensor) -> Tensor:
        """The features, parts in the order of ``parts``."""
        pixels, mask = x[:, :3], x[:, 3:]
        level, found, grid = pixels, [], pixels
        for i, layer in enumerate(self.features):
            level = layer(level)
            if i in CHANNELS:
                values = level.float()
                weight = functional.adaptive_avg_pool2d(mask, values.shape[-2:]) + 1e-4
                found += _moments(values, weight, peak=i == _LAST)
                if i == _GRID_AT:
                    place = functional.adaptive_avg_pool2d(weight, _GRID)
                    grid = (functional.adaptive_avg_pool2d(values * weight, _GRID) / place).flatten(1)
        return torch.cat([*found, grid, self._colours(pixels, mask)], 1)

    def _colours(self, pixels: Tensor, mask: Tensor) -> Tensor:
        """(N, K) square roots of the shares of the anchor colours, softly assigned."""
        small = functional.avg_pool2d(pixels.float(), 4).flatten(2).transpose(1, 2)
        weight = functional.avg_pool2d(mask, 4).flatten(2).transpose(1, 2) ** 2 + 1e-4
        near = 2 * small @ self.anchors.t() - (self.anchors**2).sum(1)
        share = (8 * near.float()).softmax(2)
        return ((share * weight).sum(1) / weight.sum(1) + 1e-5).sqrt()


def _moments(values: Tensor, weight: Tensor, *, peak: bool) -> list[Tensor]:
    shares = weight / weight.sum((2, 3), keepdim=True)
    mean = (values * shares).sum((2, 3), keepdim=True)
    if peak:
        return [mean.flatten(1), (values * weight).amax((2, 3))]
    return [mean.flatten(1), (((values - mean) ** 2 * shares).sum((2, 3)) + 1e-6).sqrt()]


class Head(nn.Module):
    """(N, F) features of photos on (N,) sides -> (N, D) unit vectors.

    Each side is standardised by itself first: bodies and light shift every feature of worn photos alike. hidden: width
    of a hidden layer, 0 for a linear map. parts: sizes of the kinds of features, each of which starts with the same
    say.
    """

    def __init__(self, parts: Sequence[int], *, dimension: int, hidden: int, dropout: float) -> None:
        super().__init__()
        size = sum(parts)
        self.norms = nn.ModuleList(nn.BatchNorm1d(size, affine=False) for _ in range(2))
        self.scale = nn.Parameter(torch.cat([torch.full((n,), (450 / n) ** 0.5) for n in parts]))
        self.dropout = nn.Dropout(dropout)
        first = nn.Linear(size, hidden or dimension)
        nn.init.orthogonal_(first.weight)
        self.project = nn.Sequential(first, nn.ReLU(), nn.Linear(hidden, dimension)) if hidden else first

    def forward(self, features: Tensor, sides: Tensor) -> Tensor:
        """Unit vectors; in training every side in the batch has at least two photos."""
        with torch.autocast(features.device.type, enabled=False):
            x = torch.zeros_like(features, dtype=torch.float32)
            for side, norm in enumerate(self.norms):
                own = sides == side
                if own.any():
                    x = x.index_put((own,), norm(features[own].float()))
            return functional.normalize(self.project(self.dropout(x * self.scale)), dim=1)

    @torch.no_grad()
    def settle(self, features: Tensor, sides: Tensor) -> None:
        """Take mean and variance of each side from (N, F) features instead of finding them while training."""
        for side, norm in enumerate(self.norms):
            own = features[sides == side]
            if len(own) > 1:
                assert isinstance(norm, nn.BatchNorm1d)
                norm.running_mean, norm.running_var = own.mean(0), own.var(0)


class Embedder(nn.Module):
    """Pictures and sides -> unit vectors. Without a ``pooling`` the inputs are features already (a frozen net)."""

    def __init__(self, pooling: Pooling | None, head: Head) -> None:
        super().__init__()
        self.pooling, self.head = pooling, head

    def forward(self, inputs: Tensor, sides: Tensor) -> Tensor:
        """(N, D) unit vectors of (N, 4, S, S) pictures or (N, F) features."""
        features = inputs if self.pooling is None else self.pooling(inputs)
        vectors: Tensor = self.head(features, sides)
        return vectors


class Learner(nn.Module):
    """An embedder with its objective, whose own weights (proxies, temperature) learn along."""

    def __init__(self, embedder: Embedder, objective: nn.Module) -> None:
        super().__init__()
        self.embedder, self.objective = embedder, objective

    def forward(self, batch: Batch) -> Tensor:
        """Scalar loss of a batch."""
        vectors = self.embedder(batch.inputs, batch.sides)
        with torch.autocast(vectors.device.type, enabled=False):
            loss: Tensor = self.objective(vectors.float(), batch.items)
        return loss


def colour_anchors(cut: NDArray[np.uint8], count: int, seed: int) -> Tensor:
    """(K, 3) float32 k-means centres of the garments' own pixels, in normalised values; K <= ``count``."""
    from meot.training.metric.pictures import normalised

    pixels = normalised(cut[:, ::8, ::8]).reshape(-1, 4)
    own = np.ascontiguousarray(pixels[pixels[:, 3] > 0.5, :3])
    own = np.random.default_rng(seed).permutation(own)[:60_000]
    count = min(count, len(own))
    cv2.setRNGSeed(seed)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 1e-3)
    _, _, centres = cv2.kmeans(own, count, None, stop, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    return torch.from_numpy(centres)
