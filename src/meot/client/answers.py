"""What the service answers, for type checkers: the fields of its JSON. ``docs`` of a running service tells the rest."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Filters(TypedDict, total=False):
    """What products must be. component: such as "pattern=stripe"; several are all asked for."""

    region: str
    category: str
    colour: str
    component: str | list[str]
    style: str
    gender: str
    source: str
    min_price: float
    max_price: float


class Within(TypedDict, total=False):
    """Of which products trends are told. within: further filters, "sleeve=long". since, until: "2016", "2016-06"."""

    category: str
    colour: str
    region: str
    gender: str
    within: str
    since: str
    until: str
    every: Literal["month", "quarter", "season", "half", "year", "season_of_year"]
    dates: Literal["released", "season", "first_seen"]


class Names(TypedDict):
    """A name in each language."""

    en: str
    ko: str


class Label(TypedDict):
    """One value of a small vocabulary. score: the probability that it is right; when not sure, take it as a guess."""

    id: str
    score: float
    sure: bool
    runner_up: NotRequired[str | None]


class Category(Label):
    """What a garment is. scores: id to probability, when asked for."""

    name: Names
    scores: NotRequired[dict[str, float] | None]


class Style(Label):
    """The style of an outfit. group: the likeliest group of styles that people blur."""

    group: NotRequired[Label | None]


class Shade(TypedDict):
    """A colour of a garment. share: 0..1 of it."""

    id: str
    hex: str
    share: float


class Garment(TypedDict):
    """One garment. box: left, top, right, bottom in pixels of the upright photo. vector: when asked for."""

    region: str
    category: Category
    deepfashion2: int | None
    box: list[float]
    score: float
    area: float
    person: int
    components: dict[str, Label]
    colours: list[Shade]
    vector: NotRequired[list[float] | None]


class Photo(TypedDict):
    """The photo that was read, in pixels."""

    width: int
    height: int
    sha256: str


class Look(TypedDict):
    """Everything read from one photo."""

    schema: str
    photo: Photo
    worn: bool
    garments: list[Garment]
    style: Style | None
    models: dict[str, str]


class Match(TypedDict):
    """A product found. score: a cosine, or 0..1 for words. kind: "same", "similar", or "" where nobody can tell."""

    number: int
    score: float
    id: str
    source: str
    title: str
    image: str
    price: float | None
    currency: str
    link: str
    keyword: str
    brand: str
    region: str
    category: str
    colours: list[str]
    kind: str


class Matches(TypedDict):
    """A page of products, best first."""

    matches: list[Match]
    more: bool
    next: str | None
    nothing_similar: bool
    facets: NotRequired[dict[str, object] | None]
    corrected: NotRequired[dict[str, str] | None]


class GarmentMatches(TypedDict):
    """The products for one garment; garment: its place in the look, from 0."""

    garment: int
    region: str
    category: str
    box: list[float]
    matches: list[Match]
    more: bool
    next: str | None
    nothing_similar: bool
    facets: NotRequired[dict[str, object] | None]


class PhotoMatches(TypedDict):
    """What a photo found. cut: whether products below a measured score are left out."""

    look: Look
    results: list[GarmentMatches]
    cut: bool


class ReadGarment(TypedDict):
    """A garment read from a product's photo."""

    region: str
    category: Category
    components: dict[str, Label]
    colours: list[Shade]
    score: float


class Offer(TypedDict):
    """What a seller asks. first_seen, seen: seconds since 1970."""

    seller: str
    price: float | None
    currency: str
    link: str
    availability: str
    first_seen: float | None
    seen: float | None


class Product(TypedDict):
    """A product as its shop tells it, and what was read from its photos. offers: the lowest price first."""

    number: int
    id: str
    source: str
    title: str
    description: str
    price: float | None
    currency: str
    link: str
    keyword: str
    brand: str
    gender: str
    availability: str
    season: str
    released: str
    seller: str
    picture: str
    offers: list[Offer]
    garments: list[ReadGarment]


class Price(TypedDict):
    """What a seller asked from a moment on. at: seconds since 1970."""

    seller: str
    at: float
    price: float | None
    currency: str
    availability: str


class History(TypedDict):
    """Every price that was asked for a product, the newest first."""

    prices: list[Price]


class Health(TypedDict):
    """The state of the service. generation: grows with every change of the catalogue."""

    status: str
    version: str
    generation: int
    counts: dict[str, int]
    models: dict[str, str]


class Trends(TypedDict):
    """Shares over time, `meot.trends/1`; see docs/trends.md."""

    schema: str
    within: dict[str, str]
    counting: Literal["new", "on_sale"]
    guesses_counted: bool
    trends: list[dict[str, Any]]
