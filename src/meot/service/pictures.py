"""Pictures that leave the service: always decoded, scaled down and encoded anew, so that nothing hidden leaves."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from PIL import Image

from meot import photos
from meot.errors import PhotoError
from meot.service.shelf import Shelf
from meot.types import Photo

SHOWN_SIDE = 1280
"""Pixels of the longer side of a visitor's photo as it is kept and shown."""
CARD_SIDE = 480
"""Pixels of the longer side of a product's picture."""


def encode(photo: Photo, *, side: int, quality: int) -> bytes:
    """The photo as a JPEG without metadata, its longer side at most ``side`` px."""
    image = Image.fromarray(photo.pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
    return written.getvalue()


class ProductPictures:
    """Small pictures of the catalogue's photos, the last ones kept."""

    def __init__(self, *, shelf: Shelf) -> None:
        self._shelf = shelf

    def stamp(self, path: Path) -> str | None:
        """A text that changes when the photo file does; None when it is gone."""
        try:
            found = path.stat()
        except OSError:
            return None
        return hashlib.sha256(f"{path}:{found.st_size}:{found.st_mtime_ns}".encode()).hexdigest()[:24]

    def draw(self, path: Path, stamp: str) -> bytes | None:
        """The photo's small picture, a JPEG; None when the file is no photo any more."""
        kept = self._shelf.take(stamp)
        if kept is None:
            try:
                kept = encode(photos.load(path), side=CARD_SIDE, quality=82)
            except PhotoError:
                return None
            self._shelf.put(stamp, kept)
        return kept
