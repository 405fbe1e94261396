from __future__ import annotations

import pytest

from meot import taxonomy
from meot.answers.subject import Subject, Wish, understand
from meot.errors import QueryError
from meot.labels.lessons import CATEGORY, COMPONENT, STYLE, Lesson


def subject(wish: Wish, *lessons: Lesson) -> Subject:
    return understand(wish, lessons, taxonomy.load())


@pytest.mark.parametrize("said", ["dandy", "Dandy", "댄디"])
def test_a_known_name_in_any_language_is_a_correction(said: str) -> None:
    found = subject(Wish(kind=STYLE, name=said))
    assert (found.name, found.new, dict(found.names)) == ("dandy", False, {})


def test_a_known_category_brings_its_region() -> None:
    assert subject(Wish(kind=CATEGORY, name="셔츠")).region == "upper"
    with pytest.raises(QueryError, match="shirt is a garment of upper, got the region lower; leave --region out"):
        subject(Wish(kind=CATEGORY, name="shirt", region="lower"))


def test_a_new_name_becomes_an_id_with_names() -> None:
    found = subject(Wish(kind=CATEGORY, name="Happi coat", region="아우터", names={"ko": "핫피"}))
    assert (found.name, found.new, found.region) == ("happi_coat", True, "outer")
    assert found.names == {"en": "Happi coat", "ko": "핫피"}
    assert subject(Wish(kind=STYLE, name="한복")).name == "한복"
    assert subject(Wish(kind=STYLE, name="dark academia")).names["en"] == "Dark academia"


def test_a_class_taught_before_is_known_with_its_region_and_names() -> None:
    before = Lesson(kind=CATEGORY, name="kimono", names={"en": "Kimono", "ko": "기모노"}, region="whole")
    found = subject(Wish(kind=CATEGORY, name="기모노"), before)
    assert (found.name, found.new, found.region) == ("kimono", False, "whole")
    assert found.names == before.names


def test_a_near_spelling_is_only_a_hint() -> None:
    found = subject(Wish(kind=STYLE, name="dandi"))
    assert (found.name, found.new, found.near) == ("dandi", True, "dandy")
    assert subject(Wish(kind=STYLE, name="y2k")).near is None


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (
            Wish(kind=STYLE, name="Dress"),
            "'Dress' is a category already, expected a style; use `meot teach category dress`",
        ),
        (Wish(kind=CATEGORY, name="dandy"), "'dandy' is a style already.*use `meot teach style dandy`"),
        (Wish(kind=CATEGORY, name="남색"), "is a colour already, expected a category; choose another name"),
        (Wish(kind=CATEGORY, name="kimono", region="uper"), "unknown region 'uper'; did you mean 'upper'"),
        (Wish(kind=CATEGORY, name="kimono", region="skin"), "unknown region 'skin'"),
        (Wish(kind=COMPONENT, question="patern", name="check"), "unknown component 'patern'; did you mean 'pattern'"),
        (Wish(kind=COMPONENT, question="material", name="denim"), "add --new for a question of your own"),
        (Wish(kind=COMPONENT, question="style", name="dandy", own_question=True), "'style' is no component"),
        (Wish(kind=STYLE, name="  "), "name must be 1 to 64 letters"),
        (Wish(kind=STYLE, name="a/b"), "name must be 1 to 64 letters"),
        (Wish(kind=STYLE, name="x" * 65), "name must be 1 to 64 letters"),
        (Wish(kind=STYLE, name="dandy", names={"en": "Dandy"}), "has its names already"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(wish: Wish, says: str) -> None:
    with pytest.raises(QueryError, match=says) as error:
        subject(wish)
    assert "\n" not in str(error.value)


def test_what_is_a_style_and_a_category_is_taught_as_either() -> None:
    assert not subject(Wish(kind=STYLE, name="suit")).new
    assert not subject(Wish(kind=CATEGORY, name="suit")).new


def test_questions_may_be_named_in_korean_or_be_ones_own() -> None:
    assert subject(Wish(kind=COMPONENT, question="무늬", name="체크")).question == "pattern"
    own = subject(Wish(kind=COMPONENT, question="Material", name="denim", own_question=True))
    assert (own.question, own.name, own.new) == ("material", "denim", True)
    before = Lesson(kind=COMPONENT, question="material", name="denim")
    assert subject(Wish(kind=COMPONENT, question="material", name="denim"), before).new is False
    assert subject(Wish(kind=COMPONENT, question="neckline", name="polo")).new  # a polo collar is another question
