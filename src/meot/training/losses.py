"""Losses that the recipes share."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def one_of(logits: Tensor, allowed: Tensor, *, smoothing: float = 0.0) -> Tensor:
    """Cross entropy when a label says "one of these": -log of the summed probability of the allowed classes.

    logits: (N, C) float. allowed: (N, C) float, 1 where the class is possible, 0 elsewhere. With a single allowed
    class a row this is cross entropy. Rows without any allowed class count nothing.
    Returns (N,) losses.
    """
    log_p = functional.log_softmax(logits.float(), 1)
    known = allowed.sum(1) > 0
    weight = torch.where(allowed > 0, allowed.clamp_min(1e-6).log(), torch.full_like(allowed, -1e4))
    loss = -torch.logsumexp(log_p + weight, 1)
    if smoothing:
        loss = (1 - smoothing) * loss - smoothing * log_p.mean(1)
    return torch.where(known, loss, torch.zeros_like(loss))


def soft_dice(logits: Tensor, target: Tensor, *, ignore: int = 255) -> Tensor:
    """1 - mean Dice over the classes present in the batch (Milletari et al. 2016).

    logits: (N, C, H, W); target: (N, H, W) int64, ``ignore`` where unknown. Returns a scalar in [0, 1].
    """
    p = logits.float().softmax(1)
    seen = target != ignore
    hot = functional.one_hot(target.where(seen, torch.zeros_like(target)), p.shape[1]).permute(0, 3, 1, 2)
    hot = hot * seen[:, None]
    p = p * seen[:, None]
    both = (p * hot).sum((0, 2, 3))
    either = p.sum((0, 2, 3)) + hot.sum((0, 2, 3))
    present = hot.sum((0, 2, 3)) > 0
    return 1 - ((2 * both + 1) / (either + 1))[present].mean()
