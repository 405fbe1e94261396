"""What the workshop's loop and its feature cache cost and gain, beside a bare PyTorch loop over the same work."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from bench.table import arguments, show
from meot.data.sources import clothing
from meot.data.table import Row
from meot.training.classify.samples import Questions, samples_of
from meot.training.classify.stages import Job, Prepared, fit
from meot.training.loop import train
from meot.training.nets.backbones import build
from meot.training.plan import Plan
from meot.training.recipes.classifier import ClassifierRecipe, prepare

Batch = tuple[Tensor, Tensor]


def main() -> None:
    """Print both comparisons; each pair runs in turns in this process."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--photos", type=int, default=96, help="photos of the cache comparison")
    parser.add_argument("--epochs", type=int, default=30, help="epochs of the cache comparison")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of epochs of the loop comparison")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = [_loop(options.rounds), *_cache(options.data / "clothing", options.photos, options.epochs)]
    show("Training", rows, as_json=options.json)


def _loop(rounds: int) -> dict[str, object]:
    """Median ratio of an epoch of MobileNetV2 at 160 px in our loop to the bare one, the order alternating."""
    generator = torch.Generator().manual_seed(0)
    batches = [
        (torch.randn(16, 3, 160, 160, generator=generator), torch.randint(0, 10, (16,), generator=generator))
        for _ in range(12)
    ]
    ratios = []
    for turn in range(rounds + 1):
        pair = {}
        for ours in (True, False) if turn % 2 else (False, True):
            pair[ours] = _ours(batches) if ours else _bare(batches)
        ratios.append(pair[True] / pair[False])
    return {"what": "epoch in the loop / bare PyTorch", "value": statistics.median(ratios[1:]), "wanted": "<= 1.15"}


def _net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(build("mobilenet_v2"), nn.Linear(1280, 10))


def _loss(net: nn.Module, batch: Batch) -> Tensor:
    return functional.cross_entropy(net(batch[0].contiguous(memory_format=torch.channels_last)).float(), batch[1])


def _ours(batches: list[Batch]) -> float:
    """Seconds of an epoch with everything that the loop does: averaged weights, clipping, checkpoint, history."""
    folder = Path(tempfile.mkdtemp())
    net, started = _net(), time.perf_counter()

    def again(_: int) -> Iterator[Batch]:
        return iter(batches)

    plan = Plan(epochs=1, steps_an_epoch=len(batches), rates={"": 1e-3})
    train(net, plan=plan, batches=again, loss_of=_loss, measure=None, folder=folder, set_train=_set_train)
    took = time.perf_counter() - started
    shutil.rmtree(folder)
    return took


def _set_train(net: nn.Module) -> None:
    net.train()


def _bare(batches: list[Batch]) -> float:
    net = _net().to(memory_format=torch.channels_last)
    started = time.perf_counter()
    optimiser = torch.optim.AdamW(net.parameters(), 1e-3)
    net.train()
    for batch in batches:
        with torch.autocast("cpu", torch.bfloat16):
            loss = _loss(net, batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        loss.item()
    return time.perf_counter() - started


def _cache(folder: Path, photos: int, epochs: int) -> list[dict[str, object]]:
    """The same epochs of the frozen stage from cached features (the pass that makes them counted) and from photos."""
    data, recipe = _photos(folder, photos, epochs)
    seconds = {}
    for cache in (True, False):
        out = Path(tempfile.mkdtemp())
        started = time.perf_counter()
        fit(Job(replace(recipe, cache=cache), data, out))
        seconds[cache] = time.perf_counter() - started
        shutil.rmtree(out)
    return [
        {"what": f"{epochs} frozen epochs of {photos} photos, cached, s", "value": seconds[True], "wanted": ""},
        {"what": "the same from the photos, s", "value": seconds[False], "wanted": ""},
        {"what": "times faster with the cache", "value": seconds[False] / seconds[True], "wanted": ">= 10"},
    ]


def _photos(folder: Path, photos: int, epochs: int) -> tuple[Prepared, ClassifierRecipe]:
    def some(split: str, count: int) -> list[Row]:
        rows = clothing.read(folder, "train" if split == "train" else "validation")
        return [row for row in rows if row.labels["category"] in ("T-Shirt", "Pants")][:count]

    questions = Questions({"category": ("T-Shirt", "Pants")})
    samples = {s: samples_of(some(s, n), questions) for s, n in (("train", photos), ("validation", photos // 6))}
    recipe = ClassifierRecipe(data=folder, head_epochs=epochs, looks=0)
    return prepare(recipe, samples, questions), recipe


if __name__ == "__main__":
    main()
