"""Category scores -> a category with its calibrated score, its runner-up, and whether to trust it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meot.taxonomy import Taxonomy
from meot.types import Label


def probabilities(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """(..., C) softmax of logits over a temperature fitted on photos kept back (Guo et al. 2017)."""
    scaled = np.asarray(logits, np.float64) / temperature
    powers = np.exp(scaled - scaled.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True), np.float64)


def tempered(p: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """(..., C) probabilities made surer (temperature below 1) or less sure; they sum to 1 again.

    The mean of two opinions is less sure than either may rightly be.
    """
    powers = np.maximum(p, 1e-12) ** (1.0 / temperature)
    return np.asarray(powers / powers.sum(-1, keepdims=True), np.float64)


def within(p: NDArray[np.float64], regions: tuple[str, ...], taxonomy: Taxonomy) -> NDArray[np.float64]:
    """(C,) probabilities given that the garment belongs to one of ``regions``; sums to 1."""
    kept = np.where([c.region in regions for c in taxonomy.categories], p, 0.0)
    total = kept.sum()
    if total < 1e-9:
        kept = np.array([float(c.region in regions) for c in taxonomy.categories])
        total = kept.sum()
    return np.asarray(kept / total, np.float64)


def label(p: NDArray[np.float64], taxonomy: Taxonomy, *, sure_from: float) -> Label:
    """The category of (C,) probabilities: the likeliest family first, then the likeliest member of it.

    Jackets and coats are often not told apart, by people or by data sets; summing them first keeps two half-sure
    siblings from losing to one half-sure stranger. ``sure`` is about the leaf: its own score reaches ``sure_from``.
    """
    families: dict[str, float] = {}
    for category, score in zip(taxonomy.categories, p, strict=True):
        families[category.family] = families.get(category.family, 0.0) + float(score)
    family = max(families, key=lambda name: families[name])
    order = [int(i) for i in np.argsort(-p, kind="stable")]
    best = next(i for i in order if taxonomy.categories[i].family == family)
    second = next(i for i in order if i != best)
    return Label(
        id=taxonomy.categories[best].id,
        score=float(p[best]),
        sure=bool(p[best] >= sure_from),
        runner_up=taxonomy.categories[second].id if p[second] > 0 else None,
        scores={category.id: float(score) for category, score in zip(taxonomy.categories, p, strict=True)},
    )


def deepfashion2(category: str, sleeve: str | None, taxonomy: Taxonomy) -> int | None:
    """DeepFashion2's class (1..13), None when the category has none or the sleeve would have to tell and does not."""
    classes = taxonomy.category(category).deepfashion2
    if len(classes) <= 1:
        return classes[0] if classes else None
    of_sleeve = {"short": (1, 3, 10), "long": (2, 4, 11), "none": (5, 12)}.get(sleeve or "", ())
    fitting = [c for c in classes if c in of_sleeve]
    return fitting[0] if len(fitting) == 1 else None
