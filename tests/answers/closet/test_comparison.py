"""A look beside a closet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.answers.closet.owner import MODELS, OpenCloset, look, shirt, trousers
from tests.builders import BLACK, NAVY, RED, WHITE, unit

from meot import taxonomy
from meot.answers.closet.comparison import Comparison, compare_look
from meot.answers.closet.similarity import load_scale
from meot.answers.closet.wardrobe import SHORTLIST, Owned
from meot.answers.wording import Wording
from meot.catalogue.owned import NotAlike
from meot.errors import CatalogueError, QueryError
from meot.types import Look

SCALE = load_scale()


def beside(wanted: Look, closet: OpenCloset, *, person: int = 0) -> Comparison:
    owned = Owned(closet=closet, models=MODELS, scale=SCALE)
    wording = Wording(language="en", taxonomy=taxonomy.load())
    return compare_look(wanted, owned, scale=SCALE, wording=wording, person=person)


def test_each_garment_by_itself() -> None:
    found = beside(look(shirt(NAVY), trousers(RED)), OpenCloset([shirt(BLACK), shirt(NAVY)]))
    assert [part.verdict for part in found.parts] == ["own", "missing"]
    assert [c.near.owned.key for c in found.parts[0].nearest] == [2, 1]
    assert found.parts[1].nearest == ()
    assert [part.number for part in found.missing] == [1]
    assert found.as_json()["garments"][0]["nearest"][0]["owned"] == 2


def test_no_garment_outweighs_another_by_its_area() -> None:
    closet = OpenCloset([shirt(NAVY)])
    small, large = (beside(look(shirt(NAVY, area=a), trousers(RED, area=1 - a)), closet).overall for a in (0.01, 0.99))
    assert small == large
    assert small == pytest.approx(0.5, abs=0.02)


def test_top_and_bottom_alike_weigh_the_same() -> None:
    closet = OpenCloset([shirt(NAVY), trousers(RED)])
    figures = [
        beside(look(*garments), closet).overall
        for garments in (
            (shirt(NAVY), trousers(WHITE)),
            (shirt(WHITE), trousers(RED)),
            (shirt(NAVY), trousers(RED)),
            (shirt(WHITE), trousers(BLACK)),
        )
    ]
    top, bottom, every, none = figures
    assert none < top < every
    assert none < bottom < every
    assert abs(top - bottom) < 0.25 * (every - none)


def test_accessories_are_told_but_not_counted() -> None:
    belt = replace(shirt(BLACK), region="accessory")
    found = beside(look(shirt(NAVY), belt), OpenCloset([shirt(NAVY)]))
    assert found.overall == found.parts[0].similarity
    assert found.parts[1].verdict == "missing"
    assert beside(look(belt), OpenCloset([])).overall == 0


def test_an_empty_closet_owns_nothing() -> None:
    found = beside(look(shirt(NAVY), trousers(RED)), OpenCloset([]))
    assert (found.owned, found.overall, len(found.missing)) == (0, 0.0, 2)


def test_a_look_without_clothes_is_refused() -> None:
    with pytest.raises(QueryError, match="found none"):
        beside(look(), OpenCloset([shirt(NAVY)]))


def test_of_two_people_the_main_one_unless_said() -> None:
    two = look(shirt(NAVY), replace(shirt(RED), person=1))
    closet = OpenCloset([shirt(NAVY), shirt(RED)])
    assert [part.number for part in beside(two, closet).parts] == [0]
    second = beside(two, closet, person=1)
    assert (second.people, [part.number for part in second.parts]) == (2, [1])
    with pytest.raises(QueryError, match=r"1\.\.2 .* got 3"):
        beside(two, closet, person=2)


def test_what_is_said_to_be_not_alike_counts_at_once() -> None:
    closet = OpenCloset([shirt(NAVY), shirt(BLACK)])
    wanted = look(shirt(NAVY))
    vector = wanted.garments[0].vector
    closet.said.append(NotAlike(key=1, owned=1, photo="look", region="upper", vector=vector))
    assert [c.near.owned.key for c in beside(wanted, closet).parts[0].nearest] == [2]
    assert beside(look(shirt(NAVY), name="other"), closet).parts[0].nearest[0].near.owned.key == 2  # it looks just so
    assert beside(look(shirt(BLACK), name="third"), closet).parts[0].nearest[0].near.owned.key == 2
    closet.said.clear()
    assert beside(wanted, closet).parts[0].nearest[0].near.owned.key == 1


def test_another_word_leaves_other_wanted_garments_alone() -> None:
    closet = OpenCloset([shirt(NAVY)])
    closet.said.append(NotAlike(key=1, owned=1, photo="look", region="upper", vector=shirt(WHITE).vector))
    assert beside(look(shirt(NAVY), name="other"), closet).parts[0].nearest


def test_a_large_closet_is_read_in_part() -> None:
    rng = np.random.default_rng(0)
    near = shirt(NAVY)
    many = [shirt(WHITE, vector=unit(rng.normal(0, 1, 4))) for _ in range(400)]
    closet = OpenCloset([*many, near])
    assert beside(look(shirt(NAVY)), closet).parts[0].nearest[0].near.owned.key == 401
    assert len(closet.asked) == SHORTLIST


def test_vectors_of_another_encoder_are_refused() -> None:
    with pytest.raises(CatalogueError, match="encoder"):
        beside(look(shirt(NAVY, vector=unit([1, 2, 3]))), OpenCloset([shirt(NAVY)]))
