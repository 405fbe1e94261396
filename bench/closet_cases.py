"""The paper's four photos (top similar, bottom similar, all similar, all different), built many times over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.closet_truths import FAR, NEAR, Known
from bench.table import interval
from meot.answers.closet.similarity import Scale, compare
from meot.answers.closet.traits import describe

PAPER = {"top similar": 0.55, "bottom similar": 0.94, "all similar": 0.98, "all different": 0.47}
TOPS, BOTTOMS = ("upper", "outer"), ("lower",)
_APART = 12
"""Bits of a difference hash from which two photos are not the same one repeated."""


class Outfit(NamedTuple):
    """A photo's largest top and bottom, and (64,) bool of its difference hash."""

    top: Known
    bottom: Known
    print: NDArray[np.bool_]


def outfits(known: Sequence[Known]) -> list[Outfit]:
    """The photos that show both."""
    by_photo: dict[Path, list[Known]] = {}
    for each in known:
        by_photo.setdefault(each.photo, []).append(each)
    found = []
    for photo, garments in by_photo.items():
        worn = [[g for g in garments if g.garment.region in regions] for regions in (TOPS, BOTTOMS)]
        if all(worn):
            top, bottom = (max(group, key=lambda g: g.garment.area) for group in worn)
            found.append(Outfit(top, bottom, _print(photo)))
    return found


def _print(photo: Path) -> NDArray[np.bool_]:
    small = np.asarray(Image.open(photo).convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
    return np.asarray((small[:, 1:] > small[:, :-1]).ravel())


def _relations(garments: Sequence[Known]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(N, N) whether two garments are alike (kind, colour, pattern), and whether they differ in kind and colour."""
    lab = np.stack([each.lab for each in garments])
    apart = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    kind = np.array([[bool(a.kinds & b.kinds) for b in garments] for a in garments])
    unlike = np.array([[bool(a.pattern and b.pattern) and a.pattern != b.pattern for b in garments] for a in garments])
    return kind & (apart < NEAR) & ~unlike, ~kind & (apart > FAR)


def cases(photos: Sequence[Outfit], most: int, *, seed: int = 0) -> list[tuple[int, dict[str, int]]]:
    """(wanted photo, case -> the photo of an owner who wears it), each wanted photo once."""
    rng = np.random.default_rng(seed)
    prints = np.stack([each.print for each in photos])
    other = (prints[:, None] != prints[None]).sum(-1) >= _APART
    (top, no_top), (bottom, no_bottom) = (_relations([getattr(p, part) for p in photos]) for part in ("top", "bottom"))
    pools = {
        "top similar": top & no_bottom,
        "bottom similar": no_top & bottom,
        "all similar": top & bottom,
        "all different": no_top & no_bottom,
    }
    found = []
    for i in rng.permutation(len(photos)).tolist():
        choices = {name: np.flatnonzero(pool[i] & other[i]) for name, pool in pools.items()}
        if all(len(each) for each in choices.values()):
            found.append((i, {name: int(rng.choice(each)) for name, each in choices.items()}))
    return found[:most]


def _similar(known: Sequence[Known], scale: Scale) -> NDArray[np.float32]:
    """(N, N) each against each."""
    traits = describe([each.garment for each in known])
    return scale.similarity(compare(traits, traits), traits.region)


def rows(known: Sequence[Known], scale: Scale, *, most: int) -> list[dict[str, object]]:
    """The figure of each case beside the paper's; its parts; what the share of the photo's area would make of it."""
    photos = outfits(known)
    drawn = cases(photos, most)
    if not drawn:
        return []
    similar = {part: _similar([getattr(photo, part) for photo in photos], scale) for part in ("top", "bottom")}
    figures: dict[str, NDArray[np.float64]] = {}
    table: list[dict[str, object]] = []
    for name in PAPER:
        top, bottom = (np.array([float(similar[part][i, asked[name]]) for i, asked in drawn]) for part in similar)
        figures[name] = (top + bottom) / 2
        low, high = interval(figures[name])
        table.append(
            {
                "case": name,
                "paper, one case": PAPER[name],
                "ours": float(figures[name].mean()),
                "low": low,
                "high": high,
                "top": float(top.mean()),
                "bottom": float(bottom.mean()),
                "cases": len(drawn),
            }
        )
    halves = figures["top similar"], figures["bottom similar"]
    between = [(figures["all different"] < half) & (half < figures["all similar"]) for half in halves]
    apart = halves[1] - halves[0]
    for name, values in (("bottom - top", apart), ("both in between", (between[0] & between[1]).astype(np.float64))):
        low, high = interval(values)
        paper = PAPER["bottom similar"] - PAPER["top similar"] if name == "bottom - top" else 1.0
        figure = {"case": name, "paper, one case": paper, "ours": float(values.mean()), "low": low, "high": high}
        table.append({**figure, "top": None, "bottom": None, "cases": len(drawn)})
    return table
