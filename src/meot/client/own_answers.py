"""What the service answers of drafts, jobs and who asks, for type checkers."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Answer(TypedDict):
    """What is known of a field of a draft. candidates: id to score, of what is open."""

    value: str
    origin: Literal["photo", "name", "given", "corrected"]
    sure: bool
    score: NotRequired[float | None]
    candidates: NotRequired[dict[str, float] | None]


class Draft(TypedDict):
    """A draft of a listing. fields: filled in; review: open."""

    number: int
    product: str
    state: Literal["review", "sure", "failed"]
    reason: str
    photos: list[str]
    left_out: int
    fields: dict[str, Answer]
    review: dict[str, Answer]
    corrected: dict[str, str]


class Texts(TypedDict):
    """What a listing says in one language."""

    title: str
    description: str
    alt: str
    tags: list[str]


class WholeDraft(Draft):
    """A draft with its texts, its ids elsewhere, and what would still be asked."""

    texts: dict[Literal["en", "ko"], Texts]
    category: dict[str, Any]
    questions: dict[str, str]


class Job(TypedDict):
    """Long work. done, total: how far it is, total 0 while nobody knows. Times in seconds since 1970."""

    number: int
    kind: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: int
    total: int
    attempts: int
    reason: str
    created_at: float
    started_at: float | None
    finished_at: float | None
    result: dict[str, Any]


Scope = Literal["read", "write"]


class Me(TypedDict):
    """Who asks. scopes: what the token may."""

    name: str
    role: str
    scopes: list[Scope] | None
    created_at: float


class Token(TypedDict):
    """An API token. Times in seconds since 1970, None for never."""

    number: int
    name: str
    scopes: list[Scope]
    created_at: float
    expires_at: float | None


class NewToken(TypedDict):
    """A token that was just made; secret: what stands for its owner, told this once."""

    token: Token
    secret: str
