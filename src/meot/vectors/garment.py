"""The garment model: a crop and its mask in, category logits and a unit vector out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot.errors import ModelError
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
    """logits: (N, C) float32 over categories; vectors: (N, D) float32, unit length; features: (N, F) float32, what
    heads for other questions stand on."""

    logits: NDArray[np.float32]
    vectors: NDArray[np.float32]
    features: NDArray[np.float32]


def flat_views(photo: Photo, garment: Piece) -> tuple[Piece, Piece]:
    """What a flat lay's logits are averaged over: its own crop, and the whole photo in case the crop is off."""
    return garment, Piece(Box(0.0, 0.0, float(photo.width), float(photo.height)), garment.mask)


class GarmentEncoder:
    """The garment model, ready to run. ModelError when its file lacks an output."""

    def __init__(self, *, session: Session, card: Card) -> None:
        if card.outputs != Encoding._fields:
            wanted, said = ", ".join(Encoding._fields), ", ".join(card.outputs)
            raise ModelError(
                f"{card.name}: expected outputs {wanted}, its card says {said}; export it again with this meot"
            )
        self.session, self.card = session, card

    def encode(self, photo: Photo, garments: Sequence[Piece], *, worn: bool, side: int | None = None) -> Encoding:
        """Encode garments of one photo in one pass. worn: cut for street photos (smaller) or for flat lays.

        side: of the square they are resized to, px, a multiple of 32; the card's for such photos when None.
        """
        side = side or int(self.card.settings["worn_side" if worn else "flat_side"])
        crops = self._crops(photo, [garment.box for garment in garments], side)
        masks = np.stack([_own(photo, garment, side) for garment in garments])[:, None]
        return self._run(crops, masks, worn)

    def features(
        self, photo: Photo, boxes: Sequence[Box], *, worn: bool, side: int | None = None
    ) -> NDArray[np.float32]:
        """(N, F) float32 features of any parts of a photo, given as boxes in its pixels; otherwise as above."""
        side = side or int(self.card.settings["worn_side" if worn else "flat_side"])
        everything = np.ones((len(boxes), 1, side, side), np.float32)
        return self._run(self._crops(photo, boxes, side), everything, worn).features

    def _crops(self, photo: Photo, boxes: Sequence[Box], side: int) -> NDArray[np.uint8]:
        """(N, side, side, 3) uint8."""
        crops = np.empty((len(boxes), side, side, 3), np.uint8)
        for i, box in enumerate(boxes):
            x0, y0, x1, y1 = crop_box(box, photo.height, photo.width)
            crops[i] = resize(photo.pixels[y0:y1, x0:x1], side, side)
        return crops

    def _run(self, crops: NDArray[np.uint8], masks: NDArray[np.float32], worn: bool) -> Encoding:
        flags = np.full((len(crops), 1), float(worn), np.float32)
        found = self.session.run({"pixels": normalise(crops), "mask": masks, "worn": flags})
        return Encoding(*(np.asarray(values, np.float32) for values in found))


def _own(photo: Photo, garment: Piece, side: int) -> NDArray[np.float32]:
    """(side, side) float32 0..1: the garment's own pixels in its crop."""
    x0, y0, x1, y1 = crop_box(garment.box, photo.height, photo.width)
    height, width = garment.mask.shape
    left, right = (int(x * width / photo.width) for x in (x0, x1))
    top, bottom = (int(y * height / photo.height) for y in (y0, y1))
    own = garment.mask[top : max(bottom, top + 1), left : max(right, left + 1)].astype(np.float32)
    return resize(own, side, side)
