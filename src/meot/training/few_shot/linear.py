"""Regularised logistic regression on frozen features: fitted in a fraction of a second, nothing to tune by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from meot.errors import DataError

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """weight: (C, F) and bias: (C,) float32 over features of mean 0 and deviation 1: mean, deviation (F,) float32."""

    mean: Array
    deviation: Array
    weight: Array
    bias: Array

    def probabilities(self, features: Array) -> Array:
        """(N, F) features -> (N, C) float32 probabilities."""
        logits = (features - self.mean) / self.deviation @ self.weight.T + self.bias
        powers = np.exp(logits - logits.max(1, keepdims=True))
        return np.asarray(powers / powers.sum(1, keepdims=True), np.float32)


def fit(
    features: Array,
    answers: NDArray[np.int64],
    *,
    classes: int,
    decay: float,
    balanced: bool = False,
    scale: bool = True,
    say: NDArray[np.float32] | None = None,
    smoothing: float = 0.0,
) -> Linear:
    """Multinomial logistic regression by L-BFGS: mean cross entropy + decay / 2 * |weight|^2, the bias left free.

    features: (N, F) float32. answers: (N,) of 0..classes - 1. balanced: every class counts the same, however many
    photos it has. scale: bring each feature to mean 0 and deviation 1 first. say: (N,) float32, how much each photo
    counts, None: all alike. smoothing: label smoothing, 0..1. DataError when ``answers`` has one class.
    """
    if len(np.unique(answers)) < 2:
        raise DataError(
            f"expected photos of at least 2 classes to tell apart, got {len(np.unique(answers))}; add photos"
        )
    mean = features.mean(0) if scale else np.zeros(features.shape[1], np.float32)
    deviation = np.maximum(features.std(0), 1e-3) if scale else np.ones(features.shape[1], np.float32)
    x, y = torch.from_numpy(np.asarray((features - mean) / deviation, np.float32)), torch.from_numpy(answers)
    counts = torch.bincount(y, minlength=classes).float().clamp_min(1)
    worth = len(y) / (classes * counts) if balanced else None
    share = torch.ones(len(y)) if say is None else torch.from_numpy(say)
    share = share / (share if worth is None else share * worth[y]).sum()
    weight, bias = torch.zeros(classes, x.shape[1], requires_grad=True), torch.zeros(classes, requires_grad=True)
    solver = torch.optim.LBFGS([weight, bias], max_iter=100, tolerance_grad=1e-5, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        solver.zero_grad()
        logits = x @ weight.T + bias
        each = functional.cross_entropy(logits, y, weight=worth, label_smoothing=smoothing, reduction="none")
        found = (each * share).sum() + decay / 2 * (weight**2).sum()
        found.backward()  # type: ignore[no-untyped-call]
        return found

    solver.step(loss)  # type: ignore[no-untyped-call]
    return Linear(mean, deviation, weight.detach().numpy(), bias.detach().numpy())
