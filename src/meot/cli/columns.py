"""Text in columns on a terminal, where a Korean letter is two columns wide."""

from __future__ import annotations

import unicodedata


def pad(text: str, width: int) -> str:
    """``text`` with spaces up to ``width`` columns; longer text stays as it is."""
    wide = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(0, width - wide)
