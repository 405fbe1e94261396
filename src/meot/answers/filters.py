"""Filters: are their values known, and which garments do they let through."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from meot.catalogue.rows import Attributes
from meot.errors import QueryError
from meot.taxonomy import Names, Taxonomy
from meot.types import Filters

_WORN_ALIKE = ("upper", "outer")
"""Regions searched together: what is an overshirt to one shop is a shirt to the next."""


def check(filters: Filters, taxonomy: Taxonomy) -> Filters:
    """The filters with names in any language turned into ids ("셔츠" -> "shirt").

    QueryError for an unknown region, category or colour, naming the nearest known id, and for prices that are no
    numbers, negative, or the wrong way round.
    """
    low, high = filters.min_price, filters.max_price
    for name, price in (("min_price", low), ("max_price", high)):
        if price is not None and (not math.isfinite(price) or price < 0):
            raise QueryError(f"{name} must be a number of 0 or more, got {price}; change it")
    if low is not None and high is not None and low > high:
        raise QueryError(f"min_price must be at most max_price, got {low:g} and {high:g}; swap them")
    return Filters(
        region=_known("region", filters.region, ((r.id, r.names, ()) for r in taxonomy.regions if r.garment)),
        category=_known("category", filters.category, ((c.id, c.names, ()) for c in taxonomy.categories)),
        colour=_known("colour", filters.colour, ((c.id, c.names, c.also) for c in taxonomy.colours)),
        min_price=low,
        max_price=high,
    )


def _plain(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "").replace(" ", "")


def _known(what: str, value: str | None, rows: Iterable[tuple[str, Names, tuple[str, ...]]]) -> str | None:
    if value is None:
        return None
    ids: dict[str, str] = {}
    for id, names, also in rows:
        for name in (id, *names.values(), *also):
            ids.setdefault(_plain(name), id)
    if _plain(value) in ids:
        return ids[_plain(value)]
    near = difflib.get_close_matches(_plain(value), ids, n=1, cutoff=0.5)
    known = ", ".join(dict.fromkeys(ids.values()))
    advice = f"did you mean {ids[near[0]]}?" if near else f"known are {known}"
    raise QueryError(f"unknown {what} {value!r}; {advice}")


def regions_like(region: str) -> tuple[str, ...]:
    """The regions whose garments can stand for one of ``region``: upper and outer together, others alone."""
    return _WORN_ALIKE if region in _WORN_ALIKE else (region,)


def asks_about(filters: Filters, region: str, taxonomy: Taxonomy) -> bool:
    """Whether a query garment of ``region`` can have answers: the filters may ask for other garments only."""
    wanted = filters.region
    if wanted is None and filters.category is not None:
        wanted = taxonomy.category(filters.category).region
    return wanted is None or wanted in regions_like(region)


def passing(
    attributes: Attributes, filters: Filters, regions: tuple[str, ...], taxonomy: Taxonomy
) -> NDArray[np.bool_]:
    """(R,) bool: the rows of ``attributes`` that the filters let through; one of ``regions`` unless they name one."""
    wanted = regions if filters.region is None else (filters.region,)
    places = [i for i, r in enumerate(taxonomy.regions) if r.id in wanted]
    through: NDArray[np.bool_] = np.isin(attributes.region, places)
    if filters.category is not None:
        place = next(i for i, c in enumerate(taxonomy.categories) if c.id == filters.category)
        through &= attributes.category == place
    if filters.colour is not None:
        bit = next(i for i, c in enumerate(taxonomy.colours) if c.id == filters.colour)
        through &= (attributes.colours >> bit) & 1 == 1
    if filters.min_price is not None:  # an unknown price is NaN and passes no bound
        through &= attributes.price >= filters.min_price
    if filters.max_price is not None:
        through &= attributes.price <= filters.max_price
    return through
