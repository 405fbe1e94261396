"""What shops sell, what is asked of it, and what is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A thing a shop sells, as its source tells it. What the source does not tell is empty or None, never guessed.

    id: unique within ``source``. price: in ``currency``'s main unit. image: path or URL of the main photo.
    availability: "in_stock", "out_of_stock", "preorder", "backorder" or "discontinued". released: when it came out,
    "2016", "2016-06" or "2016-06-01". seller: who sells it, where a source knows several.
    """

    id: str
    source: str
    title: str
    description: str = ""
    price: float | None = None
    currency: str = "KRW"
    link: str = ""
    image: str = ""
    keyword: str = ""
    brand: str = ""
    gender: str = ""
    availability: str = ""
    season: str = ""
    released: str = ""
    seller: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a seller asks for a product. price: None when it does not say. first_seen, seen: seconds since 1970, the
    first and the last time that the source said so; None when nobody knows.
    """

    seller: str
    price: float | None
    currency: str
    link: str
    availability: str
    first_seen: float | None
    seen: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a seller asked from a moment on. at: seconds since 1970."""

    seller: str
    at: float
    price: float | None
    currency: str
    availability: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What results must have; None asks for nothing. Prices in the catalogue's currency, bounds included.

    components: question -> answer ("pattern" -> "stripe"), all of which one garment must have. style: of the photo.
    gender, source: as the product's source says.
    """

    region: str | None = None
    category: str | None = None
    colour: str | None = None
    components: Mapping[str, str] = field(default_factory=dict)
    style: str | None = None
    gender: str | None = None
    source: str | None = None
    min_price: float | None = None
    max_price: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A product found. score: cosine similarity (photo) or relevance 0..1 (words).

    number: the product's key in the catalogue. region, category, colours: of the garment that matched; empty when
    nothing was read from the product's photo. kind: "same" for what is likely the same item, "similar" for what only
    looks like it; "" where nobody can tell (words, a user's own encoder).
    """

    number: int
    product: Product
    score: float
    region: str = ""
    category: str = ""
    colours: tuple[str, ...] = ()
    kind: str = ""

    def as_json(self) -> dict[str, Any]:
        """The match as the CLI and the API print it."""
        p = self.product
        return {
            "number": self.number,
            "score": round(self.score, 4),
            "kind": self.kind,
            "id": p.id,
            "source": p.source,
            "title": p.title,
            "image": p.image,
            "price": p.price,
            "currency": p.currency,
            "link": p.link,
            "keyword": p.keyword,
            "brand": p.brand,
            "region": self.region,
            "category": self.category,
            "colours": list(self.colours),
        }
