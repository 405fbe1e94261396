"""What a classifier is trained for and measured by: a loss over known answers, accuracy, macro F1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from meot.data.sampling import UNKNOWN
from meot.training.classify.batches import pixels_of
from meot.training.classify.samples import Crop, Questions
from meot.training.loop import device_of
from meot.training.nets.classifier import Classifier

if TYPE_CHECKING:
    from meot.training.recipes.classifier import ClassifierRecipe


def loss_of_answers(
    logits: tuple[Tensor, ...], answers: Tensor, recipe: ClassifierRecipe, weights: tuple[Tensor, ...] | None
) -> Tensor:
    """Scalar loss of (N, A) logits a question against (N, Q) answers; unknown answers count nothing."""
    total = logits[0].new_zeros(())
    for q, said in enumerate(logits):
        known = answers[:, q] != UNKNOWN
        if not known.any():
            continue
        weight = None if weights is None else weights[q].to(said.device)
        total = total + _one(said[known].float(), answers[known, q], recipe, weight)
    return total / len(logits)


def _one(logits: Tensor, truth: Tensor, recipe: ClassifierRecipe, weight: Tensor | None) -> Tensor:
    if recipe.loss == "cross_entropy":
        return functional.cross_entropy(logits, truth, weight=weight, label_smoothing=recipe.smoothing)
    own = torch.ones_like(truth, dtype=torch.float32) if weight is None else weight[truth]
    if recipe.loss == "mean_squared":
        hot = functional.one_hot(truth, logits.shape[1]).float()
        each = ((logits.softmax(1) - hot) ** 2).sum(1)
    else:  # focal, Lin et al. 2017, gamma 2
        log_p = functional.log_softmax(logits, 1).gather(1, truth[:, None])[:, 0]
        each = -((1 - log_p.exp()) ** 2) * log_p
    return (each * own).sum() / own.sum()


@torch.no_grad()
def answers_to(net: Classifier, crops: list[Crop], recipe: ClassifierRecipe) -> list[NDArray[np.float32]]:
    """(N, A) float32 logits a question of the garments as the runtime cuts them."""
    found: list[tuple[Tensor, ...]] = []
    for start in range(0, len(crops), recipe.batch):
        found.append(net(pixels_of(crops[start : start + recipe.batch], recipe).to(device_of(net))))
    return [torch.cat([f[q] for f in found]).float().cpu().numpy() for q in range(len(found[0]))]


def figures(logits: list[NDArray[np.float32]], answers: NDArray[np.int64], questions: Questions) -> dict[str, float]:
    """Accuracy and macro F1 a question, over garments whose answer is known, and their means.

    "score" is what the best epoch is chosen by: both, every question counting as much as it has photos, because a
    question of thirty photos moves by chance.
    """
    measured: dict[str, float] = {}
    total, weight = 0.0, 0
    for q, name in enumerate(questions.names):
        known = answers[:, q] != UNKNOWN
        if not known.any():
            continue
        truth, said = answers[known, q], logits[q][known].argmax(1)
        accuracy, f1 = float((truth == said).mean()), macro_f1(truth, said)
        measured |= {f"{name}.accuracy": accuracy, f"{name}.macro_f1": f1}
        total, weight = total + len(truth) * (accuracy + f1) / 2, weight + len(truth)
    both = ("accuracy", "macro_f1")
    means = {kind: float(np.mean([v for k, v in measured.items() if k.endswith(kind)] or [0.0])) for kind in both}
    return {"score": total / max(1, weight)} | means | measured


def macro_f1(truth: NDArray[np.int64], said: NDArray[np.int64]) -> float:
    """Mean F1 over the classes that occur in ``truth``."""
    scores = []
    for c in np.unique(truth):
        hit = ((truth == c) & (said == c)).sum()
        scores.append(2 * hit / ((truth == c).sum() + (said == c).sum()))
    return float(np.mean(scores))
