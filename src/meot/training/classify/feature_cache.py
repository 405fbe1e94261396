"""Features of a frozen net, computed once and kept beside the run."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from meot.labels.component import WORN_SIDE
from meot.models import store
from meot.models.pixels import normalise
from meot.training.classify.batches import Features
from meot.training.classify.samples import Crop, Look, still, varied
from meot.training.keeping import kept

if TYPE_CHECKING:
    from meot.training.nets.classifier import Classifier
    from meot.training.recipes.classifier import ClassifierRecipe


def cached(net: Classifier, crops: list[Crop], recipe: ClassifierRecipe, file: Path, *, looks: int) -> Features:
    """Features of ``crops``, read from ``file`` when it was made from the same pictures by the same net.

    looks: varied pictures of each garment besides the plain one.
    """
    key = {"key": _key(net, crops, recipe, looks)}
    return kept(file, key, lambda: _compute(net, crops, recipe, looks))


def _key(net: Classifier, crops: list[Crop], recipe: ClassifierRecipe, looks: int) -> str:
    """Digest of everything the features depend on."""
    said = (recipe.views, recipe.shades, sides(recipe), recipe.rotate, recipe.colour, recipe.fill)
    told = hashlib.sha256(repr((*said, recipe.seed, looks)).encode())
    for weight in net.backbone.state_dict().values():
        told.update(weight.detach().cpu().contiguous().numpy().tobytes())
    for crop in crops:
        told.update(repr((crop.image.shape, crop.box, crop.worn, crop.paint)).encode())
        told.update(np.ascontiguousarray(crop.image[::7, ::7]).tobytes())
    return told.hexdigest()


@torch.no_grad()
def _compute(net: Classifier, crops: list[Crop], recipe: ClassifierRecipe, looks: int) -> Features:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(recipe.threads)
    net.eval().to(device).to(memory_format=torch.channels_last)
    rng = np.random.default_rng(recipe.seed)
    look = Look(rotate=recipe.rotate, colour=recipe.colour, fill=recipe.fill)
    found = np.empty((len(crops), looks + 1, net.size), np.float16)
    own, tried = sides(recipe)
    for chosen in tqdm(_alike(crops, 16), desc="features", disable=None):
        some = [crops[i] for i in chosen]
        for k in range(looks + 1):
            side = int(rng.choice(tried)) if k else own[some[0].worn]
            cut = [
                varied(c, recipe.views, side, look, rng) if k or c.paint else still(c, recipe.views, side) for c in some
            ]
            pictures = np.stack(cut)
            pixels = torch.from_numpy(normalise(pictures.reshape(-1, *pictures.shape[2:])))
            pixels = pixels.reshape(*pictures.shape[:2], *pixels.shape[1:])
            with torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16"):
                values = net.features(pixels.to(device)).float().cpu().numpy()
            found[chosen, k] = np.clip(values, -6e4, 6e4)
    net.cpu()
    return found


def sides(recipe: ClassifierRecipe) -> tuple[dict[bool, int], list[int]]:
    """Side of the square picture, px: of a garment by whether it is worn, and all that varied pictures may have.

    Heads stand on the garment model's features, so they are made at the sides at which it looks at garments.
    """
    if not recipe.light:
        return {False: recipe.size, True: recipe.size}, [recipe.size]
    settings = store.find("garment")[1].settings
    flat, worn = int(settings["flat_side"]), int(settings["worn_side"])
    return {False: flat, True: worn}, [WORN_SIDE, worn, (flat + worn) // 64 * 32, flat]


def _alike(crops: list[Crop], size: int) -> list[NDArray[np.int64]]:
    """Positions of crops in batches of at most ``size``, worn and unworn ones apart."""
    worn = np.array([crop.worn for crop in crops], bool)
    kinds = [np.flatnonzero(worn == kind) for kind in (False, True)]
    return [kind[start : start + size] for kind in kinds for start in range(0, len(kind), size)]
