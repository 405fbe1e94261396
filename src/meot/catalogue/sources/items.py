"""JSON read as a stream: the items of a long array, one at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from meot.catalogue.sources import lines
from meot.errors import CatalogueError

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[\s,]*")
_LARGEST = 8 << 20
"""Characters of one item; a larger one is no product."""


class Damaged(Exception):
    """The text is no JSON from here on."""


def read_items(file: Path, key: str) -> Iterator[Any]:
    """The items of the array (or the one object) under ``key`` of a JSON object; of an array; or, without a key, of
    values that follow one another.

    Damaged where the text stops being JSON, CatalogueError when the file is no text.
    """
    with lines.open_text(file) as stream:
        text = _Text(stream)
        start = text.peek()
        if start == "[":
            text.skip()
            yield from _array(text)
        elif start == "{" and key:
            yield from _under(text, key)
        else:
            while text.peek():
                yield text.value()


def _under(text: _Text, key: str) -> Iterator[Any]:
    text.skip()
    while text.peek() not in ("}", ""):
        name = text.value()
        if text.peek() != ":":
            raise Damaged
        text.skip()
        if name == key and text.peek() == "[":
            text.skip()
            yield from _array(text)
        else:
            value = text.value()
            if name == key and isinstance(value, dict):
                yield value
    if text.peek() == "":
        raise Damaged


def _array(text: _Text) -> Iterator[Any]:
    while (sign := text.peek()) != "]":
        if not sign:
            raise Damaged
        yield text.value()
    text.skip()


class _Text:
    """A text of which only a part is in memory."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._held, self._at, self._ended = stream, "", 0, False

    def peek(self) -> str:
        """The next sign that is neither space nor comma; empty at the end."""
        while True:
            self._at = _SPACE.match(self._held, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._held) or self._ended:
                return self._held[self._at : self._at + 1]
            self._more()

    def skip(self) -> None:
        """Pass over the sign that was peeked at."""
        self._at += 1

    def value(self) -> Any:
        """The value that begins here. Damaged when there is none."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._at)
                if end < len(self._held) or self._ended:  # a number may go on in what is not read yet
                    self._at = end
                    return value
            except (json.JSONDecodeError, RecursionError):
                if self._ended:
                    raise Damaged from None
            if len(self._held) - self._at > _LARGEST:
                raise Damaged
            self._more()

    def _more(self) -> None:
        # as much again as is held: a long value is tried a few times, not once a block
        block = self._stream.read(max(lines.BLOCK, len(self._held) - self._at))
        self._held, self._at, self._ended = self._held[self._at :] + block, 0, not block


def nothing_in(file: str, kind: str) -> CatalogueError:
    """What to raise for a file that is damaged before its first product."""
    return CatalogueError(f"{file}: expected {kind}, got a damaged file; copy or fetch it again")
