"""Batches for torchvision's detectors: varied photos as tensors, boxes as targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from meot.data.detection import Scene, fit, masks_of, read_scene, vary
from meot.data.table import Row
from meot.models.pixels import normalise


class Batch(NamedTuple):
    """photos: (3, H, W) float32 each. targets: boxes (n, 4) float32, labels (n,) int64 from 1, masks (n, H, W)."""

    photos: list[Tensor]
    targets: list[dict[str, Tensor]]


@dataclass(frozen=True, kw_only=True)
class Views:
    """How photos are shown. canvas: (height, width) px; zoom, rotate, colour as in ``meot.data.detection.vary``."""

    canvas: tuple[int, int]
    classes: tuple[str, ...]
    zoom: float
    rotate: float
    colour: float
    masks: bool


class Batches:
    """Epochs of random views, read from disk as they are needed; the same epoch is always the same."""

    def __init__(self, rows: Sequence[Row], *, views: Views, batch: int, workers: int, seed: int) -> None:
        self.rows, self.views, self.batch, self.workers, self.seed = rows, views, batch, workers, seed
        self.steps = max(1, len(rows) // batch)

    def __call__(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch; each photo once, but for those that do not fill a batch."""
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.rows))
        steps = [order[i * self.batch : (i + 1) * self.batch] for i in range(self.steps)]
        one = partial(self._one, epoch)
        with ThreadPoolExecutor(max(1, self.workers)) as pool:
            ahead = [pool.map(one, step) for step in steps[:1]]
            for i in range(len(steps)):
                ahead += [pool.map(one, step) for step in steps[i + 1 : i + 2]]
                shown = list(ahead.pop(0))
                yield Batch([photo for photo, _ in shown], [target for _, target in shown])

    def _one(self, epoch: int, place: int) -> tuple[Tensor, dict[str, Tensor]]:
        scene, _ = fit(read_scene(self.rows[place], self.views.classes), self.views.canvas)
        rng = np.random.default_rng((self.seed, epoch, int(place)))
        own = self.views
        seen = vary(scene.at(~scene.crowd), rng, zoom=own.zoom, rotate=own.rotate, colour=own.colour)
        return pixels_of(seen.image), _target(seen, own.masks)


def pixels_of(image: NDArray[np.uint8]) -> Tensor:
    """(H, W, 3) uint8 RGB -> (3, H, W) float32 as the nets want it."""
    return torch.from_numpy(normalise(image[None])[0])


def _target(scene: Scene, masks: bool) -> dict[str, Tensor]:
    target = {
        "boxes": torch.from_numpy(scene.boxes).float().reshape(-1, 4),
        "labels": torch.from_numpy(scene.labels + 1),
    }
    return target | ({"masks": torch.from_numpy(masks_of(scene))} if masks else {})
