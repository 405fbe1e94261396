"""Owned garments so alike that one would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meot.answers.closet.similarity import COLOUR, Scale, colour_likeness, compare_but_colour
from meot.answers.closet.traits import Traits, describe
from meot.answers.filters import regions_like
from meot.catalogue.rows import StoredGarment

_ROWS = 128
"""Garments that are compared with all others at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """Garments of different photos, any two of which are so alike that one would do. similarity: the least."""

    garments: tuple[StoredGarment, ...]
    similarity: float

    def as_json(self) -> dict[str, Any]:
        """The group as the CLI and the API print it."""
        return {"owned": [each.key for each in self.garments], "similarity": round(self.similarity, 4)}


def find_duplicates(owned: Sequence[StoredGarment], *, scale: Scale) -> list[Alike]:
    """Groups of two garments or more, the most alike first. A garment is in one group at most.

    All vectors must be of one encoder. Two garments of one photo are never duplicates.
    """
    pairs = sorted(_pairs(owned, scale), key=lambda pair: (-pair[0], pair[1:]))
    near = {frozenset((i, j)): similar for similar, i, j in pairs}
    group_of: dict[int, list[int]] = {}
    for _, i, j in pairs:
        mine, theirs = group_of.get(i, [i]), group_of.get(j, [j])
        if mine is not theirs and all(frozenset((a, b)) in near for a in mine for b in theirs):
            joined = mine + theirs
            group_of.update(dict.fromkeys(joined, joined))
    found = []
    for group in {id(group): group for group in group_of.values()}.values():
        least = min(near[frozenset((a, b))] for a in group for b in group if a != b)
        found.append(Alike(tuple(owned[i] for i in sorted(group)), least))
    return sorted(found, key=lambda each: (-each.similarity, each.garments[0].key))


def _pairs(owned: Sequence[StoredGarment], scale: Scale) -> list[tuple[float, int, int]]:
    """(similarity, i, j) of garments of which one would do, i < j."""
    found: list[tuple[float, int, int]] = []
    for regions in sorted({regions_like(each.garment.region) for each in owned}):
        places = np.array([i for i, each in enumerate(owned) if each.garment.region in regions])
        traits = describe([owned[i].garment for i in places])
        photos = np.array([owned[i].photo for i in places])
        for start in range(0, len(places), _ROWS):
            rows = np.arange(start, min(start + _ROWS, len(places)))
            later = (photos[rows][:, None] != photos[None]) & (rows[:, None] < np.arange(len(places)))
            for similar, i, j in _twins(traits, rows, later, scale):
                found.append((similar, int(places[i]), int(places[j])))
    return found


def _twins(
    traits: Traits, rows: NDArray[np.intp], asked: NDArray[np.bool_], scale: Scale
) -> list[tuple[float, int, int]]:
    """(similarity, i, j) among the pairs ``asked`` (R, N) about; colours only of those that could be so alike."""
    some = traits.take(rows)
    parts = compare_but_colour(some, traits)
    a, b = np.nonzero(asked & (scale.similarity(parts, some.region) >= scale.twin_from))
    mine = some.take(a)
    pairs = parts[a, b]
    pairs[:, COLOUR] = colour_likeness(mine, traits.take(b))
    similar = scale.similarity(pairs[:, None], mine.region)[:, 0]
    return [
        (float(similar[k]), int(rows[a[k]]), int(b[k])) for k in np.flatnonzero(similar >= scale.twin_from).tolist()
    ]
