"""The optimiser of a plan: every group of weights with its own rate, and its average."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from meot.errors import DataError
from meot.training.plan import Plan


def optimiser_of(net: nn.Module, plan: Plan) -> torch.optim.Optimizer:
    """What moves the weights of ``net``. DataError when all of them are frozen."""
    groups = _groups(net, plan)
    if not groups:
        raise DataError("nothing to train: every weight is frozen; freeze fewer layers")
    if plan.optimiser == "sgd":
        return torch.optim.SGD(groups, momentum=plan.momentum)
    if plan.optimiser == "rmsprop":
        return torch.optim.RMSprop(groups, momentum=plan.momentum)
    if plan.optimiser == "adam":
        return torch.optim.Adam(groups, betas=(plan.momentum, 0.999))
    return torch.optim.AdamW(groups, betas=(plan.momentum, 0.999))


def _groups(net: nn.Module, plan: Plan) -> list[dict[str, Any]]:
    groups: dict[tuple[str, bool], list[nn.Parameter]] = {}
    prefixes = sorted({"": 0.0} | plan.rates, key=len, reverse=True)
    for name, weight in net.named_parameters():
        prefix = next(p for p in prefixes if name.startswith(p))
        if weight.requires_grad and prefix in plan.rates:
            groups.setdefault((prefix, weight.ndim > 1), []).append(weight)
    return [
        {"params": weights, "lr": plan.rates[prefix], "weight_decay": plan.weight_decay if decay else 0.0}
        for (prefix, decay), weights in groups.items()
    ]


@torch.no_grad()
def follow(average: nn.Module, net: nn.Module, decay: float) -> None:
    """Move the average of the weights a step towards the net's: ``decay`` of it stays."""
    pairs = list(zip(average.state_dict().values(), net.state_dict().values(), strict=True))
    floats = [(kept, new) for kept, new in pairs if kept.dtype.is_floating_point]
    torch._foreach_lerp_([kept for kept, _ in floats], [new for _, new in floats], 1 - decay)
    for kept, new in pairs:
        if not kept.dtype.is_floating_point:
            kept.copy_(new)
