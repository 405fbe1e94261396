"""Google Merchant feeds: RSS 2.0 and Atom, and the same attributes as a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from meot.catalogue.sources import elements
from meot.catalogue.sources.elements import Element
from meot.catalogue.sources.entry import Broken, Origin, Record
from meot.catalogue.sources.head import Head
from meot.catalogue.sources.lines import name_line, open_sheet
from meot.catalogue.sources.text import last_part
from meot.errors import CatalogueError


def recognises(head: Head) -> bool:
    """Whether it is an RSS or Atom feed."""
    return head.root in ("rss", "feed", "RDF")


def recognises_table(head: Head) -> bool:
    """Whether it is a table with a feed's attributes as its header."""
    columns = {_attribute(name) for name in head.columns}
    return {"id", "title", "image_link"} <= columns and bool(columns & {"availability", "price", "product_type"})


def read(origin: Origin) -> Iterator[Record | Broken]:
    """The items of a feed. CatalogueError when it is no XML, or declares entities."""
    line = 0
    try:
        for element in elements.read_elements(origin.file, {"item", "entry"}):
            line = element.line
            yield _record(name_line(origin.name, line), element)
    except elements.Damaged as error:
        if not line:
            raise CatalogueError(
                f"{origin.source}: expected an XML feed, got something else on line {error.line} ({error}); "
                "check the file"
            ) from None
        reason = f"the feed is damaged here ({error}); fetch it again"
        yield Broken(name_line(origin.name, error.line), reason, hides=True)


def read_table(origin: Origin) -> Iterator[Record | Broken]:
    """The rows of a feed in tab-separated or CSV form. CatalogueError when it has no header or cannot be read."""
    with open_sheet(origin.file) as sheet:
        names = [_attribute(name) for name in sheet.header]
        for row in sheet.rows:
            if isinstance(row, Broken):
                yield row
                continue
            line, cells = row
            texts = {name: [cell] for name, cell in zip(names, cells, strict=True) if cell}
            texts["additional_image_link"] = [
                part for cell in texts.get("additional_image_link", []) for part in cell.split(",")
            ]
            yield _record(name_line(origin.name, line), Element(line, texts))


def _attribute(name: str) -> str:
    return name.strip().lower().removeprefix("g:").replace(" ", "_")


def _record(name: str, item: Element) -> Record:
    photos = [item.get("image_link"), *item.texts.get("additional_image_link", [])]
    return Record(
        name=name,
        id=item.get("id", "guid"),
        title=item.get("title"),
        photos=tuple(photos),
        description=item.get("description", "summary"),
        price=item.get("price"),
        sale_price=item.get("sale_price") if _is_now(item.get("sale_price_effective_date")) else "",
        link=item.get("link"),
        keyword=last_part(item.get("product_type") or item.get("google_product_category")),
        brand=item.get("brand"),
        gender=item.get("gender"),
        availability=item.get("availability"),
    )


def _is_now(interval: str) -> bool:
    """Whether now lies within an ISO 8601 interval ("2026-02-24T13:00-0800/2026-02-29T15:30-0800"); True for none."""
    if not interval:
        return True
    start, _, end = interval.partition("/")
    try:
        first, last = (datetime.fromisoformat(text.strip()) for text in (start, end))
    except ValueError:
        return False
    now = datetime.now(UTC)
    return _aware(first) <= now <= _aware(last)


def _aware(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)
