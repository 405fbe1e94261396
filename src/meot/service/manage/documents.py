"""The JSON documents of managing, as the API's description shows them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from meot.service.api import forms
from meot.service.api.documents import Document, Names, RefusedDocument

Role = Literal["shopper", "seller", "admin"]
Kind = Literal["category", "style", "component"]
_NEXT: Any = Field(examples=[7], description="Give it as `after` for the page behind this; null at the end.")


class JobDocument(Document):
    """Long work. done, total: how far it is; total 0 while nobody knows. Times: seconds since 1970."""

    number: int = Field(examples=[7])
    kind: str = Field(examples=["draft listings"])
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: int = Field(examples=[13])
    total: int = Field(examples=[23])
    attempts: int = Field(examples=[1])
    reason: str = Field(description="Why it failed, or why the last attempt did.")
    created_at: float = Field(examples=[1764000000.0])
    started_at: float | None = Field(examples=[1764000001.0])
    finished_at: float | None = Field(examples=[None])
    result: dict[str, Any] = Field(examples=[{"products": 12, "sure": 8, "review": 4, "failed": 0}])


class JobsDocument(Document):
    """Jobs, the newest first."""

    jobs: list[JobDocument]
    next: int | None = _NEXT


class JobWish(Document):
    """What is to be done. source: of "refresh", the name of one source; all when left out."""

    kind: Literal["refresh", "reindex", "compact"] = Field(examples=["refresh"])
    source: str = Field(default="", max_length=500, examples=["https://shop.example/feed.xml"])


class SourceDocument(Document):
    """Where products come from. oldest, newest: when one of its living products was last seen, seconds since 1970."""

    name: str = Field(examples=["https://shop.example/feed.xml"])
    address: str = Field(examples=["https://shop.example/feed.xml"])
    format: str = Field(examples=["google"])
    products: int = Field(examples=[5400])
    retired: int = Field(examples=[120])
    oldest: float | None
    newest: float | None
    started: float | None = Field(description="When it was last begun to be read.")
    finished: float | None = Field(description="When it was last read to its end.")


class SourcesDocument(Document):
    """All sources, in the order they came in."""

    sources: list[SourceDocument]


class RefreshWish(Document):
    """Which source to read again; all when left out."""

    source: str = Field(default="", max_length=500, examples=["https://shop.example/feed.xml"])


class ForgetWish(Document):
    """Which source to read no more, by its name."""

    source: str = Field(min_length=1, max_length=500, examples=["https://shop.example/feed.xml"])


class ForgottenDocument(Document):
    """A source that is read no more. retired: its products, which are in no answer any more."""

    source: str = Field(examples=["https://shop.example/feed.xml"])
    retired: int = Field(examples=[5400])


class OverviewDocument(Document):
    """What there is to manage. models: task to what reads photos. corrections: field to how many drafts were corrected
    in it, never what was said. jobs: state to how many are in it.
    """

    counts: dict[str, int] = Field(examples=[{"products": 120, "photos": 120, "garments": 131}])
    index: dict[str, int | float | str] = Field(examples=[{"kind": "exact", "vectors": 131}])
    models: dict[str, str] = Field(examples=[{"parser": "parser.1", "garment": "garment.1"}])
    corrections: dict[str, int] = Field(examples=[{"category": 4, "price": 2}])
    jobs: dict[str, int] = Field(examples=[{"waiting": 1, "running": 1, "done": 40, "failed": 0, "cancelled": 2}])


class ModelDocument(Document):
    """A model file and what its card tells. size: bytes. shipped: came with meot. used: reads photos here. measured:
    figure to value, as `command` prints them.
    """

    name: str = Field(examples=["garment"])
    label: str = Field(examples=["garment@3f1d0c9a"])
    task: str = Field(examples=["garment"])
    size: int = Field(examples=[6400000])
    shipped: bool
    used: bool
    licence: str = Field(examples=["Apache-2.0"])
    trained_on: list[str] = Field(examples=[["clothing dataset (CC0)"]])
    started_from: str = Field(examples=["MobileNetV2, ImageNet"])
    measured: dict[str, float] = Field(examples=[{"top1": 0.91}])
    command: str = Field(examples=["python -m bench.quality"])


class ModelsDocument(Document):
    """Every model file with a card, one's own first."""

    models: list[ModelDocument]


class LessonDocument(Document):
    """What was taught at once. question: of a component. names: of a class that is none of the taxonomy's. photos: how
    many it was learned from. taught_at: UTC, ISO 8601.
    """

    number: int = Field(examples=[3])
    taught_at: str = Field(examples=["2026-03-01T09:30:00+00:00"])
    kind: Kind
    question: str | None = Field(examples=[None])
    name: str = Field(examples=["kimono"])
    names: Names | None
    region: str | None = Field(examples=["outer"])
    photos: int = Field(examples=[8])


class LessonsDocument(Document):
    """Lessons, the last first."""

    lessons: list[LessonDocument]
    next: int | None = _NEXT


class LearnedDocument(Document):
    """A lesson that was just learned. new: whether its class is. near: a known class that it may be a slip for. known:
    photos that were taught so before; repeated: files that were copies of another.
    """

    lesson: LessonDocument
    new: bool
    near: str | None = Field(examples=[None])
    known: int = Field(examples=[0])
    repeated: int = Field(examples=[0])
    refused: list[RefusedDocument]


class PersonDocument(Document):
    """Somebody with an account. created_at: seconds since 1970."""

    number: int = Field(examples=[2])
    name: str = Field(examples=["mina"])
    role: Role = Field(examples=["seller"])
    created_at: float = Field(examples=[1764000000.0])


class PeopleDocument(Document):
    """Everybody, in the order they came in."""

    people: list[PersonDocument]
    next: int | None = _NEXT


class RoleWish(Document):
    """Which role to give."""

    role: Role = Field(examples=["seller"])


def _text(about: str, example: str) -> dict[str, Any]:
    return {"type": "string", "maxLength": 64, "description": about, "examples": [example]}


LESSON = forms.many_photos(
    {
        "kind": {"type": "string", "enum": ["category", "style", "component"], "description": "What is taught."},
        "name": _text("The class: one of the taxonomy's for a correction, any other for a new one.", "kimono"),
        "question": _text("Of a component, which question.", "pattern"),
        "region": _text("Of people, the garment meant.", "outer"),
        "name_en": _text("What a new class is called in English.", "Kimono"),
        "name_ko": _text("What a new class is called in Korean.", "기모노"),
        "new_question": {"type": "boolean", "default": False, "description": "Whether the question may be a new one."},
    },
    required=("kind", "name"),
)
