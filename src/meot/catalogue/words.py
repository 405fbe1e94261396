"""Finding products by words, Korean and English, whole words and parts of words.

Every character becomes one token: itself with the character that follows it ("조거팬츠" -> 조거 거팬 팬츠 츠). A word
is then a phrase of such tokens, found wherever it stands; one character is a prefix. Tokens reach across a space only
between two Hangul syllables, where spacing is a matter of taste ("조거 팬츠"), so that "red" is not found in "square
dress". Hyphens and apostrophes are dropped: "t-shirt", "tshirt" and "t shirt" are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, TextClause, text

_WEIGHTS = {"title": 20.0, "keyword": 8.0, "brand": 4.0, "description": 1.0, "seen": 2.0}
"""How much a hit in each field counts; ``seen`` holds the names of what was read from the photos."""
_JOINERS = re.compile(r"(?<=\w)[-‐‑'’](?=\w)")
_WORD = re.compile(r"[^\W_]+")
_PLURAL = re.compile(r"[a-z]{2,}[a-rt-z]s|[a-z]{3,}es")
_PLURAL_ES = re.compile(r"(ss|sh|ch|x)es$")
_MOST_CHARACTERS = 200
"""Longer questions are cut: nobody types them, and a phrase a character would make the database work for nothing."""


class Fields(NamedTuple):
    """The texts of one product by which it is found."""

    title: str
    keyword: str
    brand: str
    description: str
    seen: str


def _fold(text: str) -> str:
    """``text`` in one form: composed, compatibility signs resolved, lower case, words' inner joiners dropped."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _JOINERS.sub("", unicodedata.normalize("NFC", folded))


def split(text: str) -> list[str]:
    """The words of ``text``: lower case, letters and digits only."""
    return _WORD.findall(_fold(text))


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"


def tokens(text: str) -> str:
    """The tokens of ``text`` as they are stored, one a character, between spaces."""
    folded = _fold(text)
    words = list(_WORD.finditer(folded))
    found: list[str] = []
    for i, word in enumerate(words):
        letters = word.group()
        follower = ""
        if i + 1 < len(words) and folded[word.end() : words[i + 1].start()].isspace():
            first = words[i + 1].group()[0]
            follower = first if _is_hangul(letters[-1]) and _is_hangul(first) else ""
        found += [letters[j : j + 2] for j in range(len(letters) - 1)]
        found.append(letters[-1] + follower)
    return " ".join(found)


def _phrase(text: str) -> str:
    """The phrase that finds ``text`` wherever it stands; its last character has no follower to be known by."""
    found = tokens(text).split()
    return f'"{found[0]}"*' if len(found) == 1 else f'"{" ".join(found[:-1])}"'


def singular(word: str) -> str:
    """``word`` without an English plural's ending, or as it is. Too short is no harm: parts of words are found."""
    if not _PLURAL.fullmatch(word):
        return word
    return word[:-2] if _PLURAL_ES.search(word) else word[:-1]


def question(text: str, names: Mapping[str, Sequence[str]] | None = None) -> str | None:
    """The FTS5 question for what a person typed: all its words, best where they stand joined; None without a word.

    names: other names for some of the words, any of which will do. The words hold letters and digits only and stand
    in quotes, so no sign of the query language gets through.
    """
    words = split(text[:_MOST_CHARACTERS])
    if not words:
        return None
    each = []
    for word in words:
        ways = dict.fromkeys(_phrase(way) for way in (word, singular(word), *(names or {}).get(word, ())))
        each.append(f"({' OR '.join(ways)})")
    every = " AND ".join(each)
    return every if len(words) == 1 else f"({every}) OR {_phrase(''.join(words))}"


def create(connection: Connection) -> None:
    """Make the word index (SQLite FTS5)."""
    connection.execute(text(f"CREATE VIRTUAL TABLE words USING fts5({', '.join(_WEIGHTS)}, tokenize = 'unicode61')"))


def put(connection: Connection, number: int, fields: Fields) -> None:
    """Store or replace the words of product ``number``."""
    connection.execute(text("DELETE FROM words WHERE rowid = :number"), {"number": number})
    names = ", ".join(_WEIGHTS)
    values = ", ".join(f":{name}" for name in _WEIGHTS)
    row = {name: tokens(value) for name, value in fields._asdict().items()}
    insert = text(f"INSERT INTO words (rowid, {names}) VALUES (:number, {values})")
    connection.execute(insert, {"number": number, **row})


def ranking(question: str) -> TextClause:
    """SELECT of ``number``, ``titled`` (1 when the title alone answers) and ``rank`` (lower is better) of the answers.

    The rank is Okapi BM25 with a weight a field. It makes little of words that most products have, so that in a shop
    of shirts a navy skirt would rank beside a navy shirt: what the title says in full goes first.
    """
    weights = ", ".join(str(weight) for weight in _WEIGHTS.values())
    return text(
        f"SELECT rowid AS number, bm25(words, {weights}) AS rank, "
        "rowid IN (SELECT rowid FROM words WHERE words MATCH :titled) AS titled "
        "FROM words WHERE words MATCH :question LIMIT -1"  # a limit keeps it whole: bm25 works in no outer query
    ).bindparams(question=question, titled=f"title : ({question})")
