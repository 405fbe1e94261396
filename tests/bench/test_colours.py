from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra: pip install 'meot[train]'")

from bench.colours import MASTER, NAMES, OURS, Said, accuracy, places, recalls, regions_of
from bench.colours_ceiling import Known, ceiling

from meot import taxonomy


def test_every_word_of_the_shop_names_one_colour_of_the_palette() -> None:
    palette = {colour.id for colour in taxonomy.load().colours}
    assert set(NAMES) < palette
    assert len(OURS) == sum(len(names) for names in NAMES.values())


def test_shoes_are_judged_on_the_feet_whatever_their_kind() -> None:
    for kind in ("Shoes", "Socks"):
        assert regions_of({"master_category": "Footwear", "sub_category": kind}) == MASTER["Footwear"]
    assert regions_of({"master_category": "Apparel", "sub_category": "Dress"}) == ("whole",)
    assert regions_of({"master_category": "Accessories", "sub_category": "Ties"}) == ("accessory",)


SAID = [
    Said("red", ("red", "white"), True, "its own region", True),
    Said("red", ("pink", "red"), True, "another region", True),
    Said("blue", ("navy",), False),
    Said("khaki", ("green",), False),
    Said("black", (), False, "nothing"),
]


def test_the_first_colour_counts_and_one_shopify_value_may_have_two_names() -> None:
    rows = {str(row["photos"]): row for row in accuracy(SAID)}
    assert str(rows["all"]["top-1"]).startswith("0.200 ")
    assert rows["all"]["top-2"] == pytest.approx(0.4)
    assert rows["all"]["top-1, Shopify's names"] == pytest.approx(0.4)  # khaki stands in Shopify's green
    assert (rows["worn"]["n"], rows["unworn"]["n"]) == (2, 3)


def test_what_another_garment_costs_is_told_apart() -> None:
    rows = {row["judged"]: row for row in places(SAID)}
    assert [rows[where]["n"] for where in ("its own region", "another region", "nothing")] == [3, 1, 1]
    assert rows["another region"]["top-1"] == 0
    assert rows["another region"]["any garment's first"] == 1


def test_recall_and_precision_are_those_of_the_first_colour() -> None:
    red = next(row for row in recalls(SAID) if row["colour"] == "red")
    assert (red["n"], red["recall"], red["precision"]) == (2, 0.5, 1.0)


def test_a_learner_finds_words_that_follow_from_what_it_is_given() -> None:
    rng = np.random.default_rng(0)
    words = ["red", "blue", "black"] * 20
    pixels = rng.normal(size=(60, 4)).astype(np.float32)
    pixels[:, 0] += [{"red": 0, "blue": 9, "black": 0}[word] for word in words]
    kinds = ["Jeans" if word == "black" else "Shirts" for word in words]
    known = [Known(row, kind, None) for row, kind in zip(pixels, kinds, strict=True)]
    by_pixels, by_type, _ = ceiling(known[:30], words[:30], known[30:], words[30:])
    assert by_type["top-1"] == (1.0, 1.0, 1.0)
    figure = by_pixels["top-1"]
    assert isinstance(figure, tuple)
    assert 1 / 3 < figure[0] < 1
