from __future__ import annotations

import pytest

from meot.answers.trends.dates import NEVER, When, released, season


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2016", When("year", 2016)),
        ("2016-06", When("month", 2016 * 12 + 5)),
        (" 2016-06-30 ", When("month", 2016 * 12 + 5)),
        ("", NEVER),
        ("soon", NEVER),
        ("0000", NEVER),
        ("1066-10", NEVER),
        ("2016-13", NEVER),
        ("2016-00", NEVER),
    ],
)
def test_release_dates(text: str, when: When) -> None:
    assert released(text) == when


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Summer 2016", When("season", 2016 * 4 + 1)),
        ("2016년 가을", When("season", 2016 * 4 + 2)),
        ("Fall'19", When("season", 2019 * 4 + 2)),
        ("SS16", When("half", 2016 * 2)),
        ("16FW", When("half", 2016 * 2 + 1)),
        ("A/W 2019", When("half", 2019 * 2 + 1)),
        ("2019 S/S", When("half", 2019 * 2)),
        ("봄/여름 2021", When("half", 2021 * 2)),
        ("spring-summer", When("half_of_year", 0)),
        ("Winter", When("season_of_year", 3)),
        ("겨울", When("season_of_year", 3)),
        ("2016", When("year", 2016)),
        ("", NEVER),
        ("사계절", NEVER),
        ("summer and winter 2016", When("year", 2016)),
        ("class 16", NEVER),
    ],
)
def test_seasons(text: str, when: When) -> None:
    assert season(text) == when


def test_a_season_takes_the_year_that_its_release_says() -> None:
    assert season("Summer", "2016") == When("season", 2016 * 4 + 1)
    assert season("Winter", "2017-01") == When("season", 2016 * 4 + 3)  # the winter that began in December 2016
    assert season("Winter", "2016-12") == When("season", 2016 * 4 + 3)
    assert season("FW", "2017-02") == When("half", 2016 * 2 + 1)
    assert season("Summer 2015", "2016") == When("season", 2015 * 4 + 1)  # what the season says itself counts
