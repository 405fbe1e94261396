"""The JSON documents of the closet, as the API's description shows them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from meot.service.api.documents import LabelDocument


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class KindDocument(_Document):
    """What a garment is; when not sure, take it as a guess."""

    id: str = Field(examples=["shirt"])
    sure: bool


class OwnedGarment(_Document):
    """A garment that one owns."""

    owned: int = Field(examples=[17])
    region: str = Field(examples=["upper"])
    category: KindDocument
    colours: list[str] = Field(examples=[["navy"]], description="The largest first.")
    components: dict[str, LabelDocument] = Field(examples=[{"pattern": {"id": "stripe", "score": 0.88, "sure": True}}])
    picture: str = Field(examples=["/closet/garments/17"])


class OwnedPhotoDocument(_Document):
    """A photo of what one owns. added_at: seconds since 1970."""

    photo: int = Field(examples=[9])
    worn: bool
    added_at: float = Field(examples=[1764000000.0])
    picture: str = Field(examples=["/closet/photos/9"])
    garments: list[OwnedGarment]


class ClosetDocument(_Document):
    """Photos of a closet, the newest first. count, owned: photos and garments there are in all."""

    photos: list[OwnedPhotoDocument]
    count: int = Field(examples=[1])
    owned: int = Field(examples=[1])
    next: int | None = Field(examples=[9], description="Give it as `after` for the page behind this; null at the end.")


class RefusedDocument(_Document):
    """A photo that was not taken."""

    name: str = Field(examples=["notes.txt"])
    type: str = Field(examples=["urn:meot:problem:not_a_photo"])


class AddingDocument(_Document):
    """Photos are being read. job: its number, see `/jobs/{number}`."""

    job: int = Field(examples=[4])
    taken: int = Field(ge=1, examples=[12])
    refused: list[RefusedDocument]


class ReasonDocument(_Document):
    """What two garments share or differ in. about: "category", "colour" or a question."""

    about: str = Field(examples=["colour"])
    wanted: str = Field(examples=["navy"])
    owned: str = Field(examples=["black"])
    same: bool
    sure: bool
    text: str = Field(examples=["navy against black"])


class CandidateDocument(_Document):
    """An owned garment that comes near. similarity: calibrated, 0..1; cosine: of the vectors."""

    owned: int = Field(examples=[17])
    photo: int = Field(examples=[9])
    similarity: float = Field(examples=[0.81])
    cosine: float = Field(examples=[0.74])
    reasons: list[ReasonDocument]


class PartDocument(_Document):
    """A garment of the look. garment: its place in it, from 0. box: left, top, right, bottom in pixels."""

    garment: int = Field(examples=[0])
    region: str = Field(examples=["upper"])
    category: KindDocument
    colours: list[str] = Field(examples=[["navy"]])
    box: list[float] = Field(examples=[[101.0, 160.5, 320.0, 430.0]])
    verdict: Literal["own", "close", "missing"] = Field(examples=["close"])
    similarity: float = Field(examples=[0.81])
    nearest: list[CandidateDocument]


class SuggestionDocument(_Document):
    """A product that fits. similarity: as of owned garments."""

    number: int = Field(examples=[12])
    similarity: float = Field(examples=[0.86])
    title: str = Field(examples=["Navy oxford shirt"])
    price: float | None = Field(examples=[39000])
    currency: str = Field(examples=["KRW"])
    link: str = Field(examples=["https://shop.example/10042"])
    reasons: list[ReasonDocument]


class WishDocument(_Document):
    """What the shop has for a missing garment. chosen: the product that fits the budget best; null without one."""

    garment: int = Field(examples=[0])
    chosen: int | None = Field(examples=[12])
    products: list[SuggestionDocument]


class ShoppingDocument(_Document):
    """What to buy. total: of the chosen products; null without a budget."""

    budget: float | None = Field(examples=[150000])
    currency: str = Field(examples=["KRW"])
    total: float | None = Field(examples=[39000])
    wishes: list[WishDocument]


class ComparisonDocument(_Document):
    """A look beside a closet. overall: the plain mean over its garments. calibrated: whether the verdicts were
    measured with this encoder. stale: owned photos that are being read again, and are not compared until then.
    """

    schema_: str = Field(alias="schema", examples=["meot.closet/1"])
    photo: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    person: int = Field(examples=[1])
    people: int = Field(examples=[1])
    owned: int = Field(examples=[24])
    overall: float = Field(examples=[0.72])
    garments: list[PartDocument]
    calibrated: bool = Field(examples=[True])
    stale: int = Field(examples=[0])
    shopping: ShoppingDocument


class NotAlikeDocument(_Document):
    """That an owned garment is not like one of a look. note: the word's number."""

    note: int = Field(examples=[2])
    owned: int = Field(examples=[17])


_PHOTOS = {
    "type": "array",
    "items": {"type": "string", "format": "binary"},
    "minItems": 1,
    "description": "JPEG, PNG, WebP, GIF, BMP or TIFF, up to 100.",
}
_LOOK = {"type": "string", "format": "binary", "description": "The look, JPEG, PNG, WebP, GIF, BMP or TIFF."}


def form_of(**fields: dict[str, Any]) -> dict[str, Any]:
    """A multipart form with a field ``photo`` (several, where none is described) for ``openapi_extra``."""
    schema = {"type": "object", "required": ["photo"], "properties": {"photo": _LOOK if fields else _PHOTOS, **fields}}
    if "owned" in fields:
        schema["required"] = ["photo", "garment", "owned"]
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


COMPARE = form_of(
    person={
        "type": "integer",
        "minimum": 1,
        "default": 1,
        "description": "Of several people, whose look; 1: the main.",
    },
    budget={"type": "number", "minimum": 0, "examples": [150000], "description": "Of the shopping list, all in all."},
)
NOT_ALIKE = form_of(
    garment={"type": "integer", "minimum": 0, "examples": [0], "description": "As a comparison numbers them, from 0."},
    owned={"type": "integer", "minimum": 0, "examples": [17], "description": "The owned garment that is not like it."},
)
ADD = form_of()
