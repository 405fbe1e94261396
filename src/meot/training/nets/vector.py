"""Feature maps of the garment net -> a unit vector a garment, computed from the garment's own pixels only."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from meot.training.nets.garment import LEVELS, GarmentNet, pooled
from meot.training.nets.shades import Shades

_CHANNELS = {6: 32, 13: 96, 18: 1280}
_STRIDES = {6: 8, 13: 16, 18: 32}


class GarmentVector(nn.Module):
    """Pooled features, texture and colour of a garment, and a linear map of them to the unit sphere.

    Worn and unworn garments are centred by their own means before the map: bodies and light shift every feature, and
    taking the shift out is what lets a street photo find the product shot.
    """

    anchors: Tensor
    mean: Tensor
    scale: Tensor

    def __init__(self, *, anchors: Tensor, size: int) -> None:
        """anchors: (K, 3) colours in normalised pixel values; size: D, the vector's length."""
        super().__init__()
        self.register_buffer("anchors", anchors)
        features = sum(2 * _CHANNELS[i] for i in LEVELS) - _CHANNELS[18] + anchors.shape[0]
        self.register_buffer("mean", torch.zeros(2, features))
        self.register_buffer("scale", torch.ones(features))
        self.project = nn.Linear(features, size)

    def gather(self, levels: list[Tensor], pixels: Tensor, mask: Tensor) -> Tensor:
        """(N, F) float32 features of the pixels under (N, 1, S, S) ``mask``: channel means, deviations, colours.

        S is a multiple of 32.
        """
        found = []
        for place, level in zip(LEVELS, levels, strict=True):
            level = level.float()
            weight = functional.avg_pool2d(mask, _STRIDES[place]) + 1e-4
            weight = weight / weight.sum((2, 3), keepdim=True)
            mean = (level * weight).sum((2, 3), keepdim=True)
            found.append(mean.flatten(1))
            if place != 18:
                found.append((((level - mean) ** 2 * weight).sum((2, 3)) + 1e-6).sqrt())
        return torch.cat([*found, self.colours(pixels, mask)], 1)

    def colours(self, pixels: Tensor, mask: Tensor) -> Tensor:
        """(N, K) square roots of the shares of the anchor colours, softly assigned."""
        small = functional.avg_pool2d(pixels.float(), 4).flatten(2).transpose(1, 2)
        weight = functional.avg_pool2d(mask, 4).flatten(2).transpose(1, 2) ** 2 + 1e-4
        near = 2 * small @ self.anchors.t() - (self.anchors**2).sum(1)
        share = (8.0 * near).softmax(2)
        return ((share * weight).sum(1) / weight.sum(1) + 1e-5).sqrt()

    def centre(self, features: Tensor, worn: Tensor) -> Tensor:
        """(N, F) features less the mean of their kind, over their deviation; worn: (N, 1), 1 or 0."""
        return (features - self.mean[0] * (1 - worn) - self.mean[1] * worn) * self.scale

    def forward(self, features: Tensor, worn: Tensor) -> Tensor:
        """(N, D) unit vectors of gathered features."""
        return functional.normalize(self.project(self.centre(features, worn)), dim=1)


class GarmentFile(nn.Module):
    """What the garment model's file computes: category logits, vectors and features from one pass."""

    def __init__(self, net: GarmentNet, vector: GarmentVector) -> None:
        super().__init__()
        self.net, self.vector, self.shades = net, vector, Shades()

    def forward(self, pixels: Tensor, mask: Tensor, worn: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, 3, S, S), (N, 1, S, S), (N, 1) -> (N, C) logits, (N, D) unit vectors, (N, F) features.

        F = 2859: the pooled levels and the plain colours of the crop, what heads for other questions stand on.
        """
        levels = self.net.levels(pixels)
        logits = self.net.category(levels[-1].mean((2, 3)))
        vectors = self.vector(self.vector.gather(levels, pixels, mask), worn)
        return logits, vectors, torch.cat([pooled(levels), self.shades(pixels)], 1)
