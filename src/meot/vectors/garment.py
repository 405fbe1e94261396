"""The garment model: a crop and its mask in, category logits and a unit vector out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot.models.card import Card
from meot.models.pixels import crop_box, normalise
from meot.models.raster import resize
from meot.models.session import Session
from meot.types import Box, Photo


class Piece(NamedTuple):
    """A garment to encode: its box in photo pixels and its mask, (h, w) bool, of the whole photo at any size."""

    box: Box
    mask: NDArray[np.bool_]


class Encoding(NamedTuple):
    """logits: (N, C) float32 over categories; vectors: (N, D) float32, unit length."""

    logits: NDArray[np.float32]
    vectors: NDArray[np.float32]


def flat_views(photo: Photo, garment: Piece) -> tuple[Piece, Piece]:
    """What a flat lay's logits are averaged over: its own crop, and the whole photo in case the crop is off."""
    return garment, Piece(Box(0.0, 0.0, float(photo.width), float(photo.height)), garment.mask)


class GarmentEncoder:
    """The garment model, ready to run."""

    def __init__(self, *, session: Session, card: Card) -> None:
        self.session, self.card = session, card

    def encode(self, photo: Photo, garments: Sequence[Piece], *, worn: bool) -> Encoding:
        """Encode garments of one photo in one pass. worn: cut for street photos (smaller) or for flat lays."""
        side = int(self.card.settings["worn_side" if worn else "flat_side"])
        crops = np.empty((len(garments), side, side, 3), np.uint8)
        masks = np.empty((len(garments), 1, side, side), np.float32)
        for i, garment in enumerate(garments):
            crops[i], masks[i, 0] = self._cut(photo, garment, side)
        flags = np.full((len(garments), 1), float(worn), np.float32)
        logits, vectors = self.session.run({"pixels": normalise(crops), "mask": masks, "worn": flags})
        return Encoding(np.asarray(logits, np.float32), np.asarray(vectors, np.float32))

    def _cut(self, photo: Photo, garment: Piece, side: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        x0, y0, x1, y1 = crop_box(garment.box, photo.height, photo.width)
        piece = photo.pixels[y0:y1, x0:x1]
        height, width = garment.mask.shape
        left, right = (int(x * width / photo.width) for x in (x0, x1))
        top, bottom = (int(y * height / photo.height) for y in (y0, y1))
        own = garment.mask[top : max(bottom, top + 1), left : max(right, left + 1)].astype(np.float32)
        return resize(piece, side, side), resize(own, side, side)
