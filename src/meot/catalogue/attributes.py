"""What products are filtered and counted by, in arrays that stay in memory and follow the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot import taxonomy
from meot.catalogue.vocabulary import Vocabulary
from meot.taxonomy import Names

COUNTS_FROM = 0.5
"""An answer to a question about a garment, or its style, counts when it is sure or more likely right than wrong."""
_SHIPPED = taxonomy.load()


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """What the numbers in the arrays mean. answers: question -> its vocabulary."""

    source: Vocabulary = field(default_factory=Vocabulary)
    gender: Vocabulary = field(default_factory=Vocabulary)
    models: Vocabulary = field(default_factory=Vocabulary)
    region: Vocabulary = field(default_factory=lambda: Vocabulary(r.id for r in _SHIPPED.regions))
    category: Vocabulary = field(default_factory=lambda: Vocabulary(c.id for c in _SHIPPED.categories))
    colour: Vocabulary = field(default_factory=lambda: Vocabulary(c.id for c in _SHIPPED.colours))
    style: Vocabulary = field(default_factory=lambda: Vocabulary(s.id for s in _SHIPPED.styles))
    answers: dict[str, Vocabulary] = field(
        default_factory=lambda: {c.id: Vocabulary(v.id for v in c.values) for c in _SHIPPED.components}
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProductColumns:
    """One entry a product, (P,): number int64, ascending; price float64, NaN when unknown; the others int32 numbers of
    their vocabularies, -1 for what the source does not say.
    """

    number: NDArray[np.int64]
    price: NDArray[np.float64]
    source: NDArray[np.int32]
    gender: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GarmentColumns:
    """One entry for each garment that stands for a product, (R,), in the order of the products, the main photo's most
    prominent first: product and garment int64 keys; colours uint64, bit i for colour i; the others int16 numbers of
    their vocabularies, -1 where nothing was read. answers: question -> (R,) int16. models: what the photo was read
    with. worn: whether somebody wears it there.
    """

    product: NDArray[np.int64]
    garment: NDArray[np.int64]
    models: NDArray[np.int16]
    worn: NDArray[np.bool_]
    region: NDArray[np.int16]
    category: NDArray[np.int16]
    style: NDArray[np.int16]
    colours: NDArray[np.uint64]
    answers: Mapping[str, NDArray[np.int16]]


class Shown(NamedTuple):
    """One garment each of some products: (N,) places of products among those that show any, and of the garments."""

    products: NDArray[np.int64]
    garments: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Attributes:
    """The products that live, as of one state of the catalogue. Never changed: :meth:`followed` makes the next.

    taught: (kind, question) -> id -> names of the classes that people taught, question "" but for components.
    """

    generation: int
    products: ProductColumns
    garments: GarmentColumns
    vocabularies: Vocabularies
    taught: Mapping[tuple[str, str], Mapping[str, Names]] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many products there are."""
        return len(self.products.number)

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """(R,) the place of each garment's product among the products."""
        return np.searchsorted(self.products.number, self.garments.product)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """(P + 1,) product i has the garments from place starts[i] up to starts[i + 1]."""
        ends = np.searchsorted(self.garments.product, self.products.number, "right")
        return np.concatenate([[0], ends])

    @cached_property
    def shown(self) -> tuple[Shown, ...]:
        """The first garments of the products that show any, their second garments, and so on; at least one entry."""
        held = np.diff(self.starts)
        first = self.starts[:-1][held > 0]
        held = held[held > 0]
        return tuple(
            Shown(np.flatnonzero(held > rank), first[held > rank] + rank) for rank in range(max(1, held.max(initial=0)))
        )

    @cached_property
    def by_garment(self) -> NDArray[np.int64]:
        """(R,) places of the garments in the order of their keys; one may stand for several products."""
        return np.argsort(self.garments.garment, kind="stable")

    @cached_property
    def sorted_garments(self) -> NDArray[np.int64]:
        """(R,) the garments' keys, ascending."""
        return self.garments.garment[self.by_garment]

    def places_of(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """(N,) the places of products by number, -1 for those that do not live."""
        at = np.searchsorted(self.products.number, numbers)
        at[at == len(self)] = 0
        if not len(self):
            return np.full(len(numbers), -1, np.int64)
        return np.where(self.products.number[at] == numbers, at, -1)

    def followed(self, change: Attributes, gone: NDArray[np.int64]) -> Attributes:
        """These with the products of ``change`` in place of what was known of them, without those that are ``gone``."""
        other = np.concatenate([change.products.number, gone])
        kept_products = ~np.isin(self.products.number, other)
        kept_garments = ~np.isin(self.garments.product, other)
        return replace(
            change,
            products=_joined(self.products, change.products, kept_products, "number"),
            garments=_joined(self.garments, change.garments, kept_garments, "product"),
        )


def _joined(old: Any, new: Any, kept: NDArray[np.bool_], key: str) -> Any:
    """The kept entries of old columns and all new ones, in the order of their keys."""
    order = np.argsort(np.concatenate([getattr(old, key)[kept], getattr(new, key)]), kind="stable")
    columns: dict[str, Any] = {}
    for each in fields(old):
        before, after = getattr(old, each.name), getattr(new, each.name)
        if each.name == "answers":
            columns[each.name] = _joined_answers(before, after, kept, len(new.product), order)
        else:
            columns[each.name] = np.concatenate([before[kept], after])[order]
    return type(old)(**columns)


def _joined_answers(
    before: Mapping[str, NDArray[np.int16]],
    after: Mapping[str, NDArray[np.int16]],
    kept: NDArray[np.bool_],
    count: int,
    order: NDArray[np.int64],
) -> dict[str, NDArray[np.int16]]:
    nothing, few = np.full(int(kept.sum()), -1, np.int16), np.full(count, -1, np.int16)
    return {
        question: np.concatenate([before[question][kept] if question in before else nothing, after.get(question, few)])[
            order
        ]
        for question in {**before, **after}
    }


def is_told(sure: bool, score: float) -> bool:
    """Whether an answer counts, see :data:`COUNTS_FROM`."""
    return sure or score >= COUNTS_FROM
