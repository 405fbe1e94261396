"""Readings and drafts for the tests of listings, without photos or models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from meot import taxonomy
from meot.answers.listing.draft import Draft, make
from meot.answers.listing.reading import Reading, Seen
from meot.catalogue.files import PhotoFile

TAXONOMY = taxonomy.load()


def seen(
    category: Mapping[str, float],
    *,
    region: str = "upper",
    sure: bool = True,
    colours: Mapping[str, float] | None = None,
    presence: float = 0.99,
    area: float = 0.5,
    **details: tuple[Mapping[str, float], bool],
) -> Seen:
    """A garment with these scores; each detail is (scores, sure)."""
    return Seen(
        region=region,
        presence=presence,
        weight=presence * area,
        scores={"category": category, **{name: scores for name, (scores, _) in details.items()}},
        sure={"category": sure, **{name: known for name, (_, known) in details.items()}},
        colours={"navy": 0.5, "white": 0.3} if colours is None else colours,
        vector=np.array([1.0, 0.0], np.float32),
    )


def reading(*garments: Seen, name: str = "A12_1.jpg", worn: bool = False, failure: str = "") -> Reading:
    """A photo that shows these garments."""
    return Reading(PhotoFile(Path("/photos") / name, "0" * 64, 10, 20), worn, garments, failure)


SHIRT = seen(
    {"shirt": 0.95, "blouse": 0.03},
    colours={"blue": 0.96},
    pattern=({"stripe": 0.97, "check": 0.02}, True),
    sleeve=({"long": 0.9, "short": 0.1}, True),
    collar=({"regular": 0.6, "band": 0.4}, False),
)


def draft(*readings: Reading, product: str = "A12", **more: object) -> Draft:
    """The draft of readings, of one sure shirt when there are none."""
    return make(product, readings or (reading(SHIRT),), TAXONOMY, models={"garment": "g.1"}, **more)  # type: ignore[arg-type]
