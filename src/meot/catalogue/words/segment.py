"""A part of the word index that never changes: some products, their words, and where each word stands."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from meot.catalogue.words.tokens import Fields, jamo, placed

FIELDS = ("title", "keyword", "brand", "seen", "description")
"""Fields in the order of their numbers in a posting."""
MOST_PRODUCTS = 1 << 16
"""Products of one segment: a posting keeps 16 bits for them."""
MOST_CHARACTERS = 16_000_000
"""Characters of the texts that are in memory at once while they are indexed."""
_SLOT, _FIELD, _PLACES = 16, 13, (1 << 13) - 1

Postings = NDArray[np.uint32]
"""Where a word stands, ascending: the product's place in the segment (16 bits), the field (3), the place there (13)."""


def slots(postings: Postings) -> NDArray[np.int64]:
    """(P,) places of the products in their segment."""
    return (postings >> np.uint32(_SLOT)).astype(np.int64)


def fields(postings: Postings) -> NDArray[np.int64]:
    """(P,) numbers of the fields, see FIELDS."""
    return ((postings >> np.uint32(_FIELD)) & np.uint32(7)).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """What a segment will hold. numbers: (D,) int64 ascending. lengths: (D,) uint8, words of each title, 255 at most.

    words: (W,) ascending. bounds: (W + 1,) int64; the postings of word w are ``postings[bounds[w]:bounds[w + 1]]``.
    """

    numbers: NDArray[np.int64]
    lengths: NDArray[np.uint8]
    words: Sequence[str]
    bounds: NDArray[np.int64]
    postings: Postings


@dataclass(frozen=True, eq=False)
class Segment:
    """What is kept in memory of a stored segment; postings stay in the file. numbers (D,), lengths (D,), words (W,):
    see :class:`Draft`.
    """

    id: int
    numbers: NDArray[np.int64]
    lengths: NDArray[np.uint8]
    words: Sequence[str]

    @cached_property
    def text(self) -> str:
        """All words, each with a line break on both sides: what parts of words are looked for in."""
        return "\n".join(("", *self.words, ""))

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """(W,) where each word begins in :attr:`text`."""
        lengths = np.fromiter(map(len, self.words), np.int64, len(self.words))
        return np.concatenate(([1], 1 + np.cumsum(lengths + 1)))[:-1].astype(np.int64)

    @cached_property
    def jamo(self) -> list[str]:
        """The words by the letters of their syllables."""
        return [jamo(word) for word in self.words]

    def find(self, word: str) -> int | None:
        """The place of a whole word; None where it is not there."""
        place = bisect_left(self.words, word)
        return place if place < len(self.words) and self.words[place] == word else None

    def starting(self, part: str) -> range:
        """The places of the words that begin with ``part``."""
        return range(bisect_left(self.words, part), bisect_left(self.words, part + "\U0010ffff"))

    def holding(self, part: str) -> list[int]:
        """The places of the words that hold ``part``, ascending; with a line break after it, of those that end so."""
        at, found = self.text.find(part), []
        while at >= 0:
            found.append(at)
            at = self.text.find(part, at + 1)
        places = np.searchsorted(self.starts, np.array(found, np.int64), "right") - 1
        unique: list[int] = places[np.diff(places, prepend=-1) > 0].tolist()
        return unique


def draft(texts: Iterable[tuple[int, Fields]]) -> Draft:
    """The segment of at most MOST_PRODUCTS products, each given once."""
    vocabulary: dict[str, int] = {}
    numbers, lengths, ids, postings = array("q"), array("B"), array("I"), array("I")
    for slot, (number, said) in enumerate(texts):
        numbers.append(number)
        length = 0
        for field, name in enumerate(FIELDS):
            base = slot << _SLOT | field << _FIELD
            for word, place in placed(getattr(said, name)):
                ids.append(vocabulary.setdefault(word, len(vocabulary)))
                postings.append(base | place)
                length = max(length, place + 1) if field == 0 else length
        lengths.append(min(length, 255))
    return _drafted(
        np.array(numbers, np.int64),
        np.array(lengths, np.uint8),
        list(vocabulary),
        np.array(ids, np.int64),
        np.array(postings, np.uint32),
    )


def joined(parts: Iterable[tuple[Segment, NDArray[np.bool_], Sequence[Postings]]]) -> Draft:
    """One segment of several: (segment, (D,) which of its products live, the postings of each of its words)."""
    vocabulary: dict[str, int] = {}
    numbers, lengths, ids, postings, before = [], [], [], [], 0
    for segment, alive, stored in parts:
        own = np.array([vocabulary.setdefault(word, len(vocabulary)) for word in segment.words], np.int64)
        of_word = np.repeat(own, [len(each) for each in stored])
        every = np.concatenate(stored) if stored else np.zeros(0, np.uint32)
        kept = alive[slots(every)]
        moved = (np.cumsum(alive) - 1 + before)[slots(every)]
        every = (every & np.uint32((1 << _SLOT) - 1)) | (moved.astype(np.uint32) << np.uint32(_SLOT))
        numbers.append(segment.numbers[alive])
        lengths.append(segment.lengths[alive])
        ids.append(of_word[kept])
        postings.append(every[kept])
        before += int(alive.sum())
    return _drafted(
        np.concatenate(numbers),
        np.concatenate(lengths),
        list(vocabulary),
        np.concatenate(ids),
        np.concatenate(postings),
    )


def _drafted(
    numbers: NDArray[np.int64],
    lengths: NDArray[np.uint8],
    words: list[str],
    ids: NDArray[np.int64],
    postings: Postings,
) -> Draft:
    """Everything in order: products by number, words by letters, postings by word and place; unused words dropped."""
    order = np.argsort(numbers, kind="stable")
    rank = np.empty(len(order), np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    low = postings & np.uint32((1 << _SLOT) - 1)
    postings = low | (rank[slots(postings)] << np.uint32(_SLOT)) if len(order) else postings
    counts = np.bincount(ids, minlength=len(words))
    by_letters = sorted((i for i in range(len(words)) if counts[i]), key=words.__getitem__)
    new = np.zeros(len(words), np.int64)
    new[by_letters] = np.arange(len(by_letters))
    keys = np.sort(new[ids] << 32 | postings.astype(np.int64))
    bounds = np.searchsorted(keys >> 32, np.arange(len(by_letters) + 1))
    return Draft(numbers[order], lengths[order], [words[i] for i in by_letters], bounds, keys.astype(np.uint32))


def blocks(texts: Iterable[tuple[int, Fields]]) -> Iterator[dict[int, Fields]]:
    """Texts in blocks for :func:`draft`, so that memory has a bound; of a product that comes twice the later counts."""
    block: dict[int, Fields] = {}
    characters = 0
    for number, said in texts:
        block[number] = said
        characters += sum(map(len, said))
        if len(block) == MOST_PRODUCTS or characters > MOST_CHARACTERS:
            yield block
            block, characters = {}, 0
    if block:
        yield block
