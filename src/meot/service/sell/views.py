"""What the pages of selling show, worked out from drafts, in one visitor's language."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from meot.answers.listing.answer import (
    AGE_GROUP,
    CATEGORY,
    COLOUR,
    DETAILS,
    GENDER,
    NEEDED,
    OF_JEANS,
    PHOTO,
    Answer,
)
from meot.answers.listing.draft import Draft
from meot.answers.listing.wording import Writer
from meot.catalogue.export.vocabulary import AGE_GROUPS, GENDERS
from meot.service.web.voice import Voice
from meot.taxonomy import Taxonomy

LOOKS = (CATEGORY, COLOUR, GENDER, AGE_GROUP, *DETAILS)
"""What photos or names may tell."""
OFFER = ("title", "description", "price", "currency", "availability", "sku", "brand", "link")
NOTICE = (
    "size", "material", "manufacturer", "origin", "care", "made", "warranty", "after_sales", "naver_category",
)  # fmt: skip
FIELDS = (*LOOKS, *OFFER, *NOTICE)
_AVAILABLE = ("in_stock", "out_of_stock", "preorder", "backorder")
_MOST_CANDIDATES = 5
_LEAST = 0.01
"""A candidate that is less likely is none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that may be given. percent: how likely it is, None where nobody said."""

    id: str
    text: str
    percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a draft. value: as it is kept, "" while it is open; said: the same in words. origin: who says so
    ("photo", "name", "given", "corrected", or ""). percent: how sure a photo's answer is. candidates: of an open one.
    choices: all values it may have; none where it is free text. typed: what a person wants it to be and was not taken,
    None where nothing; is_wrong: because of this field.
    """

    name: str
    value: str
    said: str
    origin: str
    percent: int | None
    is_open: bool
    candidates: tuple[Choice, ...]
    choices: tuple[Choice, ...]
    typed: str | None = None
    is_wrong: bool = False

    @property
    def entered(self) -> str:
        """What stands in its form."""
        return self.value if self.typed is None else self.typed

    @property
    def typed_elsewhere(self) -> str:
        """What was typed besides the candidates."""
        return "" if self.typed is None or self.typed in {each.id for each in self.candidates} else self.typed


@dataclass(frozen=True, slots=True)
class Row:
    """A draft in the list. title: in the visitor's language, else its photos' name. category: None while open."""

    key: int
    draft: Draft
    title: str
    category: Field | None


class Drawn:
    """Tells drafts in the language of ``say``."""

    def __init__(self, *, say: Voice, taxonomy: Taxonomy, taught: Mapping[str, Mapping[str, str]]) -> None:
        self._say, self._taxonomy, self._taught = say, taxonomy, taught
        self._writer = Writer(language=say.language, taxonomy=taxonomy)

    def row(self, key: int, draft: Draft) -> Row:
        """A draft as the list shows it."""
        title = self._writer.write(draft.values).title or draft.product
        return Row(key, draft, title, self.field(draft, CATEGORY) if CATEGORY in draft.answers else None)

    def fields(self, draft: Draft, *, also: Container[str] = ()) -> list[Field]:
        """Every field that can be filled in; details of jeans only where they are of jeans, something is known, or they
        are in ``also``.
        """
        jeans = draft.values.get(CATEGORY, "jeans") == "jeans"
        shown = [name for name in FIELDS if name not in OF_JEANS or jeans or name in draft.answers or name in also]
        return [self.field(draft, name) for name in shown]

    def field(self, draft: Draft, name: str) -> Field:
        """One field of a draft."""
        answer = draft.answers.get(name)
        filled = answer is not None and answer.sure
        return Field(
            name=name,
            value=answer.value if answer is not None and filled else "",
            said=self.told(name, answer.value) if answer is not None and filled else "",
            origin=answer.origin if answer is not None and filled else "",
            percent=_percent(answer) if answer is not None and answer.origin == PHOTO else None,
            is_open=name in NEEDED if answer is None else not answer.sure,
            candidates=() if answer is None or filled else self._candidates(name, answer),
            choices=self._choices(name),
        )

    def told(self, name: str, value: str) -> str:
        """A value in words."""
        if name == COLOUR:
            return ", ".join(self._say.colour(id) for id in value.split(";"))
        return next((each.text for each in self._choices(name) if each.id == value), value)

    def _candidates(self, name: str, answer: Answer) -> tuple[Choice, ...]:
        scored = list(answer.candidates.items())[:_MOST_CANDIDATES] or [(answer.value, answer.score or 0.0)]
        likely = [(id, score) for id, score in scored if score >= _LEAST] or scored[:1]
        return tuple(Choice(id, self.told(name, id), round(100 * score)) for id, score in likely if id)

    def _choices(self, name: str) -> tuple[Choice, ...]:
        language = self._say.language
        if name == CATEGORY:
            own = [Choice(id, names.get(language, id)) for id, names in self._taught.items()]
            known = [Choice(c.id, c.names[language]) for c in self._taxonomy.categories]
            return tuple(sorted({each.id: each for each in own + known}.values(), key=lambda each: each.text))
        if name == COLOUR:
            return tuple(Choice(c.id, c.names[language]) for c in self._taxonomy.colours)
        if name in DETAILS:
            return tuple(Choice(v.id, v.names[language]) for v in self._taxonomy.component(name).values)
        ids = {GENDER: GENDERS, AGE_GROUP: AGE_GROUPS, "availability": _AVAILABLE}.get(name, ())
        return tuple(Choice(id, self._say(f"sell_value.{id}")) for id in ids)


def _percent(answer: Answer) -> int | None:
    return None if answer.score is None else round(100 * answer.score)


def read_corrections(draft: Draft, posted: Mapping[str, str]) -> dict[str, str]:
    """Field -> value of what a form says otherwise than the draft; "" takes a correction back.

    A field that stands as "field" and as "other:field" (chosen elsewhere than among the candidates) is the latter.
    """
    said: dict[str, str] = {}
    for name in FIELDS:
        value = value_in(posted, name)
        if value is None or as_sent(name, value) == as_sent(name, draft.values.get(name, "")):
            continue
        if value or name in draft.corrected:
            said[name] = value
    return said


def as_sent(name: str, value: str) -> str:
    """A value as it is told from others, however a browser ends its lines and in which order its colours stand."""
    return ";".join(sorted(value.split(";"))) if name == COLOUR else " ".join(value.split())


def value_in(posted: Mapping[str, str], name: str) -> str | None:
    """What a form says of a field; None where it has no such field."""
    if name not in posted and f"other:{name}" not in posted:
        return None
    return (posted.get(f"other:{name}", "") or posted.get(name, "")).strip(" ;")
