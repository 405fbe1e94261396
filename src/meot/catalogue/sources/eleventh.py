"""11st (11번가) Open API answers: ProductSearch, CategoryInfo and ProductInfo, in XML that is often CP949."""

from __future__ import annotations

from collections.abc import Iterator

from meot.catalogue.sources import elements
from meot.catalogue.sources.elements import Element
from meot.catalogue.sources.entry import Broken, Origin, Record
from meot.catalogue.sources.head import Head
from meot.catalogue.sources.lines import name_line
from meot.catalogue.sources.paging import count_in, turn
from meot.errors import CatalogueError

_PHOTOS = ("ProductImage300", "ProductImage", "ProductImage270", "ProductImage250", "ProductImage200")
"""The largest that search answers have comes first."""


def recognises(head: Head) -> bool:
    """Whether it is an answer of that service."""
    return head.root in ("ProductSearchResponse", "CategoryResponse", "ProductInfoResponse")


def read(origin: Origin) -> Iterator[Record | Broken]:
    """The products of an answer. CatalogueError when it is damaged before the first."""
    line = 0
    try:
        for element in elements.read_elements(origin.file, {"Product"}):
            line = element.line
            yield _record(name_line(origin.name, line), element)
    except elements.Damaged as error:
        if not line:
            raise CatalogueError(f"{origin.source}: expected an 11st answer, got damaged XML; fetch it again") from None
        reason = f"the answer is damaged here ({error}); fetch it again"
        yield Broken(name_line(origin.name, error.line), reason, hides=True)


def next_page(origin: Origin) -> str | None:
    """The address of the answer that follows; None after the last."""
    return turn(origin, count_in(origin.file, "<TotalCount>"), number="pageNum", size="pageSize", usual_size=50)


def _record(name: str, item: Element) -> Record:
    photo = item.get(*_PHOTOS)
    return Record(
        name=name,
        id=item.get("ProductCode"),
        title=item.get("ProductName"),
        photos=(photo,) if photo else (),
        price=item.get("ProductPrice", "ProductPrice/Price"),
        sale_price=item.get("SalePrice", "ProductPrice/LowestPrice"),
        assume="KRW",
        link=item.get("DetailPageUrl"),
        keyword=item.get("CategoryName"),
    )
