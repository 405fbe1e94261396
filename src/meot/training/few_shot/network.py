"""The similarity of Jang et al.: a small net learns the styles from a few photos, its softmax is the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from meot.training.few_shot.photos import check, picture
from meot.training.nets.backbones import build
from meot.training.preparation.net import Image, Net, Tuning, outputs, restored, tuned


@dataclass(frozen=True, kw_only=True)
class Small:
    """The small net: its name and start as :func:`meot.training.nets.backbones.build` reads them, size in px."""

    net: str = "mobilenet_v2"
    weights: str = "download"
    size: int = 224


def softmax_by_epoch(
    classes: Mapping[str, Sequence[Path]],
    asked: Sequence[Path],
    small: Small,
    tuning: Tuning,
    folder: Path,
    *,
    wanted: str,
) -> NDArray[np.float64]:
    """(epochs, P) probabilities of the wanted look for P photos after each epoch.

    One run measured after every epoch; with the learning rate constant, as ``tuning`` should have it, epoch 10 is what
    a run of 10 epochs gives. DataError as :func:`meot.training.few_shot.photos.check` tells.
    """
    check(classes, wanted)
    torch.manual_seed(tuning.seed)
    names = [wanted, *(name for name in classes if name != wanted)]
    learn = np.stack([picture(photo, small.size) for name in names for photo in classes[name]])
    answers = np.repeat(np.arange(len(names)), [len(classes[name]) for name in names])
    held = np.stack([picture(photo, small.size) for photo in asked])
    backbone = build(small.net, small.weights)
    restored(backbone, learn)

    def measure(net: nn.Module) -> dict[str, float]:
        return {f"photo_{i}": float(p) for i, p in enumerate(_wanted(net, held, tuning))}

    tuned(Net(backbone=backbone, answers=len(names)), learn, answers, tuning, folder, measure=measure)
    return _history(folder, len(asked))


def _wanted(net: nn.Module, held: Image, tuning: Tuning) -> NDArray[np.float64]:
    logits = outputs(net, held, batch=tuning.batch, precision=tuning.precision).astype(np.float64)
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers[:, 0] / powers.sum(1), np.float64)


def _history(folder: Path, photos: int) -> NDArray[np.float64]:
    lines = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return np.array([[json.loads(line)[f"photo_{i}"] for i in range(photos)] for line in lines])
