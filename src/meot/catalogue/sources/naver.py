"""Naver's shopping search items: saved answers, and endpoints that answer in the same schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meot.catalogue.sources import items
from meot.catalogue.sources.entry import Broken, Origin, Record
from meot.catalogue.sources.head import Head
from meot.catalogue.sources.paging import count_in, turn
from meot.catalogue.sources.text import spell

FURTHEST = 1_000
"""The last ``start`` that the schema's endpoints take."""
_STATE = {range(7, 10): "discontinued", range(10, 13): "preorder"}
"""productType 1..3 is new and 4..6 used, which says nothing of the stock; 7..9 no longer sold, 10..12 not yet."""


def recognises(head: Head) -> bool:
    """Whether it is a search answer."""
    return head.text[:1] == "{" and head.is_json("items") and (head.is_json("lprice") or head.is_json("lastBuildDate"))


def read(origin: Origin) -> Iterator[Record | Broken]:
    """The items of an answer. CatalogueError when it is damaged before the first."""
    number = 0
    try:
        for number, item in enumerate(items.read_items(origin.file, "items"), start=1):
            name = f"{origin.name} item {number}"
            yield _record(name, item) if isinstance(item, Mapping) else Broken(name, "expected an object; mend it")
    except items.Damaged:
        if not number:
            raise items.nothing_in(origin.source, "a shopping search answer") from None
        reason = "the answer is cut off here; fetch it again"
        yield Broken(f"{origin.name} after item {number}", reason, hides=True)


def next_page(origin: Origin) -> str | None:
    """The address of the answer that follows; None after the last."""
    return turn(
        origin, count_in(origin.file, '"total":'), first="start", size="display", usual_size=10, furthest=FURTHEST
    )


def _record(name: str, item: Mapping[str, Any]) -> Record:
    low = spell(item.get("lprice")).strip()
    categories = [spell(item.get(f"category{level}")) for level in (1, 2, 3, 4)]
    kind = spell(item.get("productType"))
    state = next((s for kinds, s in _STATE.items() if kind.isdecimal() and int(kind) in kinds), "")
    photo = spell(item.get("image"))
    return Record(
        name=name,
        id=spell(item.get("productId")),
        title=spell(item.get("title")),
        photos=(photo,) if photo else (),
        price="" if low in ("", "0") else low,
        assume="KRW",
        link=spell(item.get("link")),
        keyword=next((category for category in reversed(categories) if category), ""),
        brand=spell(item.get("brand")),
        availability=state,
        seller=spell(item.get("mallName")),
    )
