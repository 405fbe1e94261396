"""A CSV file as a source: one product a row, photos named in a column or lying in ``images/`` under their ids."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from meot.catalogue.sources.entry import Broken, Entry
from meot.errors import CatalogueError
from meot.photos import SUFFIXES
from meot.types import Product

# field of Product -> the names that shops give its column, as `_plain` writes them; the first that is there counts
_NAMES = {
    "id": ("id", "productid", "sku", "offerid", "handle", "code", "상품번호", "상품코드", "상품id", "번호"),
    "title": ("title", "name", "productname", "productdisplayname", "producttitle", "상품명", "제목", "이름"),
    "image": ("image", "imagepath", "imagefile", "photo", "picture", "file", "filename", "path", "이미지", "사진"),
    "price": ("price", "pricekrw", "pricekrwinvented", "saleprice", "lprice", "variantprice", "가격", "판매가"),
    "currency": ("currency", "pricecurrency", "통화"),
    "link": ("link", "url", "producturl", "링크", "주소"),
    "description": ("description", "body", "bodyhtml", "desc", "설명", "상세설명"),
    "keyword": ("keyword", "articletype", "category", "producttype", "type", "키워드", "카테고리", "분류"),
    "brand": ("brand", "vendor", "maker", "브랜드", "제조사"),
    "gender": ("gender", "sex", "성별"),
}
_REQUIRED = ("id", "title", "image")
_ENCODINGS = ("utf-8-sig", "cp949")
_MONEY = re.compile(r"^[^\d\-+.,]*(\d+(?:[ ,]\d{3})*(?:\.\d+)?|\d+,\d{1,2})[^\d]*$")


def read(file: Path) -> Iterator[Entry | Broken]:
    """The products of a CSV in UTF-8, UTF-16 or CP949, separated by comma, semicolon or tab; broken rows are skipped.

    CatalogueError when the file cannot be read or lacks a column.
    """
    text = _text(file)
    head = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        header = next(rows)
    except (StopIteration, csv.Error):
        raise CatalogueError(f"{file}: expected a CSV with a header line, got none; mend it") from None
    yield from _Table(file=file, header=header).entries(rows)


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CatalogueError(f"{file}: cannot be opened ({error.strerror or error}); check the path") from None
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CatalogueError(f"{file}: expected a CSV in UTF-8, UTF-16 or CP949, got another encoding; save it as UTF-8")


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


@dataclass(kw_only=True)
class _Table:
    """One CSV being read. columns: field -> position; lines: id -> line where it stood first."""

    file: Path
    header: list[str]
    columns: dict[str, int] = field(init=False)
    lines: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        found: dict[str, int] = {}
        for position, name in enumerate(self.header):
            found.setdefault(_plain(name), position)
        self.columns = {f: found[n] for f, names in _NAMES.items() for n in names[::-1] if n in found}
        images = self.file.parent / "images"
        missing = [f for f in _REQUIRED if f not in self.columns and not (f == "image" and images.is_dir())]
        if missing:
            raise CatalogueError(
                f"{self.file}: column {', '.join(missing)} is missing; expected id, title, image (and price, link ... "
                f"when known), found {', '.join(self.header)}; add or rename the column"
            )
        self._by_id = {} if "image" in self.columns else _photos_by_stem(images)

    def entries(self, rows: Iterator[list[str]]) -> Iterator[Entry | Broken]:
        """Each row's product, or why it has none. A row is named by the line where it ends."""
        while True:
            try:
                cells = next(rows, None)
            except csv.Error as error:
                yield Broken(self._name(rows), f"row is broken ({error}); mend it")
                continue
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield self._entry(cells, self._name(rows), rows.line_num)  # type: ignore[attr-defined]

    def _name(self, rows: Iterator[list[str]]) -> str:
        return f"{self.file.name} line {rows.line_num}"  # type: ignore[attr-defined]

    def _entry(self, cells: list[str], name: str, line: int) -> Entry | Broken:
        if len(cells) != len(self.header):
            return Broken(name, f"expected {len(self.header)} cells as in the header, got {len(cells)}; mend the row")
        values = {f: cells[position].strip() for f, position in self.columns.items()}
        for wanted in ("id", "title"):
            if not values[wanted]:
                return Broken(name, f"{wanted} is empty; fill it in")
        first = self.lines.setdefault(values["id"], line)
        if first != line:
            return Broken(name, f"id {values['id']} stands already on line {first}; give each product its own")
        photo = self._photo(values)
        if photo is None:
            return Broken(name, f"no photo: image is empty and images/ has none named {values['id']}; add one")
        if "://" in str(values.get("image", "")):
            return Broken(name, f"image must be a file, got the address {values['image']}; download it first")
        price = _price(values.pop("price", ""))
        if isinstance(price, str):
            return Broken(name, price)
        values |= {"image": str(photo.absolute()), "currency": values.get("currency") or "KRW"}
        return Entry(name, Product(source=str(self.file.absolute()), price=price, **values), (photo,))

    def _photo(self, values: dict[str, str]) -> Path | None:
        """The row's photo: its image cell, relative to the CSV or absolute, else ``images/ID.*`` beside the CSV."""
        if values.get("image"):
            return self.file.parent / values["image"]
        return self._by_id.get(values["id"])


def _photos_by_stem(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES}


def _price(cell: str) -> float | str | None:
    """The number in a price cell ("19,900원", "$12.50"), None when empty, or a sentence that says what is wrong."""
    if not cell:
        return None
    found = _MONEY.match(cell)
    if not found:
        return f"price must be a number, got {cell!r}; mend the row"
    digits = found[1].replace(" ", "")
    decimal_comma = re.fullmatch(r"\d+,\d{1,2}", digits)
    return float(digits.replace(",", "." if decimal_comma else ""))
