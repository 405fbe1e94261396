"""How often rare answers are shown, and how much they weigh in the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from meot.data import sampling
from meot.data.sampling import UNKNOWN
from meot.training.classify.samples import Questions

if TYPE_CHECKING:
    from meot.training.recipes.classifier import ClassifierRecipe


def balanced(
    recipe: ClassifierRecipe, answers: NDArray[np.int64], questions: Questions
) -> tuple[NDArray[np.float64] | None, tuple[Tensor, ...] | None]:
    """Sampling weights of the training garments, (N,), None: all alike; weights of each question's answers, or None.

    answers: (N, Q) int64. With several questions a garment is shown as often as its rarest answer asks for.
    """
    odds = None
    if recipe.balance != "plain":
        odds = np.max([sampling.row_weights(answers[:, q], recipe.balance) for q in range(answers.shape[1])], axis=0)
    if recipe.class_weights == "none":
        return odds, None
    weights = []
    for q, known in enumerate(questions.answers.values()):
        counts = np.bincount(answers[answers[:, q] != UNKNOWN, q], minlength=len(known))
        weights.append(torch.from_numpy(sampling.class_weights(counts, recipe.class_weights)))
    return odds, tuple(weights)
