"""Where a term stands in a segment, and how well: whole words, parts of words, words written apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot.catalogue.words import tokens
from meot.catalogue.words.question import Term, Way
from meot.catalogue.words.segment import Postings, Segment, fields, slots

if TYPE_CHECKING:  # it is made of words itself
    from meot.catalogue.senses import Senses

WEIGHTS = np.array([1.0, 0.6, 0.45, 0.35, 0.2], np.float32)
"""What a word counts in title, keyword, brand, what was seen in the photos, and description."""
WHOLE, APART, HEAD, START, INSIDE, LOOSE, OTHER = 1.0, 0.95, 0.75, 0.65, 0.5, 0.4, 0.3
"""Quality of a hit: the word itself; written apart or together; the end of a longer word (린넨셔츠 is a 셔츠), its
beginning, its middle; across two words; a longer word that names something else (티셔츠)."""
SHORTEST_INSIDE = 4
"""Letters of an alphabet from which a word is found within and at the end of others: red is not in layered."""

Read = Callable[[Sequence[int]], list[Postings]]
"""The postings of words of the segment at hand, given by their places, ascending."""
Found = tuple[NDArray[np.float32], NDArray[np.float32]]
"""(D,) float32 for each product of a segment, 0..1, 0 when not found: the best field's weight times the quality, and
the quality in the title."""


def term(asked: Term, segment: Segment, read: Read, senses: Senses) -> Found:
    """The best that any way of a term comes to; a way of several words is as good as the worst of them."""
    stands = _Stands({}, [])
    for way in asked.ways:
        if len(way.words) == 1:
            _gather(stands, way.words[0], way, segment, read, senses)
    best, titled = _lay(stands, segment, read)
    for way in asked.ways:
        found: list[Found] = []
        for word in way.words if len(way.words) > 1 else ():
            stands = _Stands({}, [])
            _gather(stands, word, way, segment, read, senses)
            if not stands.words and not stands.across:
                break
            found.append(_lay(stands, segment, read))
        if found and len(found) == len(way.words):
            np.maximum(best, np.min([each for each, _ in found], axis=0), out=best)
            np.maximum(titled, np.min([each for _, each in found], axis=0), out=titled)
    return best, titled


class _Stands(NamedTuple):
    """words: place of a word in the segment -> quality. across: postings of words written apart, with their quality."""

    words: dict[int, float]
    across: list[tuple[Postings, float]]


def _gather(stands: _Stands, word: str, way: Way, segment: Segment, read: Read, senses: Senses) -> None:
    """Add where ``word`` stands, found in this way."""
    for place, quality in _matches(word, segment, senses, parts=way.parts):
        stands.words[place] = max(stands.words.get(place, 0.0), quality * way.weight)
    for whole in (True, False) if way.parts and tokens.is_syllabic(word) else (True,):
        across = _across(word, segment, read, whole=whole)
        if len(across):
            stands.across.append((across, (APART if whole else LOOSE) * way.weight))


def _lay(stands: _Stands, segment: Segment, read: Read) -> Found:
    """Lay out by product what stands where."""
    best, titled = np.zeros((2, len(segment.numbers)), np.float32)
    places = sorted(stands.words)
    postings = [*read(places), *(across for across, _ in stands.across)]
    if postings:
        each = [*(stands.words[place] for place in places), *(quality for _, quality in stands.across)]
        quality = np.repeat(np.array(each, np.float32), [len(some) for some in postings])
        every = np.concatenate(postings)
        at, of = slots(every), fields(every)
        np.maximum.at(best, at, WEIGHTS[of] * quality)
        np.maximum.at(titled, at[of == 0], quality[of == 0])
    return best, titled


def _matches(word: str, segment: Segment, senses: Senses, *, parts: bool) -> Iterator[tuple[int, float]]:
    """The places of the segment's words that match, with the quality."""
    same = {place for form in tokens.forms(word) if (place := segment.find(form)) is not None}
    yield from ((place, WHOLE) for place in same)
    if not parts:
        return
    part = tokens.singular(word)
    inside = tokens.is_syllabic(part) or len(part) >= SHORTEST_INSIDE
    others, ends = senses.other_things(part), tokens.forms(part)
    for place in segment.holding(part) if inside else segment.starting(part):
        if place not in same:
            found = segment.words[place]
            quality = HEAD if found.endswith(ends) and inside else START if found.startswith(part) else INSIDE
            yield place, OTHER if others and any(other in found for other in others) else quality


def _across(word: str, segment: Segment, read: Read, *, whole: bool) -> Postings:
    """The postings of the last of several words in a row that make ``word`` together.

    whole: all of each; otherwise the end of the first and the beginning of the last will do.
    """
    found = [np.zeros(0, np.uint32)]
    ended: dict[int, Postings] = {}
    shortest = 1 if tokens.is_syllabic(word) else 2
    for cut in range(shortest, len(word) - shortest + 1) if len(word) <= tokens.LONGEST else ():
        rest = _places(word[cut:], segment, whole=whole, last=True)
        if not rest and all(segment.find(word[cut:end]) is None for end in range(cut + 1, len(word))):
            continue  # whatever ends here, nothing goes on
        begun = _places(word[:cut], segment, whole=whole, last=False)
        ways = read(begun)
        for earlier, postings in ended.items():
            middle = segment.find(word[earlier:cut])
            if middle is not None and cut - earlier >= shortest:
                ways.append(_after(postings, read([middle])[0]))
        here = np.concatenate(ways) if ways else np.zeros(0, np.uint32)
        if len(here):
            ended[cut] = here
            found.append(_after(here, np.concatenate([found[0], *read(rest)])))
    return np.concatenate(found)


def _places(part: str, segment: Segment, *, whole: bool, last: bool) -> list[int]:
    if whole:
        all_forms = tokens.forms(part) if last else (part,)
        return sorted(place for form in all_forms if (place := segment.find(form)) is not None)
    return list(segment.starting(part)) if last else segment.holding(part + "\n")


def _after(first: Postings, second: Postings) -> Postings:
    """Those of ``second`` that stand right behind one of ``first``."""
    wanted = np.sort(first + np.uint32(1))
    at = np.searchsorted(wanted, second)
    at[at == len(wanted)] = 0
    return second[wanted[at] == second] if len(wanted) else second[:0]
