"""Photos of rare patterns made from photos of plain garments, beside the real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from meot.data.patterns import PATTERNS
from meot.errors import DataError
from meot.training.classify.stages import Prepared

if TYPE_CHECKING:
    from meot.training.recipes.classifier import ClassifierRecipe

QUESTION, PLAIN = "pattern", "solid"
_LEAST_CLOTH = 0.05
"""Share of the picture below which there is too little cloth to draw on."""


def add_painted(
    data: Prepared, recipe: ClassifierRecipe, odds: NDArray[np.float64] | None
) -> NDArray[np.float64] | None:
    """Add ``recipe.painted`` drawn patterns for each plain training garment to ``data``; returns the new odds.

    What else is known of the garment stays true of its painted copies. DataError when the question is not asked.
    """
    if PLAIN not in data.questions.answers.get(QUESTION, ()):
        raise DataError(f"painted needs a question {QUESTION!r} with an answer {PLAIN!r}; ask it or leave painted out")
    answers = data.questions.answers[QUESTION]
    known, q = [p for p in PATTERNS if p in answers], data.questions.names.index(QUESTION)
    rng, before = np.random.default_rng(recipe.seed), len(data.crops["train"])
    for i in range(before):
        sample, crop = data.samples["train"][i], data.crops["train"][i]
        if sample.answers[q] != answers.index(PLAIN) or crop.cloth is None or crop.cloth.mean() < _LEAST_CLOTH:
            continue
        for pattern in rng.permutation(known)[: recipe.painted]:
            said = (*sample.answers[:q], answers.index(pattern), *sample.answers[q + 1 :])
            data.samples["train"].append(sample._replace(answers=said))
            data.crops["train"].append(crop._replace(paint=str(pattern)))
    added = len(data.crops["train"]) - before
    if not added:
        return odds
    real = np.ones(before) if odds is None else odds / odds.mean()
    share = min(0.95, recipe.painted_share)
    return np.concatenate([real, np.full(added, share / (1 - share) * before / added)])
