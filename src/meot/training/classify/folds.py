"""What heads say of training photos they have not seen: more to calibrate on than the photos put aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from meot.training.classify.samples import Sample
from meot.training.classify.stages import Job, Prepared, classifier, features_of, train_top


class Judged(NamedTuple):
    """logits: (N, A) float32 a question; answers: (N, Q) int64, -1 unknown; worn: (N,) bool; groups: (N,) int64, one
    number a sender."""

    logits: list[NDArray[np.float32]]
    answers: NDArray[np.int64]
    worn: NDArray[np.bool_]
    groups: NDArray[np.int64]


def numbered_groups(samples: Sequence[Sample]) -> NDArray[np.int64]:
    """(N,) int64 number of each garment's group, from 0 on in the order of the samples."""
    names = {name: i for i, name in enumerate(dict.fromkeys(sample.group for sample in samples))}
    return np.array([names[sample.group] for sample in samples], np.int64)


def judge_by_folds(job: Job) -> Judged:
    """What heads that have not seen them say of the real training garments.

    Garments of one group (a sender, a photo) are judged together. Drawn copies join their original's fold for learning
    and are never judged.
    """
    data = job.data
    features = features_of(classifier(job.recipe, data.questions), job, "train")
    answers = data.answers("train")
    samples, crops = data.samples["train"], data.crops["train"]
    group = numbered_groups(samples)
    place = np.random.default_rng(job.recipe.seed).permutation(group.max() + 1)[group] % job.recipe.folds
    real = np.array([not crop.paint for crop in crops])
    found = [np.zeros((len(samples), len(a)), np.float32) for a in data.questions.answers.values()]
    for fold in range(job.recipe.folds):
        learn, judge = np.flatnonzero(place != fold), np.flatnonzero((place == fold) & real)
        part = Prepared(
            data.questions,
            {"train": [samples[i] for i in learn], "validation": [samples[i] for i in judge]},
            {"train": [crops[i] for i in learn], "validation": [crops[i] for i in judge]},
        )
        odds = None if job.odds is None else job.odds[learn]
        own = replace(job, data=part, folder=job.folder / f"fold-{fold}", odds=odds)
        net = classifier(job.recipe, data.questions)
        train_top(net, own, features[learn], features[judge][:, :1])
        with torch.no_grad():
            logits = net.top.cpu().eval()(torch.from_numpy(features[judge, 0].astype(np.float32)))
        for q, values in enumerate(logits):
            found[q][judge] = values.numpy()
    worn = np.array([crop.worn for crop in crops], np.bool_)
    return Judged([values[real] for values in found], answers[real], worn[real], group[real])
