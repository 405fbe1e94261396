"""The photos of the wanted look and of the others, checked before anything is learned from them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from meot.data.images import read_rgb
from meot.data.prepare import Preparation, prepare
from meot.errors import DataError
from meot.photos import SUFFIXES
from meot.training.preparation.net import Image

MOST = 10
"""Photos of a class, as in Jang et al."""


def classes_in(folder: Path) -> dict[str, tuple[Path, ...]]:
    """Class -> its photos by name, from a folder with one folder a class. DataError when there is none."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; expected one with a folder of photos a class")
    found = {
        place.name: tuple(sorted(p for p in place.iterdir() if p.suffix.lower() in SUFFIXES))
        for place in sorted(folder.iterdir())
        if place.is_dir() and not place.name.startswith(".")
    }
    if not found:
        raise DataError(f"{folder}: expected a folder of photos for each class, found no folder; make one a style")
    return found


def check(classes: Mapping[str, Sequence[Path]], wanted: str) -> None:
    """DataError when two classes cannot be told apart from these photos.

    That is: no class called ``wanted``, no other class, a class with fewer than 2 photos or more than :data:`MOST`,
    a missing photo, and one photo (the same bytes) twice, be it in one class or in two.
    """
    if wanted not in classes:
        raise DataError(f"expected a class {wanted!r} for the wanted look, got {', '.join(classes)}; name it in wanted")
    if len(classes) < 2:
        raise DataError(f"expected at least one other style beside {wanted!r}, got none; add a folder of other looks")
    seen: dict[str, tuple[str, Path]] = {}
    for name, photos in classes.items():
        if len(photos) < 2:
            raise DataError(f"class {name!r} has {len(photos)} photo(s), expected 2 to {MOST}; add photos of that look")
        if len(photos) > MOST:
            raise DataError(f"class {name!r} has {len(photos)} photos, expected 2 to {MOST}; take the clearest ones")
        for photo in photos:
            if not photo.is_file():
                raise DataError(f"{photo}: no such photo, class {name!r} names it; check the path")
            key = hashlib.sha256(photo.read_bytes()).hexdigest()
            if key in seen:
                other, first = seen[key]
                raise DataError(f"{photo} of {name!r} is the same photo as {first} of {other!r}; keep one of them")
            seen[key] = (name, photo)


def picture(photo: Path, size: int) -> Image:
    """(size, size, 3) uint8: the whole photo, its proportions kept, its edge pixels repeated to make it square."""
    return prepare(read_rgb(photo), box=None, mask=None, how=Preparation(side=size, margin=0.0), name=str(photo))
