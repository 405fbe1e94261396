"""The one contract of all sources: what a record must say before it is a product."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urljoin

from meot.catalogue.sources import money
from meot.catalogue.sources.entry import Broken, Entry, Origin, Record
from meot.catalogue.sources.text import clean, plain
from meot.errors import CatalogueError
from meot.types import Product

MOST_PHOTOS = 12
"""Photos of one product that are taken; each costs a reading."""
LONGEST_ID = 255
LONGEST_ADDRESS = 2_000
_STOCK = {
    "instock": "in_stock",
    "available": "in_stock",
    "limitedavailability": "in_stock",
    "instoreonly": "in_stock",
    "onlineonly": "in_stock",
    "판매중": "in_stock",
    "outofstock": "out_of_stock",
    "soldout": "out_of_stock",
    "품절": "out_of_stock",
    "preorder": "preorder",
    "presale": "preorder",
    "backorder": "backorder",
    "discontinued": "discontinued",
    "판매중지": "discontinued",
}


def check(records: Iterable[Record | Broken], origin: Origin) -> Iterator[Entry | Broken]:
    """Each record as an entry: plain text, a price with its currency, addresses that may be fetched, an id of its own.

    What cannot be one is broken, with the reason. Memory does not grow with the number of records. CatalogueError when
    the temporary folder cannot be written.
    """
    with closing(sqlite3.connect("")) as seen:  # the database without a name lies in a temporary file
        seen.execute("CREATE TABLE ids (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID")
        for record in records:
            entry = record if isinstance(record, Broken) else _entry(record, origin)
            if isinstance(entry, Entry):
                try:
                    first = _stood_before(seen, entry)
                except sqlite3.Error as error:
                    raise CatalogueError(
                        f"{origin.name}: the temporary folder cannot be written ({error}); free some space, then start "
                        "the same command again"
                    ) from error
                if first is not None:
                    reason = f"id {entry.product.id} stands already at {first}; give each product its own"
                    entry = Broken(entry.name, reason, entry.product.id)
            yield entry


def availability(text: str) -> str:
    """One of the words of :class:`meot.types.Product` for what a feed says; empty when it says nothing known."""
    return _STOCK.get(re.sub(r"[\W_]+", "", text.rsplit("/", 1)[-1]).casefold(), "")


def _stood_before(seen: sqlite3.Connection, entry: Entry) -> str | None:
    added = seen.execute("INSERT OR IGNORE INTO ids VALUES (?, ?)", (entry.product.id, entry.name))
    if added.rowcount:
        return None
    [first] = seen.execute("SELECT name FROM ids WHERE id = ?", (entry.product.id,)).fetchone()
    return str(first)


def _entry(record: Record, origin: Origin) -> Entry | Broken:
    id, title = clean(record.id), plain(record.title)
    for wanted, got in (("id", id), ("title", title)):
        if not got:
            return Broken(record.name, f"{wanted} is empty; fill it in", id[:LONGEST_ID])
    if len(id) > LONGEST_ID:
        return Broken(record.name, f"id must have at most {LONGEST_ID} characters, got {len(id)}; shorten it")
    try:
        cost = _price(record)
        photos = _photos(record, origin.base)
    except ValueError as error:
        return Broken(record.name, f"{error}; mend it", id)
    product = Product(
        id=id,
        source=origin.source,
        title=title,
        description=plain(record.description),
        price=None if cost is None else cost.amount,
        currency=(cost.currency if cost else "") or money.code(record.currency) or record.assume,
        link=_link(record.link, origin.base),
        image=str(photos[0].absolute() if isinstance(photos[0], Path) else photos[0]),
        keyword=plain(record.keyword),
        brand=plain(record.brand),
        gender=plain(record.gender),
        availability=availability(record.availability),
        season=plain(record.season)[:64],
        released=_released(record.released),
        seller=plain(record.seller)[:255],
    )
    return Entry(record.name, product, photos)


def _released(text: str) -> str:
    """A date as "2016", "2016-06" or "2016-06-01"; empty for anything else."""
    found = re.match(r"(\d{4})(?:[-./]?(0[1-9]|1[0-2])(?:[-./]?(0[1-9]|[12]\d|3[01]))?)?(?![\d])", clean(text))
    return "-".join(part for part in found.groups() if part) if found else ""


def _price(record: Record) -> money.Money | None:
    """What a shopper pays: the sale price where it is the lower."""
    full, sale = money.read(record.price), money.read(record.sale_price)
    if sale is None or (full is not None and not 0 < sale.amount <= full.amount):
        return full
    return sale


def _photos(record: Record, base: str) -> tuple[Path | str, ...]:
    """At most :data:`MOST_PHOTOS` different photos that may be read. ValueError when there is none."""
    given = [photo if isinstance(photo, Path) else join(base, photo.strip()) for photo in record.photos if photo]
    usable = [p for p in given if isinstance(p, Path) or (is_address(p) and len(p) <= LONGEST_ADDRESS)]
    if not given:
        raise ValueError("no photo: the product names none")
    if not usable:
        what = str(given[0])[:80]
        raise ValueError(f"a photo must be an address that starts with http:// or https://, got {what!r}")
    return tuple(dict.fromkeys(usable))[:MOST_PHOTOS]


def is_address(text: str) -> bool:
    """Whether a text is an address of the web."""
    return re.match(r"https?://[^\s/]", text, re.IGNORECASE) is not None


def join(base: str, text: str) -> str:
    """An address that may be relative to ``base``; as it stands when it is damaged, or there is no base."""
    try:
        return urljoin(base, text)
    except ValueError:
        return text


def _link(text: str, base: str) -> str:
    """The link, unless following it would run something (``javascript:``)."""
    text = clean(text)
    if not text or (re.match(r"[a-z][a-z0-9+.-]*:", text, re.IGNORECASE) and not is_address(text)):
        return ""
    return join(base, text)
