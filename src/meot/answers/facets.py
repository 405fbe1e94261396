"""Facets: how many products each value of each filter would leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meot.answers.filters import Tests, component_test, garments_through, products_through
from meot.catalogue.attributes import Attributes
from meot.catalogue.vocabulary import Vocabulary

Counts = Mapping[str, int]
"""Id -> how many products; the most first, ids that would leave none left out."""
_BITS = 64
_OF_BYTE = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little").astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What an answer of ``products`` products could be narrowed to.

    Each filter's counts are made without that filter itself, so that another value can be chosen beside the one that
    is. min_price, max_price: of the products with a price, None where there is none; unpriced: how many have none.
    """

    products: int
    region: Counts = field(default_factory=dict)
    category: Counts = field(default_factory=dict)
    colour: Counts = field(default_factory=dict)
    style: Counts = field(default_factory=dict)
    gender: Counts = field(default_factory=dict)
    source: Counts = field(default_factory=dict)
    components: Mapping[str, Counts] = field(default_factory=dict)
    min_price: float | None = None
    max_price: float | None = None
    unpriced: int = 0

    def as_json(self) -> dict[str, Any]:
        """The facets as the CLI and the API print them: lists of {id, count}."""
        of_garments = {name: _listed(getattr(self, name)) for name in ("region", "category", "colour", "style")}
        of_products = {name: _listed(getattr(self, name)) for name in ("gender", "source")}
        return {
            "products": self.products,
            **of_garments,
            **of_products,
            "components": {question: _listed(counts) for question, counts in self.components.items()},
            "price": {"min": self.min_price, "max": self.max_price, "unpriced": self.unpriced},
        }


def _listed(counts: Counts) -> list[dict[str, object]]:
    return [{"id": id, "count": count} for id, count in counts.items()]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Base:
    """What an answer would hold without filters. products: (P,) bool. garments: (R,) bool, those through which their
    products are found; None where any garment of a product will do, or none at all.
    """

    products: NDArray[np.bool_]
    garments: NDArray[np.bool_] | None = None


def count(attributes: Attributes, wanted: Tests, base: Base) -> Facets:
    """The facets of the products of ``base`` that pass the tests ``wanted``; see :class:`Base`."""
    return _Counting(attributes, wanted, base).facets()


class _Counting:
    """One answer's facets; what passes all tests is worked out once for the filters that are not set."""

    def __init__(self, attributes: Attributes, wanted: Tests, base: Base) -> None:
        self._attributes, self._wanted, self._base = attributes, wanted, base
        self._all = self._left(""), self._through("")

    def facets(self) -> Facets:
        said, garments, products = (
            self._attributes.vocabularies,
            self._attributes.garments,
            self._attributes.products,
        )
        lowest, highest, unpriced = self._prices()
        colours = garments.colours.astype(_type_for(len(said.colour)))
        return Facets(
            products=int(self._all[0].sum()),
            region=self._of_garments("region", garments.region, said.region),
            category=self._of_garments("category", garments.category, said.category),
            colour=_named(self._distinct(colours, "colour", len(said.colour)), said.colour),
            style=self._of_garments("style", garments.style, said.style),
            gender=self._of_products("gender", products.gender, said.gender),
            source=self._of_products("source", products.source, said.source),
            components={
                question: counts
                for question, column in garments.answers.items()
                if (counts := self._of_garments(component_test(question), column, said.answers[question]))
            },
            min_price=lowest,
            max_price=highest,
            unpriced=unpriced,
        )

    def _through(self, but: str) -> NDArray[np.bool_]:
        """(R,) the garments that count when filter ``but`` is not set."""
        found = garments_through(self._attributes, self._wanted, but=but)
        of = self._base.garments
        return found & (self._base.products[self._attributes.place] if of is None else of)

    def _left(self, but: str) -> NDArray[np.bool_]:
        """(P,) the products that are left when filter ``but`` is not set."""
        if self._base.garments is None:
            return self._base.products & products_through(self._attributes, self._wanted, but=but)
        found = np.zeros(len(self._attributes), np.bool_)
        found[self._attributes.place[self._through(but)]] = True
        return found

    def _of_products(self, name: str, column: NDArray[np.int32], said: Vocabulary) -> Counts:
        left = self._left(name) if name in self._wanted else self._all[0]
        return _named(np.bincount(column[left & (column >= 0)], minlength=len(said)), said)

    def _of_garments(self, name: str, column: NDArray[np.int16], said: Vocabulary) -> Counts:
        if len(said) > _BITS:
            through = (self._through(name) if name in self._wanted else self._all[1]) & (column >= 0)
            pairs = np.unique(self._attributes.place[through] * len(said) + column[through])
            return _named(np.bincount(pairs % len(said), minlength=len(said)), said)
        bit = np.append(np.left_shift(1, np.arange(len(said), dtype=np.uint64)), 0).astype(_type_for(len(said)))
        return _named(self._distinct(bit[column], name, len(said)), said)  # -1, nothing read, takes the last: no bit

    def _distinct(self, bits: NDArray[Any], name: str, values: int) -> NDArray[np.int64]:
        """In how many products each of the first bits is set, counted once however many garments a product shows."""
        through = self._through(name) if name in self._wanted else self._all[1]
        of_garments = bits * through
        first, *others = self._attributes.shown
        of_products = of_garments[first.garments]
        for more in others:  # joined one behind the other: faster than in segments, for products show few
            of_products[more.products] |= of_garments[more.garments]
        planes = of_products.view(np.uint8).reshape(len(of_products), bits.itemsize)
        counts = [np.bincount(planes[:, plane], minlength=256) @ _OF_BYTE for plane in range((values + 7) // 8)]
        return np.concatenate(counts)

    def _prices(self) -> tuple[float | None, float | None, int]:
        left = self._left("price") if "price" in self._wanted else self._all[0]
        prices = self._attributes.products.price[left]
        known = prices[~np.isnan(prices)]
        bounds = (float(known.min()), float(known.max())) if len(known) else (None, None)
        return *bounds, len(prices) - len(known)


def _type_for(values: int) -> type[np.unsignedinteger[Any]]:
    """The smallest type with a bit for each value: fewer bytes are faster joined and counted."""
    return next((kind for kind in (np.uint8, np.uint16, np.uint32) if 8 * np.dtype(kind).itemsize >= values), np.uint64)


def _named(counts: NDArray[np.int64], said: Vocabulary) -> Counts:
    order = np.argsort(-counts[: len(said)], kind="stable")
    return {said.texts[i]: int(counts[i]) for i in order.tolist() if counts[i]}
