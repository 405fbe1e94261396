"""The JSON documents of the API, as its description (OpenAPI) shows them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Names(_Document):
    """A name in each language."""

    en: str = Field(examples=["Shirt"])
    ko: str = Field(examples=["셔츠"])


class LabelDocument(_Document):
    """One value of a small vocabulary; when not sure, take it as a guess."""

    id: str = Field(examples=["stripe"])
    score: float = Field(ge=0, le=1, examples=[0.88], description="Calibrated probability that the answer is right.")
    sure: bool = Field(description="Whether answers of this score were right 95 times of 100; otherwise a guess.")
    runner_up: str | None = Field(default=None, examples=["check"], description="The next best answer.")


class CategoryDocument(LabelDocument):
    """What a garment is; ``scores`` (id to probability) only when asked for."""

    name: Names
    scores: dict[str, float] | None = None


class StyleDocument(LabelDocument):
    """The style of the whole outfit."""

    id: str = Field(examples=["casual"])
    runner_up: str | None = Field(default=None, examples=["minimal"], description="The style behind it.")
    group: LabelDocument | None = Field(
        default=None,
        examples=[{"id": "everyday", "score": 0.81, "sure": True, "runner_up": "romantic"}],
        description="The likeliest group of styles that people blur; it may be sure where no single style is.",
    )


class ShadeDocument(_Document):
    """A colour of a garment and its share of it."""

    id: str = Field(examples=["navy"])
    hex: str = Field(examples=["#1f2a44"])
    share: float = Field(ge=0, le=1, examples=[0.71])


_COMPONENTS: Any = Field(
    description=(
        "Question to answer, for the questions that make sense for such a garment: pattern, collar, neckline, sleeve; "
        "of jeans fit, denim_colour, wash, damage; and questions that were taught. Answers as in the taxonomy."
    ),
    examples=[
        {
            "pattern": {"id": "stripe", "score": 0.88, "sure": True, "runner_up": "check"},
            "collar": {"id": "regular", "score": 0.64, "sure": False, "runner_up": "band"},
        }
    ],
)


class GarmentDocument(_Document):
    """One garment. box: left, top, right, bottom in pixels of the upright photo. area: its share of the photo."""

    region: str = Field(examples=["upper"])
    category: CategoryDocument
    deepfashion2: int | None = Field(examples=[1])
    box: list[float] = Field(min_length=4, max_length=4, examples=[[101.0, 160.5, 320.0, 430.0]])
    score: float = Field(ge=0, le=1, examples=[0.97])
    area: float = Field(ge=0, le=1, examples=[0.21])
    person: int = Field(examples=[0])
    components: dict[str, LabelDocument] = _COMPONENTS
    colours: list[ShadeDocument]
    vector: list[float] | None = None


class PhotoDocument(_Document):
    """The photo that was read."""

    width: int = Field(examples=[550])
    height: int = Field(examples=[830])
    sha256: str = Field(examples=["9f2b54c3a1"])


class LookDocument(_Document):
    """Everything read from one photo."""

    schema_: str = Field(alias="schema", examples=["meot.look/1"])
    photo: PhotoDocument
    worn: bool = Field(examples=[True])
    garments: list[GarmentDocument]
    style: StyleDocument | None = Field(description="Null when no clothes were found or no model reads styles.")
    models: dict[str, str] = Field(examples=[{"parser": "parser.1", "garment": "garment.1"}])


class MatchDocument(_Document):
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


class CountDocument(_Document):
    """A value of a filter, and how many products it would leave."""

    id: str = Field(examples=["shirt"])
    count: int = Field(examples=[12])


class PricesDocument(_Document):
    """The lowest and the highest price, null where none is known; unpriced: products without one."""

    min: float | None = Field(examples=[12000.0])
    max: float | None = Field(examples=[98000.0])
    unpriced: int = Field(examples=[3])


class FacetsDocument(_Document):
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


class GarmentMatches(_Document):
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


class PhotoSearchDocument(_Document):
    """What a photo found: its look, and products for each garment that the filters ask about."""

    look: LookDocument
    results: list[GarmentMatches]
    cut: bool = Field(description="Whether products below a measured score are left out.")


class MatchesDocument(_Document):
    """Products, best first. more: whether there are others behind the last."""

    matches: list[MatchDocument]
    more: bool = Field(examples=[True])
    next: str | None = _NEXT
    nothing_similar: bool = _NOTHING_SIMILAR
    facets: FacetsDocument | None = _FACETS
    corrected: dict[str, str] | None = Field(
        default=None, examples=[{"shrit": "shirt"}], description="Words taken for a slip, and what was looked for."
    )


class ReadGarmentDocument(_Document):
    """A garment read from a product's photo."""

    region: str = Field(examples=["upper"])
    category: LabelDocument
    components: dict[str, LabelDocument] = _COMPONENTS
    colours: list[ShadeDocument]
    score: float = Field(examples=[0.97])


class OfferDocument(_Document):
    """What a seller asks. first_seen, seen: seconds since 1970, when its source first and last said so."""

    seller: str = Field(examples=["shop.example"])
    price: float | None = Field(examples=[39000.0])
    currency: str = Field(examples=["KRW"])
    link: str = Field(examples=["https://shop.example/10042"])
    availability: str = Field(examples=["in_stock"])
    first_seen: float | None = Field(examples=[1764000000.0])
    seen: float | None = Field(examples=[1764086400.0])


class ProductDocument(_Document):
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


class HealthDocument(_Document):
    """The state of the service. generation: grows with every change of the catalogue."""

    status: str = Field(examples=["ok"])
    version: str = Field(examples=["0.1.0"])
    generation: int = Field(examples=[12])
    counts: dict[str, int] = Field(examples=[{"products": 120, "photos": 120, "garments": 131}])
    models: dict[str, str] = Field(examples=[{"parser": "parser.1", "garment": "garment.1"}])


class ProblemDocument(_Document):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=["urn:meot:problem:not_a_photo"])
    title: str = Field(examples=["That file is not a photo that can be read here."])
    status: int = Field(examples=[415])
    detail: str = Field(examples=["look.jpg: expected a photo, got something else; check the file"])
