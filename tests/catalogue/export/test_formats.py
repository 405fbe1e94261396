"""Every format: its rules are kept, nothing runs in a spreadsheet, and our own source reads back what was written."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.builders import RED, write_photo

from meot import taxonomy
from meot.catalogue.export import google, naver, registry, shopify, vocabulary
from meot.catalogue.export.item import NOTICE, Item, amount
from meot.catalogue.sources import registry as sources
from meot.catalogue.sources.entry import Broken, Entry, Origin
from meot.catalogue.sources.lines import guard, unguard
from meot.errors import QueryError

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "'=1",
    "＝1+1",
    "a, b; c | \"d\" 'e'",
    "셔츠 😀👗 🧵",
    "قميص ‏أبيض‏ XL",
    "x" * 100,
    "50% cotton & 50% linen < 1 kg",
    "Tom & Jerry > Kids",
)
FULL = Item(
    id="A-12",
    title="파랑 줄무늬 셔츠",
    description="A blue shirt. Material: cotton 100%.",
    alt="Blue shirt",
    tags=("shirt", "blue"),
    photos=tuple(f"https://cdn.shop.example/a-{n}.jpg" for n in range(3)),
    price=39000.0,
    currency="KRW",
    link="https://shop.example/a-12",
    brand="Nord",
    availability="in_stock",
    keyword="셔츠",
    category="shirt",
    shopify="aa-1-13-7",
    google=212,
    path="의류/액세서리 > 의류 > 의류 상의 > 셔츠",
    naver_category="50000804",
    colours=("blue", "white"),
    colour_names=("파랑", "흰색"),
    details={"pattern": "stripe", "sleeve": "long", "neckline": "v"},
    detail_names={"pattern": "줄무늬", "sleeve": "긴팔"},
    gender="female",
    age_group="adult",
    notice={**{name: f"{name} known" for name in NOTICE}, "origin": "대한민국"},
)
FORMATS = [pytest.param(each, id=each.name) for each in registry.FORMATS]
# what a source of the format carries of a product
CARRIED = {
    "shopify": ("title", "description", "price", "keyword", "brand", "gender"),
    "google": ("title", "description", "price", "link", "keyword", "brand", "gender", "availability"),
    "naver": ("title", "price", "link", "keyword", "brand"),
}
CARRIED |= {"google-table": CARRIED["google"], "json-ld": CARRIED["google"], "csv": CARRIED["google"]}


def back(format: registry.Format, items: list[Item], folder: Path) -> list[Entry | Broken]:
    """What our own source makes of what was written; it knows the form by itself."""
    file = folder / f"listing{format.suffix}"
    file.write_text(format.write(items), encoding="utf-8", newline="")
    assert sources.choose(file).name == format.source
    return list(sources.read(Origin(file)))


def same(format: registry.Format, item: Item, entry: Entry | Broken) -> bool:
    assert isinstance(entry, Entry), entry
    assert entry.product.id == format.key(item)
    return all(getattr(entry.product, name) == getattr(item, name) for name in CARRIED[format.name])


@pytest.mark.parametrize("format", FORMATS)
class TestFormat:
    """The contract."""

    def test_a_whole_product_has_no_problems_and_comes_back(self, format: registry.Format, tmp_path: Path) -> None:
        assert list(format.problems(FULL)) == []
        [entry] = back(format, [FULL], tmp_path)
        assert same(format, FULL, entry)
        assert isinstance(entry, Entry)
        assert entry.product.image == FULL.photos[0]
        assert entry.photos[0] == FULL.photos[0]
        if format.name not in ("naver", "csv"):  # whose sources take one photo
            assert entry.photos == FULL.photos

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_texts_come_back_as_they_went(self, format: registry.Format, tmp_path: Path, text: str) -> None:
        item = replace(FULL, title=text, brand=text[:70], description=f"{text} {text}")
        assert list(format.problems(item)) == []
        [entry] = back(format, [item], tmp_path)
        assert same(format, item, entry)

    def test_many_products_come_back_in_order(self, format: registry.Format, tmp_path: Path) -> None:
        items = [replace(FULL, id=f"A{n}", title=f"Shirt {n}") for n in range(50)]
        assert all(same(format, i, e) for i, e in zip(items, back(format, items, tmp_path), strict=True))

    def test_nothing_is_a_file_all_the_same(self, format: registry.Format) -> None:
        assert format.write([])

    def test_what_is_required_is_missed_and_named(self, format: registry.Format) -> None:
        wrong = list(format.problems(Item(id="", title="")))
        assert {"id is missing", "title is missing"} <= set(wrong)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"gender": "boys"}, "gender must be one of female, male, unisex"),
            ({"age_group": "old"}, "age group must be one of newborn"),
            ({"price": -1.0}, "price must be above 0"),
        ],
    )
    def test_words_that_no_shop_takes(self, format: registry.Format, change: dict[str, object], says: str) -> None:
        assert any(says in problem for problem in format.problems(replace(FULL, **change)))  # type: ignore[arg-type]

    def test_photos_that_are_no_addresses(self, format: registry.Format) -> None:
        wrong = list(format.problems(replace(FULL, photos=("/photos/a.jpg",))))
        assert bool(wrong) == (format.name != "csv")
        assert not wrong or "--photos-at" in wrong[0]


def test_sorting_out_names_reasons_and_counts_an_id_once() -> None:
    good, left = registry.sort_out([FULL, FULL, replace(FULL, id="B", title="")], registry.named("csv"))
    assert good == [FULL]
    assert left == [("A-12", "its id A-12 stands there twice"), ("B", "title is missing")]


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(QueryError, match="did you mean 'shopify'"):
        registry.named("shopfy")


@pytest.mark.parametrize("cell", [*HOSTILE, "", " ", "'", "''=1", "\t=1", "\r=1", "\n=1", "plain", "'quoted'"])
def test_guarding_is_undone_and_nothing_runs(cell: str) -> None:
    assert unguard(guard(cell)) == cell
    assert not guard(cell).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("name", ["shopify", "google-table", "csv"])
def test_no_cell_of_a_table_begins_as_a_formula(name: str) -> None:
    items = [
        replace(FULL, id=f"={n}", title=text, brand=text, tags=(text.replace(",", ""),))
        for n, text in enumerate(HOSTILE)
    ]
    text = registry.named(name).write(items)
    rows = list(csv.reader(io.StringIO(text), delimiter="\t" if name == "google-table" else ","))
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("google", {"title": "x" * 151}, "title has 151 characters, 150 are allowed"),
        ("google", {"description": "x" * 5001}, "description has 5001 characters, 5000"),
        ("google", {"id": "x" * 51}, "id has 51"),
        ("google", {"brand": "x" * 71}, "brand has 71"),
        ("google", {"availability": "discontinued"}, "availability must be one of in_stock"),
        ("google", {"link": ""}, "link is missing"),
        ("google", {"price": None}, "price is missing"),
        ("google", {"currency": ""}, "currency is missing"),
        ("shopify", {"title": "x" * 256}, "title has 256 characters, 255"),
        ("shopify", {"tags": ("a,b",)}, "has a comma"),
        ("shopify", {"path": ""}, "no path in Shopify's taxonomy"),
        ("naver", {"title": "x" * 101}, "title has 101 characters, 100"),
        ("naver", {"currency": "USD"}, "KRW"),
        ("naver", {"price": 99.5}, "whole won"),
        ("naver", {"naver_category": "tops"}, "leafCategoryId"),
        ("json-ld", {"currency": ""}, "currency is missing"),
        ("csv", {"photos": ()}, "photos is missing"),
    ],
)
def test_each_format_has_rules_of_its_own(name: str, change: dict[str, object], says: str) -> None:
    [problem] = registry.named(name).problems(replace(FULL, **change))  # type: ignore[arg-type]
    assert says in problem


def test_shopify_spells_its_header_and_never_sells_for_nothing(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(shopify.write([FULL, replace(FULL, id="B", price=None)]))))
    assert {"Title", "URL handle", "Product category", "Price", "Product image URL", "Image alt text"} <= set(rows[0])
    assert "Color (product.metafields.shopify.color-pattern)" in rows[0]
    assert (rows[0]["Status"], rows[0]["Price"], rows[0]["Product category"]) == ("Active", "39000", FULL.path)
    assert rows[0]["Color (product.metafields.shopify.color-pattern)"] == "blue; white"
    assert rows[0]["Sleeve length type (product.metafields.shopify.sleeve-length-type)"] == "long"
    assert rows[0]["Neckline (product.metafields.shopify.neckline)"] == "v-neck"
    assert [row["Image position"] for row in rows[:3]] == ["1", "2", "3"]
    assert rows[1]["Title"] == ""
    assert (rows[3]["Status"], rows[3]["Price"]) == ("Draft", "")
    found = back(registry.named("shopify"), [FULL, replace(FULL, id="B", price=None)], tmp_path)
    assert isinstance(found[1], Broken)  # a draft stays out of a catalogue
    assert "draft" in found[1].reason


def test_shopify_takes_handles_of_letters_digits_and_dashes() -> None:
    handles = {id: shopify.handle(replace(FULL, id=id)) for id in ("tops/A 12", "코트_1", "a-12", "=!")}
    assert handles == {"tops/A 12": "tops-a-12", "코트_1": "코트-1", "a-12": "a-12", "=!": ""}
    assert any("handle" in problem for problem in shopify.problems(replace(FULL, id="=!")))
    _, left = registry.sort_out([FULL, replace(FULL, id="a/12")], registry.named("shopify"))
    assert left == [("a/12", "its id a-12 stands there twice")]


def test_the_columns_that_sources_know_are_the_ones_that_are_written() -> None:
    from meot.catalogue.sources import shopify as source

    known = {name for names in source._COLUMNS.values() for name in names}
    written = {column.lower() for column in shopify.COLUMNS}
    assert {"url handle", "title", "description", "vendor", "type", "product category", "price", "status"} <= written
    assert {"product image url", "image position", "published on online store"} <= written & known
    assert written & known >= {"target gender (product.metafields.shopify.target-gender)", "google shopping / gender"}


def test_google_has_its_attributes_in_order() -> None:
    header = google.write_table([FULL]).splitlines()[0].split("\t")
    assert tuple(header) == google.COLUMNS
    assert "<g:google_product_category>212</g:google_product_category>" in google.write([FULL])
    many = replace(FULL, photos=tuple(f"https://c.example/{n}.jpg" for n in range(20)))
    assert google.write([many]).count("additional_image_link>") == 2 * 10


def test_signs_that_no_xml_may_hold_are_left_out(tmp_path: Path) -> None:
    [entry] = back(registry.named("google"), [replace(FULL, title="a\x01b\ufffe\ud800c")], tmp_path)
    assert isinstance(entry, Entry)
    assert entry.product.title == "abc"


def test_naver_has_the_notice_and_says_what_is_open() -> None:
    [item] = json.loads(naver.write([FULL]))["items"]
    product = item["originProduct"]
    notice = product["detailAttribute"]["productInfoProvidedNotice"]
    assert notice["productInfoProvidedNoticeType"] == "WEAR"
    assert notice["wear"] == {name: f"{name} known" for name in NOTICE}
    assert (product["leafCategoryId"], product["salePrice"], item["open"]) == ("50000804", 39000, [])
    assert product["detailAttribute"]["originAreaInfo"] == {"content": "대한민국"}
    [bare] = json.loads(naver.write([replace(FULL, notice={"color": "파랑"}, price=None, naver_category="")]))["items"]
    assert bare["originProduct"]["detailAttribute"]["productInfoProvidedNotice"]["wear"] == {"color": "파랑"}
    assert bare["open"] == ["price", "naver_category", *(name for name in NOTICE if name != "color")]
    assert "salePrice" not in bare["originProduct"]
    assert "leafCategoryId" not in bare["originProduct"]


def test_json_ld_may_stand_in_a_page() -> None:
    text = registry.named("json-ld").write([replace(FULL, title="</script><script>alert(1)</script>")])
    assert "</script" not in text
    assert json.loads(text)["@graph"][0]["name"].startswith("</script>")


def test_photos_that_lie_beside_a_table_are_found_again(tmp_path: Path) -> None:
    write_photo(tmp_path / "photos" / "a b.png", RED)
    item = replace(FULL, photos=("photos/a b.png",))
    for name in ("csv", "json-ld"):
        [entry] = back(registry.named(name), [item], tmp_path)
        assert isinstance(entry, Entry)
        assert [Path(photo).name for photo in entry.photos] == ["a b.png"]


def test_every_category_has_a_path_in_every_language() -> None:
    known, words = taxonomy.load(), vocabulary.load()
    assert words.shopify_version == known.shopify_version
    for category in known.categories:
        parts = category.shopify.split("-")
        for length in range(1, len(parts) + 1):
            paths = {language: words.path("-".join(parts[:length]), language) for language in ("ko", "en")}
            assert all(paths.values()), category.shopify
            assert len({path.count(">") for path in paths.values()}) == 1
    assert words.path("zz", "en") == ""
    assert {words.colour(colour.id, known) for colour in known.colours} <= set(words.values["colour"].values())
    assert all(words.colour(colour.id, known) for colour in known.colours)


def test_answers_that_shopify_has_no_word_for_stay_out() -> None:
    words = vocabulary.load()
    assert words.word("neckline", "off_shoulder_or_strap") == ""
    assert words.word("wash", "one") == ""


def test_prices_are_written_as_every_format_takes_them() -> None:
    assert [amount(price) for price in (39000.0, 19.99, 19.9)] == ["39000", "19.99", "19.90"]
