from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.builders import NAVY, RED, WHITE, ColourReader, build_garment, write_photo

from meot import wiring
from meot.answers.search import GarmentResults
from meot.catalogue import intake
from meot.catalogue.store import Catalogue
from meot.cli.search import _heading, command
from meot.errors import CatalogueError, PhotoError, QueryError
from meot.types import Label


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    reader = ColourReader()
    monkeypatch.setattr(wiring, "build_reader", lambda settings: reader)
    write_photo(tmp_path / "1.png", NAVY, lower=WHITE)
    write_photo(tmp_path / "2.png", RED)
    (tmp_path / "products.csv").write_text(
        "id,title,price,image,link\n1,와이드 조거팬츠 세트,39000,1.png,https://shop/1\n2,Oxford T-Shirts,19000,2.png,\n"
    )
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        intake.add(catalogue, reader, tmp_path / "products.csv")
    return tmp_path / "shop.db"


def search(shop: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, [str(shop), *arguments], catch_exceptions=True)


def test_words_as_json(shop: Path) -> None:
    answer = json.loads(search(shop, "조거", "--json").stdout)
    assert answer["query"] == "조거"
    [match] = answer["matches"]
    assert (match["id"], match["price"], match["link"]) == ("1", 39000, "https://shop/1")
    assert 0.5 < match["score"] <= 1
    assert (answer["more"], answer["next"]) == (False, None)
    assert "조거팬츠" in search(shop, "조거", "--json").stdout  # letters stay readable


def test_words_for_people(shop: Path, tmp_path: Path) -> None:
    result = search(shop, "조거", "팬츠")
    assert result.exit_code == 0
    [line] = result.stdout.splitlines()
    score, *cells = line.split("  ")
    assert 0.5 < float(score) <= 1
    assert cells == ["와이드 조거팬츠 세트", "39,000 KRW", "https://shop/1", str(tmp_path / "1.png")]


def test_a_photo_as_json(shop: Path, tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "query.png", NAVY, lower=WHITE)
    answer = json.loads(search(shop, str(photo), "--json").stdout)
    assert answer["query"] == str(photo)
    upper, lower = answer["garments"]
    assert (upper["region"], upper["category"], len(upper["box"])) == ("upper", "shirt", 4)
    assert [match["id"] for match in upper["matches"]] == ["1"]  # red is too far from navy
    assert [match["id"] for match in lower["matches"]] == ["1"]


def test_a_photo_for_people(shop: Path, tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "query.png", RED)
    heading, first = search(shop, str(photo)).stdout.splitlines()
    assert heading == "Shirt 셔츠 (upper; red)"
    assert first.startswith(" 1.00  same item?  Oxford T-Shirts  19,000 KRW")


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--max-price", "20000"], ["2"]),
        (["--min-price", "20000"], ["1"]),
        (["--colour", "빨강"], ["2"]),
        (["--color", "navy"], ["1"]),
        (["--category", "jeans"], ["1"]),
        (["--region", "lower", "--colour", "navy"], []),
        (["--limit", "1"], ["1"]),  # a T-shirt's title is not a shirt's
    ],
)
def test_filters(shop: Path, options: list[str], ids: list[str]) -> None:
    answer = json.loads(search(shop, "shirt", *options, "--json").stdout)
    assert [match["id"] for match in answer["matches"]] == ids


@pytest.mark.parametrize(
    ("typed", "said"), [("-5", "0 or more, got '-5'"), ("1e400", "39000, got '1e400'"), ("cheap", "got 'cheap'")]
)
def test_an_impossible_price_is_told_as_it_was_typed(shop: Path, typed: str, said: str) -> None:
    error = search(shop, "shirt", "--max-price", typed).exception
    assert isinstance(error, QueryError)
    assert str(error).startswith("--max-price must be a number")
    assert said in str(error)


def test_nothing_found_says_so(shop: Path) -> None:
    result = search(shop, "parka")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing found for 'parka'" in result.stderr


def test_a_photo_without_clothes(shop: Path, tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "sky.png", (255, 0, 255))
    result = search(shop, str(photo), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["garments"] == []
    assert "expected a photo with clothes, found none" in result.stderr


def test_filters_for_other_garments_than_the_photos_say_so(shop: Path, tmp_path: Path) -> None:
    result = search(shop, str(write_photo(tmp_path / "query.png", RED)), "--region", "feet")
    assert result.exit_code == 0
    assert "other garments than those in the photo (upper)" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nowhere/photo.jpg"], PhotoError),
        (["shirt", "--region", "uper"], QueryError),
        (["?!"], QueryError),
        (["shirt", "--limit", "0"], QueryError),
    ],
)
def test_what_cannot_be_asked(shop: Path, arguments: list[str], error: type[Exception]) -> None:
    assert isinstance(search(shop, *arguments).exception, error)


def test_an_absent_catalogue(shop: Path) -> None:
    result = search(shop.with_name("none.db"), "shirt")
    assert isinstance(result.exception, CatalogueError)
    assert not shop.with_name("none.db").exists()


def test_very_long_words_are_no_path(shop: Path) -> None:
    assert search(shop, "셔츠" * 3000).exit_code == 0


def test_a_taught_category_is_called_by_its_own_names() -> None:
    named = Label(id="kimono", score=1.0, sure=True, names={"en": "Kimono", "ko": "기모노"})
    bare = Label(id="kurta", score=0.4, sure=False)
    shirt = build_garment(NAVY)
    headings = [_heading(GarmentResults(0, replace(shirt, category=label), ())) for label in (named, bare)]
    assert headings[0] == "Kimono 기모노 (upper; navy): nothing found"
    assert headings[1] == "kurta (upper, unsure; navy): nothing found"


def test_a_photo_and_words(shop: Path, tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "query.png", NAVY)
    answer = json.loads(search(shop, str(photo), "in", "red", "--json").stdout)
    assert (answer["words"], answer["cut"]) == ("in red", True)
    assert [[match["id"] for match in found["matches"]] for found in answer["garments"]] in ([["2"]], [[]])
    spaced = write_photo(tmp_path / "my query.png", NAVY)
    assert json.loads(search(shop, str(spaced), "--json").stdout)["words"] == ""


def test_facets_and_the_page_behind(shop: Path) -> None:
    result = search(shop, "shirt", "--limit", "1", "--facets")
    assert "  category: shirt 2, jeans 1" in result.stdout.splitlines()
    cursor = result.stdout.splitlines()[-1].removeprefix("  more: --after ")
    behind = json.loads(search(shop, "shirt", "--limit", "1", "--after", cursor, "--json").stdout)
    assert [match["id"] for match in behind["matches"]] == ["2"]
    assert behind["next"] is None


def test_filters_that_shops_and_photos_tell(shop: Path) -> None:
    def ids(*options: str) -> list[str]:
        return [match["id"] for match in json.loads(search(shop, "shirt", *options, "--json").stdout)["matches"]]

    assert ids("--source", "products.csv") == ["1", "2"]
    assert ids("--gender", "female") == []
    assert ids("--component", "pattern=stripe", "--component", "소매=긴팔") == []
    assert ids("--style", "casual") == []
    for options, message in (
        (("--component", "stripe"), "must be like pattern=stripe"),
        (("--component", "pattern=strip"), "did you mean stripe"),
        (("--style", "causal"), "did you mean casual"),
        (("--after", "x"), "must be the `next`"),
    ):
        with pytest.raises(QueryError, match=message):
            raise search(shop, "shirt", *options).exception or AssertionError


def test_nothing_similar_is_said(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = write_photo(tmp_path / "query.png", (240, 250, 20))
    assert "nothing similar 닮은 상품 없음" in search(shop, str(photo), "--max-price", "20000").stdout
    monkeypatch.setattr(wiring, "load_cutoff", lambda settings: None)
    uncut = search(shop, str(photo))
    assert "nothing is cut off" in uncut.stderr
    assert "Oxford" in uncut.stdout
