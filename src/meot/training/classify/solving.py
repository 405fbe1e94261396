"""Linear heads solved to their optimum: with a ridge their loss is convex, so there is one and no schedule finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from meot.data.sampling import UNKNOWN
from meot.errors import DataError
from meot.training.classify.batches import Features
from meot.training.few_shot.linear import fit
from meot.training.nets.classifier import Top

if TYPE_CHECKING:
    from meot.training.recipes.classifier import ClassifierRecipe


def check_ridge(recipe: ClassifierRecipe) -> None:
    """DataError where ``recipe`` asks for a ridge together with what has no single optimum."""
    asked = {
        "head": recipe.head != "linear",
        "loss": recipe.loss != "cross_entropy",
        "mixup": recipe.mixup > 0,
        "cache": not recipe.cache,
    }
    wrong = [name for name, given in asked.items() if given]
    if recipe.ridge < 0 or (recipe.ridge and wrong):
        raise DataError(
            f"ridge {recipe.ridge:g} should be above 0, with linear heads on cached features, cross entropy, no mixup"
            f"{'; change ' + ', '.join(wrong) if wrong else ''}"
        )


def solve(
    top: Top,
    features: Features,
    answers: NDArray[np.int64],
    recipe: ClassifierRecipe,
    odds: NDArray[np.float64] | None,
    weights: tuple[Tensor, ...] | None,
) -> None:
    """Give every head of ``top`` the weights of least loss over all looks, ``recipe.ridge`` / 2 on their squares.

    features: (N, K, F), standardised by ``top``'s own statistics here; answers: (N, Q), -1 unknown. odds: (N,) how much
    each garment counts, None: all alike. weights: of each question's answers, None: all alike.
    """
    for q, head in enumerate(top.heads):
        assert isinstance(head, nn.Sequential)
        last = head[-1]
        assert isinstance(last, nn.Linear)
        known = np.flatnonzero(answers[:, q] != UNKNOWN)
        x = torch.from_numpy(features[known].reshape(-1, features.shape[2])).float()
        x.sub_(top.mean.cpu()).mul_(top.factor.cpu())
        truth = answers[known, q]
        say = np.ones(len(known)) if odds is None else odds[known]
        say = say if weights is None else say * weights[q].numpy()[truth]
        found = fit(
            x.numpy(),
            truth.repeat(features.shape[1]),
            classes=last.out_features,
            decay=recipe.ridge,
            scale=False,
            say=say.astype(np.float32).repeat(features.shape[1]),
            smoothing=recipe.smoothing,
        )
        with torch.no_grad():
            last.weight.copy_(torch.from_numpy(found.weight))
            last.bias.copy_(torch.from_numpy(found.bias))
