"""Where the garment is in a photo that nobody drew a box in: asked of the product itself, as it will be at run time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from meot import photos, wiring
from meot.settings import Settings
from meot.training.classify.samples import BoxPx

Finder = Callable[[NDArray[np.uint8]], BoxPx | None]


def finder(wanted: frozenset[str]) -> Finder:
    """A function from (H, W, 3) uint8 RGB pixels to a garment's box in them, None when no garment is found.

    wanted: categories or regions to prefer; the most prominent garment otherwise.
    """
    reader = wiring.build_reader(Settings())

    def find(pixels: NDArray[np.uint8]) -> BoxPx | None:
        look = reader.read(photos.from_pixels(pixels))
        fitting = [g for g in look.garments if {g.category.id, g.region} & wanted] or list(look.garments)
        if not fitting:
            return None
        x0, y0, x1, y1 = look.to_original(fitting[0].box)
        return x0, y0, x1, y1

    return find
