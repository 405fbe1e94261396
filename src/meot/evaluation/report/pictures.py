"""Photos as small pictures inside the page."""

from __future__ import annotations

import base64
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

_SIDE = 340


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a data: URI, and (width, height) px of the photo, in which boxes are told."""

    uri: str
    width: int
    height: int


def thumbnail(file: Path) -> Picture | None:
    """The photo as stored, 340 px at most; None when it is missing or cannot be read."""
    try:
        with warnings.catch_warnings(), Image.open(file) as photo:
            warnings.simplefilter("ignore")
            width, height = photo.size
            photo.draft("RGB", (_SIDE, _SIDE))
            small = photo.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    small.save(written, "JPEG", quality=80)
    return Picture("data:image/jpeg;base64," + base64.b64encode(written.getvalue()).decode("ascii"), width, height)
