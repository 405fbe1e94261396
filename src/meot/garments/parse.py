"""Photo -> region map, from the parser model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot.models.card import Card
from meot.models.pixels import canvas, normalise
from meot.models.raster import resize
from meot.models.session import Session
from meot.types import Photo


class Parse(NamedTuple):
    """What the parser says of a photo.

    regions: (h, w) uint8 region values at the model's own size. probabilities: (R, h/4, w/4) float32.
    worn: probability that people wear the clothes. category: (C,) float32 logits, meant for a single unworn garment.
    """

    regions: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    worn: float
    category: NDArray[np.float32]


def _softmax(logits: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis, keepdims=True), np.float32)


class Parser:
    """The parser model, ready to run; ``name`` and ``settings`` come from its card."""

    def __init__(self, *, session: Session, card: Card) -> None:
        self.session, self.card = session, card
        self._area = int(card.settings["area"])

    def parse(self, photo: Photo) -> Parse:
        """The region map of one photo and what the parser says of the whole."""
        tall, wide = canvas(photo.height, photo.width, area=self._area)
        small = resize(photo.pixels, tall, wide)
        regions, logits, worn, category = self.session.run({"pixels": normalise(small[None])})
        return Parse(
            regions=np.asarray(regions[0], np.uint8),
            probabilities=_softmax(logits[0], 0),
            worn=float(1 / (1 + np.exp(-worn[0]))),
            category=category[0],
        )
