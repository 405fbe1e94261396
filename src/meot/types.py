"""The values that travel between the steps. All frozen; arrays are never changed after they are put in.

Conventions, stated once: photos are RGB ``(H, W, 3) uint8``, upright. Boxes are ``xyxy`` in float pixels of
``Photo.pixels``; what leaves the product (JSON, region map files) is in pixels of the upright original. Region maps
are ``(H, W) uint8`` of the taxonomy's region values. Vectors are ``(D,) float32`` of unit length. Scores are
calibrated probabilities in 0..1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from meot import taxonomy

LOOK_SCHEMA = "meot.look/1"


class Box(NamedTuple):
    """Left, top, right, bottom in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def area(self) -> float:
        """Pixels inside."""
        return max(0.0, self.x1 - self.x0) * max(0.0, self.y1 - self.y0)


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded photo. pixels: (H, W, 3) uint8 RGB, upright; sha256: of the file it came from.

    original: (height, width) of the upright photo before it was scaled down at the door; None when it was not.
    """

    pixels: NDArray[np.uint8]
    sha256: str
    original: tuple[int, int] | None = None

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.pixels.shape[1])


@dataclass(frozen=True, slots=True)
class Label:
    """One id of a small vocabulary with its calibrated score; ``sure`` is False when it should be taken as a guess.

    names: language -> name of a class that a person taught and the taxonomy does not have.
    """

    id: str
    score: float
    sure: bool
    runner_up: str | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shade:
    """A colour of a garment: its name's id, the measured sRGB value as #rrggbb, its share of the garment (0..1)."""

    id: str
    hex: str
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Garment:
    """One garment of a photo.

    score: how likely it is there at all. area: share of the photo its pixels cover (0..1). person: 0 for the main
    person (or the only garment of a flat lay), 1.. for others from large to small. vector: (D,) float32, unit length.
    features: (F,) float32, what detail heads and taught classes look at; it stays inside the program.
    """

    region: str
    category: Label
    box: Box
    score: float
    area: float
    person: int
    colours: tuple[Shade, ...]
    vector: NDArray[np.float32]
    components: Mapping[str, Label] = field(default_factory=dict)
    deepfashion2: int | None = None
    features: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Everything read from one photo; garments from the most to the least prominent, the main person's first.

    regions: (H, W) uint8 region values. worn: whether people wear the clothes. models: part -> name of its model.
    style_group: styles that people blur taken together; it may be sure where no single style is.
    features: (S,) float32, the outfit as a style sees it, see :func:`meot.labels.style.describe`; None without one.
    """

    photo: Photo
    garments: tuple[Garment, ...]
    regions: NDArray[np.uint8]
    worn: bool
    models: Mapping[str, str]
    style: Label | None = None
    style_group: Label | None = None
    features: NDArray[np.float32] | None = None

    @property
    def original(self) -> tuple[int, int]:
        """(height, width) of the upright original."""
        return self.photo.original or (self.photo.height, self.photo.width)

    def to_original(self, box: Box) -> Box:
        """A box of this look in pixels of the upright original."""
        down, across = self.original[0] / self.photo.height, self.original[1] / self.photo.width
        return Box(box.x0 * across, box.y0 * down, box.x1 * across, box.y1 * down)

    def regions_full(self) -> NDArray[np.uint8]:
        """(H, W) uint8 region values at the size of the upright original; nearest, ids are never mixed."""
        height, width = self.original
        rows = np.arange(height) * self.photo.height // height
        columns = np.arange(width) * self.photo.width // width
        return np.ascontiguousarray(self.regions[rows[:, None], columns[None, :]])

    def as_json(self, *, scores: bool = False, vector: bool = False) -> dict[str, Any]:
        """The look in the product's JSON contract; ``scores`` adds every category's score, ``vector`` the vectors."""
        return {
            "schema": LOOK_SCHEMA,
            "photo": {"width": self.original[1], "height": self.original[0], "sha256": self.photo.sha256},
            "worn": self.worn,
            "garments": [
                _garment_json(g, self.to_original(g.box), scores=scores, vector=vector) for g in self.garments
            ],
            "style": self._style_json(),
            "models": dict(self.models),
        }

    def _style_json(self) -> dict[str, Any] | None:
        if self.style is None:
            return None
        group = {} if self.style_group is None else {"group": _label_json(self.style_group)}
        return _label_json(self.style) | group


def _label_json(label: Label) -> dict[str, Any]:
    found: dict[str, Any] = {"id": label.id, "score": round(label.score, 4), "sure": label.sure}
    if label.runner_up is not None:
        found["runner_up"] = label.runner_up
    return found


def _category_names(id: str) -> Mapping[str, str]:
    """The taxonomy's names; the id itself for a taught class whose names did not come along."""
    known = {category.id: category.names for category in taxonomy.load().categories}
    return known.get(id, {"en": id.replace("_", " "), "ko": id.replace("_", " ")})


def _garment_json(garment: Garment, box: Box, *, scores: bool, vector: bool) -> dict[str, Any]:
    category = _label_json(garment.category)
    category["name"] = dict(garment.category.names) or _category_names(garment.category.id)
    if scores:
        category["scores"] = {id: round(score, 6) for id, score in garment.category.scores.items()}
    found = {
        "region": garment.region,
        "category": category,
        "deepfashion2": garment.deepfashion2,
        "box": [round(float(edge), 1) for edge in box],
        "score": round(garment.score, 4),
        "area": round(garment.area, 4),
        "person": garment.person,
        "components": {name: _label_json(label) for name, label in garment.components.items()},
        "colours": [{"id": c.id, "hex": c.hex, "share": round(c.share, 4)} for c in garment.colours],
    }
    if vector:
        found["vector"] = [round(float(x), 6) for x in garment.vector]
    return found


class Reader(Protocol):
    """Reads looks from photos; holds its models, so one object serves many photos."""

    @property
    def models(self) -> Mapping[str, str]:
        """Part -> name and version of the model that does it; a change of these makes stored readings stale."""

    def read(self, photo: Photo) -> Look:
        """The look of one photo."""

    def read_many(self, photos: Iterable[Photo]) -> Iterator[Look]:
        """Looks in the order of the photos."""


class Taught(Protocol):
    """What people taught: new classes and corrections, put over what the models said."""

    @property
    def revision(self) -> str:
        """Changes with everything that is taught or undone; readings made with another are stale."""

    def apply(self, look: Look) -> Look:
        """The look with taught answers where they apply."""


class Own(Protocol):
    """A user's own encoder over what the bundled models read."""

    @property
    def models(self) -> Mapping[str, str]:
        """Part -> name of what does it; readings made with another are stale."""

    def apply(self, look: Look) -> Look:
        """The look with the encoder's vectors, and with answers to what it is asked."""


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
