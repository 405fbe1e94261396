"""Answers that come page by page: the address of the next."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from meot.catalogue.sources.entry import Origin
from meot.catalogue.sources.head import Head


def count_in(file: Path, mark: str) -> int:
    """The whole number that stands after ``mark`` near the beginning of an answer; 0 when none does."""
    found = re.search(re.escape(mark) + r"\s*(\d{1,12})", Head.of(file).text)
    return int(found[1]) if found else 0


def turn(
    origin: Origin,
    total: int,
    *,
    size: str,
    usual_size: int,
    first: str = "",
    number: str = "",
    furthest: int | None = None,
) -> str | None:
    """The address of the page after ``origin``, None when ``total`` products end on it.

    The address says where a page begins by its first product (``first``, from 1) or by its ``number`` (from 1), and how
    many it holds by ``size``; ``furthest`` is the last first product that may be asked for.
    """
    query = dict(parse_qsl(urlsplit(origin.address).query, keep_blank_values=True))
    held = _whole(query.get(size), usual_size)
    at = _whole(query.get(first or number), 1)
    after = at + (held if first else 1)
    begins = after if first else at * held + 1
    if begins > total or (furthest is not None and after > furthest):
        return None
    return with_query(origin.address, {first or number: str(after)})


def with_query(address: str, values: dict[str, str]) -> str:
    """The address with these values in its query."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | values
    return urlunsplit(parts._replace(query=urlencode(query)))


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and int(text) > 0 else otherwise
