"""Texts as small numbers, and what people call sexes."""

from __future__ import annotations

from collections.abc import Iterable


class Vocabulary:
    """Texts and their numbers, from 0 up. It only grows: a number never changes its meaning.

    Written by one thread at a time, read by any.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}
        for text in known:
            self.number(text)

    def __len__(self) -> int:
        """How many texts there are."""
        return len(self.texts)

    def number(self, text: str) -> int:
        """The number of a text, a new one if it has none yet."""
        found = self._numbers.get(text)
        if found is None:
            found = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return found

    def find(self, text: str) -> int:
        """The number of a text, -1 when it has none."""
        return self._numbers.get(text, -1)


GENDERS = {
    "female": ("female", "women", "woman", "womens", "ladies", "lady", "girls", "girl", "여성", "여자", "여성용", "여"),
    "male": ("male", "men", "man", "mens", "gentlemen", "boys", "boy", "남성", "남자", "남성용", "남"),
    "unisex": ("unisex", "uni", "남녀공용", "공용", "유니섹스"),
}
"""Google Merchant's genders, and what sources and people call them."""
_GENDER_OF = {name: id for id, names in GENDERS.items() for name in names}


def gender(said: str) -> str:
    """The id of a gender as a source says it; another word stays as it is, in lower case."""
    plain = said.strip().casefold()
    return _GENDER_OF.get(plain.replace("'", "").replace("’", ""), plain)
