"""Naver: shopping search items, and in each what its Commerce API takes to register the product."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from meot.catalogue.export import rules
from meot.catalogue.export.item import NOTICE, Item, amount

REQUIRED = ("id", "title", "photos", "price", "naver_category")
_LONGEST_NAME, _MOST_MORE_PHOTOS, _MOST_TAGS, _LEVELS = 100, 9, 10, 4
_NEW = "2"  # productType: new, sold by one shop


def problems(item: Item) -> Iterator[str]:
    """What keeps the item itself from being written."""
    yield from rules.missing(item, ("id", "title", "photos"))
    yield from rules.too_long("title", item.title, _LONGEST_NAME)
    yield from rules.bad_words(item)
    yield from rules.no_addresses(item.photos)
    if item.price is not None and item.currency not in ("", "KRW"):
        yield f"price must be in KRW, got {item.currency}"
    if item.price is not None and item.price != int(item.price):
        yield f"price must be whole won, got {item.price}"
    if item.naver_category and not item.naver_category.isdecimal():
        yield f"naver_category must be a number (leafCategoryId), got {item.naver_category!r}"


def open_fields(item: Item) -> tuple[str, ...]:
    """What the product still lacks before it can be registered: the notice that the law asks for, and the rest."""
    fields = tuple(name for name in REQUIRED if getattr(item, name) in ("", None, ()))
    return fields + tuple(name for name in NOTICE if not item.notice.get(name))


def write(items: Sequence[Item]) -> str:
    """The items in the schema of the shopping search; ``originProduct`` holds the body for the Commerce API, and
    ``open`` what is missing there. What is unknown is left out, never filled with a phrase.
    """
    found = {"total": len(items), "start": 1, "display": len(items), "items": [_item(item) for item in items]}
    return json.dumps({"lastBuildDate": "", **found}, ensure_ascii=False, indent=1) + "\n"


def _item(item: Item) -> dict[str, Any]:
    path = [part.strip() for part in item.path.split(">")][: _LEVELS - 1] if item.path else []
    levels = [*path, item.keyword] if item.keyword not in path else path
    return {
        "title": _escaped(item.title),
        "link": item.link,
        "image": next(iter(item.photos), ""),
        "lprice": "0" if item.price is None else amount(item.price),
        "hprice": "0",
        "mallName": "",
        "productId": item.id,
        "productType": _NEW,
        "brand": _escaped(item.brand),
        "maker": _escaped(item.notice.get("manufacturer", "")),
        **{f"category{n}": levels[n - 1] if n <= len(levels) else "" for n in range(1, _LEVELS + 1)},
        "originProduct": _origin_product(item),
        "open": list(open_fields(item)),
    }


def _escaped(text: str) -> str:
    """The schema's texts carry markup (``<b>``), so signs of markup are written as references."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _origin_product(item: Item) -> dict[str, Any]:
    images: dict[str, Any] = {}
    if item.photos:
        images["representativeImage"] = {"url": item.photos[0]}
        images["optionalImages"] = [{"url": photo} for photo in item.photos[1 : 1 + _MOST_MORE_PHOTOS]]
    wear = {name: item.notice[name] for name in NOTICE if item.notice.get(name)}
    detail: dict[str, Any] = {
        "productInfoProvidedNotice": {"productInfoProvidedNoticeType": "WEAR", "wear": wear},
        "sellerCodeInfo": {"sellerManagementCode": item.id},
    }
    if item.notice.get("origin"):
        detail["originAreaInfo"] = {"content": item.notice["origin"]}
    if item.tags:
        detail["seoInfo"] = {"sellerTags": [{"text": tag} for tag in item.tags[:_MOST_TAGS]]}
    product: dict[str, Any] = {
        "saleType": "NEW",
        "leafCategoryId": item.naver_category,
        "name": item.title,
        "images": images,
        "detailContent": _escaped(item.description),
        "salePrice": None if item.price is None else int(item.price),
        "detailAttribute": detail,
    }
    return {name: value for name, value in product.items() if value not in ("", None, {})}
