"""Pages that do not shift: a cursor remembers which products were shown."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meot.errors import QueryError

MOST_RESULTS = 1000
"""Products of one page."""
MOST_SHOWN = 5000
"""Products that a cursor can remember; there are no pages behind those."""
_LONGEST = 64_000
_MARK = 8


@dataclass(frozen=True, slots=True, eq=False)
class Cursor:
    """Where somebody is in an answer. question: of which it is the answer. garment: of a look, -1 for words.

    shown: (N,) int64, ascending, the products that were shown. A page is what is best of all that was not shown, so
    that products which are added, changed or retired meanwhile make none appear twice, and skip none.
    """

    question: str
    garment: int
    shown: NDArray[np.int64]

    def write(self) -> str:
        """The cursor as a text that may stand in an address: about one to two bytes a product shown."""
        gaps = np.diff(self.shown, prepend=0)
        packed = zlib.compress(b"".join(map(_short, [self.garment + 1, *gaps.tolist()])), 9)
        return base64.urlsafe_b64encode(_digest(self.question) + packed).decode().rstrip("=")

    def after(self, shown: Sequence[int]) -> Cursor | None:
        """The cursor behind these products too; None when it would be too long."""
        both = np.union1d(self.shown, np.array(shown, np.int64))
        return None if len(both) > MOST_SHOWN else Cursor(self.question, self.garment, both)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """Which results of a question are wanted: ``limit`` behind the first ``offset``, or behind ``cursor``.

    facets: whether they are to be counted too.
    """

    question: str
    limit: int
    offset: int = 0
    cursor: Cursor | None = None
    facets: bool = False

    @classmethod
    def of(cls, question: str, limit: int, offset: int, after: str | None, *, facets: bool = False) -> Page:
        """The page that is asked for. QueryError for a limit or an offset that cannot be, and for a foreign cursor."""
        if not 1 <= limit <= MOST_RESULTS:
            said = f"limit must be 1..{MOST_RESULTS}, got {limit}; change it"
            raise QueryError(said, "out_of_bounds", name="limit", least=1, most=MOST_RESULTS, got=limit)
        if offset < 0:
            said = f"offset must be 0 or more, got {offset}; change it"
            raise QueryError(said, "below_zero", name="offset", got=offset)
        if after is not None and offset:
            raise QueryError("give either an offset or after, not both; leave the offset out", "two_places")
        return cls(question=question, limit=limit, offset=offset, cursor=read(after, question), facets=facets)

    @property
    def shown(self) -> NDArray[np.int64]:
        """(N,) the products that the pages before showed."""
        return np.zeros(0, np.int64) if self.cursor is None else self.cursor.shown

    def after(self, garment: int, shown: Sequence[int]) -> str | None:
        """The cursor behind this page, which showed these products; None when it would be too long."""
        behind = Cursor(self.question, garment, self.shown).after(shown)
        return None if behind is None else behind.write()


def read(text: str | None, question: str) -> Cursor | None:
    """The cursor that was written for this question; None for no text. QueryError for another's, or none at all."""
    if text is None:
        return None
    try:
        if len(text) > _LONGEST:
            raise ValueError("too long")
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        inflate = zlib.decompressobj()
        numbers = _numbers(inflate.decompress(raw[_MARK:], 10 * MOST_SHOWN))
        if not numbers or inflate.unconsumed_tail:
            raise ValueError("cut off")
    except (binascii.Error, zlib.error, ValueError):
        said = f"after must be the `next` of an answer, got {text[:20]!r}; begin without it"
        raise QueryError(said, "no_cursor") from None
    if raw[:_MARK] != _digest(question):
        said = "after is of another question than this; ask the same words and filters, or begin without it"
        raise QueryError(said, "other_cursor")
    return Cursor(question, numbers[0] - 1, np.cumsum(np.array(numbers[1:], np.int64)))


def question_of(*parts: object) -> str:
    """One text for what is asked, the same for the same parts."""
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)


def _digest(question: str) -> bytes:
    return hashlib.sha256(question.encode()).digest()[:_MARK]


def _short(number: int) -> bytes:
    """A number of 0 or more in groups of seven bits, the lowest first; the highest bit says that more follow."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def _numbers(data: bytes) -> list[int]:
    numbers, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & 127) << shift
        if shift > 63:
            raise ValueError("too large")
        shift += 7
        if byte < 128:
            numbers.append(number)
            number, shift = 0, 0
    if shift:
        raise ValueError("cut off")
    return numbers
