"""Text of unknown origin made plain: markup taken out, spaces and control signs set right."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LONGEST = 20_000
"""Characters of a text that are looked at; a description that goes on is cut."""
_SILENT = frozenset({"script", "style", "template", "noscript"})
_BREAKING = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "td", "th", "table", "h1", "h2", "h3", "h4", "hr"})
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|&#?\w+;")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]+")


def plain(text: str) -> str:
    """The text without tags, scripts, character references and control signs, on one line."""
    text = text[:LONGEST]
    if _MARKUP.search(text):
        text = strip_markup(text)
    return clean(text)


def clean(text: str) -> str:
    """The text without control signs, every run of white space one space; for ids and codes, where ``<`` is itself."""
    return " ".join(_UNSEEN.sub("", text).split())


def strip_markup(text: str) -> str:
    """The text that a browser would show."""
    page = _Text()
    page.feed(text)
    page.close()
    return "".join(page.parts)


class _Text(HTMLParser):
    """Collects what is between tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Open: silence begins, or a word ends."""
        self._silent += tag in _SILENT
        if tag in _BREAKING:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Close."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _BREAKING:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._silent:
            self.parts.append(data)


def last_part(path: str) -> str:
    """The most specific part of a category path ("Apparel > Tops > Shirts" -> "Shirts")."""
    return re.split(r"[>›»]", plain(path))[-1].strip()


def spell(value: object) -> str:
    """A JSON value as text; empty for null, true, false, lists and objects."""
    return "" if value is None or isinstance(value, bool | list | dict) else str(value)
