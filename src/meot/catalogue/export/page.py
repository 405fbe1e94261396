"""schema.org/Product as JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from meot.catalogue.export import rules
from meot.catalogue.export.item import Item, amount

_STOCK = {
    "in_stock": "InStock",
    "out_of_stock": "OutOfStock",
    "preorder": "PreOrder",
    "backorder": "BackOrder",
    "discontinued": "Discontinued",
}


def problems(item: Item) -> Iterator[str]:
    """What makes it no product that others can read."""
    yield from rules.missing(item, ("id", "title"))
    yield from rules.bad_words(item)
    if item.price is not None and not item.currency:
        yield "currency is missing"
    outside = next((photo for photo in item.photos if photo.startswith(("/", "..")) or photo[1:3] == ":\\"), None)
    if outside is not None:
        yield f"photo {outside} does not lie below the file's folder; write it there, or use --photos-at"


def write(items: Sequence[Item]) -> str:
    """The products under one ``@graph``; ``</`` is written so that the text may stand in a page's script."""
    text = json.dumps(
        {"@context": "https://schema.org", "@graph": [_product(item) for item in items]}, ensure_ascii=False, indent=1
    )
    return text.replace("</", "<\\/") + "\n"


def _product(item: Item) -> dict[str, Any]:
    product: dict[str, Any] = {
        "@type": "Product",
        "sku": item.id,
        "name": item.title,
        "description": item.description,
        "image": list(item.photos),
        "url": item.link,
        "brand": {"@type": "Brand", "name": item.brand} if item.brand else "",
        "category": item.full_path,
        "color": ", ".join(item.colour_names),
        "pattern": item.detail_names.get("pattern", ""),
        "material": item.notice.get("material", ""),
        "size": item.notice.get("size", ""),
        "keywords": ", ".join(item.tags),
        "audience": _audience(item),
        "additionalProperty": [
            {"@type": "PropertyValue", "name": question, "value": name}
            for question, name in item.detail_names.items()
            if question != "pattern"
        ],
        "offers": _offer(item),
    }
    return {name: value for name, value in product.items() if value not in ("", [], {})}


def _audience(item: Item) -> dict[str, str]:
    said = {"suggestedGender": item.gender, "audienceType": item.age_group}
    known = {name: value for name, value in said.items() if value}
    return {"@type": "PeopleAudience", **known} if known else {}


def _offer(item: Item) -> dict[str, str]:
    offer: dict[str, str] = {}
    if item.price is not None:
        offer |= {"price": amount(item.price), "priceCurrency": item.currency}
    if item.availability in _STOCK:
        offer["availability"] = f"https://schema.org/{_STOCK[item.availability]}"
    return {"@type": "Offer", **offer} if offer else {}
