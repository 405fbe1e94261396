"""The one training loop: every recipe's epochs run here, resumable after a kill and the same for the same seed."""

from __future__ import annotations

import copy
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from meot.data.aside import aside
from meot.errors import DataError
from meot.training.optimiser import follow, optimiser_of
from meot.training.plan import Plan
from meot.training.track import Tracker, tracker

Batch = Any


def device_of(net: nn.Module) -> torch.device:
    """Where a net's weights are."""
    return next(net.parameters()).device


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
    """Train ``net`` and return the kept weights in eval mode on the CPU.

    batches(epoch) yields the batches of an epoch, the same ones whenever it is asked for the same epoch; together
    with a seed an epoch that makes a resumed run equal an undisturbed one bit for bit. A finished epoch is saved in
    ``folder``/checkpoint.pt, and a run found there goes on from it; ``folder``/history.jsonl has one line an epoch.
    DataError when the loss is not a number (nothing of that epoch is kept), when the disk is full (the last epoch
    stays), and when the folder holds a run of another plan.
    """
    torch.set_num_threads(plan.threads)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder}: cannot be made ({error.strerror}); name a folder you may write to") from None
    run = _Run(net, plan, folder)
    run.resume()
    tracking = tracker(plan.track, folder)
    for epoch in range(run.next_epoch, plan.epochs):
        if run.out_of_patience():
            break
        torch.manual_seed(plan.seed * 1_000_003 + epoch)
        set_train(run.net)
        _epoch(run, epoch, batches, loss_of, measure, tracking)
    tracking.close()
    return run.kept()


class _Run:
    """What changes while a run goes on, and how it is saved and found again."""

    def __init__(self, net: nn.Module, plan: Plan, folder: Path) -> None:
        kind = plan.device if plan.device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
        self.plan, self.folder, self.device = plan, folder, torch.device(kind)
        self.net = net.to(self.device).to(memory_format=torch.channels_last)
        self.average: nn.Module = copy.deepcopy(self.net) if plan.average else self.net
        self.optimiser = optimiser_of(self.net, plan)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, self._rate)
        self.next_epoch, self.steps = 0, 0
        self.history: list[dict[str, float]] = []
        self.best: dict[str, Any] | None = None

    def _rate(self, step: int) -> float:
        total = self.plan.epochs * self.plan.steps_an_epoch
        warm = min(1.0, (step + 1) / max(1, min(self.plan.warmup_steps, total // 10)))
        if self.plan.schedule == "constant":
            return warm
        return warm * 0.5 * (1 + math.cos(math.pi * min(1.0, step / total)))

    def step(self, loss: Tensor) -> None:
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), self.plan.clip)
        self.optimiser.step()
        self.schedule.step()
        if self.average is not self.net:
            follow(self.average, self.net, min(self.plan.average, (1 + self.steps) / (10 + self.steps)))
        self.steps += 1

    def finish(self, epoch: int, record: dict[str, float]) -> None:
        """Keep an epoch: its record, its weights when they are the best so far, and a checkpoint to go on from."""
        watched = record.get(self.plan.watch) if self.plan.watch else None
        if self.plan.watch and watched is None:
            raise DataError(f"the plan watches {self.plan.watch!r}, which is not among {', '.join(record)}")
        if watched is not None and watched >= max((past[self.plan.watch] for past in self.history), default=-math.inf):
            self.best = copy.deepcopy(self.average.state_dict())
        self.history.append(record)
        self.next_epoch = epoch + 1
        self._save()

    def out_of_patience(self) -> bool:
        if self.plan.patience is None or not self.history or not self.plan.watch:
            return False
        values = [record[self.plan.watch] for record in self.history]
        return len(values) - 1 - values.index(max(values)) >= self.plan.patience

    def kept(self) -> nn.Module:
        if self.best is not None:
            self.average.load_state_dict(self.best)
        self.average.cpu().eval()
        return self.average

    def _save(self) -> None:
        state = {
            "plan": asdict(self.plan),
            "epoch": self.next_epoch - 1,
            "steps": self.steps,
            "net": self.net.state_dict(),
            "average": self.average.state_dict() if self.average is not self.net else None,
            "best": self.best,
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "history": self.history,
        }
        save_aside(self.folder / "checkpoint.pt", state)
        self._write_history()

    def _write_history(self) -> None:
        lines = "".join(json.dumps(record) + "\n" for record in self.history)
        with aside(self.folder / "history.jsonl") as part:
            part.write_text(lines, encoding="utf-8")

    def resume(self) -> None:
        file = self.folder / "checkpoint.pt"
        if not file.exists():
            return
        try:
            state = torch.load(file, weights_only=True, map_location=self.device)
            plan = state["plan"]
        except Exception as error:  # broken bytes make unpickling raise whatever it stumbles over
            raise _unfit(file, error) from None
        self._check_plan(plan)
        try:
            self.net.load_state_dict(state["net"])
            if self.average is not self.net:
                self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.schedule.load_state_dict(state["schedule"])
            self.next_epoch, self.steps = state["epoch"] + 1, state["steps"]
            self.history, self.best = state["history"], state["best"]
        except (RuntimeError, KeyError, ValueError) as error:
            raise _unfit(file, error) from None
        self._write_history()

    def _check_plan(self, theirs: dict[str, Any]) -> None:
        place = {"device", "threads", "track"}  # where a run goes on does not change what it learns
        ours = asdict(self.plan)
        other = [name for name in ours if name not in place and ours[name] != theirs.get(name)]
        if other:
            raise DataError(
                f"{self.folder} holds a run with {other[0]} = {theirs.get(other[0])}, this one has {ours[other[0]]}; "
                "name another folder, or delete checkpoint.pt there to start again"
            )


def _unfit(file: Path, error: Exception) -> DataError:
    reason = str(error).partition("\n")[0] or type(error).__name__
    return DataError(f"{file}: does not fit this run ({reason}); name another folder or delete it")


def _epoch(
    run: _Run,
    epoch: int,
    batches: Callable[[int], Iterator[Batch]],
    loss_of: Callable[[nn.Module, Batch], Tensor],
    measure: Callable[[nn.Module], dict[str, float]] | None,
    tracking: Tracker,
) -> None:
    plan, started = run.plan, time.monotonic()
    total = torch.zeros((), device=run.device)
    bar = tqdm(
        batches(epoch),
        total=plan.steps_an_epoch,
        desc=f"epoch {epoch + 1}/{plan.epochs}",
        leave=False,
        disable=None,  # a log file gets a line an epoch instead
    )
    step = -1
    for step, batch in enumerate(bar):
        with torch.autocast(run.device.type, torch.bfloat16, enabled=plan.precision == "bfloat16"):
            loss = loss_of(run.net, moved(batch, run.device))
        if not torch.isfinite(loss):
            raise DataError(
                f"the loss is {loss.item()} at epoch {epoch + 1}, step {step + 1}; lower the learning rate, or look "
                "at the data with 'meot data check' (the last finished epoch is kept)"
            )
        run.step(loss)
        total += loss.detach()
    if step < 0:
        raise DataError(f"epoch {epoch + 1} has no batch; the training split is empty or smaller than needed")
    record = {"epoch": epoch + 1.0, "loss": float(total) / (step + 1)}
    if measure is not None:
        run.average.eval()
        with torch.no_grad():
            record |= measure(run.average)
    record["seconds"] = round(time.monotonic() - started, 2)
    run.finish(epoch, record)
    tracking.log(epoch + 1, record)
    words = (f"{name} {value:.4f}" for name, value in record.items() if name not in ("epoch", "seconds"))
    tqdm.write(f"epoch {epoch + 1}: {', '.join(words)}, {record['seconds']:.0f} s", file=sys.stderr)


def moved(batch: Batch, device: torch.device) -> Batch:
    """A batch with every tensor in it on ``device``; tuples, named tuples, lists and dicts are looked into."""
    if isinstance(batch, Tensor):
        return batch.to(device, non_blocking=True)
    if isinstance(batch, dict):
        return {key: moved(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(moved(value, device) for value in batch))
    if isinstance(batch, (list, tuple)):
        return type(batch)(moved(value, device) for value in batch)
    return batch


def save_aside(file: Path, state: object) -> None:
    """Write ``state`` with torch.save so that a kill or a full disk leaves the old file whole. DataError when full."""
    try:
        with aside(file) as part, part.open("wb") as data:
            torch.save(state, data)
            data.flush()
            os.fsync(data.fileno())
    except (OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(
            f"{file} cannot be written ({reason}); free some space and run it again: it goes on after the last "
            "epoch that was saved"
        ) from None
