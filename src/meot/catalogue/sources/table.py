"""A table as a source, CSV or JSON: one product a row, photos in a column or lying in ``images/`` under their ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from meot.catalogue.sources import items
from meot.catalogue.sources.entry import Broken, Origin, Record
from meot.catalogue.sources.head import Head
from meot.catalogue.sources.lines import name_line, open_sheet
from meot.catalogue.sources.text import spell
from meot.errors import CatalogueError
from meot.photos import SUFFIXES

# field of Record -> the names that shops give its column, as `_plain` writes them; the first that is there counts
_NAMES = {
    "id": ("id", "productid", "sku", "offerid", "handle", "code", "상품번호", "상품코드", "상품id", "번호"),
    "title": ("title", "name", "productname", "productdisplayname", "producttitle", "상품명", "제목", "이름"),
    "image": (
        "image", "imagepath", "imagefile", "imagelink", "imageurl", "images", "photo", "picture", "file", "filename",
        "path", "이미지", "사진",
    ),
    "price": ("price", "pricekrw", "pricekrwinvented", "saleprice", "lprice", "variantprice", "가격", "판매가"),
    "currency": ("currency", "pricecurrency", "통화"),
    "link": ("link", "url", "producturl", "링크", "주소"),
    "description": ("description", "body", "bodyhtml", "desc", "설명", "상세설명"),
    "keyword": ("keyword", "articletype", "category", "producttype", "type", "키워드", "카테고리", "분류"),
    "brand": ("brand", "vendor", "maker", "브랜드", "제조사"),
    "gender": ("gender", "sex", "성별"),
    "availability": ("availability", "stock", "stockstatus", "재고", "판매상태"),
    "season": ("season", "시즌", "계절"),
    "released": ("released", "releasedate", "launchdate", "year", "출시일", "출시년도"),
    "seller": ("seller", "mall", "mallname", "store", "판매자", "쇼핑몰"),
}  # fmt: skip
_REQUIRED = ("id", "title", "image")


def recognises(head: Head) -> bool:
    """Whether it begins as a table: a line of several names that is neither markup nor JSON."""
    return len(head.columns) > 1


def recognises_json(head: Head) -> bool:
    """Whether it begins with a JSON object, or an array of them."""
    return re.match(r"(\[\s*)?\{", head.text) is not None


def read(origin: Origin) -> Iterator[Record | Broken]:
    """The products of a CSV in UTF-8, UTF-16 or CP949, separated by comma, semicolon or tab; broken rows are skipped.

    CatalogueError when the file cannot be read or lacks a column.
    """
    with open_sheet(origin.file) as sheet:
        table = _Table(origin=origin, header=sheet.header)
        for row in sheet.rows:
            if isinstance(row, Broken):
                yield row
            else:
                line, cells = row
                yield table.record(name_line(origin.name, line), dict(zip(table.fields, cells, strict=True)))


def read_json(origin: Origin) -> Iterator[Record | Broken]:
    """The products of a JSON file: objects one below the other (JSON Lines) or in an array, keys as in a CSV."""
    table: _Table | None = None
    number = 0
    try:
        for number, item in enumerate(items.read_items(origin.file, ""), start=1):
            name = f"{origin.name} object {number}"
            if not isinstance(item, Mapping):
                yield Broken(name, f"expected an object a product, got {type(item).__name__}; mend it")
                continue
            if table is None:
                table = _Table(origin=origin, header=[str(key) for key in item])
            fields = _fields(item)
            yield table.record(name, {f: _cell(value) for f, value in zip(fields, item.values(), strict=True)})
    except items.Damaged:
        if not number:
            raise items.nothing_in(origin.source, "a JSON object a product") from None
        reason = "the file is damaged or cut off here; copy it again"
        yield Broken(f"{origin.name} after object {number}", reason, hides=True)


def _cell(value: object) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    return spell(value).strip()


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _fields(names: Mapping[str, object] | list[str]) -> list[str]:
    """For each column the field that it fills; empty for one that fills none."""
    plain = [_plain(name) for name in names]
    fields = [""] * len(plain)
    for field_name, known in _NAMES.items():
        first = next((name for name in known if name in plain), None)
        if first is not None:
            fields[plain.index(first)] = field_name
    return fields


@dataclass(kw_only=True)
class _Table:
    """One table being read. fields: for each column the field that it fills."""

    origin: Origin
    header: list[str]
    fields: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.fields = _fields(self.header)
        images = self.origin.file.parent / "images"
        beside = not self.origin.address and images.is_dir()
        missing = [f for f in _REQUIRED if f not in self.fields and not (f == "image" and beside)]
        if missing:
            raise CatalogueError(
                f"{self.origin.source}: column {', '.join(missing)} is missing; expected id, title, image (and price, "
                f"link ... when known), found {', '.join(self.header)}; add or rename the column"
            )
        self._by_id = {} if "image" in self.fields else _photos_by_stem(images)

    def record(self, name: str, values: dict[str, str]) -> Record | Broken:
        """The record of a row, field -> cell."""
        values.pop("", None)
        id, image = values.get("id", ""), values.pop("image", "")
        photo = self._photo(image) if image else self._by_id.get(id)
        if photo is None and id and values.get("title"):
            return Broken(name, f"no photo: image is empty and images/ has none named {id}; add one", id)
        known = {"id": "", "title": "", **values}
        return Record(name=name, photos=(photo,) if photo else (), assume="KRW", **known)

    def _photo(self, image: str) -> Path | str:
        """An address, or a path relative to the table or absolute; in a fetched table always an address."""
        return image if self.origin.address or "://" in image else self.origin.file.parent / image


def _photos_by_stem(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES}
