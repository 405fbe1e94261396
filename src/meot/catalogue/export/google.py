"""Google Merchant feeds: RSS 2.0, and the same attributes as a tab-separated table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from meot.catalogue.export import rules, sheet
from meot.catalogue.export.item import Item, amount

_NAMESPACE = "http://base.google.com/ns/1.0"
REQUIRED = ("id", "title", "description", "link", "photos", "availability", "price")
COLUMNS = (
    "id", "title", "description", "link", "image_link", "additional_image_link", "availability", "price", "brand",
    "google_product_category", "product_type", "color", "gender", "age_group", "material", "pattern", "size",
)  # fmt: skip
AVAILABILITIES = ("in_stock", "out_of_stock", "preorder", "backorder")
_LONGEST = {"id": 50, "title": 150, "description": 5_000, "brand": 70}
_MOST_MORE_PHOTOS, _MOST_COLOURS = 10, 3
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold, however it is written."""


def problems(item: Item) -> Iterator[str]:
    """What Google would refuse."""
    yield from rules.missing(item, REQUIRED)
    for name, most in _LONGEST.items():
        yield from rules.too_long(name, getattr(item, name), most)
    yield from rules.bad_words(item)
    yield from rules.no_addresses(item.photos)
    if item.price is not None and not item.currency:
        yield "currency is missing"
    if item.availability and item.availability not in AVAILABILITIES:
        yield f"availability must be one of {', '.join(AVAILABILITIES)}, got {item.availability!r}"


def write(items: Sequence[Item]) -> str:
    """The feed as RSS 2.0."""
    ElementTree.register_namespace("g", _NAMESPACE)
    root = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(root, "channel")
    ElementTree.SubElement(channel, "title").text = "Products"
    ElementTree.SubElement(channel, "link").text = next((item.link for item in items), "")
    ElementTree.SubElement(channel, "description").text = "Products"
    for item in items:
        element = ElementTree.SubElement(channel, "item")
        for name, value in _attributes(item):
            ElementTree.SubElement(element, f"{{{_NAMESPACE}}}{name}").text = _NO_XML.sub("", value)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def write_table(items: Sequence[Item]) -> str:
    """The feed as a table, tab-separated; further photos in one cell with commas."""
    return sheet.write(COLUMNS, (_row(item) for item in items), delimiter="\t")


def _row(item: Item) -> list[str]:
    cells: dict[str, list[str]] = {}
    for name, value in _attributes(item):
        cells.setdefault(name, []).append(value)
    return [",".join(cells.get(name, ())) for name in COLUMNS]


def _attributes(item: Item) -> Iterator[tuple[str, str]]:
    """Every attribute that has a value, in the order of the columns."""
    price = "" if item.price is None else f"{amount(item.price)} {item.currency}"
    single = {
        "id": item.id,
        "title": item.title,
        "description": item.description,
        "link": item.link,
        "image_link": next(iter(item.photos), ""),
        "availability": item.availability,
        "price": price,
        "brand": item.brand,
        "google_product_category": "" if item.google is None else str(item.google),
        "product_type": item.full_path,
        "color": "/".join(item.colour_names[:_MOST_COLOURS]),
        "gender": item.gender,
        "age_group": item.age_group,
        "material": item.notice.get("material", ""),
        "pattern": item.detail_names.get("pattern", ""),
        "size": item.notice.get("size", ""),
    }
    for name in COLUMNS:
        if name == "additional_image_link":
            yield from ((name, photo) for photo in item.photos[1 : 1 + _MOST_MORE_PHOTOS])
        elif single[name]:
            yield name, single[name]
