"""Where results end: what is too far from the question to be shown, and what is likely the same item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meot.models.card import Card
from meot.taxonomy import Taxonomy

SAME, SIMILAR = "same", "similar"
IDENTICAL = 0.995
"""From this cosine on two photos are of one thing whatever else is near: the same file, or saved again."""
GROUP = 2
"""Products at most that can be the same item: a shop may sell it twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """For one kind of query photo, in cosines. similar: below it nothing is shown. same: below it nothing is the same
    item. lead: by how much the same item is nearer than whatever follows it.
    """

    similar: float
    same: float
    lead: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """The bounds that were measured for one encoder, of unworn and of worn query garments."""

    flat: Bounds
    worn: Bounds

    @classmethod
    def of(cls, card: Card) -> Cutoff | None:
        """What the card of a garment model says; None when nobody measured it for that model."""
        try:
            return cls(flat=_bounds(card.settings, "flat"), worn=_bounds(card.settings, "worn"))
        except KeyError:
            return None

    def bounds(self, *, worn: bool) -> Bounds:
        """Those of a query garment that somebody wears, or not."""
        return self.worn if worn else self.flat


def _bounds(settings: Mapping[str, float], kind: str) -> Bounds:
    return Bounds(
        similar=settings[f"{kind}_similar"], same=settings[f"{kind}_same"], lead=settings[f"{kind}_same_lead"]
    )


def kinds(scores: Sequence[float], bounds: Bounds | None) -> list[str]:
    """For (N,) scores of an answer from its first on, best first and at least one beyond :data:`GROUP`, if there are:
    "same" or "similar"; "" where nothing was measured.

    Likely the same item are the first few when they are near and what follows is clearly farther away, for where many
    products are nearly as near, none of them can be told to be the one.
    """
    if bounds is None:
        return [""] * len(scores)
    followers = [*scores[1 : GROUP + 1], -1.0]
    gaps = [score - follower for score, follower in zip(scores[:GROUP], followers, strict=False)]
    near = [i + 1 for i, gap in enumerate(gaps) if gap >= bounds.lead and scores[i] >= bounds.same]
    leading = near[0] if near else 0
    return [SAME if i < leading or score >= IDENTICAL else SIMILAR for i, score in enumerate(scores)]


def other_families(taxonomy: Taxonomy, category: str, texts: Sequence[str]) -> NDArray[np.bool_]:
    """(V,) which of the categories in ``texts`` are of another family than ``category``; taught ones are of none."""
    family = {c.id: c.family for c in taxonomy.categories}
    own = family.get(category)
    return np.array([own is not None and family.get(text, own) != own for text in texts], np.bool_)
