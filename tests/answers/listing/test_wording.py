"""Titles, descriptions, alternative texts and tags say facts, in each language's own grammar."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

import pytest
from tests.answers.listing.drawn import TAXONOMY

from meot.answers.listing.answer import DETAILS
from meot.answers.listing.facts import FIELDS
from meot.answers.listing.item import ASKED
from meot.answers.listing.wording import LANGUAGES, Writer, particle, questions

SHIRT = {
    "category": "shirt",
    "colour": "navy;white",
    "pattern": "stripe",
    "sleeve": "long",
    "collar": "regular",
    "neckline": "collar",
    "gender": "female",
    "brand": "Nord",
    "material": "cotton 100%",
}


def write(language: str, values: dict[str, str]) -> tuple[str, str, str]:
    texts = Writer(language=language, taxonomy=TAXONOMY).write(values)
    return texts.title, texts.description, texts.alt


def test_a_shirt_in_english_and_korean() -> None:
    assert write("en", SHIRT) == (
        "Nord Women's Navy and White Striped Long-sleeve Shirt",
        "A navy and white striped long-sleeve shirt. Collar: Regular. Material: cotton 100%. Brand: Nord.",
        "Navy and white striped long-sleeve shirt",
    )
    assert write("ko", SHIRT) == (
        "Nord 여성 남색·흰색 줄무늬 긴팔 셔츠",
        "남색·흰색 줄무늬 긴팔 셔츠입니다. 칼라는 레귤러입니다. 소재는 cotton 100%입니다. 브랜드는 Nord입니다.",
        "남색·흰색 줄무늬 긴팔 셔츠",
    )


def test_articles_and_plurals() -> None:
    assert write("en", {"category": "jeans", "colour": "orange"})[1] == "Orange jeans."
    assert write("en", {"category": "t_shirt", "colour": "orange"})[1] == "An orange T-shirt."
    assert write("en", {"category": "swimwear"})[1] == "Swimwear."


def test_what_the_category_says_is_not_said_again() -> None:
    assert write("ko", {"category": "longsleeve", "sleeve": "long"})[0] == "긴팔 티셔츠"
    assert "Hood" not in write("en", {"category": "hoodie", "neckline": "hood"})[1]
    assert "damage" not in write("en", {"category": "jeans", "damage": "no"})[1].lower()


def test_without_a_category_nothing_is_written() -> None:
    assert write("en", {"colour": "red"}) == ("", "", "")
    assert write("ko", {"title": "우리 셔츠"})[0] == "우리 셔츠"


def test_what_was_given_stays_as_it_is() -> None:
    title = '=SUM(1) "best" 😀 قميص'
    assert write("en", {**SHIRT, "title": title, "description": "Mine."})[:2] == (title, "Mine.")


def test_children_are_named_as_children() -> None:
    writer = Writer(language="en", taxonomy=TAXONOMY)
    assert writer.gender({"gender": "female", "age_group": "kids"}) == "Girls'"
    assert writer.gender({"age_group": "kids"}) == "Kids'"
    assert writer.gender({"age_group": "adult"}) == ""


@pytest.mark.parametrize("word", ["색상", "소재", "S", "10", "L", "면 3%", "(칼라)"])
def test_particles_follow_the_sound(word: str) -> None:
    closed = {"색상": True, "소재": False, "S": False, "10": True, "L": True, "면 3%": False, "(칼라)": False}
    assert particle(word, "은", "는") == ("은" if closed[word] else "는")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_of_the_taxonomy_can_be_written(language: str) -> None:
    writer = Writer(language=language, taxonomy=TAXONOMY)
    for category in TAXONOMY.categories:
        for component in TAXONOMY.components:
            for value in component.values:
                texts = writer.write({"category": category.id, component.id: value.id, "colour": "red"})
                assert texts.title
                assert not re.search(r"  |[{}_]|\bNone\b", f"{texts.title} {texts.description} {texts.alt}")
                assert len(texts.title) < 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_praises(language: str) -> None:
    raw = resources.files("meot.answers.listing").joinpath("texts.toml").read_text("utf-8")
    said = " ".join(str(value) for value in tomllib.loads(raw)[language].values()).lower()
    for word in ("best", "beautiful", "perfect", "stylish", "premium", "고급", "예쁜", "최고", "트렌디", "멋진"):
        assert word not in said


def test_every_field_that_is_asked_for_has_a_question_in_both_languages() -> None:
    for fields in ASKED.values():
        assert set(fields) <= set(FIELDS)
        for language in LANGUAGES:
            asked = questions({}, fields, Writer(language=language, taxonomy=TAXONOMY))
            assert all(text.strip(" ?") not in fields and "?" in text for text in asked.values())
    assert questions({"price": "1"}, ("price",), Writer(language="en", taxonomy=TAXONOMY)) == {}
    assert set(DETAILS) <= {component.id for component in TAXONOMY.components}
