"""Shopify's product exports: the CSV with its older and its newer header, and products.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from meot.catalogue.sources import items, money
from meot.catalogue.sources.entry import Broken, Origin, Record
from meot.catalogue.sources.head import Head
from meot.catalogue.sources.lines import name_line, open_sheet
from meot.catalogue.sources.paging import turn
from meot.catalogue.sources.text import last_part, spell
from meot.errors import CatalogueError

# field -> its column in the older header, in the newer one
_COLUMNS = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "description": ("body (html)", "description"),
    "vendor": ("vendor",),
    "type": ("type",),
    "category": ("product category",),
    "status": ("status",),
    "published": ("published", "published on online store"),
    "price": ("variant price", "price"),
    "tracker": ("variant inventory tracker", "inventory tracker"),
    "quantity": ("variant inventory qty", "inventory quantity"),
    "policy": ("variant inventory policy", "continue selling when out of stock"),
    "image": ("image src", "product image url"),
    "position": ("image position",),
    "variant_image": ("variant image", "variant image url"),
    "gender": ("google shopping / gender", "target gender (product.metafields.shopify.target-gender)"),
}
_OLD, _NEW = {"handle", "title", "variant price"}, {"url handle", "title"}
Row = dict[str, str]


def recognises(head: Head) -> bool:
    """Whether its header is one of an export."""
    return head.columns >= _OLD or head.columns >= _NEW or head.columns >= {"handle", "title", "image src"}


def recognises_json(head: Head) -> bool:
    """Whether it is a products.json."""
    kept = head.is_json("products") or head.is_json("product")
    return kept and (head.is_json("variants", "handle") or '"products":[]' in head.text.replace(" ", ""))


def read(origin: Origin) -> Iterator[Record | Broken]:
    """The products of a CSV export; the rows of one handle are one product with their images and variants.

    CatalogueError when it lacks the columns that make it one.
    """
    with open_sheet(origin.file) as sheet:
        lowered = [name.lower() for name in sheet.header]
        at = {f: lowered.index(n) for f, names in _COLUMNS.items() for n in names[::-1] if n in lowered}
        if not {"handle", "title"} <= at.keys():
            raise CatalogueError(
                f"{origin.source}: expected a Shopify export with Handle (or URL handle) and Title, found "
                f"{', '.join(sheet.header)[:200]}; export it again, or leave out `--format`"
            )
        group: list[Row] = []
        begins = 0
        for row in sheet.rows:
            if isinstance(row, Broken):
                yield row
                continue
            line, cells = row
            values = {f: cells[position] for f, position in at.items()}
            if group and values["handle"] != group[0]["handle"]:
                yield _of_rows(name_line(origin.name, begins), group)
                group = []
            begins = begins if group else line
            group.append(values)
        if group:
            yield _of_rows(name_line(origin.name, begins), group)


def _of_rows(name: str, rows: list[Row]) -> Record | Broken:
    first = {f: next((row[f] for row in rows if row[f]), "") for f in rows[0]}
    hidden = first.get("published", "").lower() == "false"
    if hidden or first.get("status", "active").lower() in ("draft", "archived"):
        return Broken(name, f"{first['handle']} is a draft, archived or unpublished; publish it to have it in")
    images = sorted((row for row in rows if row.get("image")), key=lambda row: _whole(row.get("position", ""), 1 << 30))
    return Record(
        name=name,
        id=first["handle"],
        title=first["title"],
        photos=(*(row["image"] for row in images), *(row["variant_image"] for row in rows if row.get("variant_image"))),
        description=first.get("description", ""),
        price=money.lowest(row.get("price", "") for row in rows),
        keyword=first.get("type") or last_part(first.get("category", "")),
        brand=first.get("vendor", ""),
        gender=first.get("gender", ""),
        availability=_stock([row for row in rows if row.get("price")]),
    )


def _stock(variants: list[Row]) -> str:
    """In stock when a variant can be bought; unknown where nobody counts."""
    if not variants or not all(row.get("tracker") and row.get("quantity") for row in variants):
        return ""
    sold_without = any(row.get("policy", "").lower() in ("continue", "true") for row in variants)
    return "in_stock" if sold_without or any(_whole(row["quantity"], 0) > 0 for row in variants) else "out_of_stock"


def _whole(text: str, otherwise: int) -> int:
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return otherwise


def read_json(origin: Origin) -> Iterator[Record | Broken]:
    """The products of a products.json, of the shop or of its admin interface."""
    key = "products" if Head.of(origin.file).is_json("products") else "product"
    number = 0
    try:
        for number, item in enumerate(items.read_items(origin.file, key), start=1):
            name = f"{origin.name} product {number}"
            yield _of_item(name, item, origin) if isinstance(item, Mapping) else Broken(name, "expected an object")
    except items.Damaged:
        if not number:
            raise items.nothing_in(origin.source, "a products.json") from None
        reason = "the file is cut off here; fetch it again"
        yield Broken(f"{origin.name} after product {number}", reason, hides=True)


def next_page(origin: Origin) -> str | None:
    """The address of the page that follows; a shop's products.json ends with an empty one."""
    if not urlsplit(origin.address).path.endswith("/products.json"):
        return None
    return turn(origin, 1 << 40, number="page", size="limit", usual_size=30)


def _of_item(name: str, item: Mapping[str, Any], origin: Origin) -> Record | Broken:
    handle = spell(item.get("handle"))
    if spell(item.get("status")) in ("draft", "archived"):
        return Broken(name, f"{handle} is a draft or archived; publish it to have it in")
    variants = [v for v in _list(item.get("variants")) if isinstance(v, Mapping)]
    images = [spell(i.get("src") if isinstance(i, Mapping) else i) for i in _list(item.get("images"))]
    sold = [v["available"] for v in variants if isinstance(v.get("available"), bool)]
    return Record(
        name=name,
        id=handle or spell(item.get("id")),
        title=spell(item.get("title")),
        photos=tuple(images),
        description=spell(item.get("body_html")),
        price=money.lowest(spell(v.get("price")) for v in variants),
        link=_link(origin, handle),
        keyword=spell(item.get("product_type")),
        brand=spell(item.get("vendor")),
        availability=("in_stock" if any(sold) else "out_of_stock") if sold else "",
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _link(origin: Origin, handle: str) -> str:
    """A shop's own products.json lies beside its products; a file does not say where the shop is."""
    if not handle or not urlsplit(origin.address).path.endswith("/products.json"):
        return ""
    return urljoin(origin.base, f"products/{handle}")
