from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from meot.answers.trends.periods import GRAINS, convert, identify, names, read_bound, starts
from meot.errors import QueryError

MONTHS = {  # of 2016: quarter, season, half, year
    "2016-01": ("2016-Q1", "2015-winter", "2015-FW", "2016"),
    "2016-03": ("2016-Q1", "2016-spring", "2016-SS", "2016"),
    "2016-08": ("2016-Q3", "2016-summer", "2016-SS", "2016"),
    "2016-11": ("2016-Q4", "2016-autumn", "2016-FW", "2016"),
    "2016-12": ("2016-Q4", "2016-winter", "2016-FW", "2016"),
}


def one(grain: str, number: int, every: str) -> str | None:
    found, known = convert(np.array([GRAINS.index(grain)], np.int8), np.array([number]), every)
    return identify(int(found[0]), every) if known[0] else None


@pytest.mark.parametrize("month", MONTHS)
def test_months_are_told_in_longer_periods(month: str) -> None:
    number = 2016 * 12 + int(month[-2:]) - 1
    assert one("month", number, "month") == month
    told = tuple(one("month", number, every) for every in ("quarter", "season", "half", "year"))
    assert told == MONTHS[month]
    assert one("month", number, "season_of_year") == MONTHS[month][1][5:]
    assert one("month", number, "half_of_year") == MONTHS[month][2][5:]


def test_a_date_is_told_in_nothing_finer_than_itself() -> None:
    assert one("year", 2016, "year") == "2016"
    assert one("year", 2016, "month") is None
    assert one("season", 2016 * 4 + 1, "half") == "2016-SS"
    assert one("season", 2016 * 4 + 1, "year") == "2016"
    assert one("season", 2016 * 4 + 1, "month") is None
    assert one("half", 2016 * 2, "season") is None
    assert one("half", 2016 * 2, "year") == "2016"
    assert one("season_of_year", 3, "half_of_year") == "FW"
    assert one("season_of_year", 3, "year") is None
    assert one("", 0, "year") is None


@pytest.mark.parametrize("every", ["month", "quarter", "season", "half", "year"])
def test_the_first_day_of_a_period_is_in_it_and_the_day_before_is_not(every: str) -> None:
    a_year = {"month": 12, "quarter": 4, "season": 4, "half": 2, "year": 1}[every]
    for period in range(2015 * a_year, 2018 * a_year):
        first = starts(period, every)
        before = date.fromordinal(first.toordinal() - 1)
        found = [one("month", day.year * 12 + day.month - 1, every) for day in (first, before)]
        assert found == [identify(period, every), identify(period - 1, every)]


def test_names() -> None:
    assert names(2016 * 4 + 3, "season") == {"en": "winter 2016", "ko": "2016년 겨울"}
    assert names(2016 * 12 + 5, "month") == {"en": "2016-06", "ko": "2016년 6월"}
    assert names(2016 * 4, "quarter") == {"en": "Q1 2016", "ko": "2016년 1분기"}
    assert names(1, "half_of_year") == {"en": "autumn/winter", "ko": "가을·겨울"}


def test_bounds() -> None:
    assert read_bound("2016", "--since", end=False) == date(2016, 1, 1)
    assert read_bound("2016", "--until", end=True) == date(2016, 12, 31)
    assert read_bound("2016-02", "--until", end=True) == date(2016, 2, 29)
    assert read_bound("2016-6-5", "--until", end=True) == date(2016, 6, 5)


@pytest.mark.parametrize("text", ["", "yesterday", "2016-13", "2016-02-30", "16", "0000", "9999x"])
def test_a_bound_that_is_no_date(text: str) -> None:
    for end in (False, True):
        with pytest.raises(QueryError, match="--since must be a date such as 2016"):
            read_bound(text, "--since", end=end)
