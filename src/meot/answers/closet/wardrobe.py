"""What the answers ask of a closet, and the nearest owned garments to wanted ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from meot.answers.closet.similarity import Scale, compare
from meot.answers.closet.traits import Traits, describe
from meot.answers.filters import regions_like
from meot.catalogue.owned import NotAlike, OwnedVectors
from meot.catalogue.rows import StoredGarment
from meot.errors import CatalogueError
from meot.types import Garment

SHORTLIST = 60
"""So many owned garments of the right region, nearest by vector, are compared part by part."""
_REMEMBERED = 64
SAME_WANTED = 0.9
"""Cosine from which two wanted garments count as the one that was said to be not like an owned one."""


class Wardrobe(Protocol):
    """A closet: what one person owns."""

    def vectors(self, models: Mapping[str, str]) -> OwnedVectors:
        """The vectors of the garments that were read with ``models``, keys ascending."""

    def garments(self, keys: Sequence[int]) -> dict[int, StoredGarment]:
        """Key -> garment of those that there are."""

    def not_alike(self) -> list[NotAlike]:
        """What the person said is not alike."""


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """An owned garment beside a wanted one. similarity: 0..1, see :class:`Scale`. cosine: of their vectors."""

    owned: StoredGarment
    similarity: float
    cosine: float


class Owned:
    """A closet as it is now, ready to be compared with many looks; garments are read from it as they are needed.

    CatalogueError when the models of ``models`` made vectors of another length than the closet has.
    """

    def __init__(self, *, closet: Wardrobe, models: Mapping[str, str], scale: Scale) -> None:
        self._closet, self._scale = closet, scale
        self._stored = closet.vectors(models)
        self._said = closet.not_alike()
        self._known: dict[int, StoredGarment] = {}
        self._described: dict[bytes, tuple[list[StoredGarment], Traits]] = {}

    def __len__(self) -> int:
        """How many garments there are."""
        return len(self._stored.keys)

    def everything(self) -> list[StoredGarment]:
        """All garments that can be compared, in the order they came in."""
        return list(self._closet.garments(self._stored.keys.tolist()).values())

    def nearest(self, wanted: Sequence[Garment], photo: str, most: int) -> list[tuple[Near, ...]]:
        """For each wanted garment of the photo with that hash the ``most`` most similar owned ones, best first.

        Only garments worn in its place (upper and outer together); none that the person said is not like it.
        """
        keys = [self._shortlist(garment, photo) for garment in wanted]
        self._fetch(np.unique(np.concatenate([*keys, np.zeros(0, np.int64)])))
        return [self._best(garment, own, most) for garment, own in zip(wanted, keys, strict=True)]

    def _shortlist(self, garment: Garment, photo: str) -> NDArray[np.int64]:
        """(S,) keys of the owned garments to be looked at more closely."""
        fits = np.isin(self._stored.regions, regions_like(garment.region))
        fits &= ~np.isin(self._stored.keys, self._denied(garment, photo))
        rows = np.flatnonzero(fits)
        if len(rows) > SHORTLIST:
            cosines = self._stored.vectors[rows] @ garment.vector
            rows = rows[np.argpartition(-cosines, SHORTLIST - 1)[:SHORTLIST]]
        return self._stored.keys[np.sort(rows)]

    def _denied(self, garment: Garment, photo: str) -> list[int]:
        """Keys of the owned garments that the person said are not like this one, or one that looks just so."""
        return [
            said.owned
            for said in self._said
            if (said.photo, said.region) == (photo, garment.region)
            or (len(said.vector) == len(garment.vector) and float(said.vector @ garment.vector) >= SAME_WANTED)
        ]

    def _fetch(self, keys: NDArray[np.int64]) -> None:
        new = [int(key) for key in keys if int(key) not in self._known]
        self._known.update(self._closet.garments(new) if new else {})

    def _best(self, garment: Garment, keys: NDArray[np.int64], most: int) -> tuple[Near, ...]:
        owned, traits = self._describe(keys)
        if not owned:
            return ()
        if len(garment.vector) != traits.vectors.shape[1]:
            raise CatalogueError(
                f"expected vectors of {traits.vectors.shape[1]} numbers as in the closet, got {len(garment.vector)}; "
                "name the same --encoder"
            )
        wanted = describe([garment])
        parts = compare(wanted, traits)
        similar = self._scale.similarity(parts, wanted.region)[0]
        best = np.argsort(-similar, kind="stable")[:most]
        return tuple(Near(owned[i], float(similar[i]), float(parts[0, i, 0])) for i in best.tolist())

    def _describe(self, keys: NDArray[np.int64]) -> tuple[list[StoredGarment], Traits]:
        """The garments with these keys and their traits; a small closet asks for the same ones again and again."""
        asked = keys.tobytes()
        if asked not in self._described:
            owned = [self._known[key] for key in keys.tolist() if key in self._known]  # not those gone since
            if len(self._described) >= _REMEMBERED:
                self._described.clear()
            self._described[asked] = (owned, describe([each.garment for each in owned]))
        return self._described[asked]
