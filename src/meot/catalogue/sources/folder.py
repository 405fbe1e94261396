"""A folder of photos as a source: each photo is a product."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meot import photos
from meot.catalogue.sources.entry import Origin, Record


def read(origin: Origin) -> Iterator[Record]:
    """One product a photo: title from the file's name, keyword from the folder it lies in.

    PhotoError when the folder has no photos or does not exist.
    """
    fetched = {store.parent for store in origin.file.rglob("addresses.db")}  # other sources' photos, beside a catalogue
    for path in photos.find(origin.file):
        if fetched.intersection(path.parents):
            continue
        inside = path.relative_to(origin.file)
        yield Record(
            name=str(path),
            id=inside.as_posix(),
            title=_title(path.stem),
            photos=(path,),
            keyword=_title(inside.parent.name),
            assume="KRW",
        )


def _title(stem: str) -> str:
    return re.sub(r"[_\s]+", " ", stem).strip() or stem
