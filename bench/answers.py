"""Answers of the product beside what people said, and the figures that follow from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from meot.evaluation import Classified, evaluate
from meot.evaluation.bootstrap import Draws, Interval, interval, numbered, sampled
from meot.evaluation.calibration import adaptive_error, error_by_chance, expected_error
from meot.evaluation.results import NOTHING, Classification
from meot.training.calibrate import sure_from
from meot.types import Label

FEWEST = 40
"""Answers below which nothing can be chosen on a half of them."""

Figure = tuple[float, float | None, float | None]
"""A value with its 95 % interval, None where 0 is divided by 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One question about one garment or outfit. truth: what counts as right, what people said first at the front.
    answer: the product's, None when it gave none.
    """

    photo: str
    group: str
    street: bool
    truth: tuple[str, ...]
    answer: Label | None

    @property
    def right(self) -> bool:
        """Whether the answer is one of those that count."""
        return self.answer is not None and self.answer.id in self.truth


@dataclass
class Answers:
    """Everything said about one split.

    region, read: question -> answers of either protocol. style, style_group: where people knew the style; puzzled:
    the style where they did not. classes: DeepFashion2's, as told; guessed: the same with sleeves that are not sure.
    trousers: their category beside "yes" for jeans and "no" for others; denim: what is said of the same ones' denim.
    """

    region: dict[str, list[Said]] = field(default_factory=dict)
    read: dict[str, list[Said]] = field(default_factory=dict)
    style: list[Said] = field(default_factory=list)
    style_group: list[Said] = field(default_factory=list)
    puzzled: list[Said] = field(default_factory=list)
    classes: list[Said] = field(default_factory=list)
    guessed: list[Said] = field(default_factory=list)
    trousers: list[Said] = field(default_factory=list)
    denim: list[Said] = field(default_factory=list)


def kinds(said: Sequence[Said]) -> dict[str, list[Said]]:
    """Flat lays, street photos, and both where there are both."""
    flat, street = [s for s in said if not s.street], [s for s in said if s.street]
    found = {"flat lays": flat, "street": street} | ({"both": [*said]} if flat and street else {})
    return {name: some for name, some in found.items() if some}


def accuracy(said: Sequence[Said]) -> tuple[Figure, Figure]:
    """Accuracy and macro F1 against what people said first; a question without an answer is answered wrongly."""
    names = dict.fromkeys(s.truth[0] for s in said) | dict.fromkeys(s.answer.id for s in said if s.answer)
    classes = (*sorted(names), NOTHING)
    answers = [classes.index(s.answer.id if s.answer else NOTHING) for s in said]
    table = Classified(
        model="",
        split="",
        question="",
        classes=classes,
        photos=tuple(f"{s.photo} {i}" for i, s in enumerate(said)),
        boxes=(None,) * len(said),
        groups=tuple(s.group for s in said),
        truth=np.array([classes.index(s.truth[0]) for s in said], np.int64),
        scores=np.eye(len(classes))[answers],
    )
    (result,) = evaluate([table]).results
    assert isinstance(result, Classification)
    return _figure(result.accuracy), _figure(result.macro_f1)


def share(hits: Sequence[bool], groups: Sequence[str], among: Sequence[bool] | None = None) -> Figure:
    """Share of hits among those that are ``among`` (all), groups drawn together; 0 without interval among none."""
    hit, kept = np.array(hits, np.float64), np.array([True] * len(hits) if among is None else among)
    if not kept.any():
        return 0.0, None, None
    own = numbered([g for g, keep in zip(groups, kept, strict=True) if keep], [""] * int(kept.sum()))

    def weighed(weights: NDArray[np.float64]) -> dict[tuple[str, str], NDArray[np.float64]]:
        return {("share", ""): np.asarray(weights @ hit[kept] / weights.sum(axis=1), np.float64)}

    found = sampled(weighed, own, Draws())["share", ""]
    return _figure(interval(found, trials=int(own.max()) + 1))


def trust(said: Sequence[Said]) -> dict[str, object]:
    """Whether the scores mean what they say: share answered and right of those, calibration errors, the sure ones."""
    answered = [s for s in said if s.answer is not None]
    top = np.array([s.answer.score for s in answered if s.answer is not None], np.float64)
    right = np.array([s.right for s in answered], bool)
    sure = [bool(s.answer and s.answer.sure) for s in said]
    groups = [s.group for s in said]
    return {
        "answered": len(answered) / len(said),
        "right of those": float(right.mean()) if answered else None,
        "ECE": expected_error(top, right) if answered else None,
        "adaptive": adaptive_error(top, right) if answered else None,
        "by chance": error_by_chance(top) if answered else None,
        "sure": sum(sure) / len(said),
        "right where sure": share([s.right for s in said], groups, sure),
    } | _chosen_anew(answered, top, right)


def _chosen_anew(
    answered: Sequence[Said], top: NDArray[np.float64], right: NDArray[np.bool_], *, halvings: int = 50
) -> dict[str, object]:
    """What "sure" would be worth on new photos: its threshold chosen for 95 % on half of the senders, looked at on the
    other half, 50 times; mean share of sure answers, and share of those that is right. None for fewer than 40 answers.
    """
    names = ("sure, halves", "right, halves")
    if len(answered) < FEWEST:
        return dict.fromkeys(names)
    groups, rng = numbered([s.group for s in answered], [""] * len(answered)), np.random.default_rng(0)
    hits, kept, looked = 0, 0, 0
    for _ in range(halvings):
        chosen = (rng.permutation(int(groups.max()) + 1) % 2 == 0)[groups]
        if chosen.all() or not chosen.any():
            continue
        over = ~chosen & (top >= sure_from(top[chosen], right[chosen]))
        hits, kept, looked = hits + int(right[over].sum()), kept + int(over.sum()), looked + int((~chosen).sum())
    return dict(zip(names, (kept / max(1, looked), hits / kept if kept else None), strict=True))


def commonest(said: Sequence[Said]) -> float:
    """Accuracy of always giving the commonest answer."""
    return Counter(s.truth[0] for s in said).most_common(1)[0][1] / len(said)


def costliest(said: Sequence[Said], most: int = 3) -> str:
    """The confusions that cost most answers: "check>solid 5" is five checks taken for solid."""
    wrong = Counter((s.truth[0], s.answer.id) for s in said if s.answer is not None and not s.right)
    return ", ".join(f"{true}>{got} {count}" for (true, got), count in wrong.most_common(most)) or "-"


def _figure(of: Interval) -> Figure:
    return of.value, of.low, of.high
