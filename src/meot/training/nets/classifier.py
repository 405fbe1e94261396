"""A backbone with one head a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from meot.training.nets.backbones import Backbone
from meot.training.nets.shades import Shades

Head = Literal["linear", "dense"]


class Top(nn.Module):
    """Standardised features (N, F) -> logits (N, A) a question; what is trained when the backbone stands still."""

    mean: Tensor
    factor: Tensor

    def __init__(
        self, *, blocks: tuple[int, ...], even: float, answers: tuple[int, ...], head: Head, dropout: float
    ) -> None:
        """blocks: sizes of the features' parts, together F. even: 0 to 1, see :meth:`set_statistics`."""
        super().__init__()
        self.blocks, self.even, size = blocks, even, sum(blocks)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("factor", torch.ones(size))
        self.heads = nn.ModuleList(_head(head, size, count, dropout) for count in answers)

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        """Logits a question."""
        x = (features.float() - self.mean) * self.factor
        return tuple(head(x) for head in self.heads)

    def set_statistics(self, features: Tensor) -> None:
        """Standardise with the mean and variance of (N, F) ``features`` from now on.

        The factor gives every feature the same say (``even`` 0), every block, however many features it has (1), or
        something between, and the features together a length of 8: with thousands of deviation 1 every step would be a
        leap. Both are rounded to half precision, in which model files store them.
        """
        say = torch.cat([torch.full((n,), float(n) ** (-self.even / 2)) for n in self.blocks])
        say = 8.0 * say / say.square().sum().sqrt()
        factor = say.to(features.device) / (features.var(0, unbiased=False) + 1e-4).sqrt()
        self.mean.copy_(features.mean(0).half().float())
        self.factor.copy_(factor.half().float())


class Classifier(nn.Module):
    """(N, V, 3, S, S) float32, V views of each garment -> logits (N, A) a question.

    head: "linear" is global average pooling + softmax as in the component paper; "dense" is Dense(500)-ReLU-Dropout-
    Dense as in the oversampling paper. shades: whether the views' plain colours join the features. Features are
    standardised before the head.
    """

    def __init__(
        self,
        *,
        backbone: Backbone,
        views: int,
        questions: Mapping[str, tuple[str, ...]],
        head: Head,
        dropout: float,
        shades: bool = False,
        even: float = 1.0,
    ) -> None:
        super().__init__()
        self.backbone, self.shades = backbone, Shades() if shades else None
        blocks = views * (*backbone.blocks, *((Shades.size,) if shades else ()))
        self.size = sum(blocks)
        answers = tuple(len(found) for found in questions.values())
        self.top = Top(blocks=blocks, even=even, answers=answers, head=head, dropout=dropout)

    def features(self, pixels: Tensor) -> Tensor:
        """(N, V, 3, S, S) -> (N, V * F)."""
        x = pixels.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        found: Tensor = self.backbone(x)
        if self.shades is not None:
            found = torch.cat([found, self.shades(x)], 1)
        return found.reshape(-1, self.size)

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Logits a question."""
        found: tuple[Tensor, ...] = self.top(self.features(pixels))
        return found


class Heads(nn.Module):
    """What a file of heads computes: (N, V, F) features of the garment model -> logits (N, A) a question."""

    def __init__(self, top: Top) -> None:
        super().__init__()
        self.top = top

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        """Logits a question."""
        found: tuple[Tensor, ...] = self.top(features.flatten(1))
        return found


def _head(kind: Head, size: int, answers: int, dropout: float) -> nn.Module:
    if kind == "dense":
        return nn.Sequential(nn.Linear(size, 500), nn.ReLU(), nn.Dropout(dropout), nn.Linear(500, answers))
    last = nn.Linear(size, answers)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Dropout(dropout), last)
