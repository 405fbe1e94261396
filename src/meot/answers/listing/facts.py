"""What a seller says of products: a table of facts, and words in the names that they gave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from meot.answers.listing.answer import AGE_GROUP, CATEGORY, COLOUR, DETAILS, GENDER, NAME, Answer
from meot.answers.subject import find
from meot.catalogue.export.vocabulary import AGE_GROUPS, GENDERS
from meot.catalogue.sources import money
from meot.catalogue.sources.check import availability, is_address
from meot.catalogue.sources.entry import Broken
from meot.catalogue.sources.lines import open_sheet
from meot.catalogue.sources.text import plain
from meot.errors import QueryError, near, nearest
from meot.taxonomy import Taxonomy

# field -> the headers that sellers give it, as `_plain_name` writes them
_HEADERS = {
    "product": ("product", "group", "folder", "상품", "상품번호", "상품코드", "id", "handle"),
    "sku": ("sku", "판매자상품코드"),
    "title": ("title", "name", "productname", "상품명", "제목"),
    "description": ("description", "설명", "상세설명"),
    "brand": ("brand", "vendor", "브랜드"),
    "price": ("price", "가격", "판매가"),
    "currency": ("currency", "통화"),
    "link": ("link", "url", "링크", "주소"),
    "availability": ("availability", "재고", "판매상태"),
    CATEGORY: (CATEGORY, "meotcategory", "카테고리", "분류"),
    "naver_category": ("navercategory", "leafcategoryid", "네이버카테고리"),
    COLOUR: (COLOUR, "color", "색", "색상"),
    GENDER: (GENDER, "성별"),
    AGE_GROUP: ("agegroup", "연령", "연령대"),
    "material": ("material", "소재", "제품소재"),
    "size": ("size", "사이즈", "치수"),
    "manufacturer": ("manufacturer", "maker", "제조자", "제조사"),
    "origin": ("origin", "countryoforigin", "제조국", "원산지"),
    "care": ("care", "washing", "caution", "세탁방법", "취급주의", "세탁방법및취급시주의사항"),
    "made": ("made", "packdate", "packdatetext", "제조연월", "제조년월"),
    "warranty": ("warranty", "warrantypolicy", "품질보증기준"),
    "after_sales": ("aftersales", "afterservicedirector", "as", "as책임자"),
}  # fmt: skip
FIELDS = (*_HEADERS, *DETAILS)
"""Every field that a person can fill in; "product" says of which product."""
_WOMEN, _MEN, _CHILDREN = (
    r"women'?s?|wom[ae]n|ladies|lady|female|여성(?:용)?|여자|우먼",
    r"men'?s?|man|male|남성(?:용)?|남자",
    r"kids?|child(?:ren)?'?s?|아동(?:용)?|키즈|어린이",
)
_SAID = (
    (re.compile(rf"(?<![^\W_])(?:{_WOMEN})(?![^\W_])", re.IGNORECASE), "female", "adult"),
    (re.compile(rf"(?<![^\W_])(?:{_MEN})(?![^\W_])", re.IGNORECASE), "male", "adult"),
    (re.compile(r"(?<![^\W_])(?:unisex|남녀공용|공용|유니섹스)(?![^\W_])", re.IGNORECASE), "unisex", ""),
    (re.compile(r"(?<![^\W_])(?:girls?'?|여아)(?![^\W_])", re.IGNORECASE), "female", "kids"),
    (re.compile(r"(?<![^\W_])(?:boys?'?|남아)(?![^\W_])", re.IGNORECASE), "male", "kids"),
    (re.compile(rf"(?<![^\W_])(?:{_CHILDREN})(?![^\W_])", re.IGNORECASE), "", "kids"),
)
_GENDER_WORDS = {"women": "female", "여성": "female", "여자": "female", "men": "male", "남성": "male", "남자": "male"}
_GENDER_WORDS |= {"공용": "unisex", "남녀공용": "unisex"}
_AGE_WORDS = {"성인": "adult", "아동": "kids", "유아": "toddler", "영아": "infant", "신생아": "newborn"}


def read(file: Path, taxonomy: Taxonomy) -> dict[str, dict[str, str]]:
    """Product -> field -> value of a CSV with a column for the product. What a cell leaves empty is not said.

    CatalogueError when it cannot be read; QueryError when a column or a value is none that a listing has.
    """
    found: dict[str, dict[str, str]] = {}
    with open_sheet(file) as sheet:
        fields = _fields(sheet.header)
        if "product" not in fields:
            raise QueryError(
                f"{file}: expected a column product (the folder or name of its photos), found "
                f"{', '.join(sheet.header)[:200]}; add it",
                "no_product_column",
                file=file.name,
                found=", ".join(sheet.header),
            )
        for row in sheet.rows:
            if isinstance(row, Broken):
                _, _, at = row.name.rpartition(" ")
                raise QueryError(f"{row.name}: {row.reason}", "bad_row", file=file.name, line=at)
            line, cells = row
            said = {field: cell for field, cell in zip(fields, cells, strict=True) if cell and field}
            product = _same(said.pop("product", ""))
            if not product:
                wrong = f"{file.name} line {line}: product is empty; fill it in"
                raise QueryError(wrong, "no_product_in_line", file=file.name, line=line)
            try:
                values = {name: check(name, text, taxonomy) for name, text in said.items()}
            except QueryError as error:
                wrong = f"{file.name} line {line}: {error}"
                raise QueryError(wrong, "in_line", file=file.name, line=line, reason=error) from None
            found.setdefault(product, {}).update(values)
    return found


def check_all(said: Mapping[str, Mapping[str, str]], taxonomy: Taxonomy) -> dict[str, dict[str, str]]:
    """Facts from elsewhere than a table, as :func:`read` gives them. QueryError as there."""
    return {
        _same(product): {name: check(name, text, taxonomy) for name, text in fields.items()}
        for product, fields in said.items()
    }


def of(product: str, facts: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """What the facts say of a product, by its whole name or by the last part of it ("tops/A12" is A12, too)."""
    return facts.get(_same(product)) or facts.get(_same(product.rsplit("/", 1)[-1])) or {}


def _same(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def _fields(header: Sequence[str]) -> list[str]:
    """The field of each column; of several that could name the product, the one that says so the plainest."""
    fields = [_field(name) for name in header]
    known, plain_names = _HEADERS["product"], [_plain_name(name) for name in header]
    named = sorted(
        (place for place, f in enumerate(fields) if f == "product"), key=lambda p: known.index(plain_names[p])
    )
    return ["" if place in named[1:] else field for place, field in enumerate(fields)]


def _plain_name(header: str) -> str:
    return re.sub(r"[\W_]+", "", header.casefold())


def _field(header: str) -> str:
    """The field that a column fills; empty for a column of another purpose."""
    name = _plain_name(header.removeprefix("x_"))
    known = next((field for field, names in _HEADERS.items() if name in names), "")
    return known or next((detail for detail in DETAILS if detail.replace("_", "") == name), "")


def check(field: str, text: str, taxonomy: Taxonomy, taught: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """A value as it is kept: ids for what the taxonomy knows, plain text for the rest.

    taught: categories that people taught, with their names. QueryError for an unknown field or value.
    """
    if field == "product" or field not in FIELDS:
        known = [name for name in FIELDS if name != "product"]
        raise QueryError(f"unknown field {field!r}; {nearest(field, known)}", "unknown_field", got=field)
    text = plain(text)
    if not text:
        raise QueryError(f"{field} is empty; say what it is", "empty_field", name=field)
    if field == CATEGORY:
        return _known(field, text, [*((c.id, c.names) for c in taxonomy.categories), *(taught or {}).items()])
    if field == COLOUR:
        colours = [(c.id, {**c.names, **{word: word for word in c.also}}) for c in taxonomy.colours]
        return ";".join(dict.fromkeys(_known(field, part.strip(), colours) for part in re.split("[;,/]", text) if part))
    if field in DETAILS:
        return _known(field, text, [(v.id, v.names) for v in taxonomy.component(field).values])
    return _text(field, text)


def _known(field: str, text: str, rows: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    found = find(text, rows)
    if found is None:
        said = {name: id for id, names in rows for name in (id, *names.values())}
        raise QueryError(
            f"unknown {field} {text!r}; {nearest(text, [id for id, _ in rows])}",
            "unknown",
            name=field,
            got=text,
            near=said.get(near(text, said), ""),
        )
    return found


def _text(field: str, text: str) -> str:
    """Text of a field with rules of its own."""
    if field == GENDER:
        return _one_of(field, _GENDER_WORDS.get(text.casefold(), text.casefold()), GENDERS)
    if field == AGE_GROUP:
        return _one_of(field, _AGE_WORDS.get(text, text.casefold()), AGE_GROUPS)
    if field == "price":
        try:
            cost = money.read(text)
        except ValueError as error:
            raise QueryError(f"{error}; mend it", "no_price", name=field, got=text) from None
        if cost is None or cost.amount <= 0:
            raise QueryError(f"price must be above 0, got {text!r}; mend it", "price_of_nothing", name=field, got=text)
        return text
    if field == "availability" and not availability(text):
        said = f"availability must be in_stock, out_of_stock, preorder or backorder, got {text!r}; mend it"
        known = ("in_stock", "out_of_stock", "preorder", "backorder")
        raise QueryError(said, "none_of", name=field, known=known, got=text)
    if field == "link" and not is_address(text):
        said = f"link must start with http:// or https://, got {text[:80]!r}; mend it"
        raise QueryError(said, "no_address", name=field, got=text)
    return availability(text) if field == "availability" else text


def _one_of(field: str, word: str, allowed: tuple[str, ...]) -> str:
    if word not in allowed:
        said = f"{field} must be one of {', '.join(allowed)}, got {word!r}; mend it"
        raise QueryError(said, "none_of", name=field, known=allowed, got=word)
    return word


def said_in(texts: Iterator[str] | tuple[str, ...]) -> dict[str, Answer]:
    """Gender and age group as words of a title or a folder's name say them; nothing where they contradict."""
    hits = [(gender, age) for text in texts for sign, gender, age in _SAID if sign.search(text)]
    genders, ages = {g for g, _ in hits if g}, {a for _, a in hits if a}
    ages = {"kids"} if ages == {"kids", "adult"} else ages  # "men's" never stands on a child's shirt, "kids" does
    found = {}
    if len(genders) == 1:
        found[GENDER] = Answer(value=genders.pop(), origin=NAME, sure=True)
    if len(ages) == 1:
        found[AGE_GROUP] = Answer(value=ages.pop(), origin=NAME, sure=True)
    return found
