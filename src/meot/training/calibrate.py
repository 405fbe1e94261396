"""Make scores mean what they say: temperatures and "sure" thresholds, fitted on the whole product's answers.

The reader runs as it ships on the validation photos; what it answers there decides how far to trust it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from meot import photos
from meot.data.sources import ccp, clothing
from meot.models.card import read_card
from meot.taxonomy import Taxonomy
from meot.types import Photo


def temperature(logits: NDArray[np.float64], allowed: NDArray[np.bool_]) -> float:
    """Temperature (0.3..3) under which (N, C) logits give the (N, C) allowed classes the greatest likelihood."""
    tried = np.exp(np.linspace(np.log(0.3), np.log(3.0), 60))
    return float(tried[np.argmin([_loss(logits / t, allowed) for t in tried])])


def _loss(logits: NDArray[np.float64], allowed: NDArray[np.bool_]) -> float:
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return float(-np.mean(np.logaddexp.reduce(np.where(allowed, log_p, -np.inf), axis=1)))


def sure_from(score: NDArray[np.float64], right: NDArray[np.bool_], *, precision: float = 0.95) -> float:
    """The lowest of the scores (N,) from which on at least ``precision`` of the answers are ``right`` (N,); the highest
    score where no part of them is so good. N is 1 or more.
    """
    order = np.argsort(-score)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    tried = last_of_equals(score[order])
    enough = tried[share[tried] >= precision]
    return float(score[order[enough[-1]]]) if len(enough) else float(score.max())


def last_of_equals(falling: NDArray[np.float64]) -> NDArray[np.int64]:
    """(M,) places of the last of each run of equal scores (N,), the highest first: equal scores are sure together."""
    return np.flatnonzero(np.append(falling[1:] < falling[:-1], True))


def set_card(file: Path, settings: dict[str, float], measured: dict[str, float]) -> None:
    """Write numbers into a card that is already there."""
    card = read_card(file)
    replace(card, settings={**card.settings, **settings}, measured={**card.measured, **measured}).write(file)


def flat_logits(
    read: Callable[[Photo], tuple[NDArray[np.float32], NDArray[np.float32]]],
    folder: Path,
    taxonomy: Taxonomy,
    limit: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Garment model's and parser's (N, C) logits on validation flat lays, and which classes the label allows."""
    rows = clothing.read(folder, "validation")[:limit]
    both = [read(photos.load(row.photo)) for row in tqdm(rows, desc="flat lays")]
    allowed = np.zeros((len(rows), len(taxonomy.categories)), bool)
    for i, row in enumerate(rows):
        allowed[i, list(taxonomy.categories_of("clothing", row.labels["category"]))] = True
    return np.array([b[0] for b in both], np.float64), np.array([b[1] for b in both], np.float64), allowed


def worn_truths(folder: Path, taxonomy: Taxonomy, limit: int | None) -> list[tuple[Path, dict[str, set[int]]]]:
    """Validation street photos with the categories their masks allow in each region that holds a single garment."""
    names, found = ccp.labels(folder), []
    for row in ccp.read(folder, "validation", masked_only=True)[:limit]:
        assert row.mask is not None
        ids = np.asarray(Image.open(row.mask))
        of_region: dict[str, list[set[int]]] = {}
        for value in np.unique(ids):
            categories = set(taxonomy.categories_of("ccp", names[int(value)]))
            if categories and (ids == value).mean() > 0.004:
                of_region.setdefault(taxonomy.region_of("ccp", names[int(value)]).id, []).append(categories)
        found.append((row.photo, {region: sets[0] for region, sets in of_region.items() if len(sets) == 1}))
    return found
