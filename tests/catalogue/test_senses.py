from __future__ import annotations

import pytest

from meot import taxonomy
from meot.catalogue.senses import Senses, lexicon, understand


def sense(text: str) -> Senses:
    return understand(text, taxonomy.load())


@pytest.mark.parametrize(
    ("text", "regions", "categories", "colours"),
    [
        ("남색 셔츠", "", "shirt", "navy"),
        ("Navy SHIRTS", "", "shirt", "navy"),
        ("곤색 jeans", "", "jeans", "navy"),
        ("light blue jeans", "", "jeans", "light_blue"),
        ("lightblue", "", "", "light_blue"),
        ("polo shirt", "", "polo", ""),
        ("t shirt", "", "t_shirt", ""),
        ("T-Shirts", "", "t_shirt", ""),
        ("하의 검은색", "lower", "", "black"),
        ("초록색 원피스", "", "dress", "green"),
        ("top", "upper", "top", ""),
        ("red dresses for summer", "", "dress", "red"),
        ("linen", "", "", ""),
        ("?!", "", "", ""),
    ],
)
def test_what_words_mean(text: str, regions: str, categories: str, colours: str) -> None:
    meant = sense(text)
    for said, ids in ((meant.regions, regions), (meant.categories, categories), (meant.colours, colours)):
        assert said == frozenset(ids.split())
    assert meant.is_of_one_garment == bool(colours and (regions or categories))


def test_every_name_is_known_by_all_others() -> None:
    known = sense("").known
    assert {("navy",), ("남색",), ("네이비",)} <= set(known["곤색"])
    assert ("light", "blue") in known["하늘색"]
    assert known["stripe"] == known["striped"] == known["줄무늬"]
    assert known["jean"] == known["jeans"]


@pytest.mark.parametrize(
    ("part", "other"),
    [("셔츠", "티셔츠"), ("shirt", "tshirt"), ("shirt", "sweatshirt"), ("바지", "반바지"), ("suit", "jumpsuit")],
)
def test_a_longer_name_of_another_family_is_another_thing(part: str, other: str) -> None:
    assert other in sense(part).other_things(part)


@pytest.mark.parametrize(("part", "same"), [("바지", "청바지"), ("shirt", "shirts"), ("조거", "티셔츠")])
def test_names_of_the_family_and_unknown_words_are_not(part: str, same: str) -> None:
    assert same not in sense(part).other_things(part)


def test_a_lexicon_is_made_once() -> None:
    assert lexicon(taxonomy.load()) is lexicon(taxonomy.load())
