"""Every format that products can come in; a new one is a module and a line here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from meot.catalogue.sources import eleventh, folder, google, naver, page, shopify, table
from meot.catalogue.sources.check import check
from meot.catalogue.sources.entry import Broken, Entry, Origin, Record
from meot.catalogue.sources.head import Head
from meot.errors import CatalogueError, nearest

MOST_PAGES = 100
"""Answers of one endpoint that are asked for, page by page."""


def _no_head(head: Head) -> bool:
    return False


def _last_page(origin: Origin) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A form that products come in.

    recognises: whether a file's beginning is of this form. read: its products, as the source tells them; raises
    CatalogueError when the source as a whole is unusable. next_page: the address of the answer after one that was
    fetched. for_people: whether it is made for people, so that robots.txt is asked before it is
    fetched.
    """

    name: str
    what: str
    read: Callable[[Origin], Iterator[Record | Broken]]
    recognises: Callable[[Head], bool] = _no_head
    next_page: Callable[[Origin], str | None] = _last_page
    for_people: bool = False


# the first that recognises a file reads it, so the particular stand before the general
FORMATS = (
    Format(name="folder", what="a folder of photos", read=folder.read),
    Format(
        name="eleventh",
        what="11st Open API XML",
        read=eleventh.read,
        recognises=eleventh.recognises,
        next_page=eleventh.next_page,
    ),
    Format(
        name="page",
        what="HTML with schema.org JSON-LD",
        read=page.read,
        recognises=page.recognises,
        for_people=True,
    ),
    Format(name="google", what="Google Merchant feed, RSS or Atom", read=google.read, recognises=google.recognises),
    Format(
        name="google-table",
        what="Google Merchant feed, TSV or CSV",
        read=google.read_table,
        recognises=google.recognises_table,
    ),
    Format(name="shopify", what="Shopify product CSV", read=shopify.read, recognises=shopify.recognises),
    Format(
        name="shopify-json",
        what="Shopify products.json",
        read=shopify.read_json,
        recognises=shopify.recognises_json,
        next_page=shopify.next_page,
    ),
    Format(
        name="naver",
        what="Naver shopping search JSON",
        read=naver.read,
        recognises=naver.recognises,
        next_page=naver.next_page,
    ),
    Format(name="json-ld", what="schema.org JSON-LD by itself", read=page.read, recognises=page.recognises_json),
    Format(name="json", what="JSON Lines or an array", read=table.read_json, recognises=table.recognises_json),
    Format(name="csv", what="CSV or TSV", read=table.read, recognises=table.recognises),
)
NAMES = tuple(each.name for each in FORMATS)


def choose(file: Path, name: str | None = None) -> Format:
    """The format of that name, or the one whose form the file has, whatever the file is called.

    CatalogueError for an unknown name, or a file that no format recognises.
    """
    if name is not None:
        return named(name)
    if file.is_dir() or not file.exists():
        return FORMATS[0]
    head = Head.of(file)
    for each in FORMATS:
        if each.recognises(head):
            return each
    kinds = ", ".join(each.what for each in FORMATS)
    raise CatalogueError(f"{file}: expected one of {kinds}; got none of them; see `--format`")


def named(name: str) -> Format:
    """The format of that name. CatalogueError for an unknown one."""
    found = next((each for each in FORMATS if each.name == name), None)
    if found is None:
        raise CatalogueError(f"no format is called {name!r}; {nearest(name, NAMES)}")
    return found


def read(
    origin: Origin, *, format: str | None = None, fetch: Callable[[str], Path] | None = None
) -> Iterator[Entry | Broken]:
    """The products of a source, as a stream: checked entries, and what is broken with its reason.

    format: its name; None takes it from the content. fetch: brings the further pages of a source that was fetched;
    None reads the first only. CatalogueError or PhotoError when the source as a whole is unusable.
    """
    chosen = choose(origin.file, format)
    return check(_pages(origin, chosen, fetch), origin)


def _pages(origin: Origin, chosen: Format, fetch: Callable[[str], Path] | None) -> Iterator[Record | Broken]:
    address, seen = origin, b""
    for number in range(1, MOST_PAGES + 1):
        found = 0
        for record in chosen.read(address):
            found += isinstance(record, Record)
            yield record
        follows = chosen.next_page(address) if fetch and address.address and found else None
        if follows is None or fetch is None:
            return
        if number == MOST_PAGES:
            yield Broken(origin.name, f"more than {MOST_PAGES} pages; ask the source for less at once", hides=True)
            return
        seen = _digest(address.file)
        address = Origin(fetch(follows), follows)
        if _digest(address.file) == seen:  # an endpoint that knows no pages answers the same for ever
            return


def _digest(file: Path) -> bytes:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
