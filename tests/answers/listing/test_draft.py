"""A draft: what wins, what is open, which photo comes first."""

from __future__ import annotations

import pytest
from tests.answers.listing.drawn import SHIRT, TAXONOMY, draft, reading, seen

from meot.answers.listing.answer import COLOUR, Answer
from meot.answers.listing.item import item_of
from meot.answers.listing.outgoing import ask, tell
from meot.answers.listing.stored import of_stored, to_store
from meot.answers.listing.wording import Writer
from meot.catalogue.export.registry import named


def test_corrections_win_over_facts_and_facts_over_photos() -> None:
    assert draft().values["category"] == "shirt"
    given = draft(given={"category": "blouse", "title": "x"})
    assert (given.values["category"], given.answers["category"].origin) == ("blouse", "given")
    both = draft(given={"category": "blouse"}, corrected={"category": "polo"})
    assert (both.values["category"], both.answers["category"].origin) == ("polo", "corrected")


def test_a_sure_draft_says_what_no_photo_shows_by_nobody() -> None:
    made = draft()
    assert (made.state, made.reason) == ("sure", "")
    assert not {"gender", "age_group", "material", "price", "brand", "size"} & set(made.values)
    assert set(made.review) == {"collar"}


def test_what_is_not_sure_goes_to_review_with_candidates() -> None:
    made = draft(reading(seen({"shirt": 0.5, "blouse": 0.4}, sure=False)))
    assert (made.state, made.reason) == ("review", "category, colour not sure")
    assert "category" not in made.values
    assert made.review["category"].candidates == {"shirt": 0.5, "blouse": 0.4}
    assert next(iter(made.review)) == "category"


def test_photos_without_clothes_and_photos_that_fail() -> None:
    assert (draft(reading()).state, draft(reading()).reason) == ("review", "no clothes found in the photos")
    broken = reading(failure="damaged", name="2.jpg")
    assert (draft(broken).state, draft(broken).reason) == ("failed", "damaged")
    half = draft(broken, reading(SHIRT))
    assert half.state == "sure"
    assert [r.failure for r in half.photos] == [""]


def test_only_jeans_have_a_wash() -> None:
    made = seen({"jeans": 0.9}, region="lower", colours={"blue": 1.0}, wash=({"one": 0.9}, True))
    assert draft(reading(made)).values["wash"] == "one"
    assert "wash" not in draft(reading(made), corrected={"category": "trousers"}).values


def test_a_corrected_category_says_which_garment_is_sold() -> None:
    jeans = seen({"jeans": 0.9}, region="lower", area=0.6, colours={"black": 1.0})
    worn = reading(jeans, SHIRT, worn=True)
    assert "(upper may be what is sold)" in draft(worn).reason
    assert draft(worn, corrected={"category": "shirt"}).values[COLOUR] == "blue"
    assert draft(worn, corrected={"category": "jeans"}).values[COLOUR] == "black"


def test_the_main_photo_is_named_so_or_lies_flat() -> None:
    worn, flat = reading(SHIRT, name="A12_1.jpg", worn=True), reading(SHIRT, name="A12_2.jpg")
    label, nothing = reading(SHIRT, name="A12_front.jpg", worn=True), reading(name="A12_0.jpg")
    assert [r.file.path.stem for r in draft(nothing, worn, flat).photos] == ["A12_2", "A12_1", "A12_0"]
    assert draft(worn, flat, label).photos[0] is label


def test_words_of_the_folder_tell_the_gender() -> None:
    made = draft(product="women/A12")
    assert (made.values["gender"], made.answers["gender"].origin) == ("female", "name")
    assert draft(product="women/A12", given={"gender": "unisex"}).values["gender"] == "unisex"


def test_questions_are_what_the_format_wants_and_nobody_said() -> None:
    writer = Writer(language="ko", taxonomy=TAXONOMY)
    made = draft(given={"material": "면 100%", "price": "1000"})
    assert not {"material", "price", "title", "category"} & set(ask(made, "naver", writer))
    assert {"made", "care", "warranty", "after_sales", "origin", "manufacturer"} <= set(ask(made, "naver", writer))
    assert {"link", "availability"} <= set(ask(made, "google", writer))
    assert ask(made, "naver", writer)["made"] == "제조연월은 언제인가요?"
    assert ask(draft(reading(failure="damaged")), "naver", writer) == {}


def test_it_comes_back_from_the_database_as_it_went() -> None:
    before = draft(given={"title": "x"}, corrected={"colour": "red"}, threshold=0.9, left_out=3)
    after = of_stored(to_store(before))
    assert after.as_json() == before.as_json()
    assert (after.given, after.corrected, after.threshold, after.left_out) == (
        {"title": "x"},
        {"colour": "red"},
        0.9,
        3,
    )


def test_as_an_item_it_carries_how_sure_each_field_is() -> None:
    item = item_of(draft(given={"material": "linen"}), Writer(language="en", taxonomy=TAXONOMY), TAXONOMY, str)
    assert item.scores == pytest.approx(
        {
            "category": 0.95,
            "colour": 0.96,
            "pattern": 0.97,
            "sleeve": 0.9,
            "shopify_category": 0.97,
            "google_category": 0.97,
        },
        abs=0.011,
    )
    assert (item.photos, item.notice) == (("/photos/A12_1.jpg",), {"material": "linen", "color": "Blue"})
    assert "category=0.95;colour=0.96" in named("csv").write([item])


def test_told_as_json_it_has_both_languages_and_pinned_ids() -> None:
    told = tell(draft(), "csv", "en", TAXONOMY)
    assert told["texts"]["ko"]["title"] == "파랑 줄무늬 긴팔 셔츠"
    assert told["texts"]["en"]["title"] == "Blue Striped Long-sleeve Shirt"
    assert told["category"]["shopify"] == {
        "version": "2025-09",
        "id": "gid://shopify/TaxonomyCategory/aa-1-13-7",
        "path": {
            "ko": "의류/액세서리 > 의류 > 의류 상의 > 셔츠",
            "en": "Apparel & Accessories > Clothing > Clothing Tops > Shirts",
        },
    }
    assert told["category"]["google"] == {"version": "2021-09-21", "id": 212}
    assert told["fields"]["pattern"] == {
        "value": "stripe",
        "origin": "photo",
        "sure": True,
        "score": 0.97,
        "candidates": {"stripe": 0.97, "check": 0.02},
    }
    assert Answer.of_json(told["fields"]["pattern"]).score == 0.97
