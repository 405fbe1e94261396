"""The style of an outfit: who wears what where, said together, and "unsure" where nothing leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.builders import BLACK, NAVY, RED, build_garment

from meot.labels.style import Styles, box_of, describe, halves, outfit, parts
from meot.models.card import Card
from meot.taxonomy import load
from meot.types import Box, Garment

TERMS = load()
SHIRT = replace(build_garment(NAVY), box=Box(10, 10, 50, 60))
JEANS = replace(build_garment(BLACK, region="lower", category="jeans"), box=Box(12, 55, 48, 110))
SHOES = replace(build_garment(RED, region="feet", category="sneakers"), box=Box(15, 105, 45, 120))
SEEN = np.ones((2, 7), np.float32)


def test_an_outfit_is_the_main_persons() -> None:
    other = replace(SHIRT, person=1)
    second = replace(SHIRT, box=Box(0, 0, 5, 5))
    assert outfit([SHIRT, other, JEANS, second]) == (SHIRT, JEANS)


@pytest.mark.parametrize("garments", [[], [SHOES], [JEANS, SHOES], [replace(SHIRT, person=1)]])
def test_shoes_and_trousers_alone_have_no_style(garments: list[Garment]) -> None:
    assert outfit(garments) == ()


def test_halves_part_the_outfits_box() -> None:
    upper, lower = halves([SHIRT, SHOES])
    assert box_of([SHIRT, SHOES]) == Box(10, 10, 50, 120)
    assert upper == Box(10, 10, 50, 65)
    assert lower == Box(10, 65, 50, 120)


def test_a_descriptor_says_what_is_where() -> None:
    one = describe((SHIRT, JEANS), SEEN, (130, 60), TERMS)
    scores, places, vectors, rest = parts(len(one), len(SHIRT.vector), TERMS)
    assert rest == SEEN.size
    assert one.dtype == np.float32
    assert np.array_equal(one, describe((JEANS, SHIRT), SEEN, (130, 60), TERMS)), "their order says nothing"
    alone = describe((SHIRT,), SEEN, (130, 60), TERMS)
    place = places // len([r for r in TERMS.regions if r.garment])
    there = one[scores : scores + places].reshape(-1, place)[:, 0]
    assert there.sum() == 2
    assert alone[scores : scores + places].reshape(-1, place)[:, 0].sum() == 1
    assert np.abs(one[scores + places : scores + places + vectors]).sum() > 0


def test_a_descriptor_does_not_depend_on_the_photos_size() -> None:
    small = describe((SHIRT, JEANS), SEEN, (130, 60), TERMS)
    large = [replace(g, box=Box(*(2 * edge for edge in g.box))) for g in (SHIRT, JEANS)]
    np.testing.assert_allclose(small, describe(large, SEEN, (260, 120), TERMS), rtol=1e-5)


class Fixed:
    """Answers with the same logits."""

    def __init__(self, *logits: float) -> None:
        self.logits = logits

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        return [np.tile(np.array([self.logits], np.float32), (len(inputs["features"]), 1))]


def model(*logits: float) -> Styles:
    card = Card(
        name="style-1",
        task="style",
        taxonomy=TERMS.version,
        licence="",
        trained_on=(),
        started_from="",
        preprocessing="",
        outputs=("style",),
        labels=("casual", "dandy", "suit"),
        settings={"temperature": 1.0, "sure": 0.7, "group_sure": 0.7},
    )
    return Styles(session=Fixed(*logits), card=card, taxonomy=TERMS)


def test_a_leading_style_is_sure_and_names_its_runner_up() -> None:
    named = model(0.0, 4.0, 1.0).name(np.zeros(3, np.float32))
    assert (named.style.id, named.style.runner_up, named.style.sure) == ("dandy", "suit", True)
    assert sum(named.style.scores.values()) == pytest.approx(1.0)


def test_two_styles_that_blur_are_unsure_but_their_group_is_sure() -> None:
    named = model(0.0, 3.0, 3.0).name(np.zeros(3, np.float32))
    assert not named.style.sure
    assert TERMS.style("dandy").group == TERMS.style("suit").group == named.group.id
    assert named.group.sure
    assert named.group.score == pytest.approx(named.style.scores["dandy"] + named.style.scores["suit"])


def test_nothing_leads() -> None:
    named = model(0.1, 0.0, 0.0).name(np.zeros(3, np.float32))
    assert not named.style.sure
    assert not named.group.sure
