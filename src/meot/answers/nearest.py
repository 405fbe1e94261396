"""The products nearest to a garment, each through the best of its garments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meot.answers.stock import Stock
from meot.catalogue.attributes import Attributes


@dataclass(frozen=True, slots=True)
class Hit:
    """A product found through one of its garments. row: of the garment among those of the attributes."""

    product: int
    garment: int
    row: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """What is looked for. vector: (D,) float32 unit length. garments: (R,) bool, those that may answer.

    floor: the lowest cosine that answers.
    """

    vector: NDArray[np.float32]
    garments: NDArray[np.bool_]
    floor: float = -2.0


def nearest(stock: Stock, attributes: Attributes, asked: Asked, most: int) -> list[Hit]:
    """At most ``most`` products, best first, equal scores by number.

    A product may hold several of the nearest garments, and a garment may stand in several products, so the index is
    asked for more and more garments until there are products enough, or garments no more, or they are below the floor.
    """
    allowed = attributes.sorted_garments[asked.garments[attributes.by_garment]]
    allowed = allowed[np.diff(allowed, prepend=-1) != 0]
    wanted = 2 * most
    while len(allowed):
        keys, scores = stock.search(asked.vector, wanted, allowed)
        best = _best(attributes, asked.garments, keys, scores, asked.floor, most + 1)
        if len(best) > most or wanted >= len(allowed) or len(keys) < wanted or scores[-1] < asked.floor:
            return best[:most]
        wanted *= 4
    return []


def _best(
    attributes: Attributes,
    through: NDArray[np.bool_],
    keys: NDArray[np.int64],
    scores: NDArray[np.float32],
    floor: float,
    most: int,
) -> list[Hit]:
    """The best garment of each of at most ``most`` products. keys, scores: (F,) best first."""
    near = scores >= floor
    keys, scores = keys[near], scores[near]
    first = np.searchsorted(attributes.sorted_garments, keys, "left")
    held = np.searchsorted(attributes.sorted_garments, keys, "right") - first
    which = np.repeat(np.arange(len(keys)), held)  # a garment stands once for each product that shows it
    rows = attributes.by_garment[first[which] + np.arange(len(which)) - (np.cumsum(held) - held)[which]]
    which, rows = which[through[rows]], rows[through[rows]]
    numbers, best = np.unique(attributes.garments.product[rows], return_index=True)
    order = np.lexsort((numbers, -scores[which[best]]))[:most]
    found = (numbers, keys[which[best]], rows[best], scores[which[best]])
    return [Hit(*each) for each in zip(*(column[order].tolist() for column in found), strict=True)]
