"""An image tower: a torch network that sees square crops, prepared as its weights want them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from meot.errors import MeotError, ModelError
from meot.vectors.hub import first_line

if TYPE_CHECKING:
    import torch

_BATCH = 16


class Tower:
    """A network ready to run. See :class:`meot.vectors.own.Encoder` for ``label``, ``size`` and ``encode``.

    name: what the user called it. weights: the network whose weights tell one version from another. see: (N, 3, S, S)
    float32 -> (N, D). prepare: a square picture -> (3, S, S). recipe: what ``prepare`` does, in words that change with
    it. mean: of each channel, 0..1: what a crop at the photo's edge is filled up with. ModelError when what comes out
    is no finite vector.
    """

    def __init__(
        self,
        *,
        name: str,
        weights: torch.nn.Module,
        see: Callable[[torch.Tensor], torch.Tensor],
        prepare: Callable[[Image.Image], torch.Tensor],
        recipe: str,
        mean: Sequence[float],
    ) -> None:
        self._see, self._prepare = see, prepare
        self._fill = np.array([round(255 * m) for m in mean], np.uint8)
        self.label = f"{name}@{fingerprint(weights, recipe)}"
        probe = self._run([np.zeros((32, 32, 3), np.uint8)])
        if probe.ndim != 2 or not np.isfinite(probe).all():
            raise ModelError(f"{name}: expected a finite vector for each crop, got shape {probe.shape}; name another")
        self.size = int(probe.shape[1])

    def encode(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """(N, D) float32 unit vectors of (h, w, 3) uint8 crops."""
        found = [self._run(crops[i : i + _BATCH]) for i in range(0, len(crops), _BATCH)]
        return np.concatenate(found) if found else np.zeros((0, self.size), np.float32)

    def _run(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            views = torch.stack([self._prepare(Image.fromarray(square(crop, self._fill))) for crop in crops])
            return unit(self._see(views))


def square(crop: NDArray[np.uint8], fill: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(s, s, 3) with the (h, w, 3) crop in its middle: no encoder then cuts off a long dress or squeezes it."""
    height, width = crop.shape[:2]
    side = max(height, width)
    if height == width:
        return crop
    whole = np.empty((side, side, 3), np.uint8)
    whole[:] = fill
    top, left = (side - height) // 2, (side - width) // 2
    whole[top : top + height, left : left + width] = crop
    return whole


def unit(vectors: torch.Tensor) -> NDArray[np.float32]:
    """(N, D) float32 of unit length."""
    import torch

    return np.asarray(torch.nn.functional.normalize(vectors.float(), dim=-1).numpy(), np.float32)


def fingerprint(network: torch.nn.Module, recipe: str) -> str:
    """Eight hexadecimal digits that change with any weight, and with ``recipe``."""
    import torch

    digest = hashlib.sha256(recipe.encode())
    for name, weight in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(weight.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()[:8]


def use_threads(threads: int) -> None:
    """Let torch use so many threads; 0 for one a core, at most 4."""
    import torch

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(threads or min(4, cores))


@contextmanager
def loading(label: str) -> Iterator[None]:
    """What goes wrong inside becomes a ModelError about ``label``."""
    try:
        yield
    except MeotError:
        raise
    except ModuleNotFoundError as error:
        raise ModelError(
            f"{label}: needs {error.name}, which is not installed; run: pip install 'meot[encoders]'"
        ) from None
    except Exception as error:  # torch's, safetensors', timm's and OpenCLIP's own, which share no class
        raise ModelError(
            f"{label}: cannot be loaded ({first_line(error)}); if its files are damaged, remove them to have them "
            "downloaded again, else name another"
        ) from None
