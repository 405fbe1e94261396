"""What is really in the files of a table: sizes, damage, equal bytes. Nothing here raises over a broken file."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from meot import photos

_ORIENTATION = 0x0112
"""The EXIF tag that says how the camera was held; 1 is upright."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A file looked at. size: (height, width) px as stored. digest: of its bytes. problem: "" when it is whole.

    turned: the camera's notes ask for turning it. values: of a mask.
    """

    size: tuple[int, int] | None = None
    digest: str = ""
    problem: str = ""
    turned: bool = False
    values: frozenset[int] = frozenset()


def probe(files: Iterable[Path]) -> dict[Path, Probe]:
    """Every photo that is there, decoded once at a coarse size; missing ones are left out."""
    there = [file for file in dict.fromkeys(files) if os.path.isfile(file)]
    with warnings.catch_warnings(), ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:
        warnings.simplefilter("ignore")  # what Pillow warns of is a finding here, or none
        looks = tqdm(threads.map(_photo, there), total=len(there), desc="photos", disable=len(there) < 200)
        return dict(zip(there, looks, strict=True))


def _photo(file: Path) -> Probe:
    data = _bytes(file)
    if isinstance(data, str):
        return Probe(problem=data)
    digest = hashlib.sha256(data).hexdigest()
    try:
        with Image.open(io.BytesIO(data), formats=photos.FORMATS) as image:
            size = (image.height, image.width)
            if size[0] * size[1] > photos.MOST_PIXELS:
                most = photos.MOST_PIXELS // 1_000_000
                return Probe(problem=f"photo of {size[1]}x{size[0]} px, expected at most {most} megapixels")
            turned = image.getexif().get(_ORIENTATION, 1) not in (0, 1)
            image.draft(image.mode, (64, 64))
            image.load()
    except Exception as error:  # Pillow's decoders raise whatever a damaged file makes them trip on
        return Probe(digest=digest, problem=f"the photo is damaged, cut off or none ({_reason(error)})")
    return Probe(size=size, digest=digest, turned=turned)


def _reason(error: Exception) -> str:
    if isinstance(error, Image.DecompressionBombError):
        return "far too many pixels"
    if isinstance(error, UnidentifiedImageError):
        return "no JPEG, PNG, WebP, GIF, BMP or TIFF"
    return (str(error) or type(error).__name__).splitlines()[0]


def _bytes(file: Path) -> bytes | str:
    """The file's bytes, or what keeps them from being read."""
    try:
        if file.stat().st_size > photos.MOST_BYTES:
            return f"photo file larger than {photos.MOST_BYTES >> 20} MB"
        return file.read_bytes()
    except OSError as error:
        return f"the file cannot be read ({error.strerror})"


def probe_mask(file: Path) -> Probe:
    """A mask's size and values; a problem when it is no 8-bit or 1-bit grey picture."""
    data = _bytes(file)
    if isinstance(data, str):
        return Probe(problem=data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=photos.FORMATS) as image:
                size = (image.height, image.width)
                if size[0] * size[1] > photos.MOST_PIXELS:
                    return Probe(problem=f"mask of {size[1]}x{size[0]} px is too large")
                if image.mode not in ("L", "1"):
                    return Probe(
                        size=size, problem=f"expected grey of 8 bits, got {_KINDS.get(image.mode, image.mode)}"
                    )
                values = np.flatnonzero(np.bincount(np.asarray(image.convert("L"), np.uint8).ravel()))
    except Exception as error:  # as above
        return Probe(problem=f"damaged, cut off or no picture ({_reason(error)})")
    return Probe(size=size, values=frozenset(values.tolist()))


_KINDS = {
    "P": "a palette, whose colours would be read as values",
    "RGB": "colours",
    "RGBA": "colours",
    "I;16": "16 bits",
}
