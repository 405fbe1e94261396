"""Constructed closets, the scale fitted on them, and what it says of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.closet_truths import FAR, NEAR, Known
from meot.answers.closet.similarity import PARTS, PLACES, Scale, compare, place_of
from meot.answers.closet.traits import describe
from meot.answers.filters import regions_like

SIZE = 60
"""Garments in a constructed closet."""
COSINE = 4.0
"""Weight of the cosine before the scale is fitted. Fitted to kind and colour alone it would be near 0, and the very
same garment would no longer be found among others like it."""
HELD = 0.8
"""Of wanted garments with one alike in the closet so many are not called missing."""
TWINS = 0.7
"""Of pairs of owned garments called so alike that one would do, so many agree in kind, colour and pattern."""
CLOTHES = ("upper", "outer", "lower", "whole", "suit", "feet")
REST = ("head", "bag", "accessory")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Wanted (W) against owned (N) garments. parts: (W, N, P) float32. comparable: of one region, of two senders.

    alike: kind, colour and pattern the same (a pattern that is not known is no objection). near: kind the same and
    colours less than twice as far apart as alike ones may be. told: whether "alike" can be told.
    """

    wanted: Sequence[Known]
    owned: Sequence[Known]
    parts: NDArray[np.float32]
    comparable: NDArray[np.bool_]
    alike: NDArray[np.bool_]
    near: NDArray[np.bool_]
    told: NDArray[np.bool_]


class Nearest(NamedTuple):
    """(M,) nearest owned garments of constructed closets: similarity, whether alike, near, and of which wanted one."""

    similarity: Floats
    alike: NDArray[np.bool_]
    near: NDArray[np.bool_]
    wanted: NDArray[np.int64]


def grid(wanted: Sequence[Known], owned: Sequence[Known], regions: Sequence[str] = CLOTHES) -> Grid:
    """Everything of these regions against everything."""
    mine, theirs = ([k for k in each if k.garment.region in regions] for each in (wanted, owned))
    apart = np.linalg.norm(np.stack([k.lab for k in mine])[:, None] - np.stack([k.lab for k in theirs])[None], axis=-1)
    kind = np.array([[bool(a.kinds & b.kinds) for b in theirs] for a in mine])
    unlike = np.array([[bool(a.pattern and b.pattern) and a.pattern != b.pattern for b in theirs] for a in mine])
    places = np.array([[b.garment.region in regions_like(a.garment.region) for b in theirs] for a in mine])
    groups = np.array([[a.group != b.group for b in theirs] for a in mine])
    return Grid(
        wanted=mine,
        owned=theirs,
        parts=compare(describe([k.garment for k in mine]), describe([k.garment for k in theirs])),
        comparable=places & groups,
        alike=kind & (apart < NEAR) & ~unlike,
        near=kind & (apart < 2 * NEAR),
        told=(apart < NEAR) | (apart > FAR) | ~kind,
    )


def closets(grid: Grid, *, draws: int, holding: bool, seed: int = 0) -> list[tuple[int, NDArray[np.int64]]]:
    """(wanted, (C,) owned that can be compared with it) of closets of :data:`SIZE` garments drawn by chance.

    holding: each closet holds a garment that is alike; wanted ones for which there is none are left out.
    """
    rng, found = np.random.default_rng(seed), []
    for i in range(len(grid.wanted)):
        matches = np.flatnonzero(grid.alike[i] & grid.comparable[i])
        if holding and not len(matches):
            continue
        for _ in range(draws):
            chosen = rng.choice(len(grid.owned), min(SIZE, len(grid.owned)), replace=False)
            if holding:
                chosen[0] = rng.choice(matches)
            found.append((i, np.unique(chosen[grid.comparable[i][chosen]])))
    return [(i, chosen) for i, chosen in found if len(chosen)]


def precision_at_1(grid: Grid, drawn: Sequence[tuple[int, NDArray[np.int64]]], weights: Floats) -> Floats:
    """(W,) share of each wanted garment's closets in which the nearest garment is alike."""
    score = grid.parts @ weights
    hits: dict[int, list[bool]] = {}
    for i, chosen in drawn:
        hits.setdefault(i, []).append(bool(grid.alike[i, chosen[np.argmax(score[i, chosen])]]))
    return np.array([np.mean(each) for each in hits.values()], np.float64)


def nearest(grid: Grid, drawn: Sequence[tuple[int, NDArray[np.int64]]], scale: Scale) -> Nearest:
    """The nearest garment of each closet."""
    similar = scale.similarity(grid.parts, np.array([known.garment.region for known in grid.wanted]))
    best = [(i, chosen[np.argmax(similar[i, chosen])]) for i, chosen in drawn]
    wanted, owned = np.array([i for i, _ in best]), np.array([j for _, j in best])
    said = similar[wanted, owned].astype(np.float64)
    return Nearest(said, grid.alike[wanted, owned], grid.near[wanted, owned], wanted)


def fit(grids: Sequence[Grid], found: Sequence[Grid], laid: Grid, rest: Grid) -> Scale:
    """The scale: weights and curves on all pairs of ``grids``, verdicts on the nearest garments of ``found``, and from
    where on one of two owned garments would do on the pairs of ``laid``; bags and the like have the curve of ``rest``.
    """
    rows = [(g.parts[g.comparable & g.told], g.alike[g.comparable & g.told]) for g in grids]
    share = np.concatenate([np.full(len(y), 1 / len(y)) for _, y in rows])  # each kind of closet weighs the same
    parts, truth = np.concatenate([p for p, _ in rows]).astype(np.float64), np.concatenate([y for _, y in rows])
    free, _ = logistic(parts[:, 1:], truth, share, offset=COSINE * parts[:, 0])
    weights = np.concatenate([[COSINE], np.minimum(free, np.where(np.arange(len(free)) < 2, np.inf, 0.0))])
    scale = Scale(weights.astype(np.float32), _curves([*grids, rest], weights), 0.5, 0.5, 1.0)
    drawn = [
        (nearest(g, closets(g, draws=4, holding=holding), scale), holding) for g in found for holding in (False, True)
    ]
    said, alike = (np.concatenate([getattr(b, name) for b, _ in drawn]) for name in ("similarity", "alike"))
    share = np.concatenate([np.full(len(b.wanted), 1 / len(b.wanted)) for b, _ in drawn])
    reached = [np.quantile(b.similarity, 1 - HELD) for b, holding in drawn if holding]
    return replace(
        scale,
        own_from=_even(said, alike, share),
        close_from=float(np.mean(reached)),
        twin_from=_least_for(laid, scale),
    )


def twins(grid: Grid, scale: Scale, least: float) -> tuple[int, float]:
    """How many pairs of owned garments are at least so similar, and what share of them is alike."""
    said = scale.similarity(grid.parts, np.array([known.garment.region for known in grid.wanted]))
    these = (said >= least) & grid.comparable & grid.told
    return int(these.sum()) // 2, float(grid.alike[these].mean()) if these.any() else float("nan")


def _least_for(grid: Grid, scale: Scale) -> float:
    """The least similarity from which on :data:`TWINS` of the pairs are alike."""
    said = scale.similarity(grid.parts, np.array([known.garment.region for known in grid.wanted]))
    use = grid.comparable & grid.told
    order = np.argsort(-said[use])
    reached = np.cumsum(grid.alike[use][order]) / np.arange(1, len(order) + 1) >= TWINS
    reached[:100] = False  # a handful says nothing
    return float(said[use][order][np.flatnonzero(reached)[-1]]) if reached.any() else 1.0


def _curves(grids: Sequence[Grid], weights: Floats) -> dict[str, tuple[float, float]]:
    """A curve a place over all its pairs, alike and not alike weighing the same."""
    rows = []
    for each in grids:
        places = np.array([place_of(known.garment.region) for known in each.wanted])
        use = each.comparable & each.told
        rows.append((np.repeat(places, use.sum(1)), each.parts[use] @ weights, each.alike[use]))
    places, score, alike = (np.concatenate(column) for column in zip(*rows, strict=True))
    found = {}
    for place in (*dict.fromkeys(PLACES.values()), "other"):
        use = places == place
        share = np.where(alike[use], 1 / alike[use].sum(), 1 / (~alike[use]).sum())
        slope, bias = logistic(score[use][:, None], alike[use], share)
        found[place] = (float(slope[0]), bias)
    return found


def _even(said: Floats, right: NDArray[np.bool_], share: Floats) -> float:
    """The similarity at which the nearest garment is right as likely as not."""
    slope, bias = logistic(logit(said)[:, None], right, share)
    return float(1 / (1 + np.exp(bias / slope[0])))


def logit(p: Floats) -> Floats:
    """Log-odds."""
    kept = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(kept / (1 - kept)))


def logistic(
    x: Floats, truth: NDArray[np.bool_], share: Floats, *, offset: Floats | float = 0.0
) -> tuple[Floats, float]:
    """Weights (P,) and bias of a logistic curve by Newton's method, rows weighed by ``share``."""
    design = np.concatenate([x, np.ones((len(x), 1))], 1).astype(np.float64)
    found, ridge = np.zeros(design.shape[1]), 1e-4 * np.eye(design.shape[1])
    share = share / share.sum()
    for _ in range(50):
        p = 1 / (1 + np.exp(-(design @ found + offset)))
        slope = design.T @ (share * (p - truth)) + ridge @ found
        curve = (design * (share * p * (1 - p))[:, None]).T @ design + ridge
        found = found - np.linalg.solve(curve, slope)
    return found[:-1], float(found[-1])


def as_toml(scale: Scale) -> str:
    """The scale as ``scale.toml`` holds it."""
    lines = [
        "# How owned garments are compared with wanted ones; written by `python -m bench.closet --fit`.",
        "# Fitted on the train splits of Clothing Co-Parsing's street photos and of the clothing set's flat lays:",
        f"# kind by people's labels, colour by label masks, pattern by eye. Constructed closets of {SIZE} garments.",
        "# own_from: the nearest garment agrees in kind, colour and pattern as likely as not.",
        f"# close_from: {HELD:.0%} of wanted garments reach it of which the closet holds one that agrees so.",
        f"# twin_from: {TWINS:.0%} of pairs of flat lays from there on agree so.",
        f"own_from = {scale.own_from:.4f}",
        f"close_from = {scale.close_from:.4f}",
        f"twin_from = {scale.twin_from:.4f}",
        "",
        "[weights]",
        *(f"{part} = {weight:.4f}" for part, weight in zip(PARTS, scale.weights.tolist(), strict=True)),
        "",
        "# A place's curve over the weighed parts, for garments that are as likely alike as not.",
        "[curves]",
        *(f"{p} = {{ slope = {slope:.4f}, bias = {bias:.4f} }}" for p, (slope, bias) in scale.curves.items()),
    ]
    return "\n".join(lines) + "\n"
