"""One question to the segments of an index: term by term, with corrections, then ranked."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from meot.catalogue.words import match, tables, tokens, typos
from meot.catalogue.words.match import Found
from meot.catalogue.words.question import Term, apart, corrected
from meot.catalogue.words.ranking import Hits, nothing, score, together
from meot.catalogue.words.segment import Postings, Segment

if TYPE_CHECKING:  # it is made of words itself
    from meot.catalogue.senses import Senses

_RARE, _COMMON = 2, 100
"""A word that stands in so few products is a slip when the nearest other word stands so many times as often."""
_CORRECTED = np.float32(0.9)
"""What a hit of a corrected word counts."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A state of the index. alive: for each segment (D,) bool, which of its products are still to be found there."""

    segments: tuple[Segment, ...] = ()
    alive: tuple[NDArray[np.bool_], ...] = ()


@dataclass(slots=True, kw_only=True, eq=False)
class Finder:
    """Answers one question; ``connection`` sees the state of ``view``. slips: typed word -> what was looked for."""

    connection: sqlite3.Connection
    view: View
    senses: Senses
    slips: dict[str, str] = field(default_factory=dict)

    def find(self, asked: Sequence[Term], most: int) -> Hits:
        """The best ``most`` products that hold all terms; none when there is no term."""
        found: list[list[Found]] = []
        for term in asked:
            found.append(self._term(term))
            if not _count(found[-1]):
                return nothing()
        parts = [
            score([of_term[i] for of_term in found], segment, alive)
            for i, (segment, alive) in enumerate(zip(self.view.segments, self.view.alive, strict=True))
            if found
        ]
        return together(parts, most, self.slips)

    def _term(self, term: Term) -> list[Found]:
        """Where a term stands, segment by segment; one that stands nowhere or hardly anywhere is corrected.

        A compound of a syllabic script is taken apart first: its slip of one letter would be another compound. A name
        of the taxonomy is no slip, even where nothing is called so: 남색 (navy) is one letter from 밤색 (brown).
        """
        found = self._stand(term)
        often = _count(found)
        if often > _RARE:
            return found
        split = self._stand(apart(term, self.senses)) if not often else found
        if self.senses.names(term.typed) or (tokens.is_syllabic(term.typed) and _count(split)):
            return split
        right, times = typos.nearest(term.typed, self.view.segments, self._frequency, self.senses.known)
        if not right or (often and times < _COMMON * often):
            return split
        again = self._stand(corrected(term, right, self.senses))
        if not _count(again):
            return split
        self.slips[term.typed] = right
        pairs = zip(found, again, strict=True)
        return [(np.maximum(a, _CORRECTED * c), np.maximum(b, _CORRECTED * d)) for (a, b), (c, d) in pairs]

    def _stand(self, term: Term) -> list[Found]:
        return [self._stand_in(term, segment) for segment in self.view.segments]

    def _stand_in(self, term: Term, segment: Segment) -> Found:
        def read(words: Sequence[int]) -> list[Postings]:
            return tables.postings(self.connection, segment.id, words)

        return match.term(term, segment, read, self.senses)

    def _frequency(self, segment: Segment, word: int) -> int:
        return tables.frequency(self.connection, segment.id, word)


def _count(found: Sequence[Found]) -> int:
    """How many products hold a term."""
    return sum(int(np.count_nonzero(best)) for best, _ in found)
