"""Whether a photo shows clothes at all: a cat, a landscape or a page of text has no garments, or only guesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from meot.garments.parse import Parse
from meot.models.card import Card
from meot.models.session import Session
from meot.types import Garment, Label, Look

Known = TypeVar("Known", Label, Label | None)
Trust = Literal["sure", "doubtful", "none"]
"""Whether garments are named as usual, only as guesses, or not at all."""


def evidence(parse: Parse) -> NDArray[np.float32]:
    """(4 R + 6,) float32 of what the parser says of a whole photo, R regions: how sure it is, and of what.

    Of each region its share of the map, and mean, greatest and deviation of its probability; then the mean doubt of
    all pixels (entropy) and of the foreground's, the mean of each pixel's best probability, whether worn (log-odds),
    and the energy and the greatest of its category logits.
    """
    p = parse.probabilities
    doubt, inside = -(p * np.log(p + 1e-9)).sum(0), 1 - p[0]
    worn = float(np.clip(parse.worn, 1e-3, 1 - 1e-3))
    top = float(parse.category.max())
    whole = [
        doubt.mean(),
        (doubt * inside).sum() / (inside.sum() + 1e-3),
        p.max(0).mean(),
        np.log(worn / (1 - worn)),
        top + np.log(np.exp(parse.category - top).sum()),
        top,
    ]
    shares = np.bincount(parse.regions.ravel(), minlength=len(p))[: len(p)] / parse.regions.size
    return np.concatenate([shares, p.mean((1, 2)), p.max((1, 2)), p.std((1, 2)), whole]).astype(np.float32)


def describe(parse: Parse, garments: Sequence[Garment]) -> NDArray[np.float32]:
    """(F + 4 R + 8,) float32 of a photo with at least one garment: what the garment model saw of the garments, on
    average by their area, the :func:`evidence`, their mean score, and how many they are."""
    weight = np.array([g.area for g in garments], np.float32) + 1e-4
    weight /= weight.sum()
    seen = np.stack([g.features for g in garments if g.features is not None])
    score = float(sum(w * g.score for w, g in zip(weight, garments, strict=True)))
    return np.concatenate([weight @ seen, evidence(parse), [score, min(len(garments), 12)]]).astype(np.float32)


class Judge(Protocol):
    """Decides how far to believe what was found in a photo."""

    @property
    def name(self) -> str:
        """Name and content of the model that judges."""

    def judge(self, parse: Parse, garments: Sequence[Garment], *, worn: bool) -> Trust:
        """How far to believe the garments, at least one, that were found in a photo."""


class Scope:
    """The scope model, ready to run; from which score on it believes in clothes is on its card."""

    def __init__(self, *, session: Session, card: Card) -> None:
        self.session, self.card = session, card

    @property
    def name(self) -> str:
        """Name and content of the model."""
        return self.card.label

    def score(self, parse: Parse, garments: Sequence[Garment], *, worn: bool) -> float:
        """How much speaks for clothes, as log-odds, from a photo's garments, at least one."""
        seen = describe(parse, garments)[None]
        (score,) = self.session.run({"seen": seen, "worn": np.full((1, 1), float(worn), np.float32)})
        return float(score[0])

    def judge(self, parse: Parse, garments: Sequence[Garment], *, worn: bool) -> Trust:
        """How far to believe the garments, at least one, that were found in a photo."""
        score, kind = self.score(parse, garments, worn=worn), "worn" if worn else "flat"
        if score < self.card.settings[f"{kind}_floor"]:
            return "none"
        return "doubtful" if score < self.card.settings[f"{kind}_sure"] else "sure"


def doubt(look: Look) -> Look:
    """The same look, but nothing in it is sure."""
    garments = tuple(
        replace(g, category=_guess(g.category), components={q: _guess(a) for q, a in g.components.items()})
        for g in look.garments
    )
    return replace(look, garments=garments, style=_guess(look.style), style_group=_guess(look.style_group))


def _guess(label: Known) -> Known:
    """The label without being sure; none stays none."""
    return replace(label, sure=False) if isinstance(label, Label) else label
