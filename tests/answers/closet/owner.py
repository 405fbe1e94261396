"""A closet in memory, and looks to compare with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from tests.builders import Colour, build_garment

from meot.catalogue.owned import NotAlike, OwnedVectors
from meot.catalogue.rows import StoredGarment
from meot.types import Box, Garment, Label, Look, Photo

MODELS = {"garment": "colour.1"}


class OpenCloset:
    """The garments it is given; photo numbers as given, else one a garment."""

    def __init__(self, garments: Sequence[Garment], *, photos: Sequence[int] | None = None) -> None:
        places = photos or range(1, len(garments) + 1)
        self.held = {
            i: StoredGarment(i, photo, garment)
            for i, (photo, garment) in enumerate(zip(places, garments, strict=True), start=1)
        }
        self.said: list[NotAlike] = []
        self.asked: list[int] = []

    def vectors(self, models: Mapping[str, str]) -> OwnedVectors:
        keys = sorted(self.held)
        vectors = [self.held[key].garment.vector for key in keys]
        return OwnedVectors(
            np.array(keys, np.int64),
            np.array([self.held[key].garment.region for key in keys], np.str_),
            np.stack(vectors) if vectors else np.zeros((0, 0), np.float32),
        )

    def garments(self, keys: Sequence[int]) -> dict[int, StoredGarment]:
        self.asked += keys
        return {key: self.held[key] for key in keys if key in self.held}

    def not_alike(self) -> list[NotAlike]:
        return self.said


def shirt(colour: Colour, **more: object) -> Garment:
    return replace(build_garment(colour), **more)  # type: ignore[arg-type]


def trousers(colour: Colour, **more: object) -> Garment:
    return replace(build_garment(colour, region="lower", category="jeans"), **more)  # type: ignore[arg-type]


def label(id: str, score: float = 0.95, *, sure: bool = True) -> Label:
    return Label(id=id, score=score, sure=sure)


def look(*garments: Garment, name: str = "look") -> Look:
    photo = Photo(np.full((64, 48, 3), 200, np.uint8), name)
    boxed = tuple(replace(g, box=Box(0, 10.0 * i, 48, 10.0 * i + 9)) for i, g in enumerate(garments))
    return Look(photo, boxed, np.zeros((64, 48), np.uint8), len(garments) > 1, MODELS)
