"""The one training loop: cosine rate with warm-up, averaged weights, bfloat16 where it helps, resumable."""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from meot.errors import DataError

Batch = Any


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how fast to train.

    rates: peak learning rate a group of weights, by the prefix of their names; "" is everything else.
    average: decay of the exponential moving average of the weights, which is what is kept.
    """

    epochs: int
    steps_an_epoch: int
    rates: dict[str, float]
    weight_decay: float = 0.02
    warmup_steps: int = 100
    average: float = 0.998
    threads: int = 1
    seed: int = 0


def _groups(net: nn.Module, plan: Plan) -> list[dict[str, Any]]:
    groups: dict[tuple[str, bool], list[nn.Parameter]] = {}
    prefixes = sorted(plan.rates, key=len, reverse=True)
    for name, weight in net.named_parameters():
        if weight.requires_grad:
            prefix = next(p for p in prefixes if name.startswith(p))
            groups.setdefault((prefix, weight.ndim > 1), []).append(weight)
    return [
        {"params": weights, "lr": plan.rates[prefix], "weight_decay": plan.weight_decay if decay else 0.0}
        for (prefix, decay), weights in groups.items()
    ]


@torch.no_grad()
def _follow(average: nn.Module, net: nn.Module, decay: float) -> None:
    for kept, new in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(new, 1 - decay)
        else:
            kept.copy_(new)


def _save(path: Path, state: dict[str, Any]) -> None:
    aside = path.with_suffix(".part")
    torch.save(state, aside)
    os.replace(aside, path)


def train(
    net: nn.Module,
    *,
    plan: Plan,
    batches: Callable[[int], Iterator[Batch]],
    loss_of: Callable[[nn.Module, Batch], Tensor],
    measure: Callable[[nn.Module], dict[str, float]] | None,
    folder: Path,
    set_train: Callable[[nn.Module], None],
) -> nn.Module:
    """Train ``net`` and return its averaged copy in eval mode.

    batches(epoch) yields the batches of an epoch, the same ones whenever it is asked for the same epoch: that is what
    makes a resumed run equal an undisturbed one. A finished epoch is saved in ``folder``/checkpoint.pt, and a run
    found there goes on from it. DataError when the loss is not a number: nothing of that epoch is kept.
    """
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    folder.mkdir(parents=True, exist_ok=True)
    net.to(memory_format=torch.channels_last)
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(_groups(net, plan))
    total = plan.epochs * plan.steps_an_epoch

    def rate(step: int) -> float:
        warm = min(1.0, (step + 1) / max(1, min(plan.warmup_steps, total // 10)))
        return warm * 0.5 * (1 + math.cos(math.pi * min(1.0, step / total)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
    checkpoint, first = folder / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        first = state["epoch"] + 1
    for epoch in range(first, plan.epochs):
        set_train(net)
        started, losses = time.monotonic(), 0.0
        bar = tqdm(batches(epoch), total=plan.steps_an_epoch, desc=f"epoch {epoch + 1}/{plan.epochs}", mininterval=20)
        for step, batch in enumerate(bar):
            with torch.autocast("cpu", torch.bfloat16):
                loss = loss_of(net, batch)
            if not torch.isfinite(loss):
                raise DataError(
                    f"the loss is {loss.item()} at epoch {epoch + 1}, step {step + 1}; lower the learning rate"
                )
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            done = epoch * plan.steps_an_epoch + step
            _follow(average, net, min(plan.average, (1 + done) / (10 + done)))
            losses += loss.item()
        _save(
            checkpoint,
            {
                "epoch": epoch,
                "net": net.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
            },
        )
        line = f"epoch {epoch + 1}: loss {losses / max(1, plan.steps_an_epoch):.4f}, {time.monotonic() - started:.0f} s"
        if measure is not None:
            average.eval()
            line += "".join(f", {name} {value:.4f}" for name, value in measure(average).items())
        print(line, flush=True)
    return average.eval()
