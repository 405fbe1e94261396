"""``meot.read``: one photo, one line of Python."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meot import photos, settings, wiring
from meot.types import Look, Photo, Reader


@cache
def _reader() -> Reader:
    """One reader a process: its models take half a second to load and are the same for every photo."""
    return wiring.build_reader(settings.load())


def read(photo: Path | str | bytes | NDArray[np.uint8] | Photo) -> Look:
    """The look of a photo: a path, the bytes of a file, (H, W, 3) uint8 RGB pixels, or a Photo.

    PhotoError when it cannot be read as a photo. The models are loaded once a process, with the settings of the
    environment and of ``meot.toml``; use :func:`meot.build_reader` for others.
    """
    if isinstance(photo, (str, Path)):
        photo = photos.load(Path(photo))
    elif isinstance(photo, bytes):
        photo = photos.decode(photo)
    elif isinstance(photo, np.ndarray):
        photo = photos.from_pixels(photo)
    return _reader().read(photo)
