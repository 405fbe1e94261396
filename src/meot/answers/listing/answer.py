"""What is known of a product, field by field, and what stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PHOTO, NAME, GIVEN, CORRECTED = "photo", "name", "given", "corrected"
"""Where an answer comes from: read from photos, from words the seller wrote, from facts, from a correction."""
CATEGORY, COLOUR, GENDER, AGE_GROUP = "category", "colour", "gender", "age_group"
SHOPIFY, GOOGLE = "shopify_category", "google_category"
"""Ids elsewhere, filled in where our own category is not: a T-shirt or a polo is a top all the same."""
NEEDED = (CATEGORY, COLOUR)
"""What a listing cannot do without: a draft with one of these open has to be looked at."""
DETAILS = ("pattern", "collar", "neckline", "sleeve", "fit", "denim_colour", "wash", "damage")
OF_JEANS = ("fit", "denim_colour", "wash", "damage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """value: an id, or text as it was given. score: 0..1, None for what a person said; of a colour its share of the
    garment, of everything else a calibrated probability. sure: whether it is filled in. candidates: id -> score, the
    likeliest first.
    """

    value: str
    origin: str
    sure: bool
    score: float | None = None
    candidates: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it is stored and printed."""
        said: dict[str, Any] = {"value": self.value, "origin": self.origin, "sure": self.sure}
        if self.score is not None:
            said["score"] = round(self.score, 4)
        if self.candidates:
            said["candidates"] = {id: round(score, 4) for id, score in self.candidates.items()}
        return said

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Answer:
        """What :meth:`as_json` said."""
        return cls(**said)
