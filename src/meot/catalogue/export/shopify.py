"""Shopify's product CSV, with its newer header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from meot import taxonomy
from meot.catalogue.export import rules, sheet, vocabulary
from meot.catalogue.export.item import Item, amount

_METAFIELD = "product.metafields.shopify"
COLUMNS = (
    "Title", "URL handle", "Description", "Vendor", "Product category", "Type", "Tags", "Published on online store",
    "Status", "SKU", "Price", "Product image URL", "Image position", "Image alt text",
    "Google Shopping / Google product category", "Google Shopping / Gender", "Google Shopping / Age group",
    f"Color ({_METAFIELD}.color-pattern)", f"Neckline ({_METAFIELD}.neckline)",
    f"Sleeve length type ({_METAFIELD}.sleeve-length-type)", f"Target gender ({_METAFIELD}.target-gender)",
    f"Age group ({_METAFIELD}.age-group)",
)  # fmt: skip
"""The columns that are written, spelled as Shopify spells them; it tells capitals from small letters."""
_LONGEST_TITLE, _LONGEST_HANDLE, _LONGEST_TAG, _MOST_TAGS, _MOST_PHOTOS = 255, 255, 255, 250, 250


def problems(item: Item) -> Iterator[str]:
    """What Shopify would refuse. A product without a price is no problem: it is written as a draft."""
    yield from rules.missing(item, ("id", "title"))
    yield from rules.too_long("title", item.title, _LONGEST_TITLE)
    yield from rules.too_long("id", handle(item), _LONGEST_HANDLE)
    if item.id and not handle(item):
        yield f"id {item.id!r} has no letter or digit for Shopify's handle"
    yield from rules.bad_words(item)
    yield from rules.no_addresses(item.photos)
    if len(item.photos) > _MOST_PHOTOS:
        yield f"{len(item.photos)} photos, {_MOST_PHOTOS} are allowed"
    if len(item.tags) > _MOST_TAGS:
        yield f"{len(item.tags)} tags, {_MOST_TAGS} are allowed"
    for tag in item.tags:
        yield from rules.too_long(f"tag {tag[:20]}...", tag, _LONGEST_TAG)
        if "," in tag:
            yield f"tag {tag!r} has a comma, which parts tags"
    if item.category and not item.path:
        yield f"category {item.category} has no path in Shopify's taxonomy"


def handle(item: Item) -> str:
    """What Shopify calls the product in its address: letters, digits and dashes ("tops/A12" is tops-a12)."""
    return re.sub(r"[\W_]+", "-", item.id.lower()).strip("-")


def write(items: Sequence[Item]) -> str:
    """The CSV: a row a product, and one for each further photo of it."""
    return sheet.write(COLUMNS, (row for item in items for row in _rows(item)))


def _rows(item: Item) -> Iterator[list[str]]:
    first = _first(item)
    for place, photo in enumerate(item.photos or ("",), start=1):
        cells = first if place == 1 else {"URL handle": handle(item)}
        if photo:
            cells |= {"Product image URL": photo, "Image position": str(place), "Image alt text": item.alt}
        yield [cells.get(column, "") for column in COLUMNS]


def _first(item: Item) -> dict[str, str]:
    words, known = vocabulary.load(), taxonomy.load()
    return {
        "Title": item.title,
        "URL handle": handle(item),
        "Description": f"<p>{escape(item.description, quote=False)}</p>" if item.description else "",
        "Vendor": item.brand,
        "Product category": item.path,
        "Type": item.keyword,
        "Tags": ", ".join(item.tags),
        "Published on online store": "TRUE",
        "Status": "Active" if item.price is not None else "Draft",  # Shopify would sell it for nothing
        "SKU": item.id,
        "Price": "" if item.price is None else amount(item.price),
        "Google Shopping / Google product category": "" if item.google is None else str(item.google),
        "Google Shopping / Gender": item.gender,
        "Google Shopping / Age group": item.age_group,
        f"Color ({_METAFIELD}.color-pattern)": "; ".join(
            dict.fromkeys(word for id in item.colours if (word := words.colour(id, known)))
        ),
        f"Neckline ({_METAFIELD}.neckline)": words.word("neckline", item.details.get("neckline", "")),
        f"Sleeve length type ({_METAFIELD}.sleeve-length-type)": words.word("sleeve", item.details.get("sleeve", "")),
        f"Target gender ({_METAFIELD}.target-gender)": item.gender,
        f"Age group ({_METAFIELD}.age-group)": item.age_group,
    }
