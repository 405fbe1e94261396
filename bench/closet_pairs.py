"""The same top worn and as a product shot: is the very garment found in a closet, and what is a verdict worth?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.closet_fit import logistic, logit
from bench.closet_truths import Seen
from bench.closet_truths import rows as lines_of
from bench.table import interval
from meot.answers.closet.similarity import PARTS, Scale, compare
from meot.answers.closet.traits import describe
from meot.types import Garment

TOPS = ("upper", "outer", "whole", "suit")
OTHERS = 19
"""Other tops in a closet."""
TRAIN = 1200
"""So many pairs of the train split are read."""


def files(data: Path) -> list[Path]:
    """The photos of the pairs that are read."""
    return [data / "pairs" / kind / f"{name}.jpg" for name, _ in _names(data) for kind in ("worn", "product")]


def _names(data: Path) -> list[tuple[str, str]]:
    table = [(row["pair"], row["split"]) for row in lines_of(data / "pairs/pairs.csv")]
    return [row for row in table if row[1] == "validation"] + [row for row in table if row[1] == "train"][:TRAIN]


def rows(data: Path, seen: Mapping[str, Seen], scale: Scale) -> list[dict[str, object]]:
    """Closets of 20 tops, half of them with the very top: a curve fitted on train pairs, all figures on validation."""
    taught = _nearest(*_pairs(data, seen, "train"), scale)
    slope, shift = logistic(logit(taught[0])[:, None], taught[1], np.ones(len(taught[0])))
    said, same, there = _nearest(*_pairs(data, seen, "validation"), scale)
    sure = 1 / (1 + np.exp(-(logit(said) * slope[0] + shift)))
    given = np.array([scale.verdict(value) for value in said.tolist()])
    found: list[dict[str, object]] = []
    for verdict in ("own", "close", "missing"):
        these = given == verdict
        found.append(
            {
                "verdict": verdict,
                "given where it is there": float(these[there].mean()),
                "given where it is not": float(these[~there].mean()),
                "nearest is the very one": float(same[these].mean()) if these.any() else None,
                "as the train pairs say": float(sure[these].mean()) if these.any() else None,
            }
        )
    return found


def _pairs(data: Path, seen: Mapping[str, Seen], split: str) -> tuple[list[Garment], list[Garment]]:
    worn, products = [], []
    for name, of in _names(data):
        looks = [seen.get(str(data / "pairs" / kind / f"{name}.jpg")) for kind in ("worn", "product")]
        if of != split or looks[0] is None or looks[1] is None:
            continue
        tops = [garment for garment in looks[0].garments if garment.region in TOPS]
        if tops and looks[1].garments:
            worn.append(max(tops, key=lambda garment: garment.area))
            products.append(looks[1].garments[0])
    return worn, products


def _nearest(
    worn: Sequence[Garment], products: Sequence[Garment], scale: Scale, *, draws: int = 4, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """(M,) similarity of the nearest product, whether it is the very top, and whether that was in the closet."""
    parts = compare(describe(worn), describe(products))
    score = scale.similarity(parts, np.array([garment.region for garment in worn])).astype(np.float64)
    rng, found = np.random.default_rng(seed), []
    for i in range(len(worn)):
        for draw in range(draws):
            chosen = rng.choice(np.delete(np.arange(len(products)), i), OTHERS + 1, replace=False)
            if draw % 2:
                chosen[0] = i
            best = chosen[np.argmax(score[i, chosen])]
            found.append((score[i, best], best == i, bool(draw % 2)))
    said, same, there = zip(*found, strict=True)
    return np.array(said), np.array(same), np.array(there)


def found_first(data: Path, seen: Mapping[str, Seen], scale: Scale) -> list[dict[str, object]]:
    """How often the very top comes first in closets of 20, with all parts, without the cosine, and by it alone."""
    worn, products = _pairs(data, seen, "validation")
    parts = compare(describe(worn), describe(products))
    cosine = np.array(PARTS) == "cosine"
    ways = {"all parts": scale.weights, "without cosine": np.where(cosine, 0, scale.weights), "cosine alone": cosine}
    rng, table = np.random.default_rng(0), []
    closets = [[i, *rng.choice(np.delete(np.arange(len(worn)), i), OTHERS, replace=False)] for i in range(len(worn))]
    for way, weights in ways.items():
        score = parts @ weights.astype(np.float64)
        hits = np.array([float(np.argmax(score[i, chosen]) == 0) for i, chosen in enumerate(closets)])
        low, high = interval(hits)
        table.append({"compared by": way, "tops": len(hits), "share": float(hits.mean()), "low": low, "high": high})
    return table
