"""What the product sees in a training photo: asked of the product itself, as it will be at run time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meot import photos, taxonomy, wiring
from meot.garments.detect import single_garment
from meot.garments.parse import Parse, Parser
from meot.models import store
from meot.models.raster import resize_ids
from meot.models.session import OnnxSession
from meot.settings import Settings
from meot.training.classify.samples import BoxPx
from meot.types import Photo, Reader


class BundledSight:
    """Where the garment is in a photo, whether it is worn, and which pixels are its own, by the bundled models.

    wanted: categories or regions to prefer where a photo shows several garments; the most prominent otherwise. find:
    whether to look for boxes at all; the whole photo is the garment then.
    """

    def __init__(self, *, wanted: frozenset[str] = frozenset(), find: bool = True) -> None:
        file, card = store.find("parser")
        self._parser = Parser(session=OnnxSession(model=file), card=card)
        self._wanted, self._finds = wanted, find
        self._reader: Reader | None = None
        terms = taxonomy.load()
        self._values = [r.value for r in terms.regions if r.garment]
        self._last: tuple[NDArray[np.uint8], Photo, Parse] | None = None

    def find(self, pixels: NDArray[np.uint8]) -> BoxPx | None:
        """xyxy px box of the garment in (H, W, 3) uint8 pixels, None when there is none."""
        if not self._finds:
            return None
        self._reader = self._reader or wiring.build_reader(Settings())
        look = self._reader.read(photos.from_pixels(pixels))
        fitting = [g for g in look.garments if {g.category.id, g.region} & self._wanted] or list(look.garments)
        if not fitting:
            return None
        x0, y0, x1, y1 = look.to_original(fitting[0].box)
        return x0, y0, x1, y1

    def worn(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether people wear the clothes in the photo."""
        return self._parse(pixels).worn >= 0.5

    def cloth(self, pixels: NDArray[np.uint8], box: BoxPx) -> NDArray[np.bool_]:
        """(H, W) bool: the foreground of a flat lay, the commonest garment region in ``box`` of a street photo."""
        parse, (tall, wide) = self._parse(pixels), pixels.shape[:2]
        if parse.worn < 0.5:
            own = single_garment(parse)[0]
        else:
            height, width = parse.regions.shape
            x0, x1 = (int(np.clip(x * width / wide, 0, width - 1)) for x in (box[0], box[2]))
            y0, y1 = (int(np.clip(y * height / tall, 0, height - 1)) for y in (box[1], box[3]))
            counts = np.bincount(parse.regions[y0 : y1 + 1, x0 : x1 + 1].ravel(), minlength=256)
            own = parse.regions == max(self._values, key=lambda value: int(counts[value]))
        return resize_ids(own.astype(np.uint8), tall, wide) > 0

    def _parse(self, pixels: NDArray[np.uint8]) -> Parse:
        if self._last is None or self._last[0] is not pixels:
            photo = photos.from_pixels(pixels)
            self._last = (pixels, photo, self._parser.parse(photo))
        return self._last[2]
