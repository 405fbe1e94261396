"""How far to trust a components model: temperatures, from which score on it is sure, and what both are worth."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import numpy as np
from numpy.typing import NDArray

from meot.data.sampling import UNKNOWN
from meot.evaluation.bootstrap import Draws
from meot.evaluation.calibration import expected_error
from meot.labels.category import probabilities
from meot.training.calibrate import last_of_equals, sure_from, temperature
from meot.training.classify.folds import Judged

PRECISION = 0.95
_ENOUGH = 40
_LIKELY = 0.9
"""The score from which on an answer is sure where too few answers show more."""
_MOST_TRIED = 4_000


def trust(judged: Judged, questions: tuple[str, ...]) -> dict[str, float]:
    """Temperature of each question, and the score from which on its answers are sure, worn garments apart.

    Sure are answers of which 95 % were right, and were so in 95 of 100 draws of the senders (:func:`shown_from`). Where
    no score below 0.9 is shown to be enough, 0.9 is the least. Fewer than 40 answers cannot show 95 %: the temperature
    stays 1 then and only a score from 0.9 counts as sure.
    """
    found: dict[str, float] = {}
    for kind, own in _kinds(judged):
        for q, name in enumerate(questions):
            known = own & (judged.answers[:, q] != UNKNOWN)
            if known.sum() < _ENOUGH:
                found |= {f"{name}.{kind}temperature": 1.0, f"{name}.{kind}sure": _LIKELY}
                continue
            logits, truth = judged.logits[q][known].astype(np.float64), judged.answers[known, q]
            heat = temperature(logits, np.eye(logits.shape[1], dtype=bool)[truth])
            p = probabilities(logits.astype(np.float32), heat)
            top, right = p.max(1), p.argmax(1) == truth
            shown = min(_LIKELY, shown_from(top, right, judged.groups[known]))
            found |= {f"{name}.{kind}temperature": heat, f"{name}.{kind}sure": max(0.5, shown, sure_from(top, right))}
    return found


def shown_from(score: NDArray[np.float64], right: NDArray[np.bool_], groups: NDArray[np.int64]) -> float:
    """The lowest score from which on 95 % were right in 95 of 100 draws of whole groups; infinite where there is none.

    score: (N,) 0..1, of more than 4,000 every so many are tried; right: (N,); groups: (N,) numbers, one a sender, whose
    photos are right or wrong together. Draws of few senders are too much alike: what fewer than 60 sent shows nothing,
    as even without a mistake it could be chance (the rule of three).
    """
    order = np.argsort(-score, kind="stable")
    hits, group = right[order].astype(np.float64), np.unique(groups[order], return_inverse=True)[1]
    tried = last_of_equals(score[order])
    tried = tried[:: -ceil(len(tried) / _MOST_TRIED)][::-1]
    shares = []
    for weights in Draws().weights(group.tolist()):
        drawn, correct = weights.cumsum(1)[:, tried], (weights * hits).cumsum(1)[:, tried]
        shares.append(np.where(drawn > 0, correct / np.maximum(drawn, 1), 1.0))
    first = np.zeros(len(group))
    first[np.unique(group, return_index=True)[1]] = 1
    low = np.minimum(np.quantile(np.concatenate(shares), 1 - PRECISION, axis=0), 1 - 3 / first.cumsum()[tried])
    enough = tried[low >= PRECISION]
    return float(score[order[enough[-1]]]) if len(enough) else float("inf")


def worth(judged: Judged, questions: tuple[str, ...], settings: Mapping[str, float]) -> dict[str, float]:
    """What the scores that were calibrated on these photos are worth there: calibration error, and share that is sure.

    The temperature was chosen on the same photos, one number on hundreds of answers.
    """
    found: dict[str, float] = {}
    for kind, own in _kinds(judged):
        for q, name in enumerate(questions):
            known = own & (judged.answers[:, q] != UNKNOWN)
            if known.any():
                p = probabilities(judged.logits[q][known], settings[f"{name}.{kind}temperature"])
                top, right = p.max(1), p.argmax(1) == judged.answers[known, q]
                found[f"{name}.{kind}calibration_error"] = expected_error(top, right)
                found[f"{name}.{kind}sure_share"] = float((top >= settings[f"{name}.{kind}sure"]).mean())
    return found


def _kinds(judged: Judged) -> list[tuple[str, NDArray[np.bool_]]]:
    """Prefix of the settings and who they are for: all, or unworn and worn garments where there are worn ones."""
    everybody = np.ones(len(judged.worn), np.bool_)
    return [("", ~judged.worn), ("worn_", judged.worn)] if judged.worn.any() else [("", everybody)]
