"""How likely a garment or an outfit is of a class that a few examples show.

The examples' mean direction is the class (nearest class mean, as in Snell et al. 2017). Features come in blocks (fine
texture, shape, colours, for an outfit also what is worn where), standardised by the photos that the models learned
from; each block has its own cosine. A logistic curve turns the cosines into a probability. Curves and the scores that
are "sure" come from classes played through in training (:mod:`meot.training.taught`), one for each kind of question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meot.labels.lessons import Example
from meot.models.card import Card

KINDS = ("category_flat", "category_worn", "component", "style")
"""What has a curve of its own; a garment's category is told far better from a flat lay than from a street photo."""
_SAME = 0.97


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """log odds = cosines * those of the blocks + count * log of how many examples + bias. cosines: (B,) float64.

    sure: the probability from which on 95 of 100 were right; above 1 where that was never reached.
    """

    cosines: NDArray[np.float64]
    count: float
    bias: float
    sure: float

    def probability(self, near: NDArray[np.float64], examples: int) -> NDArray[np.float64]:
        """(...,) probabilities for (..., B) cosines to the mean of so many ``examples``."""
        odds = near @ self.cosines + self.count * np.log(examples) + self.bias
        return np.asarray(1 / (1 + np.exp(-odds)), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standard:
    """mean, scale: (F,) float32 that features are standardised by. sizes: of the B blocks, F together."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    sizes: tuple[int, ...]

    def direction(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(..., F) float32 of (..., F) features, each block of unit length."""
        placed = np.asarray((features - self.mean) / self.scale, np.float32)
        lengths = np.sqrt(self._sums(placed**2))
        return np.asarray(placed / np.repeat(np.maximum(lengths, 1e-9), self.sizes, axis=-1), np.float32)

    def cosines(self, directions: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float64]:
        """(..., B) cosines of (..., F) directions to the (F,) mean of some."""
        lengths = np.sqrt(self._sums(mean**2))
        return np.asarray(self._sums(directions * mean) / np.maximum(lengths, 1e-9), np.float64)

    def _sums(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])
        return np.asarray(np.add.reduceat(values, starts, axis=-1), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Likeness:
    """What features are compared by. encoder: the model whose features these are. curves: one for each of KINDS."""

    encoder: str
    garment: Standard
    outfit: Standard
    curves: Mapping[str, Curve]


def load(file: Path, card: Card) -> Likeness:
    """What :func:`meot.training.taught.write` wrote."""
    with np.load(file) as arrays:
        garment, outfit = (
            Standard(
                mean=arrays[f"{name}_mean"].astype(np.float32),
                scale=arrays[f"{name}_scale"].astype(np.float32),
                sizes=tuple(int(size) for size in arrays[f"{name}_sizes"]),
            )
            for name in ("garment", "outfit")
        )
        curves = {
            kind: Curve(
                cosines=arrays[f"{kind}_cosines"].astype(np.float64),
                **{name: card.settings[f"{kind}.{name}"] for name in ("count", "bias", "sure")},
            )
            for kind in KINDS
        }
    return Likeness(encoder=card.encoder, garment=garment, outfit=outfit, curves=curves)


class Group:
    """The examples of one class. directions: (N, F) float32, see :meth:`Standard.direction`."""

    def __init__(self, examples: Sequence[Example], standard: Standard) -> None:
        self.hashes = tuple(example.sha256 for example in examples)
        self.regions = frozenset(example.region for example in examples)
        self._standard = standard
        self._directions = standard.direction(np.stack([example.features for example in examples]))
        self._mean = self._directions.mean(0)

    def probability(self, direction: NDArray[np.float32], curve: Curve) -> float:
        """How likely something in that (F,) ``direction`` is of this class, 0..1."""
        return float(curve.probability(self._standard.cosines(direction, self._mean), len(self.hashes)))

    def shows(self, sha256: str, direction: NDArray[np.float32]) -> bool:
        """Whether this very thing is one of the examples: of the same file, and the same part of it."""
        blocks = len(self._standard.sizes)
        return any(
            own == sha256 and float(example @ direction) > _SAME * blocks
            for own, example in zip(self.hashes, self._directions, strict=True)
        )
