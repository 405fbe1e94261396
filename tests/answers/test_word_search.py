from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.builders import NAVY, RED, WHITE, ColourReader, build_product, write_photo

from meot import photos
from meot.answers.search import Search
from meot.catalogue.store import Catalogue
from meot.index.exact import ExactIndex
from meot.types import Filters


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        yield catalogue


def search_of(catalogue: Catalogue) -> Search:
    reader = ColourReader()
    for key, path in catalogue.pending(reader.models):
        catalogue.put_reading(key, reader.read(photos.load(path)))
    return Search(catalogue=catalogue, index=ExactIndex(), reader=reader)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("남색 셔츠", ["1", "2"]),
        ("navy shirts", ["1", "2"]),
        ("nvay shirts", ["1", "2"]),
        ("red shirt", ["2"]),
        ("네이비 청바지", ["2"]),
        ("곤색 jeans", ["2"]),
        ("초록", []),
    ],
)
def test_one_garment_with_all_that_was_said_goes_first(
    catalogue: Catalogue, tmp_path: Path, query: str, found: list[str]
) -> None:
    red_over_navy = write_photo(tmp_path / "2.png", RED, lower=NAVY)
    catalogue.put_product(build_product("2", "둘째"), [red_over_navy])
    catalogue.put_product(build_product("1", "첫째"), [write_photo(tmp_path / "1.png", NAVY)])
    matches = search_of(catalogue).by_words(query, Filters(), 10).matches
    assert [match.product.id for match in matches] == found


def test_word_answers_are_filtered(catalogue: Catalogue, tmp_path: Path) -> None:
    for id, colours, price in (("a", (NAVY, RED), 10.0), ("b", (RED, NAVY), 20.0), ("c", (WHITE, WHITE), None)):
        path = write_photo(tmp_path / f"{id}.png", colours[0], lower=colours[1])
        catalogue.put_product(build_product(id, "set", price=price), [path])
    search = search_of(catalogue)
    for filters, found in (
        (Filters(), "abc"),
        (Filters(region="upper"), "abc"),
        (Filters(region="lower"), "ab"),
        (Filters(region="head"), ""),
        (Filters(category="jeans"), "ab"),
        (Filters(colour="navy"), "ab"),
        (Filters(colour="navy", region="upper"), "a"),
        (Filters(colour="navy", category="jeans"), "b"),
        (Filters(min_price=10), "ab"),
        (Filters(min_price=10.5), "b"),
        (Filters(max_price=10), "a"),
        (Filters(min_price=5, max_price=25, colour="red", region="lower"), "a"),
    ):
        matches = search.by_words("set", filters, 10).matches
        assert "".join(sorted(m.product.id for m in matches)) == found, filters
        for match in matches:
            assert filters.region in (None, match.region)
            assert filters.category in (None, match.category)
            assert filters.colour is None or filters.colour in match.colours


def test_pages_follow_each_other(catalogue: Catalogue) -> None:
    for id, title in (("1", "와이드 조거팬츠"), ("2", "코튼 조거 팬츠"), ("3", "플리츠 치마"), ("4", "셔츠")):
        catalogue.put_product(build_product(id, title), [])
    search = search_of(catalogue)
    whole = [match.number for match in search.by_words("츠", Filters(), 50).matches]
    paged = [m.number for offset in range(4) for m in search.by_words("츠", Filters(), 1, offset).matches]
    assert len(whole) == 4
    assert paged == whole


def test_a_slip_is_forgiven_and_said(catalogue: Catalogue) -> None:
    catalogue.put_product(build_product("1", "Oxford Shirt"), [])
    answer = search_of(catalogue).by_words("shrit", Filters(), 10)
    assert [match.product.id for match in answer.matches] == ["1"]
    assert answer.corrected == {"shrit": "shirt"}
