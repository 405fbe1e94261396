"""XML read as a stream, safely: one element a product, no entities, nothing fetched."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Set
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from meot.catalogue.sources import lines
from meot.errors import CatalogueError

LARGEST = 1 << 20
"""Characters of one product; what is beyond is not looked at."""
DEEPEST = 40
_GOOGLE = "base.google.com"
_DECLARED = re.compile(rb"""<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']""")


class Element(NamedTuple):
    """One product's element. line: where it ends. texts: path of names below it ("price", "shipping/price") -> texts.

    Names are without Google's prefix; an element without text but with a ``href`` says that.
    """

    line: int
    texts: dict[str, list[str]]

    def get(self, *names: str) -> str:
        """The first text under the first of these names that has one; empty for none."""
        return next((text for name in names for text in self.texts.get(name, ()) if text), "")


class Damaged(Exception):
    """The text is no XML from here on. line: where."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def read_elements(file: Path, wanted: Set[str]) -> Iterator[Element]:
    """The elements with one of the ``wanted`` names, outermost ones, in order; memory does not grow with the file.

    CatalogueError when the file declares entities (they can make a file of a kilobyte grow to gigabytes, or ask for
    others) or is nested deeper than any feed; Damaged where it stops being XML.
    """
    with lines.open_bytes(file) as head:
        declared = _DECLARED.search(head.read(256))
    collector = _Collector(file, wanted)
    with lines.open_text(file, declared=declared[1].decode() if declared else "") as stream:
        final = False
        while not final:
            block = stream.read(lines.BLOCK)
            final = not block
            try:
                collector.parser.Parse(block, final)
            except expat.ExpatError as error:
                yield from collector.take()
                raise Damaged(error.lineno, expat.ErrorString(error.code)) from None
            yield from collector.take()


class _Collector:
    """Listens to the parser and keeps what is inside the wanted elements."""

    def __init__(self, file: Path, wanted: Set[str]) -> None:
        self._file, self._wanted = file, wanted
        self._prefixes = {"g"}
        self._path: list[str] = []
        self._inside = 0
        self._held: list[str] = []
        self._size = 0
        self._href = ""
        self._texts: dict[str, list[str]] = {}
        self._done: deque[Element] = deque()
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.EntityDeclHandler = self._refuse

    def take(self) -> Iterator[Element]:
        """What is complete, once."""
        while self._done:
            yield self._done.popleft()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        for key, value in attributes.items():
            if key.startswith("xmlns:") and _GOOGLE in value:
                self._prefixes.add(key[6:])
        prefix, colon, local = name.partition(":")
        self._path.append(local if colon and prefix in self._prefixes else name)
        if len(self._path) > DEEPEST:
            raise CatalogueError(f"{self._file}: expected a product feed, got XML nested deeper than {DEEPEST}")
        if not self._inside and self._path[-1] in self._wanted:
            self._inside, self._texts, self._size = len(self._path), {}, 0
        self._held, self._href = [], attributes.get("href", "") if self._size < LARGEST else ""
        self._size += len(self._href)

    def _data(self, data: str) -> None:
        if self._inside and self._size < LARGEST:
            self._held.append(data)
            self._size += len(data)

    def _end(self, name: str) -> None:
        depth = len(self._path)
        if self._inside and depth > self._inside:
            text = "".join(self._held).strip() or self._href
            if text:
                self._texts.setdefault("/".join(self._path[self._inside :]), []).append(text)
        elif depth == self._inside:
            self._done.append(Element(self.parser.CurrentLineNumber, self._texts))
            self._inside = 0
        self._path.pop()
        self._held, self._href = [], ""

    def _refuse(self, *declared: object) -> None:
        raise CatalogueError(
            f"{self._file}: expected a feed without entity declarations, got one of {declared[0]!r}; have it written "
            "without a document type"
        )
