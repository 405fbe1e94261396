"""The JSON documents of searches and products, as the API's description shows them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from meot.service.api.documents import (
    COMPONENTS,
    CategoryDocument,
    Document,
    LabelDocument,
    LookDocument,
    ShadeDocument,
)


class MatchDocument(Document):
    """A product found. score: cosine similarity for a photo, relevance 0..1 for words."""

    number: int = Field(examples=[12])
    score: float = Field(examples=[0.83])
    id: str = Field(examples=["10042"])
    source: str = Field(examples=["https://shop.example/products.json"])
    title: str = Field(examples=["Navy oxford shirt"])
    image: str = Field(examples=["/photo/12"])
    price: float | None = Field(examples=[39000])
    currency: str = Field(examples=["KRW"])
    link: str = Field(examples=["https://shop.example/10042"])
    keyword: str = Field(examples=["Shirts"])
    brand: str = Field(examples=["Example"])
    region: str = Field(examples=["upper"])
    category: str = Field(examples=["shirt"])
    colours: list[str] = Field(examples=[["navy"]])
    kind: str = Field(
        examples=["similar"],
        description="same: likely the same item; similar: only looks like it; empty where nobody can tell.",
    )


class CountDocument(Document):
    """A value of a filter, and how many products it would leave."""

    id: str = Field(examples=["shirt"])
    count: int = Field(examples=[12])


class PricesDocument(Document):
    """The lowest and the highest price, null where none is known; unpriced: products without one."""

    min: float | None = Field(examples=[12000.0])
    max: float | None = Field(examples=[98000.0])
    unpriced: int = Field(examples=[3])


class FacetsDocument(Document):
    """What an answer of so many products could be narrowed to; each filter is counted without itself."""

    products: int = Field(examples=[120])
    region: list[CountDocument]
    category: list[CountDocument]
    colour: list[CountDocument]
    style: list[CountDocument]
    gender: list[CountDocument]
    source: list[CountDocument]
    components: dict[str, list[CountDocument]]
    price: PricesDocument


_NEXT: Any = Field(description="Give it as `after` for the page behind this one; null at the end.")
_NOTHING_SIMILAR: Any = Field(description="There is something to compare with, but nothing is similar enough.")
_FACETS: Any = Field(default=None, description="Only when asked for.")


class GarmentMatches(Document):
    """The products for one garment; ``garment`` is its place in the look, from 0."""

    garment: int = Field(examples=[0])
    region: str = Field(examples=["upper"])
    category: str = Field(examples=["shirt"])
    box: list[float] = Field(examples=[[101.0, 160.5, 320.0, 430.0]])
    matches: list[MatchDocument]
    more: bool = Field(examples=[True])
    next: str | None = _NEXT
    nothing_similar: bool = _NOTHING_SIMILAR
    facets: FacetsDocument | None = _FACETS


class PhotoSearchDocument(Document):
    """What a photo found: its look, and products for each garment that the filters ask about."""

    look: LookDocument
    results: list[GarmentMatches]
    cut: bool = Field(description="Whether products below a measured score are left out.")


class MatchesDocument(Document):
    """Products, best first. more: whether there are others behind the last."""

    matches: list[MatchDocument]
    more: bool = Field(examples=[True])
    next: str | None = _NEXT
    nothing_similar: bool = _NOTHING_SIMILAR
    facets: FacetsDocument | None = _FACETS
    corrected: dict[str, str] | None = Field(
        default=None, examples=[{"shrit": "shirt"}], description="Words taken for a slip, and what was looked for."
    )


class ReadGarmentDocument(Document):
    """A garment read from a product's photo."""

    region: str = Field(examples=["upper"])
    category: CategoryDocument
    components: dict[str, LabelDocument] = COMPONENTS
    colours: list[ShadeDocument]
    score: float = Field(examples=[0.97])


class OfferDocument(Document):
    """What a seller asks. first_seen, seen: seconds since 1970, when its source first and last said so."""

    seller: str = Field(examples=["shop.example"])
    price: float | None = Field(examples=[39000.0])
    currency: str = Field(examples=["KRW"])
    link: str = Field(examples=["https://shop.example/10042"])
    availability: str = Field(examples=["in_stock"])
    first_seen: float | None = Field(examples=[1764000000.0])
    seen: float | None = Field(examples=[1764086400.0])


class PriceDocument(Document):
    """What a seller asked from a moment on. at: seconds since 1970. price: null while none was named."""

    seller: str = Field(examples=["shop.example"])
    at: float = Field(examples=[1764000000.0])
    price: float | None = Field(examples=[39000.0])
    currency: str = Field(examples=["KRW"])
    availability: str = Field(examples=["in_stock"])


class HistoryDocument(Document):
    """Every price that was asked for a product since it was first seen, the newest first."""

    prices: list[PriceDocument]


class ProductDocument(Document):
    """A product as its shop tells it, and what was read from its photos. picture: address of a small picture.

    offers: the lowest price first.
    """

    number: int = Field(examples=[12])
    id: str = Field(examples=["10042"])
    source: str = Field(examples=["https://shop.example/products.json"])
    title: str = Field(examples=["Navy oxford shirt"])
    description: str = Field(examples=["Cotton, button-down collar."])
    price: float | None = Field(examples=[39000.0])
    currency: str = Field(examples=["KRW"])
    link: str = Field(examples=["https://shop.example/10042"])
    keyword: str = Field(examples=["Shirts"])
    brand: str = Field(examples=["Example"])
    gender: str = Field(examples=["male"])
    availability: str = Field(examples=["in_stock"])
    season: str = Field(examples=["2016 SS"])
    released: str = Field(examples=["2016-06"])
    seller: str = Field(examples=["shop.example"])
    picture: str = Field(examples=["/photo/12"])
    offers: list[OfferDocument]
    garments: list[ReadGarmentDocument]
