"""``meot.read`` and ``meot.draft_listings``: photos in, answers out, in one line of Python."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from meot import photos, settings, wiring
from meot.types import Look, Photo, Reader

if TYPE_CHECKING:
    from meot.answers.listing.draft import Draft


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


def draft_listings(
    photos: Sequence[Path | str],
    *,
    facts: Mapping[str, Mapping[str, str]] | None = None,
    group: str = "auto",
    threshold: float | None = None,
    into: Path | str | None = None,
) -> tuple[Draft, ...]:
    """A draft for a shop of each product that photos and folders show; :func:`write_listings` writes them.

    facts: product -> field -> what you know. group: "auto", "folder", "name" or "likeness". threshold: the score from
    which an answer is filled in; None takes the models' own. into: where drafts are kept, a file or a URL; nowhere when
    None. PhotoError when there is no photo, QueryError for a fact that cannot be.
    """
    from meot import taxonomy
    from meot.answers.listing import facts as facts_module

    said = facts_module.check_all(facts or {}, taxonomy.load())
    with (
        tempfile.TemporaryDirectory() as nowhere,
        wiring.open_drafts(into or Path(nowhere) / "drafts.db", create=True) as drafts,
    ):
        desk = wiring.build_desk(drafts, settings.load(), threshold=threshold)
        return desk.draft([Path(photo) for photo in photos], way=group, facts=said).drafts


def write_listings(
    drafts: Sequence[Draft], to: str, *, language: str = "en", photos_at: str | None = None
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The text of a file that a shop imports, and (product, reason) of those that its rules keep out.

    to: "shopify", "google", "google-table", "naver", "json-ld" or "csv". photos_at: the address where the photos will
    lie, their paths below their common folder added; None leaves them where they are. QueryError for another format.
    """
    from meot import taxonomy
    from meot.answers.listing import item, outgoing

    root = item.common_folder([reading.file.path for draft in drafts for reading in draft.photos])
    place = item.photos_beside(None) if photos_at is None else item.photos_at(photos_at, root)
    written = outgoing.write(drafts, to, language=language, place=place, taxonomy=taxonomy.load())
    return written.text, written.left
