"""Several photos, one answer; nothing below its threshold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.answers.listing.drawn import SHIRT, TAXONOMY, reading, seen
from tests.builders import NAVY, build_garment

from meot.answers.listing.evidence import BLURRED, answer, pick
from meot.answers.listing.reading import Reading, of_look
from meot.catalogue.files import PhotoFile
from meot.photos import from_pixels
from meot.types import Look


def answers(*readings: Reading, threshold: float | None = None, region: str = "") -> dict[str, tuple[str, bool]]:
    found = answer(pick(readings, region), TAXONOMY, threshold)
    return {name: (said.value, said.sure) for name, said in found.items()}


def test_what_the_models_are_sure_of_is_filled_in_and_the_rest_is_not() -> None:
    found = answers(reading(SHIRT))
    assert found["category"] == ("shirt", True)
    assert found["pattern"] == ("stripe", True)
    assert found["collar"] == ("regular", False)
    assert found["colour"] == ("blue", True)


def test_scores_of_several_photos_are_averaged() -> None:
    one = seen({"shirt": 0.5, "blouse": 0.4}, sure=False)
    two = seen({"shirt": 0.3, "blouse": 0.6}, sure=True)
    found = answer(pick([reading(one), reading(two)]), TAXONOMY)
    assert found["category"].value == "blouse"
    assert found["category"].score == pytest.approx(0.5)
    assert list(found["category"].candidates) == ["blouse", "shirt"]
    assert found["category"].sure


def test_two_photos_that_are_sure_of_different_things_are_not_sure_together() -> None:
    found = answers(reading(seen({"shirt": 0.9})), reading(seen({"blouse": 0.95})))
    assert found["category"] == ("blouse", False)


def test_a_family_is_decided_before_its_member() -> None:
    found = answers(reading(seen({"jacket": 0.35, "coat": 0.25, "blazer": 0.4}, region="outer", sure=False)))
    assert found["category"][0] == "jacket"


def test_a_threshold_of_ones_own_counts_instead() -> None:
    assert answers(reading(SHIRT), threshold=0.99)["category"] == ("shirt", False)
    assert answers(reading(SHIRT), threshold=0.5)["collar"] == ("regular", True)
    assert answers(reading(SHIRT), threshold=0.97)["colour"] == ("blue", False)


@pytest.mark.parametrize("colour", sorted(BLURRED))
def test_colours_that_blur_are_always_left_to_a_person(colour: str) -> None:
    assert answers(reading(seen({"shirt": 0.95}, colours={colour: 1.0})))["colour"] == (colour, False)


@pytest.mark.parametrize(("share", "sure"), [(0.94, False), (0.95, True)])
def test_a_colour_is_filled_in_where_it_is_nearly_all_of_the_garment(share: float, sure: bool) -> None:
    assert answers(reading(seen({"shirt": 0.95}, colours={"red": share})))["colour"] == ("red", sure)


def test_a_garment_of_two_colours_is_left_to_a_person() -> None:
    assert answers(reading(seen({"shirt": 0.95}, colours={"red": 0.6, "white": 0.4})))["colour"] == ("red", False)


def test_nothing_is_said_of_nothing() -> None:
    assert answers(reading()) == {}
    assert answers() == {}


def test_what_lies_flat_says_which_of_the_worn_garments_is_sold() -> None:
    jeans = seen({"jeans": 0.9}, region="lower", area=0.6)
    worn = reading(jeans, SHIRT, worn=True)
    assert answers(worn, reading(SHIRT))["category"] == ("shirt", True)
    assert answers(worn)["category"] == ("jeans", False)  # the shirt may be what is sold
    assert pick([worn]).rivals == ("upper",)
    assert answers(worn, region="upper")["category"] == ("shirt", True)
    alone = reading(seen({"jeans": 0.9}, region="lower", area=0.9), SHIRT, worn=True)
    assert answers(alone)["category"] == ("jeans", True)


def test_a_worn_dress_that_may_be_a_top_over_trousers_is_not_sure() -> None:
    there, perhaps = (seen({"dress": 0.99}, region="whole", presence=p) for p in (0.97, 0.9))
    assert answers(reading(there, worn=True))["category"] == ("dress", True)
    assert answers(reading(perhaps, worn=True))["category"] == ("dress", False)


def test_ids_elsewhere_are_filled_in_where_every_candidate_has_the_same() -> None:
    torn = seen({"t_shirt": 0.5, "polo": 0.48, "jeans": 0.02}, sure=False)
    found = answers(reading(torn))
    assert found["category"] == ("t_shirt", False)
    assert found["google_category"] == ("212", True)
    assert found["shopify_category"] == ("aa-1-13", True)
    far = seen({"t_shirt": 0.5, "jeans": 0.5}, sure=False)
    assert not {"google_category", "shopify_category"} & set(answers(reading(far)))


def test_of_two_people_only_the_main_one_wears_what_is_sold() -> None:
    garments = tuple(build_garment(NAVY, person=person, category=c) for person, c in ((0, "shirt"), (1, "polo")))
    photo = from_pixels(np.zeros((64, 48, 3), np.uint8))
    look = Look(photo=photo, garments=garments, regions=np.zeros((64, 48), np.uint8), worn=True, models={})
    kept = of_look(PhotoFile(Path("/a.jpg"), photo.sha256, 1, 2), look)
    assert [list(seen_.scores["category"]) for seen_ in kept.garments] == [["shirt"]]


def test_a_reading_comes_back_from_json_as_it_went() -> None:
    before = reading(SHIRT, worn=True, name="옷.jpg")
    after = Reading.of_json(before.as_json())
    assert (after.file, after.worn, after.failure) == (before.file, True, "")
    assert after.garments[0].scores == {q: dict(s) for q, s in SHIRT.scores.items()}
    assert np.allclose(after.garments[0].vector, SHIRT.vector)
    assert after.as_json() == before.as_json()
