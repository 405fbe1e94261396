"""Titles, descriptions, alternative texts, tags and questions, from facts alone, in Korean and English."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from meot.answers import wording as names
from meot.answers.listing.answer import AGE_GROUP, CATEGORY, COLOUR, DETAILS, GENDER
from meot.taxonomy import Taxonomy
from meot.types import Label

LANGUAGES = ("ko", "en")
_ADJECTIVES = ("pattern", "denim_colour", "fit", "sleeve")
"""Details that stand before the category's name, in this order."""
_VOWELS = "aeio"
_ENDS_CLOSED = frozenset("013678lmnrLMNR")
"""Digits and letters whose Korean names end in a consonant."""


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(resources.files("meot.answers.listing").joinpath("texts.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Texts:
    """What a listing says in one language; empty where the category is not known."""

    title: str
    description: str
    alt: str
    tags: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As ``meot list --json`` prints it."""
        return {"title": self.title, "description": self.description, "alt": self.alt, "tags": list(self.tags)}


class Writer:
    """Writes in one language ("en", "ko") about the values of a draft."""

    def __init__(self, *, language: str, taxonomy: Taxonomy) -> None:
        self.language = language
        self._said = _texts()[language]
        self._names = names.Wording(language=language, taxonomy=taxonomy)
        self._questions = {component.id: component.names[language] for component in taxonomy.components}
        self._values = {(c.id, value.id): value for c in taxonomy.components for value in c.values}

    def write(self, values: Mapping[str, str]) -> Texts:
        """The texts for field -> value of what is known; a title or description that was given stays as it is."""
        what = self._what(values)
        drafted = " ".join(part for part in (values.get("brand", ""), self.gender(values), *what) if part)
        title = values.get("title") or (self._capital(drafted) if what else "")
        description = values.get("description") or (self._describe(values, what) if what else "")
        return Texts(title, description, self._sentence(" ".join(what)), self._tags(values))

    def category(self, id: str) -> str:
        """A category's name."""
        return self._names.category(id)

    def colours(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """The names of the colours."""
        return tuple(self._names.colour(id) for id in values.get(COLOUR, "").split(";") if id)

    def details(self, values: Mapping[str, str]) -> dict[str, str]:
        """Question -> answer in words that need no question beside them, without what says nothing."""
        return {
            question: self._names.detail(question, Label(values[question], 1.0, True))
            for question in DETAILS
            if question in values and not self._is_silent(question, values)
        }

    def gender(self, values: Mapping[str, str]) -> str:
        """Whom it is for: Women's, Boys' ...; empty when nobody said."""
        words: dict[str, str] = self._said["gender"]
        kids = "kids" if values.get(AGE_GROUP) == "kids" else ""
        return words.get(" ".join(part for part in (values.get(GENDER, ""), kids) if part), "")

    def question(self, field: str) -> str:
        """What to ask the seller about a field."""
        asked: dict[str, str] = self._said["questions"]
        return asked.get(field) or f"{self._questions.get(field, field)}?"

    def _what(self, values: Mapping[str, str]) -> list[str]:
        """The words for the thing itself: navy, striped, shirt; none when its category is not known."""
        if CATEGORY not in values:
            return []
        adjectives = [self._adjective(detail, values) for detail in _ADJECTIVES]
        colour = self._said["and"].join(self._inside(name) for name in self.colours(values))
        said = [colour, *adjectives, self.category(values[CATEGORY])]
        return [self._inside(word) for word in said if word]

    def _adjective(self, detail: str, values: Mapping[str, str]) -> str:
        words: dict[str, str] = self._said["words"][detail]
        return "" if self._is_silent(detail, values) else words.get(values.get(detail, ""), "")

    def _is_silent(self, detail: str, values: Mapping[str, str]) -> bool:
        """Whether an answer says nothing, or the category says it already."""
        value = self._values.get((detail, values.get(detail, "")))
        return value is not None and (value.silent or values.get(CATEGORY, "") in value.implied_by)

    def _describe(self, values: Mapping[str, str], what: list[str]) -> str:
        phrase = " ".join(what)
        sentences = [self._sentence(self._said["described"].format(article=self._article(values, phrase), what=phrase))]
        for question, answer in self.details(values).items():
            if question not in _ADJECTIVES or not self._adjective(question, values):
                known = self._values.get((question, values[question]))
                value = answer if known is None else known.names[self.language]
                sentences.append(self._fill("detail", self._questions[question], value))
        facts: dict[str, str] = self._said["facts"]
        sentences += [self._fill("fact", name, values[field]) for field, name in facts.items() if values.get(field)]
        return " ".join(sentences)

    def _fill(self, form: str, name: str, value: str) -> str:
        text: str = self._said[form]
        return text.format(question=name, name=name, value=value.rstrip("."), 은=particle(name, "은", "는"))

    def _article(self, values: Mapping[str, str], phrase: str) -> str:
        bare = (*self._said["plural"], *self._said["uncounted"])
        if self.language != "en" or values[CATEGORY] in bare:
            return ""
        return "an " if phrase[:1].lower() in _VOWELS else "a "

    def _tags(self, values: Mapping[str, str]) -> tuple[str, ...]:
        category = [self.category(values[CATEGORY])] if CATEGORY in values else []
        said = [*category, *self.colours(values), *self.details(values).values(), self.gender(values)]
        tags = [tag.replace(",", " ") for tag in (*said, values.get("brand", "")) if tag]
        return tuple(dict.fromkeys(tags))

    def _inside(self, word: str) -> str:
        """A name inside of a phrase: small, but for names that carry capitals of their own (T-shirt)."""
        return word if self.language != "en" or word[1:2] == "-" else word[:1].lower() + word[1:]

    def _sentence(self, text: str) -> str:
        return text[:1].upper() + text[1:]

    def _capital(self, text: str) -> str:
        """A title: in English every word with a capital."""
        if self.language != "en":
            return text
        return " ".join(word if word in ("and", "or") else word[:1].upper() + word[1:] for word in text.split(" "))


def particle(word: str, closed: str, open: str) -> str:
    """The Korean particle after a word: ``closed`` after a consonant (색상은), ``open`` after a vowel (소매는)."""
    last = word.rstrip(" )]\"'")[-1:]
    if "가" <= last <= "힣":
        return closed if (ord(last) - ord("가")) % 28 else open
    return closed if last in _ENDS_CLOSED else open


def questions(values: Mapping[str, str], fields: Iterable[str], writer: Writer) -> dict[str, str]:
    """Field -> question of those fields that nobody has answered."""
    return {field: writer.question(field) for field in fields if not values.get(field)}
