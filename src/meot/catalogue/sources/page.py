"""Product pages: schema.org/Product in JSON-LD, in saved HTML or alone in a file."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from meot.catalogue.sources import lines, money
from meot.catalogue.sources.check import availability, is_address, join
from meot.catalogue.sources.entry import Broken, Origin, Record
from meot.catalogue.sources.head import Head
from meot.catalogue.sources.text import last_part, spell
from meot.errors import CatalogueError

LARGEST = 16 << 20
"""Characters of a page that are looked at."""
_DEEPEST = 12
_KINDS = frozenset({"Product", "IndividualProduct", "ProductModel", "ProductGroup", "SomeProducts"})
_IDS = ("sku", "productID", "productGroupID", "mpn", "gtin13", "gtin", "@id")
_OLD_PRICE = re.compile("Strikethrough|ListPrice|MSRP|SRP")
_WRAPPER = re.compile(r"<!\[CDATA\[|\]\]>|<!--|-->")
_CANONICAL = re.compile(r"""<link\b[^>]{0,500}\brel=["']?canonical\b[^>]{0,500}>""", re.IGNORECASE)
_HREF = re.compile(r"""\bhref=["']([^"'>]+)""", re.IGNORECASE)


def recognises(head: Head) -> bool:
    """Whether it is a web page."""
    return head.root.lower() == "html" or ("ld+json" in head.text and head.text.startswith("<"))


def recognises_json(head: Head) -> bool:
    """Whether it is JSON-LD by itself."""
    return head.is_json("@type") and "schema.org" in head.text


def read(origin: Origin) -> Iterator[Record | Broken]:
    """The products that a page describes. CatalogueError when it describes none."""
    text = _text(origin.file)
    blocks = [text] if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else list(_blocks(text))
    base = origin.base or _canonical(text)
    number, seen = 0, set[str]()
    for block in blocks:
        try:
            data = json.loads(block)
        except (ValueError, RecursionError):
            yield Broken(origin.name, "a block of JSON-LD is damaged; look at the page's source", hides=True)
            number += 1
            continue
        for item in _products(data, _DEEPEST):
            number += 1
            record = _record(f"{origin.name} product {number}", item, base, origin)
            if record.id not in seen:  # shops describe one product in several blocks
                yield record
            seen.add(record.id)
    if not number:
        raise CatalogueError(
            f"{origin.source}: expected a page with a schema.org Product in JSON-LD, got none; use a feed of the shop"
        )


def _text(file: Path) -> str:
    with lines.open_bytes(file) as stream:
        data = stream.read(LARGEST)
    said = re.search(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]+)""", data[:4096], re.IGNORECASE)
    for encoding in ("utf-8-sig", *lines.known_encoding(said[1].decode() if said else ""), "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")  # a page's one bad byte is seldom where its product is


def _blocks(text: str) -> Iterator[str]:
    """The JSON inside the page's ``application/ld+json`` scripts, without the wrappers that some shops put round it."""
    small = text.lower() if text.lower().isascii() or len(text.lower()) == len(text) else text
    at = 0
    while (begins := small.find("<script", at)) >= 0:
        opens, closes = small.find(">", begins), small.find("</script", begins)
        if opens < 0 or closes < 0:
            return
        if "ld+json" in small[begins:opens]:
            inside = _WRAPPER.sub("", text[opens + 1 : closes])
            found = re.search(r"[\[{]", inside)
            last = max(inside.rfind("}"), inside.rfind("]"))
            if found and last > found.start():
                yield inside[found.start() : last + 1]
        at = closes + 1


def _canonical(text: str) -> str:
    """The address that a saved page gives itself; empty for none."""
    found = _CANONICAL.search(text[:200_000])
    href = _HREF.search(found[0]) if found else None
    return html.unescape(href[1]) if href and is_address(html.unescape(href[1])) else ""


def _products(data: object, depth: int) -> Iterator[Mapping[str, Any]]:
    """Every product in a block; a group with its variants is one."""
    if depth and isinstance(data, list):
        for each in data:
            yield from _products(each, depth - 1)
    elif depth and isinstance(data, Mapping):
        if _kinds(data) & _KINDS:
            yield data
            return
        for key in ("@graph", "itemListElement", "item", "mainEntity", "mainEntityOfPage", "hasPart"):
            yield from _products(data.get(key), depth - 1)


def _kinds(data: Mapping[str, Any]) -> set[str]:
    return {spell(kind).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for kind in _as_list(data.get("@type"))}


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _word(value: object, *keys: str) -> str:
    """The text of a value, of its first part, or under one of ``keys`` of it (``name`` of a Brand)."""
    first = next((each for each in _as_list(value) if each), None)
    if isinstance(first, Mapping):
        return next((spell(first[key]) for key in keys if spell(first.get(key))), "")
    return spell(first)


def _record(name: str, item: Mapping[str, Any], base: str, origin: Origin) -> Record:
    parts = [item, *_mappings(item.get("hasVariant"))]
    offers = [offer for part in parts for offer in _offers(part.get("offers"))]
    link = _word(item.get("url")) or next((url for o in offers if (url := _word(o.get("url")))), "") or base
    base = base or (link if is_address(link) else "")
    photos = [_word(image, "contentUrl", "url") for part in parts for image in _as_list(part.get("image"))]
    stock = [availability(_word(offer.get("availability"), "@id")) for offer in offers]
    return Record(
        name=name,
        id=next((id for key in _IDS if (id := spell(item.get(key)))), link),
        title=_word(item.get("name")),
        photos=tuple(_photo(photo, base, origin) for photo in photos if photo),
        description=_word(item.get("description")),
        price=money.lowest(_word(offer.get("lowPrice")) or _word(offer.get("price")) for offer in offers),
        currency=next((code for offer in offers if (code := _word(offer.get("priceCurrency")))), ""),
        link=join(base, link) if base else link,
        keyword=last_part(_word(item.get("category"), "name")),
        brand=_word(item.get("brand"), "name"),
        gender=_word(item.get("audience"), "suggestedGender").rsplit("/", 1)[-1],
        availability="in_stock" if "in_stock" in stock else next(iter(stock), ""),
        released=_word(item.get("releaseDate")),
        seller=next((name for offer in offers if (name := _word(offer.get("seller"), "name"))), ""),
    )


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in _as_list(value) if isinstance(each, Mapping)]


def _offers(value: object) -> Iterator[Mapping[str, Any]]:
    """The offers in a value, each with the price that its specification gives; a crossed-out price is none."""
    for offer in _mappings(value):
        given = [
            p for p in _mappings(offer.get("priceSpecification")) if not _OLD_PRICE.search(_word(p.get("priceType")))
        ]
        yield {**(given[0] if given else {}), **offer}
        if not offer.get("lowPrice"):
            yield from _offers(offer.get("offers"))


def _photo(photo: str, base: str, origin: Origin) -> Path | str:
    """An address; for a page saved with its pictures, and without an address of its own, the picture beside it."""
    photo = html.unescape(photo).strip()
    if base:
        return join(base, photo)
    folder = origin.file.parent.resolve()
    beside = (folder / photo).resolve() if "://" not in photo and "\0" not in photo else folder
    return beside if beside.is_relative_to(folder) and beside.is_file() else photo
