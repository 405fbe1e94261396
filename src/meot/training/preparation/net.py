"""A small classifier over prepared pictures of three to five channels, and its fine-tuning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from meot.errors import DataError
from meot.models.pixels import normalise
from meot.training.loop import device_of, train
from meot.training.nets.backbones import Backbone
from meot.training.nets.garment import restore_batch_norm
from meot.training.plan import Plan

Image = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """How a net is trained. rate: peak learning rate of the backbone, the head learns 4 times as fast.

    batch: pictures a step. smoothing: of labels, 0..1. threads: of the processor. seed: of every random choice.
    """

    epochs: int
    rate: float
    batch: int = 32
    schedule: Literal["cosine", "constant"] = "cosine"
    smoothing: float = 0.05
    precision: Literal["bfloat16", "single"] = "bfloat16"
    threads: int = 1
    seed: int = 0


class Net(nn.Module):
    """(N, C, S, S) float32 -> (N, A) logits: the backbone, then one linear layer."""

    def __init__(self, *, backbone: Backbone, answers: int) -> None:
        super().__init__()
        self.backbone, self.head = backbone, nn.Sequential(nn.Dropout(0.2), nn.Linear(backbone.size, answers))

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        logits: Tensor = self.head(self.backbone(x))
        return logits


def tensor(seen: Image) -> Tensor:
    """(N, S, S, C) uint8 -> (N, C, S, S) float32; what comes after red, green, blue has mean 0.5, deviation 0.25."""
    colours = torch.from_numpy(normalise(seen[..., :3]))
    more = torch.from_numpy(seen[..., 3:].transpose(0, 3, 1, 2).astype(np.float32)) / 255
    return torch.cat([colours, (more - 0.5) / 0.25], 1).contiguous(memory_format=torch.channels_last)


def widen(net: nn.Module, channels: int) -> None:
    """Let the first convolution of ``net`` take ``channels``: its weights for red, green, blue stay, the rest are 0.

    The net's answers are unchanged until it is trained. DataError when its first layer is no convolution of 3 channels.
    """
    first = next((module for module in net.modules() if isinstance(module, nn.Conv2d)), None)
    if first is None or first.in_channels != 3 or first.groups != 1:
        raise DataError("expected a net whose first convolution takes 3 channels; choose another net")
    if channels == 3:
        return
    more = torch.zeros(first.out_channels, channels - 3, *first.kernel_size)
    first.weight = nn.Parameter(torch.cat([first.weight.detach(), more], 1))
    first.in_channels = channels


@torch.no_grad()
def outputs(net: nn.Module, seen: Image, *, batch: int, precision: str) -> NDArray[np.float32]:
    """(N, K) float32 of what ``net``, put into eval mode, makes of (N, S, S, C) uint8 pictures."""
    net.eval()
    place, found = device_of(net), []
    for start in tqdm(range(0, len(seen), batch), desc="net", mininterval=5, leave=False, disable=len(seen) < 64):
        with torch.autocast(place.type, torch.bfloat16, enabled=precision == "bfloat16"):
            found.append(net(tensor(seen[start : start + batch]).to(place)).float().cpu().numpy())
    return np.concatenate(found)


def restored(backbone: nn.Module, seen: Image) -> None:
    """Give batch norms that were folded into the convolutions statistics to train with; others stay."""
    norms = [m for m in backbone.modules() if isinstance(m, nn.BatchNorm2d)]
    identity = all(m.running_mean is not None and not m.running_mean.any() for m in norms)
    if identity and any(m.bias.any() for m in norms):
        restore_batch_norm(backbone, [tensor(seen[i : i + 32]) for i in range(0, min(len(seen), 256), 32)])


def tuned(
    net: Net,
    learn: Image,
    answers: NDArray[np.int64],
    tuning: Tuning,
    folder: Path,
    *,
    measure: Callable[[nn.Module], dict[str, float]] | None = None,
) -> nn.Module:
    """Train all of ``net`` on (N, S, S, C) uint8 pictures with their answers, (N,), into ``folder``; in eval mode."""
    batch = min(tuning.batch, len(learn))
    steps = len(learn) // batch

    def batches(epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        rng = np.random.default_rng((tuning.seed, epoch))
        order = rng.permutation(len(learn))
        for step in range(steps):
            chosen = order[step * batch : (step + 1) * batch]
            yield tensor(np.stack([moved(learn[i], rng) for i in chosen])), torch.from_numpy(answers[chosen])

    def loss_of(model: nn.Module, drawn: tuple[Tensor, Tensor]) -> Tensor:
        return functional.cross_entropy(model(drawn[0]).float(), drawn[1], label_smoothing=tuning.smoothing)

    def set_train(model: nn.Module) -> None:
        model.train()

    plan = Plan(
        epochs=tuning.epochs,
        steps_an_epoch=steps,
        rates={"": 4 * tuning.rate, "backbone": tuning.rate},
        schedule=tuning.schedule,
        average=0.0,
        precision=tuning.precision,
        threads=tuning.threads,
        seed=tuning.seed,
    )
    return train(net, plan=plan, batches=batches, loss_of=loss_of, measure=measure, folder=folder, set_train=set_train)


def moved(seen: Image, rng: np.random.Generator) -> Image:
    """(S, S, C) uint8, moved by up to 8 % with the nearest pixels filled in, and mirrored half of the time."""
    side = seen.shape[0]
    room = max(1, round(0.08 * side))
    y, x = rng.integers(0, 2 * room + 1, 2)
    padded = np.pad(seen, ((room, room), (room, room), (0, 0)), mode="edge")[y : y + side, x : x + side]
    return np.ascontiguousarray(padded[:, ::-1] if rng.random() < 0.5 else padded)
