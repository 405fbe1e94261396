"""Epochs of pictures, or of features that were computed from them once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from meot.data.sampling import draw
from meot.models.pixels import normalise
from meot.training.classify.samples import Crop, Look, still, varied

if TYPE_CHECKING:
    from meot.training.recipes.classifier import ClassifierRecipe

Features = NDArray[np.float16]
"""(N, K, F): K looks at each of N garments, the first one plain."""


class Batch(NamedTuple):
    """pixels: (N, V, 3, S, S) or features (N, F), float32; first, second: (N, Q) int64 answers, -1 unknown; share of
    the first in a mix."""

    inputs: Tensor
    first: Tensor
    second: Tensor
    share: float


class PhotoBatches:
    """Epochs of varied pictures of the training garments."""

    def __init__(
        self, crops: list[Crop], answers: NDArray[np.int64], recipe: ClassifierRecipe, odds: NDArray[np.float64] | None
    ) -> None:
        self._crops, self._answers, self._recipe, self._odds = crops, answers, recipe, odds
        self.steps = max(1, len(crops) // recipe.batch)
        self._look = Look(rotate=recipe.rotate, colour=recipe.colour, fill=recipe.fill)

    def __call__(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch."""
        rng = np.random.default_rng((self._recipe.seed, epoch))
        for chosen in _order(len(self._crops), self.steps, self._recipe.batch, self._odds, rng):
            pictures = [varied(self._crops[i], self._recipe.views, self._recipe.size, self._look, rng) for i in chosen]
            yield _mixed(_pixels(pictures), self._answers[chosen], self._recipe.mixup, rng)


class FeatureBatches:
    """Epochs over cached features: a random one of each garment's looks."""

    def __init__(
        self, features: Features, answers: NDArray[np.int64], recipe: ClassifierRecipe, odds: NDArray[np.float64] | None
    ) -> None:
        self._features, self._answers, self._recipe, self._odds = features, answers, recipe, odds
        self._batch = min(4 * recipe.batch, max(8, len(answers) // 16))  # some steps an epoch even for few photos
        self.steps = max(1, len(answers) // self._batch)

    def __call__(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch."""
        rng = np.random.default_rng((self._recipe.seed, epoch))
        for chosen in _order(len(self._answers), self.steps, self._batch, self._odds, rng):
            looks = rng.integers(0, self._features.shape[1], len(chosen))
            inputs = torch.from_numpy(self._features[chosen, looks].astype(np.float32))
            yield _mixed(inputs, self._answers[chosen], self._recipe.mixup, rng)


def _order(
    count: int, steps: int, batch: int, odds: NDArray[np.float64] | None, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    order = rng.permutation(count) if odds is None else draw(odds, steps * batch, rng)
    for step in range(steps):
        yield order[step * batch : (step + 1) * batch]


def _mixed(inputs: Tensor, answers: NDArray[np.int64], chance: float, rng: np.random.Generator) -> Batch:
    first = torch.from_numpy(answers)
    share = float(rng.beta(0.4, 0.4)) if rng.random() < chance else 1.0
    if share < 1:
        inputs = share * inputs + (1 - share) * inputs.flip(0)
    return Batch(inputs, first, first.flip(0), share)


def _pixels(pictures: list[NDArray[np.uint8]]) -> Tensor:
    """Pictures of (V, S, S, 3) uint8 -> (N, V, 3, S, S) float32."""
    stacked = np.stack(pictures)
    flat = normalise(stacked.reshape(-1, *stacked.shape[2:]))
    return torch.from_numpy(flat.reshape(*stacked.shape[:2], *flat.shape[1:]))


def pixels_of(crops: list[Crop], recipe: ClassifierRecipe) -> Tensor:
    """(N, V, 3, S, S) float32 of garments as the runtime cuts them."""
    return _pixels([still(crop, recipe.views, recipe.size) for crop in crops])
