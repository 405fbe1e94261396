from __future__ import annotations

from dataclasses import replace

import pytest
from tests.answers.trends.drawn import nothing

from meot import taxonomy
from meot.answers.trends.names import Askable
from meot.catalogue.vocabulary import Vocabulary
from meot.errors import QueryError
from meot.types import Filters


@pytest.fixture
def askable() -> Askable:
    known = replace(nothing(), taught={("category", ""): {"hanbok": {"ko": "한복"}}, ("component", "button"): {}})
    known.vocabularies.answers["material"] = Vocabulary(["denim"])
    return Askable(taxonomy=taxonomy.load(), known=known)


@pytest.mark.parametrize(
    ("by", "id"),
    [
        ("pattern", "pattern"),
        ("Denim colour", "denim_colour"),
        ("denim-colour", "denim_colour"),
        ("데님 색", "denim_colour"),
        ("color", "colour"),
        ("스타일", "style"),
        ("종류", "category"),
        ("material", "material"),
        ("button", "button"),
    ],
)
def test_what_is_counted_goes_by_many_names(askable: Askable, by: str, id: str) -> None:
    assert askable.resolve(by) == (id,)


def test_component_means_every_question(askable: Askable) -> None:
    found = askable.resolve("component")
    assert found[:2] == ("pattern", "collar")
    assert found[-2:] == ("material", "button")


def test_an_unknown_name_names_the_nearest(askable: Askable) -> None:
    with pytest.raises(QueryError, match="unknown --by 'patern'; did you mean 'pattern'"):
        askable.resolve("patern")
    with pytest.raises(QueryError, match="unknown --by 'xyzzy'; known are"):
        askable.resolve("xyzzy")


def test_filters_of_texts_and_options(askable: Askable) -> None:
    found = askable.filters(["category=jeans", "무늬=줄무늬", " source = a=b "], {"gender": "female", "region": None})
    assert found == Filters(category="jeans", gender="female", source="a=b", components={"pattern": "줄무늬"})


@pytest.mark.parametrize(
    ("within", "message"),
    [
        (["jeans"], "must be NAME=VALUE"),
        (["=jeans"], "must be NAME=VALUE"),
        (["category="], "must be NAME=VALUE"),
        (["catgory=jeans"], "did you mean 'category'"),
        (["component=x"], "unknown name 'component'"),
        (["category=jeans", "category=shirt"], "asked to be 'jeans' and 'shirt'"),
    ],
)
def test_filters_that_cannot_be(askable: Askable, within: list[str], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        askable.filters(within, {})


def test_names_of_what_was_taught_and_of_what_nobody_named(askable: Askable) -> None:
    assert askable.value("category", "hanbok") == {"en": "hanbok", "ko": "한복"}
    assert askable.value("pattern", "stripe") == {"en": "Striped", "ko": "줄무늬"}
    assert askable.value("material", "faux_fur") == {"en": "faux fur", "ko": "faux fur"}
    assert askable.called("material") == {"en": "material", "ko": "material"}
