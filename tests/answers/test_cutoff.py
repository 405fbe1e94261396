from __future__ import annotations

from dataclasses import replace

import pytest

from meot import taxonomy
from meot.answers import cutoff as cutting
from meot.answers.cutoff import Bounds, Cutoff
from meot.models import store

_BOUNDS = Bounds(similar=0.4, same=0.7, lead=0.07)


@pytest.mark.parametrize(
    ("scores", "kinds"),
    [
        ([], []),
        ([0.9], ["same"]),
        ([0.69], ["similar"]),
        ([0.9, 0.8], ["same", "similar"]),
        ([0.9, 0.85, 0.84], ["similar"] * 3),  # several are as near: none is the one
        ([0.9, 0.89, 0.7, 0.69], ["same", "same", "similar", "similar"]),  # sold twice
        ([0.9, 0.88, 0.86, 0.84, 0.7], ["similar"] * 5),
        ([1.0, 1.0, 0.999, 0.998, 0.99], ["same"] * 4 + ["similar"]),  # one photo, many products
    ],
)
def test_the_same_item_is_near_and_alone(scores: list[float], kinds: list[str]) -> None:
    assert cutting.kinds(scores, _BOUNDS) == kinds


def test_nothing_is_said_without_bounds() -> None:
    assert cutting.kinds([1.0, 0.5], None) == ["", ""]


def test_other_families() -> None:
    texts = ["jeans", "trousers", "skirt", "own_kind"]
    assert cutting.other_families(taxonomy.load(), "jeans", texts).tolist() == [False, False, True, False]
    assert cutting.other_families(taxonomy.load(), "own_kind", texts).tolist() == [False] * 4


def test_the_bundled_model_brings_bounds_and_another_does_not() -> None:
    card = store.find("garment")[1]
    found = Cutoff.of(card)
    assert found is not None
    assert 0 < found.worn.similar < found.worn.same < 1
    assert 0 < found.flat.similar < found.flat.same < 1
    assert Cutoff.of(replace(card, settings={"worn_side": 160.0})) is None
