from __future__ import annotations

from pathlib import Path

import pytest

from meot.catalogue.sources import registry
from meot.catalogue.sources.entry import Broken, Entry, Origin
from meot.errors import CatalogueError


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> list[Entry | Broken]:
    file = tmp_path / "products.csv"
    file.write_bytes(text.encode(encoding))
    return list(registry.read(Origin(file), format="csv"))


def only(tmp_path: Path, text: str, encoding: str = "utf-8") -> Entry:
    [entry] = read(tmp_path, text, encoding)
    assert isinstance(entry, Entry)
    return entry


def test_reads_a_row(tmp_path: Path) -> None:
    entry = only(tmp_path, 'id,title,price,image,link,brand\n7,"와이드, 슬랙스","39,000원",a/7.jpg,https://shop/7,멋\n')
    product = entry.product
    assert (product.id, product.title, product.price, product.currency) == ("7", "와이드, 슬랙스", 39000.0, "KRW")
    assert (product.link, product.brand) == ("https://shop/7", "멋")
    assert entry.photos == (tmp_path / "a" / "7.jpg",)
    assert product.source == str(tmp_path / "products.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_reads_the_encodings_shops_use(tmp_path: Path, encoding: str) -> None:
    assert only(tmp_path, "상품번호,상품명,가격,이미지\n1,조거팬츠,1000,1.jpg\n", encoding).product.title == "조거팬츠"


def test_refuses_other_encodings(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_bytes(b"id,title,image\n1,\xff\xff\x80,1.jpg\n")
    with pytest.raises(CatalogueError, match="UTF-8"):
        list(registry.read(Origin(tmp_path / "products.csv"), format="csv"))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_reads_the_separators_shops_use(tmp_path: Path, separator: str) -> None:
    text = "id,title,price,image\n1,coat,5,1.jpg\n".replace(",", separator)
    assert only(tmp_path, text).product.price == 5


def test_finds_photos_under_their_ids_without_an_image_column(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "10001.jpg").touch()
    header = "id,title,gender,article_type,base_colour,price_krw_invented\n"
    rows = "10001,Skirt,Women,Skirts,Blue,113300\n10002,Skirt,Women,Skirts,Blue,1\n"
    with_photo, without = read(tmp_path, header + rows)
    assert isinstance(with_photo, Entry)
    assert with_photo.photos == (tmp_path / "images" / "10001.jpg",)
    product = with_photo.product
    assert (product.keyword, product.gender, product.price) == ("Skirts", "Women", 113300)
    assert isinstance(without, Broken)
    assert "10002" in without.reason


@pytest.mark.parametrize("missing", ["id", "title", "image"])
def test_a_missing_column_names_what_was_expected_and_found(tmp_path: Path, missing: str) -> None:
    columns = [name for name in ("id", "title", "image", "price") if name != missing]
    with pytest.raises(CatalogueError, match=f"column {missing} is missing; expected .* found {', '.join(columns)}"):
        read(tmp_path, ",".join(columns) + "\n")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="header"):
        read(tmp_path, "")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2,coat,5", "expected 4 cells"),
        ("2,coat,5,2.jpg,more", "expected 4 cells"),
        (",coat,5,2.jpg", "id is empty"),
        ("2,,5,2.jpg", "title is empty"),
        ("2,coat,cheap,2.jpg", "price must be a number"),
        ("2,coat,-5,2.jpg", "price must be a number"),
        ("2,coat,5,", "no photo"),
        ("2,coat,5,file:///etc/2.jpg", "starts with http"),
        ("1,coat,5,2.jpg", "already at products.csv line 2"),
        ('2,"co"at,5,2.jpg', "row is broken"),
    ],
)
def test_a_broken_row_is_named_by_its_line_and_the_others_go_on(tmp_path: Path, row: str, reason: str) -> None:
    first, broken, last = read(tmp_path, f"id,title,price,image\n1,shirt,5,1.jpg\n{row}\n3,hat,5,3.jpg\n")
    assert isinstance(broken, Broken)
    assert broken.name == "products.csv line 3"
    assert reason in broken.reason
    assert isinstance(first, Entry)
    assert isinstance(last, Entry)


def test_an_image_may_be_an_address(tmp_path: Path) -> None:
    entry = only(tmp_path, "id,title,image\n1,coat,https://shop.example/1.jpg\n")
    assert entry.photos == ("https://shop.example/1.jpg",)
    assert entry.product.image == "https://shop.example/1.jpg"


def test_reads_json_lines_and_arrays_alike(tmp_path: Path) -> None:
    lines = (
        '{"id": 1, "title": "코트", "price": 39000, "image": "1.jpg"}\n{"id": 2, "title": "hat", "image": "2.jpg"}\n'
    )
    file = tmp_path / "products.json"
    for text in (lines, "[" + lines.strip().replace("\n", ",") + "]"):
        file.write_text(text, encoding="utf-8")
        first, second = registry.read(Origin(file))
        assert isinstance(first, Entry)
        assert isinstance(second, Entry)
        assert (first.product.id, first.product.price, first.product.currency) == ("1", 39000, "KRW")
        assert (second.product.title, second.product.price, second.photos) == ("hat", None, (tmp_path / "2.jpg",))


def test_a_cut_off_json_file_gives_what_is_whole(tmp_path: Path) -> None:
    (tmp_path / "products.jsonl").write_text('{"id": 1, "title": "coat", "image": "1.jpg"}\n{"id": 2, "ti')
    whole, cut = registry.read(Origin(tmp_path / "products.jsonl"))
    assert isinstance(whole, Entry)
    assert isinstance(cut, Broken)
    assert "after object 1" in cut.name


def test_blank_lines_and_line_separators_within_cells_are_no_rows(tmp_path: Path) -> None:
    assert len(read(tmp_path, "id,title,image\n\n1,coat\u2028long,1.jpg\n,,\n")) == 1


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        ("", None),
        ("0", 0),
        ("19900", 19900),
        ("₩1,234,500", 1234500),
        ("$12.50", 12.5),
        ("12,50 €", 12.5),
        ("1.299,00 €", 1299),
        ("1 299,00 EUR", 1299),
        ("CHF 1'299.00", 1299),
        ("￦１９,９００", 19900),
        ("9.900,0", "bad"),
        ("1e5", "bad"),
        ("nan", "bad"),
        ("10-20", "bad"),
    ],
)
def test_prices(tmp_path: Path, cell: str, price: float | str | None) -> None:
    [entry] = read(tmp_path, f'id,title,price,image\n1,coat,"{cell}",1.jpg\n')
    if price == "bad":
        assert isinstance(entry, Broken)
    else:
        assert isinstance(entry, Entry)
        assert entry.product.price == price
