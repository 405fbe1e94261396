"""The beginning of a file, by which its format is known: content decides, the name never."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from meot.catalogue.sources import lines

SIZE = 1 << 16


@dataclass(frozen=True)
class Head:
    """The first :data:`SIZE` bytes of a file."""

    data: bytes

    @classmethod
    def of(cls, file: Path) -> Head:
        """The head of a file. CatalogueError when it cannot be opened."""
        with lines.open_bytes(file) as stream:
            return cls(stream.read(SIZE))

    @cached_property
    def text(self) -> str:
        """The text, without a mark or space before it; empty for a file that is none."""
        if self.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return self.data.decode("utf-16", "ignore").lstrip("\ufeff \t\r\n")
        if b"\0" in self.data:
            return ""
        try:
            text = self.data[:-4].decode("utf-8") if len(self.data) == SIZE else self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            cut = error.start > len(self.data) - 8  # a sign that the end of the head cuts through
            text = self.data.decode("utf-8" if cut else "cp949", "ignore")
        return text.lstrip("\ufeff \t\r\n")

    @cached_property
    def root(self) -> str:
        """The name of the root element without its prefix, empty when the text is no XML."""
        rest = re.sub(
            r"^(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*(?:\[.*?\])?\s*>|\s)*", "", self.text, flags=re.S | re.I
        )
        found = re.match(r"<(?:[\w.-]+:)?([\w.-]+)", rest)
        return found[1] if found else ""

    @cached_property
    def columns(self) -> frozenset[str]:
        """The names in the header of a table in small letters; empty when the first line is none."""
        if self.text[:1] in ("<", "{", "["):
            return frozenset()
        first = self.text.splitlines()[0] if self.text else ""
        try:
            header = next(csv.reader([first], delimiter=max(",;\t", key=first.count)), [])
        except csv.Error:
            return frozenset()
        return frozenset(name.strip().lower() for name in header)

    def is_json(self, *keys: str) -> bool:
        """Whether the text looks like JSON in which all of these keys stand."""
        return self.text[:1] in ("{", "[") and all(f'"{key}"' in self.text for key in keys)
