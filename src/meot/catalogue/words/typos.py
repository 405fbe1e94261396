"""The word that was probably meant by one that stands nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from meot.catalogue.words import tokens
from meot.catalogue.words.segment import Segment

SHORTEST, LONG = 4, 8
"""Letters of an alphabet from which one slip is forgiven, and from which two are."""
SHORTEST_SYLLABLES = 2
"""Syllables from which one slip in their letters is forgiven."""

Frequency = Callable[[Segment, int], int]
"""How often a word of a segment stands in it."""


def slips(word: str) -> int:
    """How many slips of the keyboard are forgiven in ``word``: a letter more, less, wrong, or two that changed places.

    None in words with digits, nor in very long ones.
    """
    if len(word) > tokens.LONGEST or any(character.isdigit() for character in word):
        return 0
    if tokens.is_syllabic(word):
        return int(len(word) >= SHORTEST_SYLLABLES)
    return (len(word) >= SHORTEST) + (len(word) >= LONG)


def nearest(word: str, segments: Sequence[Segment], frequency: Frequency, names: Iterable[str]) -> tuple[str, int]:
    """The known word with the fewest slips, of several the most frequent, and its frequency; ("", 0): none is near.

    names: words that are known although no product may bear them.
    """
    allowed = slips(word)
    if not allowed:
        return "", 0
    found: dict[str, tuple[int, int]] = {}
    syllabic, known = tokens.is_syllabic(word), list(names)
    for name, slipped in _near(word, known, [tokens.jamo(name) for name in known], allowed):
        found[name] = slipped, 0
    for segment in segments:
        for name, slipped in _near(word, segment.words, segment.jamo if syllabic else segment.words, allowed):
            place = segment.find(name)
            often = 0 if place is None else frequency(segment, place)
            found[name] = slipped, found.get(name, (0, 0))[1] + often
    if not found:
        return "", 0
    best = min(found, key=lambda name: (found[name][0], -found[name][1], name))
    return best, found[best][1]


def _near(word: str, words: Sequence[str], letters: Sequence[str], allowed: int) -> list[tuple[str, int]]:
    from rapidfuzz import process  # only a question that finds nothing needs it
    from rapidfuzz.distance import OSA

    if not words:
        return []
    distances = process.cdist([tokens.jamo(word)], letters, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8)[
        0
    ]
    places = np.flatnonzero(distances <= allowed)
    near = ((words[int(place)], int(distances[place])) for place in places)
    return [(name, slipped) for name, slipped in near if slipped and len(name) >= min(SHORTEST, len(word))]
