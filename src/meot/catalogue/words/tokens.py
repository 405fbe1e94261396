"""Texts as words with places: the one form in which products and questions meet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")
_COMPOUND = re.compile(r"[^\W_]+(?:[-‐‑'’][^\W_]+)*")
_JOINERS = re.compile(r"(?<=[^\W_])[-‐‑'’](?=[^\W_])")
_APOSTROPHE = re.compile(r"['’]")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_ONE_NAME = re.compile(r"\bt[ -](?=shirts?\b)|\b[uv][ -](?=necks?\b)")
"""Names whose first letter is no word of its own, however they are written."""
_PLURAL = re.compile(r"[a-z]{2,}[a-rt-z]s|[a-z]{3,}es")
_PLURAL_ES = re.compile(r"(ss|sh|ch|x)es$")
_PLURAL_IES = re.compile(r"[a-z]{2,}[^aeiou]ies$")
LONGEST = 16
"""Letters up to which a word is looked for in pieces and with slips; no name of a garment is longer in one piece."""
MOST_WORDS = 4_000
"""Words of one text that are indexed; more are a mistake of the source."""


class Fields(NamedTuple):
    """The texts of one product by which it is found; ``seen`` holds the names of what was read from its photos."""

    title: str
    keyword: str
    brand: str
    description: str
    seen: str


def fold(text: str) -> str:
    """``text`` in one form: composed, compatibility signs resolved, lower case, Latin letters without accents."""
    if text.isascii():
        return _ONE_NAME.sub(lambda found: found.group()[0], text.lower())
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    folded = unicodedata.normalize("NFC", _ACCENTS.sub("", folded))
    return _ONE_NAME.sub(lambda found: found.group()[0], folded)


def split(text: str) -> list[str]:
    """The words of ``text``: lower case, letters and digits only; hyphens and apostrophes join."""
    return _WORD.findall(_JOINERS.sub("", fold(text)))


def placed(text: str) -> Iterator[tuple[str, int]]:
    """The words of ``text`` with their places from 0 up, at most MOST_WORDS of them.

    A word with hyphens stands there as one, and, when none of its parts is a single letter, as its parts too.
    """
    place = 0
    for found in _COMPOUND.finditer(fold(text)):
        if place >= MOST_WORDS:
            return
        whole = found.group()
        parts = [whole] if whole.isalnum() else _WORD.findall(whole)
        if len(parts) > 1:
            yield "".join(parts), place
            if _APOSTROPHE.search(whole) or min(map(len, parts)) < 2:
                place += 1
                continue
        for part in parts:
            yield part, place
            place += 1


def singular(word: str) -> str:
    """``word`` without an English plural's ending, or as it is."""
    if not _PLURAL.fullmatch(word):
        return word
    if _PLURAL_IES.fullmatch(word):
        return word[:-3] + "y"
    return word[:-2] if _PLURAL_ES.search(word) else word[:-1]


def forms(word: str) -> tuple[str, ...]:
    """``word``, its singular and its plurals; just itself where it is not English."""
    if not (word.isascii() and word.isalpha()):
        return (word,)
    one = singular(word)
    plurals = (one[:-1] + "ies",) if one.endswith("y") else ()
    return tuple(dict.fromkeys((word, one, one + "s", one + "es", *plurals)))


def is_syllabic(word: str) -> bool:
    """Whether ``word`` is of a script whose single signs mean something by themselves, such as Hangul."""
    return word[0] > "\u2e7f"


def jamo(word: str) -> str:
    """``word`` by the letters that its syllables are made of."""
    return unicodedata.normalize("NFD", word)
