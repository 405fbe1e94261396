"""Losses over a batch of embeddings, by name, with the miner that goes with each."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

from meot.errors import DataError, nearest
from meot.training.metric.facility import FacilityLocation

LossName = Literal[
    "info_nce",
    "nt_xent",
    "contrastive",
    "triplet",
    "multi_similarity",
    "proxy_anchor",
    "proxy_nca",
    "facility",
]
LOSSES: tuple[LossName, ...] = get_args(LossName)


def named(name: str) -> LossName:
    """The loss called ``name``. DataError with the nearest known name when there is none."""
    found = next((loss for loss in LOSSES if loss == name), None)
    if found is None:
        raise DataError(f"no loss is called {name!r}; {nearest(name, LOSSES)}")
    return found


class InfoNce(nn.Module):
    """The first photo of each item against the second ones of all, and back (van den Oord et al. 2018).

    With photos of two sides the first is of side 1 and the second of side 0, so that only what is asked in use is
    learned: a worn photo is never pushed away from another worn photo. The temperature is learned.
    """

    def __init__(self, *, photos: int, temperature: float = 0.06, smoothing: float = 0.05) -> None:
        super().__init__()
        self.photos, self.smoothing = photos, smoothing
        self.sharpness = nn.Parameter(torch.tensor(math.log(1 / temperature)))

    def forward(self, embeddings: Tensor, items: Tensor) -> Tensor:
        """() loss of (M, D) unit vectors, ``photos`` of each item one after the other; no item twice."""
        grouped = embeddings.view(-1, self.photos, embeddings.shape[1])
        near = grouped[:, 0] @ grouped[:, 1].t() * self.sharpness.clamp(max=4.6).exp()
        truth = torch.arange(len(near), device=near.device)
        ask = functional.cross_entropy(near, truth, label_smoothing=self.smoothing)
        return (ask + functional.cross_entropy(near.t(), truth, label_smoothing=self.smoothing)) / 2


class Mined(nn.Module):
    """A loss of pytorch-metric-learning over the tuples that its miner picks; all of them without one."""

    def __init__(self, loss: Any, miner: Any = None) -> None:
        super().__init__()
        self.loss, self.miner = loss, miner

    def forward(self, embeddings: Tensor, items: Tensor) -> Tensor:
        """Scalar loss of (N, D) embeddings with (N,) int64 items."""
        picked = None if self.miner is None else self.miner(embeddings, items)
        found: Tensor = self.loss(embeddings, items) if picked is None else self.loss(embeddings, items, picked)
        return found


def build(name: LossName, *, items: int, dimension: int, photos: int, gamma: float) -> nn.Module:
    """The loss of that name. items: how many there are to learn from (proxies). photos: of an item in a batch."""
    if name == "info_nce":
        return InfoNce(photos=photos)
    if name == "facility":
        return FacilityLocation(gamma=gamma)
    from pytorch_metric_learning import losses, miners

    if name == "nt_xent":
        return Mined(losses.NTXentLoss(temperature=0.07))
    if name == "contrastive":
        return Mined(losses.ContrastiveLoss(pos_margin=0.0, neg_margin=1.0))
    if name == "triplet":
        return Mined(losses.TripletMarginLoss(margin=0.2), miners.TripletMarginMiner(0.2, type_of_triplets="semihard"))
    if name == "multi_similarity":
        return Mined(losses.MultiSimilarityLoss(alpha=2, beta=40, base=0.5), miners.MultiSimilarityMiner(epsilon=0.1))
    if name == "proxy_anchor":
        return Mined(losses.ProxyAnchorLoss(items, dimension, margin=0.1, alpha=32))
    return Mined(losses.ProxyNCALoss(items, dimension, softmax_scale=16))
