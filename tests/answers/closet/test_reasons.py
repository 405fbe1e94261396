"""Reasons in words, in both languages."""

from __future__ import annotations

import pytest
from tests.answers.closet.owner import label, shirt, trousers
from tests.builders import BLACK, NAVY

from meot import taxonomy
from meot.answers.closet.reasons import explain
from meot.answers.wording import Wording
from meot.types import Garment


def say(wanted: Garment, owned: Garment, language: str = "en") -> list[str]:
    return [r.text for r in explain(wanted, owned, Wording(language=language, taxonomy=taxonomy.load()))]


STRIPED, SOLID = ({"pattern": label(id)} for id in ("stripe", "solid"))


def test_what_differs_comes_first() -> None:
    told = say(shirt(NAVY, components=STRIPED), shirt(BLACK, components=SOLID))
    assert told == ["navy against black", "striped against solid", "same category (shirt)"]


def test_korean() -> None:
    told = say(shirt(NAVY, components=STRIPED), shirt(BLACK, components=SOLID), "ko")
    assert told == ["남색, 가진 옷은 검정", "줄무늬, 가진 옷은 무지", "같은 종류(셔츠)"]


@pytest.mark.parametrize(("score", "text"), [(0.7, "skinny fit? against wide fit"), (0.4, None)])
def test_guesses_are_marked_and_unlikely_ones_left_out(score: float, text: str | None) -> None:
    wanted = trousers(NAVY, components={"fit": label("skinny", score, sure=False)})
    told = say(wanted, trousers(NAVY, components={"fit": label("wide")}))
    assert (text in told) if text else not any("fit" in each for each in told)


def test_unknown_answers_are_no_reason() -> None:
    assert say(shirt(NAVY, components=STRIPED), shirt(NAVY)) == ["same category (shirt)", "same colour (navy)"]
    assert say(shirt(NAVY, colours=()), shirt(NAVY, colours=())) == ["same category (shirt)"]


def test_a_reason_says_whether_it_is_shared() -> None:
    wording = Wording(language="en", taxonomy=taxonomy.load())
    colour, category = explain(shirt(NAVY), shirt(BLACK), wording)
    assert colour.as_json()["same"] is False
    assert (category.same, category.sure) == (True, True)
