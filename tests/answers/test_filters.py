from __future__ import annotations

import pytest
from tests.answers.cases import build_attributes

from meot import taxonomy
from meot.answers import filters as filtering
from meot.errors import QueryError
from meot.types import Filters

_KNOWN = taxonomy.load()
_NOTHING = build_attributes([])


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (Filters(region="upper"), Filters(region="upper")),
        (Filters(region="상의"), Filters(region="upper")),
        (Filters(category="셔츠"), Filters(category="shirt")),
        (Filters(category="T-shirt"), Filters(category="t_shirt")),
        (Filters(colour="네이비"), Filters(colour="navy")),
        (Filters(colour="Light Blue"), Filters(colour="light_blue")),
        (Filters(min_price=0, max_price=5), Filters(min_price=0, max_price=5)),
    ],
)
def test_names_of_any_language_are_understood(given: Filters, meant: Filters) -> None:
    assert filtering.check(given, _KNOWN, _NOTHING) == meant


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (Filters(region="uper"), "unknown region 'uper'; did you mean upper"),
        (Filters(region="skin"), "unknown region 'skin'"),
        (Filters(category="shrit"), "did you mean shirt"),
        (Filters(colour="nayv"), "did you mean navy"),
        (Filters(colour="zzzz"), "known are black, gray"),
        (Filters(category=""), "unknown category ''"),
        (Filters(min_price=-1), "min_price must be a number of 0 or more"),
        (Filters(max_price=float("nan")), "max_price must be a number of 0 or more"),
        (Filters(min_price=5, max_price=4), "swap them"),
    ],
)
def test_unknown_values_name_the_nearest(given: Filters, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        filtering.check(given, _KNOWN, _NOTHING)
