"""What a person typed as terms: each must be found, in any of its ways."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from meot.catalogue.words import tokens

if TYPE_CHECKING:  # it is made of words itself
    from meot.catalogue.senses import Name, Senses

MOST_CHARACTERS = 200
"""Longer questions are cut: nobody types them."""
MOST_TERMS = 16
_EMPTY = frozenset(["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"])
"""English words that say nothing about a garment."""
_PARTICLE = re.compile("(으로|에서|이랑|하고|컬러|색상|로|의|은|는|이|가|을|를|와|과|도|에|용)$")
"""What people hang on a Korean word."""
_SYNONYM = 0.97
"""What another name counts beside the one that was typed."""

_APART = 0.9
"""What two words count that were written as one."""


@dataclass(frozen=True, slots=True)
class Way:
    """Words that must all be found for a term to be. parts: whether they may be parts of words. weight: 0..1."""

    words: tuple[str, ...]
    weight: float = 1.0
    parts: bool = True


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the question. typed: as it was typed, in one form. ways: any of which finds it."""

    typed: str
    ways: tuple[Way, ...]


def terms(text: str, senses: Senses) -> tuple[Term, ...]:
    """The terms of a question, each once; empty when it holds no letter or digit.

    senses: what :func:`meot.catalogue.senses.understand` makes of the same text.
    """
    asked = tokens.split(text[:MOST_CHARACTERS])
    said = [word for word in asked if word not in _EMPTY] or asked
    made = {word: Term(word, _ways(word, senses)) for word in said[:MOST_TERMS]}
    for first, second in itertools.pairwise(said):
        if first in made and second in made:
            joined = _joined(first, second, senses)
            made[first] = replace(made[first], ways=made[first].ways + joined)
            made[second] = replace(made[second], ways=made[second].ways + joined)
    return tuple(made.values())


def apart(term: Term, senses: Senses) -> Term:
    """``term`` as two words that were written as one and need not stand together, or without its particle.

    와이드팬츠, denimjacket; 셔츠를, 빨간색으로.
    """
    word, syllabic = term.typed, tokens.is_syllabic(term.typed)
    least = 2 if syllabic else 3
    cuts = range(least, len(word) - least + 1) if len(word) <= tokens.LONGEST else ()
    plain = _PARTICLE.sub("", word)
    known = plain != word and len(plain) >= least
    bare = (Way((plain,), _APART), *_synonyms(_names(plain, senses))) if known else ()
    return Term(word, (*bare, *(Way((word[:cut], word[cut:]), _APART, parts=syllabic) for cut in cuts)))


def corrected(term: Term, right: str, senses: Senses) -> Term:
    """``term`` as if ``right`` had been typed."""
    return Term(term.typed, _ways(right, senses))


def _ways(word: str, senses: Senses) -> tuple[Way, ...]:
    return (Way((word,)), *_synonyms(_names(word, senses)))


def _names(word: str, senses: Senses) -> Iterator[Name]:
    """The other names of what ``word`` names."""
    for form in (word, tokens.singular(word)):
        yield from (name for name in senses.known.get(form, ()) if name != (word,))


def _joined(first: str, second: str, senses: Senses) -> tuple[Way, ...]:
    """Ways in which two words that stand beside each other are one: written together, or another name for both."""
    both = first + second
    names = (name for name in _names(both, senses) if name != (first, second))
    return (Way((both,), _SYNONYM, parts=False), *_synonyms(names))


def _synonyms(names: Iterable[Name]) -> tuple[Way, ...]:
    return tuple(Way(name, _SYNONYM) for name in dict.fromkeys(names))
