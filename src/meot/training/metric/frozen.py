"""Features of a frozen net, computed once and kept beside the run."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from meot.training.keeping import kept
from meot.training.metric.embed import Pooling
from meot.training.metric.pictures import Pictures, normalised, still, varied

if TYPE_CHECKING:
    from meot.training.recipes.embedding import EmbeddingRecipe

Looks = NDArray[np.float16]
"""(N, K, F): K looks at each of N photos, the first one plain."""


def features(net: Pooling, pictures: Pictures, recipe: EmbeddingRecipe, file: Path) -> Looks:
    """Features of all pictures, read from ``file``.npy when it was made from the same ones by the same net."""
    key = _key(net, pictures, recipe)
    return kept(file.with_suffix(".npy"), key, lambda: _compute(net, pictures, recipe))


def _key(net: Pooling, pictures: Pictures, recipe: EmbeddingRecipe) -> str:
    """Digest of everything the features depend on."""
    told = hashlib.sha256(repr((recipe.look, recipe.looks, recipe.size, recipe.seed, recipe.precision)).encode())
    for weight in net.state_dict().values():
        told.update(weight.detach().cpu().contiguous().numpy().tobytes())
    told.update(np.ascontiguousarray(pictures.cut[:, ::9, ::9]).tobytes())
    told.update(pictures.items.tobytes())
    return told.hexdigest()


@torch.no_grad()
def _compute(net: Pooling, pictures: Pictures, recipe: EmbeddingRecipe) -> Looks:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net.eval().to(device)
    rng = np.random.default_rng((recipe.seed, 2))
    found = np.empty((len(pictures), recipe.looks + 1, net.size), np.float16)
    for start in tqdm(range(0, len(pictures), 32), desc="features", mininterval=5):
        own = slice(start, start + 32)
        for k in range(recipe.looks + 1):
            cut = pictures.cut[own]
            views = varied(cut, pictures.items[own], recipe.size, recipe.look, rng) if k else still(cut, recipe.size)
            inputs = torch.from_numpy(normalised(views)).permute(0, 3, 1, 2).to(device)
            with torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16"):
                values = net(inputs).float().cpu().numpy()
            found[own, k] = np.clip(values, -6e4, 6e4)
    net.cpu()
    return found
