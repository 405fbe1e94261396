"""Constructed closets and the scale that is fitted on them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from bench.closet_cases import Outfit, cases
from bench.closet_fit import as_toml, closets, grid, logistic, nearest, precision_at_1
from bench.closet_truths import Known
from tests.answers.closet.owner import shirt, trousers
from tests.builders import NAVY, RED, WHITE, Colour

from meot.answers.closet.similarity import PARTS, load_scale
from meot.labels.colour import to_lab
from meot.types import Garment


def known(garment: Garment, colour: Colour, group: str, kind: str = "shirt") -> Known:
    lab = to_lab(np.array([colour], np.uint8))[0]
    return Known(Path(group), group, False, garment, frozenset({kind}), lab, "")


def test_logistic_finds_the_curve_that_made_the_answers() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (20_000, 2))
    truth = rng.random(20_000) < 1 / (1 + np.exp(-(2 * x[:, 0] - x[:, 1] + 0.5)))
    weights, bias = logistic(x, truth, np.ones(20_000))
    assert [*weights.tolist(), bias] == pytest.approx([2, -1, 0.5], abs=0.1)
    rest, _ = logistic(x[:, 1:], truth, np.ones(20_000), offset=2 * x[:, 0])
    assert rest.tolist() == pytest.approx([-1], abs=0.1)


def test_the_shipped_scale_is_what_the_fit_writes() -> None:
    scale = load_scale()
    raw = tomllib.loads(as_toml(scale))
    assert [raw["weights"][part] for part in PARTS] == pytest.approx(scale.weights.tolist(), abs=1e-4)
    assert {place: (c["slope"], c["bias"]) for place, c in raw["curves"].items()} == scale.curves
    assert (raw["own_from"], raw["twin_from"]) == (scale.own_from, scale.twin_from)


def test_closets_hold_a_match_and_nothing_of_the_same_sender() -> None:
    wanted = [known(shirt(NAVY), NAVY, "a")]
    owned = [
        known(shirt(NAVY), NAVY, "a"),
        known(shirt(NAVY), NAVY, "b"),
        known(shirt(RED), RED, "c"),
        known(trousers(NAVY), NAVY, "d", "jeans"),
    ]
    found = grid(wanted, owned)
    drawn = closets(found, draws=5, holding=True)
    assert all(1 in chosen and 0 not in chosen and 3 not in chosen for _, chosen in drawn)
    assert precision_at_1(found, drawn, load_scale().weights.astype(np.float64)).tolist() == [1.0]
    assert nearest(found, drawn, load_scale()).alike.all()
    assert closets(grid(wanted, owned[2:]), draws=5, holding=True) == []


def test_a_case_needs_all_four_photos() -> None:
    def outfit(top: Colour, bottom: Colour, number: int, kinds: tuple[str, str] = ("shirt", "jeans")) -> Outfit:
        print = np.random.default_rng(number).random(64) < 0.5
        return Outfit(
            known(shirt(top), top, str(number), kinds[0]), known(trousers(bottom), bottom, str(number), kinds[1]), print
        )

    other = ("knit", "skirt")
    photos = [
        outfit(NAVY, RED, 0),
        outfit(NAVY, WHITE, 1, ("shirt", "skirt")),
        outfit(WHITE, RED, 2, ("knit", "jeans")),
        outfit(NAVY, RED, 3),
        outfit(WHITE, WHITE, 4, other),
    ]
    assert cases(photos[:4], 10) == []
    asked = dict(cases(photos, 10))[0]
    assert asked == {"top similar": 1, "bottom similar": 2, "all similar": 3, "all different": 4}
