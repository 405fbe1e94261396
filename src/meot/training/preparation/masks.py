"""The mask of a garment in a training photo: the table's own outline or mask, else the bundled parser's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from meot import photos, taxonomy
from meot.data.aside import aside
from meot.data.images import read_mask, read_rgb
from meot.data.table import Table
from meot.errors import DataError
from meot.garments.parse import Parser
from meot.models import store
from meot.models.raster import resize_ids
from meot.models.session import OnnxSession
from meot.training.classify.samples import BoxPx, Sample

Masks = Literal["auto", "table", "parser"]
Image = NDArray[np.uint8]
_SPECK = 0.01
"""A mask of less than this share of its box is taken for none."""


def masks_of(samples: Sequence[Sample], table: Table, kind: Masks, folder: Path, *, threads: int) -> list[Path | None]:
    """Files with the mask of each garment, 8-bit PNG of the photo's size, 255 the garment; None where none was found.

    Made once and kept in ``folder``. kind: "table" takes outlines, and masks that know only garment or not; "parser"
    the largest garment region of the bundled parser in the box (all of a flat lay); "auto" the parser's where the
    table has none. DataError for a mask of another size than its photo, and with "table" for one of many values.
    """
    folder.mkdir(parents=True, exist_ok=True)
    outlines = {(row.photo, thing.box): thing.polygons for row in table.rows for thing in row.objects if thing.polygons}
    maker = _Maker(kind, len(table.mask_names) <= 2, threads)
    found: list[Path | None] = []
    for sample in tqdm(samples, desc="masks", mininterval=5):
        key = hashlib.sha256(repr((str(sample.photo.resolve()), sample.box, kind)).encode()).hexdigest()[:24]
        file = folder / f"{key}.png"
        if not file.is_file():
            _write(file, maker.mask(sample, outlines.get((sample.photo, sample.box), ())))
        found.append(file if file.stat().st_size else None)
    return found


def _write(file: Path, mask: Image | None) -> None:
    data = b""
    if mask is not None:
        data = bytes(np.asarray(cv2.imencode(".png", mask)[1], np.uint8))
    with aside(file) as part:
        part.write_bytes(data)


class _Maker:
    """Makes masks; the parser is loaded when it is first needed."""

    def __init__(self, kind: Masks, plain: bool, threads: int) -> None:
        self._kind, self._plain, self._threads = kind, plain, threads
        self._parser: Parser | None = None
        self._garments = {region.value for region in taxonomy.load().regions if region.garment}

    def mask(self, sample: Sample, outlines: tuple[tuple[float, ...], ...]) -> Image | None:
        """(H, W) uint8, 255 the garment, or None."""
        own = None if self._kind == "parser" else self._own(sample, outlines)
        if own is None and self._kind != "table":
            own = self._parsed(sample)
        if own is None:
            return None
        box = sample.box or (0.0, 0.0, float(own.shape[1]), float(own.shape[0]))
        inside = inside_box(own, box)
        return inside if (inside > 0).sum() >= _SPECK * (box[2] - box[0]) * (box[3] - box[1]) else None

    def _own(self, sample: Sample, outlines: tuple[tuple[float, ...], ...]) -> Image | None:
        if outlines:
            return drawn(outlines, read_rgb(sample.photo).shape[:2])
        if sample.mask is None or not self._plain:
            if self._kind == "table" and sample.mask is not None:
                raise DataError(
                    f"{sample.mask}: expected a mask of garment or not, got one of many values; use masks = parser"
                )
            return None
        height, width = read_rgb(sample.photo).shape[:2]
        mask = read_mask(sample.mask, sample.photo, (height, width))
        return np.where(mask > 0, np.uint8(255), np.uint8(0))

    def _parsed(self, sample: Sample) -> Image | None:
        if self._parser is None:
            model, card = store.find("parser")
            self._parser = Parser(session=OnnxSession(model=model, threads=self._threads), card=card)
        image = read_rgb(sample.photo)
        parse = self._parser.parse(photos.from_pixels(image))
        regions = resize_ids(parse.regions, *image.shape[:2])
        if parse.worn < 0.5:
            return np.where(regions > 0, np.uint8(255), np.uint8(0))
        counts = np.bincount(inside_box(regions, sample.box).ravel(), minlength=256)
        largest = max(self._garments, key=lambda value: int(counts[value]))
        return np.where(regions == largest, np.uint8(255), np.uint8(0)) if counts[largest] else None


def inside_box(ids: Image, box: BoxPx | None) -> Image:
    """``ids`` (H, W) uint8 with 0 outside an xyxy ``box`` in px; None keeps all."""
    if box is None:
        return ids
    height, width = ids.shape
    x0, y0, x1, y1 = (round(edge) for edge in box)
    kept = np.zeros_like(ids)
    window = np.s_[max(0, y0) : min(height, max(0, y1)), max(0, x0) : min(width, max(0, x1))]
    kept[window] = ids[window]
    return kept


def drawn(outlines: tuple[tuple[float, ...], ...], size: tuple[int, ...]) -> Image:
    """(H, W) uint8 mask, 255 inside the outlines (x, y, x, y, ... px); ``size`` is (H, W)."""
    mask = np.zeros((size[0], size[1]), np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [np.rint(np.reshape(outline, (-1, 2))).astype(np.int32)], 255)
    return mask
