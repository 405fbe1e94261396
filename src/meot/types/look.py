"""A photo, its garments, and the look they make; how a look is told as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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


def category_names(category: Label) -> dict[str, str]:
    """Language -> name: the label's own, else the taxonomy's; the id where a taught class came without its names."""
    known = {each.id: each.names for each in taxonomy.load().categories}
    plain = category.id.replace("_", " ")
    return dict(category.names or known.get(category.id, {"en": plain, "ko": plain}))


def kind_json(category: Label) -> dict[str, Any]:
    """A category in short, as closets tell it."""
    return {"id": category.id, "name": category_names(category), "sure": category.sure}


def _garment_json(garment: Garment, box: Box, *, scores: bool, vector: bool) -> dict[str, Any]:
    category = _label_json(garment.category)
    category["name"] = category_names(garment.category)
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
