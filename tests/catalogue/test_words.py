from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.builders import NAVY, RED, ColourReader, build_product, write_photo

from meot import photos
from meot.catalogue import words
from meot.catalogue.store import Catalogue
from meot.types import Filters

_TITLES = {
    "jogger": "와이드 조거팬츠",
    "jogger-apart": "코튼 조거 팬츠 블랙",
    "t-shirts": "Graphic T-Shirts",
    "shirt": "Oxford Shirt",
    "square": "Square Dress",
    "red": "Red Coat",
    "dresses": "Summer dresses",
    "skirt": "플리츠 치마",
    "mens": "Men's Chino 32",
    "decomposed": "니트 가디건",
    "cafe": "Café au lait knit",
}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path_factory.mktemp("words") / "shop.db", create=True) as catalogue:
        for id, title in _TITLES.items():
            catalogue.put_product(build_product(id, title), [])
        yield catalogue


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("조거팬츠", {"jogger", "jogger-apart"}),
        ("조거 팬츠", {"jogger", "jogger-apart"}),
        ("조거", {"jogger", "jogger-apart"}),
        ("팬츠", {"jogger", "jogger-apart"}),
        ("와이드팬츠", set()),
        ("팬츠 와이드", {"jogger"}),
        ("거팬", {"jogger", "jogger-apart"}),
        ("치", {"skirt"}),
        ("마", {"skirt"}),
        ("츠", {"jogger", "jogger-apart", "skirt"}),
        ("shirt", {"t-shirts", "shirt"}),
        ("shirts", {"t-shirts", "shirt"}),
        ("SHIRT", {"t-shirts", "shirt"}),
        ("t-shirt", {"t-shirts"}),
        ("tshirt", {"t-shirts"}),
        ("t shirt", {"t-shirts", "shirt"}),
        ("red", {"red"}),
        ("dress", {"square", "dresses"}),
        ("dresses", {"square", "dresses"}),
        ("mens", {"mens"}),
        ("men's 32", {"mens"}),
        ("ｓｈｉｒｔ", {"t-shirts", "shirt"}),
        ("니트 가디건", {"decomposed"}),
        ("cafe", {"cafe"}),
        ("black", {"jogger-apart"}),
        ("linen", set()),
    ],
)
def test_words_and_parts_of_words(catalogue: Catalogue, query: str, found: set[str]) -> None:
    assert {match.product.id for match in catalogue.find_words(query, Filters(), 50)} == found


def test_decomposed_text_is_the_same(catalogue: Catalogue) -> None:
    decomposed = unicodedata.normalize("NFD", "가디건")
    assert [m.product.id for m in catalogue.find_words(decomposed, Filters(), 50)] == ["decomposed"]


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "'",
        "*",
        "a AND",
        "NEAR(",
        "title:coat",
        "-coat",
        "^",
        "(",
        '"" OR ""',
        "coat\x00",
        "; DROP TABLE words",
        "%",
        "_",
        "👕",
        "a" * 5000,
        "조" * 5000,
        "{title} : x",
        "+",
        "AND",
        "OR",
        "NOT",
    ],
)
def test_signs_of_the_query_language_are_only_text(catalogue: Catalogue, query: str) -> None:
    assert isinstance(catalogue.find_words(query, Filters(), 50), list)


def test_no_letters_find_nothing(catalogue: Catalogue) -> None:
    assert words.question("?! '") is None
    assert catalogue.find_words("?!", Filters(), 50) == []


def test_title_beats_keyword_beats_brand_beats_description(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        filler = "a garment for every day and every season"
        catalogue.put_product(build_product("description", "Other piece", description=f"{filler} denim"), [])
        catalogue.put_product(build_product("brand", "Other piece", brand="Denim"), [])
        catalogue.put_product(build_product("keyword", "Other piece", keyword="denim"), [])
        catalogue.put_product(build_product("title", "Denim piece", description=filler), [])
        for i in range(10):
            catalogue.put_product(build_product(f"other-{i}", "Piece", description=filler), [])
        matches = catalogue.find_words("denim", Filters(), 50)
    assert [m.product.id for m in matches] == ["title", "keyword", "brand", "description"]
    assert matches[0].score == 1.0
    assert all(0 < m.score <= 1 for m in matches)


def test_a_title_that_says_it_all_goes_first_even_for_words_that_all_share(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        for i in range(20):
            catalogue.put_product(build_product(f"skirt-{i}", "Navy skirt", keyword="shirts and skirts"), [])
        catalogue.put_product(build_product("shirt", "A long name for a navy shirt with many more words in it"), [])
        matches = catalogue.find_words("navy shirt", Filters(), 50)
    assert matches[0].product.id == "shirt"
    assert len(matches) == 21
    scores = [match.score for match in matches]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.5 >= scores[1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("남색 셔츠", ["1", "2"]),
        ("navy shirts", ["1", "2"]),
        ("red shirt", ["2"]),
        ("네이비 청바지", ["2"]),
        ("네이비", ["1", "2"]),
        ("곤색 jeans", ["2"]),
        ("레드", ["2"]),
        ("청바지", ["2"]),
        ("하의", ["2"]),
        ("초록", []),
    ],
)
def test_what_was_read_is_found_by_its_names(tmp_path: Path, query: str, found: list[str]) -> None:
    one, two = write_photo(tmp_path / "1.png", NAVY), write_photo(tmp_path / "2.png", RED, lower=NAVY)
    reader = ColourReader()
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        catalogue.put_product(build_product("2", "둘째"), [two])  # a red shirt over navy jeans
        catalogue.put_product(build_product("1", "첫째"), [one])
        assert catalogue.find_words(query, Filters(), 10) == []
        for key, path in catalogue.pending(reader.models):
            catalogue.put_reading(key, reader.read(photos.load(path)))
        ids = [match.product.id for match in catalogue.find_words(query, Filters(), 10)]
    assert ids == found


def test_names_in_one_language_find_titles_in_another(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        for title in ("Navy Oxford Shirts", "네이비 셔츠", "Light blue jeans"):
            catalogue.put_product(build_product(title, title), [])
        for query, found in (
            ("남색 셔츠", {"Navy Oxford Shirts", "네이비 셔츠"}),
            ("navy shirt", {"Navy Oxford Shirts", "네이비 셔츠"}),
            ("하늘색 청바지", {"Light blue jeans"}),
            ("light blue", {"Light blue jeans"}),
            ("하늘색 셔츠", set()),
        ):
            assert {match.product.id for match in catalogue.find_words(query, Filters(), 10)} == found, query


def test_pages_follow_each_other(catalogue: Catalogue) -> None:
    whole = [m.number for m in catalogue.find_words("츠", Filters(), 50)]
    paged = [m.number for offset in range(4) for m in catalogue.find_words("츠", Filters(), 1, offset)]
    assert paged == whole
