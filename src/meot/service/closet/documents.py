"""The JSON documents of the closet, as the API's description shows them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from meot.service.api import forms
from meot.service.api.documents import Document, LabelDocument, Names, RefusedDocument


class KindDocument(Document):
    """What a garment is; when not sure, take it as a guess."""

    id: str = Field(examples=["shirt"])
    name: Names
    sure: bool


class OwnedGarment(Document):
    """A garment that one owns, as read from the photo of that number."""

    owned: int = Field(examples=[17])
    photo: int = Field(examples=[9])
    region: str = Field(examples=["upper"])
    category: KindDocument
    colours: list[str] = Field(examples=[["navy"]], description="The largest first.")
    components: dict[str, LabelDocument] = Field(examples=[{"pattern": {"id": "stripe", "score": 0.88, "sure": True}}])
    picture: str = Field(examples=["/api/v1/closet/garments/17/picture"])


class OwnedPhotoDocument(Document):
    """A photo of what one owns. added_at: seconds since 1970."""

    photo: int = Field(examples=[9])
    worn: bool
    added_at: float = Field(examples=[1764000000.0])
    picture: str = Field(examples=["/api/v1/closet/photos/9/picture"])
    garments: list[OwnedGarment]


class ClosetDocument(Document):
    """Photos of a closet, the newest first. count, owned: photos and garments there are in all. most: photos that one
    may keep; null for any number.
    """

    photos: list[OwnedPhotoDocument]
    count: int = Field(examples=[1])
    most: int | None = Field(examples=[2000])
    owned: int = Field(examples=[1])
    next: int | None = Field(examples=[9], description="Give it as `after` for the page behind this; null at the end.")


class AddingDocument(Document):
    """Photos are being read. job: its number, see `/jobs/{number}`."""

    job: int = Field(examples=[4])
    taken: int = Field(ge=1, examples=[12])
    refused: list[RefusedDocument]


class ReasonDocument(Document):
    """What two garments share or differ in. about: "category", "colour" or a question."""

    about: str = Field(examples=["colour"])
    wanted: str = Field(examples=["navy"])
    owned: str = Field(examples=["black"])
    same: bool
    sure: bool
    text: str = Field(examples=["navy against black"])


class CandidateDocument(Document):
    """An owned garment that comes near. similarity: calibrated, 0..1; cosine: of the vectors."""

    owned: int = Field(examples=[17])
    photo: int = Field(examples=[9])
    similarity: float = Field(examples=[0.81])
    cosine: float = Field(examples=[0.74])
    reasons: list[ReasonDocument]


class PartDocument(Document):
    """A garment of the look. garment: its place in it, from 0. box: left, top, right, bottom in pixels."""

    garment: int = Field(examples=[0])
    region: str = Field(examples=["upper"])
    category: KindDocument
    colours: list[str] = Field(examples=[["navy"]])
    box: list[float] = Field(examples=[[101.0, 160.5, 320.0, 430.0]])
    verdict: Literal["own", "close", "missing"] = Field(examples=["close"])
    similarity: float = Field(examples=[0.81])
    nearest: list[CandidateDocument]


class SuggestionDocument(Document):
    """A product that fits. similarity: as of owned garments."""

    number: int = Field(examples=[12])
    similarity: float = Field(examples=[0.86])
    title: str = Field(examples=["Navy oxford shirt"])
    price: float | None = Field(examples=[39000])
    currency: str = Field(examples=["KRW"])
    link: str = Field(examples=["https://shop.example/10042"])
    reasons: list[ReasonDocument]


class WishDocument(Document):
    """What the shop has for a missing garment. chosen: the product that fits the budget best; null without one."""

    garment: int = Field(examples=[0])
    chosen: int | None = Field(examples=[12])
    products: list[SuggestionDocument]


class ShoppingDocument(Document):
    """What to buy. total: of the chosen products; null without a budget."""

    budget: float | None = Field(examples=[150000])
    currency: str = Field(examples=["KRW"])
    total: float | None = Field(examples=[39000])
    wishes: list[WishDocument]


class ComparisonDocument(Document):
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


class NotAlikeDocument(Document):
    """That an owned garment is not like one of a look. note: the word's number."""

    note: int = Field(examples=[2])
    owned: int = Field(examples=[17])


class SaidDocument(NotAlikeDocument):
    """Such a word as it is kept. photo: the sha256 of the look's photo; region: of its garment."""

    photo: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    region: str = Field(examples=["upper"])


class WordsDocument(Document):
    """What the asker said is not alike, the last word first; that one is taken back first, too."""

    words: list[SaidDocument]
    next: int | None = Field(examples=[2], description="Give it as `after` for the page behind this; null at the end.")


class AlikeDocument(Document):
    """Owned garments of different photos of which one would do. similarity: the least of any two."""

    similarity: float = Field(examples=[0.98])
    garments: list[OwnedGarment]


class DuplicatesDocument(Document):
    """Groups of garments, the most alike first. whole: whether all were compared, or only the newest."""

    duplicates: list[AlikeDocument]
    whole: bool = Field(examples=[True])


class LookPartDocument(Document):
    """A garment of one of the shop's looks. owned: the nearest owned garment, null without one."""

    garment: int = Field(examples=[0])
    category: KindDocument
    verdict: Literal["own", "close", "missing"] = Field(examples=["close"])
    owned: int | None = Field(examples=[17])


class StandingDocument(Document):
    """A look of the shop's. look: what a comparison takes as `look`. covered, of: garments owned or close, and all."""

    look: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    name: str = Field(examples=["Navy oxford shirt"])
    picture: str = Field(
        examples=["/api/v1/closet/looks/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08/picture"]
    )
    overall: float = Field(examples=[0.72])
    covered: int = Field(examples=[2])
    of: int = Field(examples=[3])
    garments: list[LookPartDocument]


class PurchaseDocument(Document):
    """A garment of a look that would complete others, too. unlocks: those looks. products: what the shop has for it."""

    look: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    garment: int = Field(examples=[1])
    category: KindDocument
    colours: list[str] = Field(examples=[["beige"]])
    unlocks: list[str] = Field(examples=[["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]])
    products: list[SuggestionDocument]


class LooksDocument(Document):
    """The shop's looks, those of which least is missing first. count: looks that were looked at; whole: whether those
    are all that the shop has.
    """

    looks: list[StandingDocument]
    purchases: list[PurchaseDocument]
    count: int = Field(examples=[120])
    whole: bool = Field(examples=[True])


_LOOK = {
    "type": "string",
    "pattern": "^[0-9a-f]{64}$",
    "description": "Instead of a photo: one of the shop's looks, see `/closet/looks`.",
    "examples": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
}
_WHOSE = {"type": "integer", "minimum": 1, "default": 1, "description": "Of several people, whose look; 1: the main."}
_BUDGET = {"type": "number", "minimum": 0, "examples": [150000], "description": "Of the shopping list, all in all."}
_WANTED = {
    "type": "integer",
    "minimum": 0,
    "examples": [0],
    "description": "As a comparison numbers them, from 0.",
}
_OWNED = {"type": "integer", "minimum": 0, "examples": [17], "description": "The owned garment that is not like it."}
COMPARE = forms.photo_form({"person": _WHOSE, "budget": _BUDGET}, instead={"look": _LOOK})
NOT_ALIKE = forms.photo_form(
    {"garment": _WANTED, "owned": _OWNED}, required=("garment", "owned"), instead={"look": _LOOK}
)
ADD = forms.many_photos({})
