"""The garment model: a crop and its mask in, category logits and a unit vector out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot.errors import ModelError
from meot.models.card import Card
from meot.models.pixels import crop_box, normalise
from meot.models.raster import resize
from meot.models.session import Crew, Session
from meot.types import Box, Photo


class Piece(NamedTuple):
    """A garment to encode: its box in photo pixels and its mask, (h, w) bool, of the whole photo at any size.

    mask: None where everything in the box counts.
    """

    box: Box
    mask: NDArray[np.bool_] | None = None


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
    """The garment model, ready to run. ModelError when its file lacks an output.

    crew: who cuts and encodes the garments of a photo; one thread when None.
    """

    def __init__(self, *, session: Session, card: Card, crew: Crew | None = None) -> None:
        if card.outputs != Encoding._fields:
            wanted, said = ", ".join(Encoding._fields), ", ".join(card.outputs)
            raise ModelError(
                f"{card.name}: expected outputs {wanted}, its card says {said}; export it again with this meot"
            )
        self.session, self.card, self._crew = session, card, crew or Crew(1)

    def begin(
        self, photo: Photo, garments: Sequence[Piece], *, worn: bool, side: int | None = None
    ) -> Callable[[], Encoding]:
        """Start to encode garments of one photo, at least one; what is returned waits for them.

        worn: cut for street photos (smaller) or for flat lays. side: of the square they are resized to, px, a multiple
        of 32; the card's for such photos when None.
        """
        side = side or int(self.card.settings["worn_side" if worn else "flat_side"])
        parts = self._crew.begin(len(garments), lambda rows: self._encode(photo, garments[rows], worn, side))
        return lambda: Encoding(*map(np.concatenate, zip(*parts(), strict=True)))

    def encode(self, photo: Photo, garments: Sequence[Piece], *, worn: bool, side: int | None = None) -> Encoding:
        """Encode garments of one photo, at least one, as :meth:`begin` does."""
        return self.begin(photo, garments, worn=worn, side=side)()

    def features(
        self, photo: Photo, boxes: Sequence[Box], *, worn: bool, side: int | None = None
    ) -> NDArray[np.float32]:
        """(N, F) float32 features of any parts of a photo, given as boxes in its pixels; otherwise as above."""
        return self.encode(photo, [Piece(box) for box in boxes], worn=worn, side=side).features

    def _encode(self, photo: Photo, garments: Sequence[Piece], worn: bool, side: int) -> Encoding:
        crops = np.empty((len(garments), side, side, 3), np.uint8)
        masks = np.ones((len(garments), 1, side, side), np.float32)
        for i, (box, mask) in enumerate(garments):
            x0, y0, x1, y1 = cut = crop_box(box, photo.height, photo.width)
            crops[i] = resize(photo.pixels[y0:y1, x0:x1], side, side)
            if mask is not None:
                masks[i, 0] = _own(photo, mask, cut, side)
        flags = np.full((len(garments), 1), float(worn), np.float32)
        found = self.session.run({"pixels": normalise(crops), "mask": masks, "worn": flags})
        return Encoding(*(np.asarray(values, np.float32) for values in found))


def _own(photo: Photo, mask: NDArray[np.bool_], cut: tuple[int, int, int, int], side: int) -> NDArray[np.float32]:
    """(side, side) float32 0..1: what of the crop, xyxy photo pixels, is the garment's own."""
    height, width = mask.shape
    left, right = (int(x * width / photo.width) for x in cut[::2])
    top, bottom = (int(y * height / photo.height) for y in cut[1::2])
    own = mask[top : max(bottom, top + 1), left : max(right, left + 1)].astype(np.float32)
    return resize(own, side, side)
