from __future__ import annotations

import unicodedata

import pytest

from meot.catalogue.words import tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Men's T-Shirt, 2-pack", ["mens", "tshirt", "2pack"]),
        ("T SHIRTS with v neck", ["tshirts", "with", "vneck"]),
        ("a t-bone shirt", ["a", "tbone", "shirt"]),
        ("Café ｓｈｉｒｔ", ["cafe", "shirt"]),
        (unicodedata.normalize("NFD", "조거팬츠"), ["조거팬츠"]),
        ("rain_cape/hood", ["rain", "cape", "hood"]),
        ("👕 - ' _", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert tokens.split(text) == words


def test_places_of_hyphenated_words_are_those_of_their_parts() -> None:
    assert list(tokens.placed("navy Slim-fit men's T-shirt 조거 팬츠")) == [
        ("navy", 0), ("slimfit", 1), ("slim", 1), ("fit", 2), ("mens", 3), ("tshirt", 4), ("조거", 5), ("팬츠", 6)
    ]  # fmt: skip


def test_a_text_without_end_is_cut() -> None:
    assert len(list(tokens.placed("wool " * 100_000))) == tokens.MOST_WORDS


@pytest.mark.parametrize(
    ("word", "one"),
    [
        ("shirts", "shirt"), ("dresses", "dress"), ("dress", "dress"), ("watches", "watch"), ("jerseys", "jersey"),
        ("accessories", "accessory"), ("jeans", "jean"), ("gas", "gas"), ("바지", "바지"), ("32", "32"),
    ],
)  # fmt: skip
def test_singular(word: str, one: str) -> None:
    assert tokens.singular(word) == one
    assert {word, one} <= set(tokens.forms(word))
    assert set(tokens.forms(one)) <= set(tokens.forms(word))


@pytest.mark.parametrize(("word", "syllabic"), [("셔츠", True), ("シャツ", True), ("shirt", False), ("пальто", False)])
def test_scripts(word: str, syllabic: bool) -> None:
    assert tokens.is_syllabic(word) == syllabic
