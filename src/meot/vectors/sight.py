"""A photo as the garment model sees it: what will be asked for is looked at ahead, beside other work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from meot.types import Box, Photo
from meot.vectors.garment import Encoding, GarmentEncoder, Piece


class Sight:
    """One photo, and what is known or on its way of its parts; only the thread that made it may use it."""

    def __init__(self, *, photo: Photo, encoder: GarmentEncoder, worn: bool) -> None:
        self._photo, self._encoder, self._worn = photo, encoder, worn
        self._begun: dict[tuple[Box, int | None], tuple[Callable[[], Encoding], int]] = {}

    def look_ahead(self, boxes: Sequence[Box], *, side: int | None = None) -> None:
        """Start to look at parts of the photo, boxes in its pixels, for :meth:`features` of the same ``side``."""
        lacking = [box for box in dict.fromkeys(boxes) if (box, side) not in self._begun]
        if lacking:
            pieces = [Piece(box) for box in lacking]
            look = cache(self._encoder.begin(self._photo, pieces, worn=self._worn, side=side))
            self._begun |= {(box, side): (look, i) for i, box in enumerate(lacking)}

    def features(
        self, photo: Photo, boxes: Sequence[Box], *, worn: bool, side: int | None = None
    ) -> NDArray[np.float32]:
        """(N, F) float32 features of boxes in the photo's pixels, see :meth:`GarmentEncoder.features`."""
        assert photo is self._photo
        assert worn == self._worn
        self.look_ahead(boxes, side=side)
        return np.stack([look().features[i] for look, i in (self._begun[box, side] for box in boxes)])
