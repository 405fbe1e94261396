"""Readings of whole folders of photos, kept in a file so that a second bench need not read them again."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from meot import photos, wiring
from meot.errors import PhotoError
from meot.settings import Settings


class Seen(NamedTuple):
    """A garment as it was read. colours: (id, share), the largest first. vector: (D,) float32, unit length."""

    region: str
    category: str
    score: float
    sure: bool
    area: float
    person: int
    colours: tuple[tuple[str, float], ...]
    vector: NDArray[np.float32]

    @property
    def main_colour(self) -> str:
        """The colour with the largest share, "" when none was read."""
        return self.colours[0][0] if self.colours else ""


class Reading(NamedTuple):
    """What was read from a photo."""

    photo: str
    worn: bool
    garments: tuple[Seen, ...]


def read(data: Path, files: Iterable[Path], name: str, *, models: Path | None, keep: Path | None) -> list[Reading]:
    """The readings of files below ``data``; of those that ``keep``/NAME.pkl holds, if given, none is read again."""
    store = None if keep is None else keep / f"{name}.pkl"
    known: dict[str, Reading] = {}
    if store is not None and store.is_file():
        with store.open("rb") as kept:
            rows = pickle.load(kept)
        known = {row[0]: Reading(row[0], bool(row[1]), tuple(Seen(*garment) for garment in row[2])) for row in rows}
    wanted = [(str(file.relative_to(data)), file) for file in files]
    missing = [(place, file) for place, file in wanted if place not in known]
    if missing:
        reader = wiring.build_reader(Settings(models=models))
        for place, file in tqdm(missing, desc=name):
            try:
                look = reader.read(photos.load(file))
            except PhotoError:
                continue
            known[place] = Reading(place, look.worn, tuple(_seen(garment) for garment in look.garments))
        if store is not None:
            store.parent.mkdir(parents=True, exist_ok=True)
            with store.open("wb") as kept:
                pickle.dump([(r.photo, r.worn, [tuple(g) for g in r.garments]) for r in known.values()], kept)
    return [known[place] for place, _ in wanted if place in known]


def _seen(garment: object) -> Seen:
    from meot.types import Garment

    assert isinstance(garment, Garment)
    colours = tuple((shade.id, float(shade.share)) for shade in garment.colours)
    label = garment.category
    return Seen(
        garment.region, label.id, label.score, label.sure, garment.area, garment.person, colours, garment.vector
    )
