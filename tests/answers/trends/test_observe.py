from __future__ import annotations

from typing import Any

from tests.answers.trends.drawn import at, garment, product

from meot.answers.trends.observe import NO, PERHAPS, YES, Observed, observe
from meot.catalogue.dated import DatedGarment
from meot.types import Filters


def look(*garments: DatedGarment, by: str = "pattern", guesses: bool = False, **filters: object) -> Observed:
    """What product 1 is observed to be; product 2 shows nothing."""
    products = [product(1, gender="female", source="shop"), product(2)]
    asked = Filters(**filters)  # type: ignore[arg-type]
    return observe(products, garments, by=(by,), filters=asked, guesses=guesses)


def answer(observed: Observed, by: str = "pattern") -> tuple[str, bool] | None:
    """Of product 1; product 2 has none."""
    found = observed.answers[by]
    assert found.value[1] == -1
    return None if found.value[0] < 0 else (found.ids[found.value[0]], bool(found.sure[0]))


def test_a_product_answers_by_its_first_garment() -> None:
    assert answer(look(garment(1, pattern="stripe"), garment(1, pattern="dot"))) == ("stripe", True)


def test_a_later_photo_speaks_where_the_first_is_unsure() -> None:
    assert answer(look(garment(1, pattern="stripe?"), garment(1, pattern="dot"))) == ("dot", True)
    assert answer(look(garment(1, pattern="stripe?"), garment(1, pattern="dot?"))) == ("stripe", False)


def test_a_garment_of_another_region_never_speaks_for_the_first() -> None:
    jeans = garment(1, region="lower", category="jeans", pattern="solid")
    assert answer(look(garment(1, pattern="stripe?"), jeans)) == ("stripe", False)
    assert answer(look(jeans, garment(1, pattern="stripe"), category="shirt")) == ("stripe", True)


def test_what_was_not_asked_is_no_answer() -> None:
    assert answer(look(garment(1, sleeve="long"))) is None
    assert answer(look(garment(1))) is None
    assert answer(look(garment(1, pattern_of_mine="x"))) is None  # another question that begins alike


def test_looks() -> None:
    shades = '[{"id": "navy", "hex": "#101030", "share": 0.7}, {"id": "white", "hex": "#ffffff", "share": 0.3}]'
    one = garment(1, colours=shades, sure=False, style='{"id": "casual", "score": 0.4, "sure": false}')
    assert answer(look(one, by="colour"), "colour") == ("navy", True)
    assert answer(look(one, by="category"), "category") == ("shirt", False)
    assert answer(look(one, by="region"), "region") == ("upper", True)
    assert answer(look(one, by="style"), "style") == ("casual", False)
    assert answer(look(garment(1), by="style"), "style") is None
    assert answer(look(garment(1), by="colour"), "colour") is None


def test_filters_are_passed_by_sure_answers() -> None:
    sure, unsure = garment(1, pattern="stripe", fit="wide"), garment(1, sure=False, pattern="stripe", fit="wide?")
    asked: tuple[dict[str, Any], ...] = ({"category": "shirt"}, {"components": {"fit": "wide"}})
    for filters in asked:
        assert look(sure, **filters).within.tolist() == [YES, NO]
        assert look(unsure, **filters).within.tolist() == [PERHAPS, NO]
        assert answer(look(unsure, **filters)) is None
        assert answer(look(unsure, guesses=True, **filters)) == ("stripe", True)
    assert look(sure, category="jeans").within.tolist() == [NO, NO]
    assert look(sure, components={"collar": "band"}).within.tolist() == [NO, NO]
    assert look(sure, region="lower").within.tolist() == [NO, NO]


def test_one_garment_must_be_all_that_is_asked() -> None:
    jeans = garment(1, region="lower", category="jeans", pattern="solid")
    assert look(
        garment(1, pattern="stripe"), jeans, category="jeans", components={"pattern": "stripe"}
    ).within.tolist() == [NO, NO]


def test_filters_of_colours_and_products() -> None:
    white = '[{"id": "navy", "hex": "#101030", "share": 0.7}, {"id": "white", "hex": "#ffffff", "share": 0.3}]'
    assert look(garment(1, colours=white), colour="white").within.tolist() == [YES, NO]
    assert look(garment(1, colours=white), colour="red").within.tolist() == [NO, NO]
    assert look(garment(1), gender="female", source="shop").within.tolist() == [YES, NO]
    assert look(garment(1), gender="male").within.tolist() == [NO, NO]
    assert look(garment(1), source="other").within.tolist() == [NO, NO]


def test_times_are_months_and_nonsense_is_none() -> None:
    times = [at("2016-02-29"), None, -1.0, float("nan"), 1e300]
    seen = [product(i, first_seen=time, retired=time) for i, time in enumerate(times)]
    observed = observe(seen, (), by=("pattern",), filters=Filters())
    assert observed.dates["first_seen"].grain.tolist() == [4, 0, 0, 0, 0]
    assert observed.dates["first_seen"].index[0] == 2016 * 12 + 1
    assert observed.retired.tolist() == [True, False, True, True, True]


def test_garments_of_a_product_that_is_gone_are_passed_over() -> None:
    assert look(garment(9, pattern="dot")).within.tolist() == [NO, NO]
