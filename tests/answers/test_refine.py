from __future__ import annotations

import pytest
from tests.answers.cases import build_attributes

from meot import taxonomy
from meot.answers.refine import refine
from meot.types import Filters


@pytest.mark.parametrize(
    ("text", "filters", "rest"),
    [
        ("", Filters(), ""),
        ("in red", Filters(colour="red"), ""),
        ("the same in light blue", Filters(colour="light_blue"), ""),
        ("빨간색으로", Filters(colour="red"), ""),
        ("긴팔", Filters(components={"sleeve": "long"}), ""),
        ("긴팔 체크", Filters(components={"sleeve": "long", "pattern": "check"}), ""),
        ("Striped, V-neck", Filters(components={"pattern": "stripe", "neckline": "v"}), ""),
        ("캐주얼 여성 청바지", Filters(style="casual", gender="female", category="jeans"), ""),
        ("oxford", Filters(), "oxford"),
        ("navy oxford", Filters(colour="navy"), "oxford"),
        ("navy or white", Filters(colour="navy"), "white"),  # one colour is a filter, both must be held
        ("jeans with hood from acme", Filters(category="jeans"), "hood acme"),
    ],
)
def test_words_that_name_a_filter_become_one(text: str, filters: Filters, rest: str) -> None:
    assert refine(text, Filters(), taxonomy.load(), build_attributes([])) == (filters, rest)


def test_a_filter_that_is_set_stays() -> None:
    wanted = Filters(colour="navy", components={"sleeve": "short"})
    assert refine("red 긴팔", wanted, taxonomy.load(), build_attributes([])) == (wanted, "red 긴팔")
