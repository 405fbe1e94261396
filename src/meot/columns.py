"""Text in columns on a terminal, where a Korean letter is two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence


def wide(text: str) -> int:
    """How many columns ``text`` takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def pad(text: str, width: int) -> str:
    """``text`` with spaces up to ``width`` columns; longer text stays as it is."""
    return text + _gap(text, width)


def aligned(rows: Sequence[Sequence[str]], *, figures: bool = False) -> Iterator[str]:
    """A line for each row, columns as wide as their widest cell. figures: all but the first stand to the right."""
    widths = [max(wide(cell) for cell in column) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = [pad(first, widths[0])]
        for cell, width in zip(rest, widths[1:], strict=True):
            cells.append(_gap(cell, width) + cell if figures else pad(cell, width))
        yield "  ".join(cells).rstrip()


def _gap(text: str, width: int) -> str:
    return " " * max(0, width - wide(text))
