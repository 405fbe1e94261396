"""What searches are asked by the address: filters, and which of the results."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from meot.answers import filters as filtering
from meot.service.questions import Slice
from meot.types import Filters

MOST = 100
"""Products in one answer."""


def _filters(
    region: Annotated[str | None, Query(description="Only garments of this region.", examples=["upper"])] = None,
    category: Annotated[str | None, Query(description="Only this category, id or name.", examples=["shirt"])] = None,
    colour: Annotated[str | None, Query(description="Only this colour, id or name.", examples=["navy"])] = None,
    component: Annotated[
        list[str] | None, Query(description="Only garments with this answer.", examples=[["pattern=stripe"]])
    ] = None,
    style: Annotated[str | None, Query(description="Only outfits of this style.", examples=["casual"])] = None,
    gender: Annotated[str | None, Query(description="Only for female, male or unisex.", examples=["female"])] = None,
    source: Annotated[str | None, Query(description="Only of this source.")] = None,
    min_price: Annotated[float | None, Query(ge=0, allow_inf_nan=False, description="Lowest price.")] = None,
    max_price: Annotated[
        float | None, Query(ge=0, allow_inf_nan=False, description="Highest price.", examples=[50000])
    ] = None,
) -> Filters:
    return Filters(
        region=region or None,
        category=category or None,
        colour=colour or None,
        components=filtering.parse_components(component or ()),
        style=style or None,
        gender=gender or None,
        source=source or None,
        min_price=min_price,
        max_price=max_price,
    )


def _slice(
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most products.")] = 20,
    offset: Annotated[int, Query(ge=0, le=100_000, description="Products to pass over.")] = 0,
    after: Annotated[str | None, Query(description="The `next` of an answer, for the page behind it.")] = None,
    facets: Annotated[bool, Query(description="Count what the answer could be narrowed to.")] = False,
) -> Slice:
    return Slice(limit, offset, after=after or None, facets=facets)


Wanted = Annotated[Filters, Depends(_filters)]
Sliced = Annotated[Slice, Depends(_slice)]
