"""A folder of photos as a source: each photo is a product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from meot import photos
from meot.catalogue.sources.entry import Entry
from meot.types import Product


def read(folder: Path) -> Iterator[Entry]:
    """One product a photo: title from the file's name, keyword from the folder it lies in.

    PhotoError when the folder has no photos or does not exist.
    """
    for path in photos.find(folder):
        inside = path.relative_to(folder)
        keyword = inside.parent.name
        product = Product(
            id=inside.as_posix(),
            source=str(folder.absolute()),
            title=_title(path.stem),
            image=str(path.absolute()),
            keyword=_title(keyword) if keyword else "",
        )
        yield Entry(str(path), product, (path,))


def _title(stem: str) -> str:
    return re.sub(r"[_\s]+", " ", stem).strip() or stem
