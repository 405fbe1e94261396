"""What a seller says: a table, and words in names."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.answers.listing.drawn import TAXONOMY

from meot.answers.listing import facts
from meot.errors import CatalogueError, QueryError


def table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "facts.csv"
    file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_a_table_is_read_with_korean_and_english_headers(tmp_path: Path, encoding: str) -> None:
    header = "상품,상품명,가격,성별,색상,제품소재,카테고리,note"
    text = f'{header}\nA12,셔츠,"39,000원",여성,남색;화이트,면 100%,셔츠,x\nB3,,,,,,,\n'
    said = facts.read(table(tmp_path, text, encoding), TAXONOMY)
    assert said == {
        "a12": {
            "title": "셔츠",
            "price": "39,000원",
            "gender": "female",
            "colour": "navy;white",
            "material": "면 100%",
            "category": "shirt",
        },
        "b3": {},
    }
    assert facts.of("tops/A12", said)["title"] == "셔츠"
    assert facts.of("A1", said) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,title\n", None),
        ("title\nShirt\n", "column product"),
        ("product,price\nA,cheap\n", "line 2: price must be a number"),
        ("product,price\nA,0\n", "price must be above 0"),
        ("product,category\nA,shrit\n", "did you mean 'shirt'?"),
        ("product,gender\nA,boys\n", "female, male, unisex"),
        ("product,age_group\nA,old\n", "newborn"),
        ("product,link\nA,javascript:alert(1)\n", "http"),
        ("product,availability\nA,perhaps\n", "in_stock"),
        ("product,colour\nA,navy;mauvish\n", "unknown colour 'mauvish'"),
        ("product,title\n,Shirt\n", "product is empty"),
        ("product,title\nA,Shirt,more\n", "expected 2 cells"),
    ],
)
def test_what_is_wrong_with_a_table_is_one_sentence(tmp_path: Path, text: str, says: str | None) -> None:
    file = table(tmp_path, text)
    if says is None:
        assert facts.read(file, TAXONOMY) == {}
        return
    with pytest.raises(QueryError, match=r"facts\.csv") as raised:
        facts.read(file, TAXONOMY)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_table_that_was_written_before_is_facts_as_well(tmp_path: Path) -> None:
    text = "handle,id,product,x_pattern,meot_category,packDateText,sku\nh1,i1,A12,stripe,shirt,2026-01,S-1\n"
    assert facts.read(table(tmp_path, text), TAXONOMY) == {
        "a12": {"pattern": "stripe", "category": "shirt", "made": "2026-01", "sku": "S-1"}
    }


def test_no_table_is_an_error_of_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"gone\.csv"):
        facts.read(tmp_path / "gone.csv", TAXONOMY)


def test_markup_and_control_signs_are_taken_out() -> None:
    assert facts.check("title", "a\tb\n<b>c</b>\x00", TAXONOMY) == "a b c"
    assert facts.check("title", "قميص 😀 \"셔츠\" '=1'", TAXONOMY) == "قميص 😀 \"셔츠\" '=1'"


@pytest.mark.parametrize("field", ["product", "colr", ""])
def test_an_unknown_field_is_named(field: str) -> None:
    with pytest.raises(QueryError, match="unknown field"):
        facts.check(field, "x", TAXONOMY)


SAID = {
    "Women's shirt": {"gender": "female", "age_group": "adult"},
    "여성 셔츠": {"gender": "female", "age_group": "adult"},
    "여성용 셔츠": {"gender": "female", "age_group": "adult"},
    "남자 바지": {"gender": "male", "age_group": "adult"},
    "Men Jeans": {"gender": "male", "age_group": "adult"},
    "MENTHOL": {},
    "Womenswear shelf": {},
    "unisex hoodie": {"gender": "unisex"},
    "Boys' shorts": {"gender": "male", "age_group": "kids"},
    "kids/A12": {"age_group": "kids"},
    "Palm Tree Kids Girls Skirt": {"gender": "female", "age_group": "kids"},
    "men and women": {"age_group": "adult"},
    "남성의류": {},
    "shirt": {},
}


@pytest.mark.parametrize(("text", "said"), SAID.items())
def test_words_tell_gender_and_age_only_where_they_stand(text: str, said: dict[str, str]) -> None:
    assert {name: answer.value for name, answer in facts.said_in((text,)).items()} == said
