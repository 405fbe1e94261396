"""What of a look is told, and in what words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import NAVY, build_garment

from meot import taxonomy
from meot.answers.wording import Wording
from meot.types import Label


def wording(language: str = "en") -> Wording:
    return Wording(language=language, taxonomy=taxonomy.load())


def told(category: str = "t_shirt", sure: bool = True, **answers: tuple[str, float, bool]) -> list[tuple[str, bool]]:
    """The details told of a garment of that category: text and whether it is sure."""
    components = {question: Label(id, score, certain) for question, (id, score, certain) in answers.items()}
    garment = replace(build_garment(NAVY, category=category, sure=sure), components=components)
    return [(detail.text, detail.sure) for detail in wording().details(garment)]


def test_details_need_no_question_beside_them_and_stand_in_the_taxonomys_order() -> None:
    said = told(sleeve=("short", 0.9, True), neckline=("round", 0.8, True), pattern=("stripe", 0.9, True))
    assert said == [("Striped", True), ("Round neck", True), ("Short sleeves", True)]


@pytest.mark.parametrize("component", taxonomy.load().components, ids=lambda component: component.id)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_value_has_words(component: taxonomy.Component, language: str) -> None:
    for value in component.values:
        assert wording(language).detail(component.id, Label(value.id, 0.9, True)) == value.alone[language]


def test_a_guess_is_told_as_one_unless_it_is_more_likely_wrong() -> None:
    said = told(pattern=("check", 0.62, False), sleeve=("long", 0.41, False), neckline=("v", 0.41, True))
    assert said == [("Checked", False), ("V-neck", True)]


def test_what_says_nothing_is_left_out() -> None:
    assert told(collar=("other", 0.9, True), neckline=("other", 0.9, True), damage=("no", 0.9, True)) == []
    assert told("jeans", damage=("yes", 0.9, True)) == [("Damaged", True)]


@pytest.mark.parametrize(("sure", "said"), [(True, []), (False, [("Hooded", True)])])
def test_what_the_category_says_already_is_left_out_when_it_is_sure(sure: bool, said: list[tuple[str, bool]]) -> None:
    assert told("hoodie", sure, neckline=("hood", 0.9, True)) == said


def test_a_collar_is_told_once() -> None:
    neck = ("collar", 0.9, True)
    assert told("dress", collar=("band", 0.9, True), neckline=neck) == [("Band collar", True)]
    assert told("dress", collar=("other", 0.9, True), neckline=neck) == [("Collared", True)]


def test_what_was_taught_is_called_as_it_is_written() -> None:
    assert told(material=("raw_denim", 0.9, True), pattern=("camo", 0.9, True)) == [
        ("Pattern: camo", True),
        ("material: raw denim", True),
    ]
    assert [say("techno_goth") for say in (wording().style, wording().category)] == ["techno goth"] * 2


def test_answers_to_questions_of_ones_own_are_told_whatever_their_score() -> None:
    assert told(material=("linen", 0.2, False), pattern=("check", 0.2, False)) == [("material: linen", False)]


def test_taught_classes_have_the_names_that_came_along() -> None:
    goth = Label("goth", 0.9, True, names={"en": "Goth", "ko": "고스"})
    camo = Label("camo", 0.9, True, names={"en": "Camouflage", "ko": "위장무늬"})
    say = wording("ko")
    assert (say.style(goth), say.category(goth), say.detail("pattern", camo)) == ("고스", "고스", "무늬: 위장무늬")
    assert say.tell_style(goth) == ("스타일", "고스 90%", "")


def test_names_of_the_taxonomy_stand_whatever_came_along() -> None:
    assert wording("ko").style(Label("dandy", 0.9, True, names={"en": "Fop", "ko": "멋쟁이"})) == "댄디"


@pytest.mark.parametrize(
    ("style", "group", "said"),
    [
        (
            Label("dandy", 0.4, False, "suit"),
            Label("classic", 0.8, True),
            ("Style", "Classic 80%", "Dandy? 40%, Suit?"),
        ),
        (Label("dandy", 0.4, False, "suit"), Label("classic", 0.5, False), ("Style", "unsure", "Dandy? 40%, Suit?")),
        (Label("dandy", 0.9, True, "suit"), Label("classic", 0.9, True), ("Style", "Dandy 90%", "or Suit")),
    ],
)
def test_a_sure_group_is_told_where_no_style_is_sure(style: Label, group: Label, said: tuple[str, str, str]) -> None:
    assert wording().tell_style(style, group) == said


@pytest.mark.parametrize(
    ("language", "label", "said"),
    [
        ("en", Label("casual", 0.58, True, "minimal"), ("Style", "Casual 58%", "or Minimal")),
        ("ko", Label("casual", 0.58, True, "minimal"), ("스타일", "캐주얼 58%", "또는 미니멀")),
        ("en", Label("casual", 1.0, True), ("Style", "Casual 100%", "")),
        (
            "en",
            Label("rock_chic", 0.34, False, "street", {"rock_chic": 0.34, "street": 0.21}),
            ("Style", "unsure", "Rock chic? 34%, Street? 21%"),
        ),
        ("ko", Label("dandy", 0.34, False, "suit"), ("스타일", "확실하지 않음", "댄디? 34%, 수트?")),
    ],
)
def test_the_style_in_words(language: str, label: Label, said: tuple[str, str, str]) -> None:
    assert wording(language).tell_style(label) == said
