"""Parts of a comparison, and the scale that is shipped."""

from __future__ import annotations

import numpy as np
import pytest
from tests.answers.closet.owner import label, shirt, trousers
from tests.builders import NAVY, RED

from meot.answers.closet.similarity import PARTS, compare, load_scale, place_of
from meot.answers.closet.traits import describe
from meot.types import Shade


def column(part: str) -> int:
    return PARTS.index(part)


def test_a_garment_is_wholly_like_itself() -> None:
    one = describe([shirt(NAVY)])
    parts = compare(one, one)[0, 0]
    assert parts[column("cosine")] == pytest.approx(1.0)
    assert parts[column("colour")] == pytest.approx(1.0)
    assert load_scale().similarity(parts[None, None], one.region)[0, 0] > 0.95


def test_the_scale_needs_kind_and_colour() -> None:
    scale, wanted = load_scale(), describe([shirt(NAVY)])
    others = describe([shirt(NAVY), shirt(RED), trousers(RED)])
    same, red, else_ = scale.similarity(compare(wanted, others), wanted.region)[0].tolist()
    assert same > red > else_
    assert scale.verdict(same) == "own"
    assert scale.verdict(else_) == "missing"
    assert 0 < scale.close_from < scale.own_from < scale.twin_from < 1
    assert place_of("outer") == place_of("upper") != place_of("bag")


def test_colours_are_compared_by_shades_and_shares() -> None:
    both = (Shade("navy", "#1c223e", 0.5), Shade("white", "#ffffff", 0.5))
    mostly = (Shade("navy", "#1c223e", 0.9), Shade("white", "#ffffff", 0.1))
    owned = describe([shirt(NAVY), shirt(NAVY, colours=mostly), shirt(NAVY, colours=both), shirt(RED)])
    navy, little_white, half_white, red = compare(describe([shirt(NAVY)]), owned)[0, :, column("colour")].tolist()
    assert navy == pytest.approx(1.0)
    assert navy > little_white > half_white > red


def test_an_unknown_colour_is_neither_like_nor_unlike() -> None:
    bare, navy = describe([shirt(NAVY, colours=())]), describe([shirt(NAVY)])
    for wanted, owned in ((bare, navy), (navy, bare), (bare, bare)):
        assert compare(wanted, owned)[0, 0, column("colour")] == 0.5


def test_only_known_answers_count_against() -> None:
    striped, solid = ({"pattern": label(id)} for id in ("stripe", "solid"))
    wanted = describe([shirt(NAVY, components=striped)])
    owned = describe([shirt(NAVY, components=c) for c in (striped, solid, {})])
    same, other, unknown = compare(wanted, owned)[0, :, column("pattern")].tolist()
    assert (same, unknown) == (0.0, 0.0)
    assert other == pytest.approx(0.95**2)


def test_a_taught_category_is_a_kind_of_its_own() -> None:
    kimono = shirt(NAVY, category=label("kimono"))
    found = compare(describe([kimono]), describe([kimono, shirt(NAVY)]))[0, :, column("kind")]
    assert found[0] > 0.8
    assert found[1] == 0


def test_nothing_compares_with_nothing() -> None:
    assert compare(describe([shirt(NAVY)]), describe([shirt(NAVY)]).take(np.zeros(0, np.intp))).shape == (1, 0, 6)
