"""Many looks beside one closet: which can be made already, and what one purchase would make possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meot import photos
from meot.answers.closet.comparison import SMALL
from meot.answers.closet.similarity import Scale, Verdict, compare
from meot.answers.closet.traits import describe
from meot.answers.closet.wardrobe import Near, Owned
from meot.answers.filters import regions_like
from meot.errors import PhotoError
from meot.types import Garment, Reader

FEWEST = 2
"""Garments that make an outfit."""
_ROWS = 128
Progress = Callable[[int, int], None]
"""Called with how many photos are done, and of how many."""


@dataclass(frozen=True, slots=True, eq=False)
class Outfit:
    """What the main person of a photo wears, without belts, glasses and jewellery. numbers: places in the look.

    name: of the photo, or the product's title. photo: sha256.
    """

    name: str
    file: Path
    photo: str
    numbers: tuple[int, ...]
    garments: tuple[Garment, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How much of an outfit somebody owns: a verdict and the nearest owned garment for each of its garments."""

    outfit: Outfit
    verdicts: tuple[Verdict, ...]
    nearest: tuple[Near | None, ...]

    @property
    def covered(self) -> int:
        """Garments that are owned, or that something close stands for."""
        return sum(verdict != "missing" for verdict in self.verdicts)

    @property
    def overall(self) -> float:
        """The plain mean of the similarities, as for a single look."""
        return sum(near.similarity for near in self.nearest if near is not None) / len(self.nearest)

    def as_json(self) -> dict[str, Any]:
        """The standing as the CLI and the API print it."""
        return {
            "name": self.outfit.name,
            "file": str(self.outfit.file),
            "overall": round(self.overall, 4),
            "covered": self.covered,
            "of": len(self.verdicts),
            "garments": [
                {
                    "garment": number,
                    "category": garment.category.id,
                    "verdict": verdict,
                    "owned": None if near is None else near.owned.key,
                }
                for number, garment, verdict, near in zip(
                    self.outfit.numbers, self.outfit.garments, self.verdicts, self.nearest, strict=True
                )
            ],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Purchase:
    """A garment that nobody owns yet, and the outfits that it alone would complete."""

    outfit: Outfit
    number: int
    garment: Garment
    unlocks: tuple[Standing, ...]

    def as_json(self) -> dict[str, Any]:
        """The purchase as the CLI and the API print it."""
        return {
            "file": str(self.outfit.file),
            "garment": self.number,
            "category": self.garment.category.id,
            "colours": [shade.id for shade in self.garment.colours],
            "unlocks": [standing.outfit.name for standing in self.unlocks],
        }


def as_outfit(name: str, file: Path, photo: str, garments: Iterable[Garment]) -> Outfit | None:
    """The outfit of a photo's garments; None when fewer than :data:`FEWEST` make it."""
    kept = [(i, g) for i, g in enumerate(garments) if g.person == 0 and g.region != SMALL]
    if len(kept) < FEWEST:
        return None
    return Outfit(name, file, photo, tuple(i for i, _ in kept), tuple(g for _, g in kept))


def outfits_in(
    files: Sequence[Path], reader: Reader, failed: list[tuple[str, str]], progress: Progress
) -> Iterator[Outfit]:
    """The outfits of photo files; a photo that cannot be read, or shows none, is noted in ``failed``."""
    for done, file in enumerate(files, start=1):
        try:
            photo = photos.load(file)
        except PhotoError as error:
            failed.append((str(file), str(error)))
        else:
            outfit = as_outfit(file.name, file, photo.sha256, reader.read(photo).garments)
            if outfit is not None:
                yield outfit
            else:
                failed.append((str(file), f"{file}: expected an outfit of {FEWEST} garments or more, found fewer"))
        progress(done, len(files))


def stand(outfits: Iterable[Outfit], owned: Owned, *, scale: Scale) -> list[Standing]:
    """How much of each outfit is owned: those of which least is missing first, then by the overall figure."""
    found = []
    for outfit in outfits:
        nearest = tuple(next(iter(near), None) for near in owned.nearest(outfit.garments, outfit.photo, 1))
        verdicts = tuple("missing" if near is None else scale.verdict(near.similarity) for near in nearest)
        found.append(Standing(outfit, verdicts, nearest))
    return sorted(found, key=lambda s: (-s.covered / len(s.verdicts), -s.overall, s.outfit.name))


def unlock(standings: Sequence[Standing], *, scale: Scale, most: int) -> list[Purchase]:
    """The garments that would complete most outfits of which just one garment is missing, the best first.

    A purchase stands for another missing garment when that would be at least close to it. Each outfit counts for the
    first purchase that completes it.
    """
    nearly = [(s, s.verdicts.index("missing")) for s in standings if len(s.verdicts) - s.covered == 1]
    if not nearly:
        return []
    garments = [s.outfit.garments[i] for s, i in nearly]
    serves = _serves(garments, scale)
    waiting = np.ones(len(nearly), np.bool_)
    found: list[Purchase] = []
    while waiting.any() and len(found) < most:
        counts = (serves & waiting).sum(1)
        best = int(counts.argmax())
        standing, place = nearly[best]
        unlocked = tuple(nearly[j][0] for j in np.flatnonzero(serves[best] & waiting))
        found.append(Purchase(standing.outfit, standing.outfit.numbers[place], garments[best], unlocked))
        waiting &= ~serves[best]
    return found


def _serves(garments: Sequence[Garment], scale: Scale) -> NDArray[np.bool_]:
    """(M, M) bool: whether garment i, if owned, would be at least close to garment j, if wanted."""
    traits, regions = describe(garments), np.array([garment.region for garment in garments])
    found = np.zeros((len(garments), len(garments)), np.bool_)
    for start in range(0, len(garments), _ROWS):
        rows = np.arange(start, min(start + _ROWS, len(garments)))
        wanted = traits.take(rows)
        similar = scale.similarity(compare(wanted, traits), wanted.region)
        found[:, rows] = (similar >= scale.close_from).T
    alike = np.array([[other in regions_like(region) for other in regions] for region in regions])
    found &= alike
    np.fill_diagonal(found, True)
    return found
