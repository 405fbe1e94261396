"""Photos and plans for the tests of collecting."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image


def photo(seed: int, *, size: tuple[int, int] = (240, 220), form: str = "JPEG", **options: Any) -> bytes:
    """A photo of soft random blobs, (width, height) px; those of one seed are nearly the same at any size."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 5, 3)).astype(np.uint8)
    data = io.BytesIO()
    Image.fromarray(small).resize(size, Image.Resampling.BICUBIC).save(data, form, **options)
    return data.getvalue()
