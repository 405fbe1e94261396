"""The listing bench maps a shop's words to ours and counts what is filled in, right and open."""

from __future__ import annotations

import pytest
from bench.listing import CATEGORIES, FIELDS, Judged, common_of, figures, judge, saved, truths
from tests.answers.listing.drawn import SHIRT, draft, reading, seen

from meot import taxonomy

ROW = {
    "id": "1",
    "title": "Nord Men Blue Shirt",
    "gender": "Men",
    "master_category": "Apparel",
    "article_type": "Shirts",
    "base_colour": "Blue",
}


def test_the_words_are_ours() -> None:
    known = {category.id for category in taxonomy.load().categories}
    assert {id for ids in CATEGORIES.values() for id in ids} <= known


def test_what_a_shop_says_of_a_product() -> None:
    assert truths(ROW) == {
        "category": ("shirt",),
        "google_category": ("212",),
        "colour": ("blue", "light_blue"),
        "gender": ("male",),
        "age_group": ("adult",),
    }
    bare = truths({**ROW, "article_type": "Kurtas", "base_colour": "NA", "gender": "Unisex"})
    assert (bare["category"], bare["google_category"], bare["colour"], bare["age_group"]) == ((), (), (), ())


def test_what_a_draft_fills_in_is_judged() -> None:
    found = {each.field: each for each in judge(ROW, draft(reading(SHIRT)))}
    assert found["category"] == Judged("category", ("shirt",), "shirt", True, True)
    assert found["google_category"].said == "212"
    assert found["gender"] == Judged("gender", ("male",), None, False, True)
    unsure = draft(reading(seen({"polo": 0.5, "t_shirt": 0.48}, sure=False)))
    found = {each.field: each for each in judge(ROW, unsure)}
    assert (found["category"].said, found["category"].filled) == ("polo", False)
    assert (found["google_category"].said, found["google_category"].filled) == ("212", True)
    titled = draft(reading(SHIRT), given={"title": ROW["title"]})
    assert {each.field: each.said for each in judge(ROW, titled)}["gender"] == "male"


def test_shares_of_what_is_filled_in_and_of_what_is_left() -> None:
    judged = [
        Judged("category", ("shirt",), "shirt", True, True),
        Judged("category", ("shirt",), "polo", True, True),
        Judged("category", ("shirt",), "shirt", False, False),
        Judged("category", (), "dress", False, True),
    ]
    rows = {(r["field"], r["filled in"]): r for r in figures(judged, dict.fromkeys(FIELDS, "shirt"))}
    assert rows["category", "sure"]["filled"] == 0.5
    right = rows["category", "sure"]["right of the filled"]
    assert isinstance(right, tuple)
    assert right[0] == 0.5
    assert rows["category", "whatever the score"]["of those with a word of ours"] == pytest.approx(2 / 3)
    assert rows["category", "most common"]["filled"] == 1.0
    all_of_them = saved(judged)[0]
    assert [all_of_them[name] for name in ("right", "wrong", "open", "open, first candidate right")] == [
        0.25,
        0.25,
        0.5,
        0.25,
    ]
    assert common_of([ROW])["category"] == "shirt"
