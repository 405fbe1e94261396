"""The JSON documents of drafts, as the API's description shows them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from meot.service.api import forms
from meot.service.api.documents import Document, RefusedDocument
from meot.service.sell.selling import WAYS

State = Literal["review", "sure", "failed"]


class AnswerDocument(Document):
    """What is known of a field. candidates: id to score, of what is open."""

    value: str = Field(examples=["shirt"])
    origin: Literal["photo", "name", "given", "corrected"]
    sure: bool
    score: float | None = Field(default=None, examples=[0.97])
    candidates: dict[str, float] | None = Field(default=None, examples=[{"shirt": 0.62, "blouse": 0.21}])


class DraftDocument(Document):
    """A draft of a listing. photos: addresses, the main photo first. fields: filled in; review: open."""

    number: int = Field(examples=[12])
    product: str = Field(examples=["A12"], description="What its photos are called together.")
    state: State
    reason: str
    photos: list[str] = Field(examples=[["/api/v1/drafts/12/photos/0"]])
    left_out: int = Field(examples=[0])
    fields: dict[str, AnswerDocument]
    review: dict[str, AnswerDocument]
    corrected: dict[str, str] = Field(examples=[{"colour": "navy"}])


class TextsDocument(Document):
    """What a listing says in one language, of facts alone."""

    title: str = Field(examples=["Navy Striped Shirt"])
    description: str
    alt: str
    tags: list[str]


class WholeDraftDocument(DraftDocument):
    """A draft with its texts, its ids elsewhere and what the strictest format would still ask."""

    texts: dict[Literal["en", "ko"], TextsDocument]
    category: dict[str, Any] = Field(examples=[{"google": {"version": "2021-09-21", "id": 212}}])
    questions: dict[str, str] = Field(examples=[{"price": "What does it cost, with the currency?"}])


class DraftsDocument(Document):
    """Drafts, the oldest first, and how many are in each state."""

    drafts: list[DraftDocument]
    counts: dict[State, int] = Field(examples=[{"review": 4, "sure": 8, "failed": 0}])
    photos: int = Field(examples=[31], description="Photos that are kept for drafts.")
    most: int | None = Field(examples=[10000], description="Photos that one may keep; null for any number.")
    next: int | None = Field(examples=[12], description="Give it as `after` for the page behind this; null at the end.")


class TakenDocument(Document):
    """Photos that were taken; ``job`` is the number of what drafts them, see `/jobs/{number}`."""

    job: int = Field(examples=[7])
    taken: int = Field(examples=[3])
    refused: list[RefusedDocument]


class CorrectionsDocument(Document):
    """Fields to set, by their names; an empty value takes a correction back."""

    fields: dict[str, str] = Field(
        min_length=1, max_length=40, examples=[{"category": "polo", "colour": "navy", "price": "39000 KRW"}]
    )


class FilledDocument(Document):
    """What a table of facts told. products: of how many it tells; filled: drafts of those that there were."""

    products: int = Field(examples=[12])
    filled: int = Field(examples=[11])


class LeftDocument(Document):
    """A product that stays out of a file."""

    product: str = Field(examples=["A12"])
    reason: str = Field(examples=["price is missing"])


class CheckedDocument(Document):
    """What would go out in a format. count: products in the file."""

    count: int = Field(examples=[8])
    left_out: list[LeftDocument]


_WAY = {
    "type": "string",
    "enum": list(WAYS),
    "default": WAYS[0],
    "description": "How photos are put together into products.",
}
_FACTS = {"type": "string", "format": "binary", "description": "A CSV of what is known of the products."}
PHOTOS = forms.many_photos({"way": _WAY, "facts": _FACTS})
FACTS = forms.form({"facts": _FACTS}, required=("facts",))
