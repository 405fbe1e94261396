from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.answers.trends.drawn import Drawn, at, dated, garment, product, trends

from meot.answers.trends.report import Trend, Value
from meot.errors import QueryError
from meot.types import Filters

RISING = [(str(year), "stripe", 10 * (year - 2013)) for year in range(2014, 2020)]
GROWING = [*RISING, *((str(year), "solid", 100 - 10 * (year - 2013)) for year in range(2014, 2020))]


def only(drawn: Sequence[Drawn], **wanted: object) -> Trend:
    [trend] = trends(drawn, **wanted).trends  # type: ignore[arg-type]
    return trend


def value(trend: Trend, id: str) -> Value:
    return next(value for value in trend.values if value.id == id)


def courses(trend: Trend) -> dict[str, str]:
    return {value.id: value.course.trend for value in trend.values}


def test_shares_a_year_with_intervals_and_the_way_they_go() -> None:
    trend = only(dated(GROWING))
    assert (trend.dates, trend.every, trend.asked, trend.sure, trend.unsure) == ("released", "year", 600, 600, 0)
    assert [period.id for period in trend.periods] == ["2014", "2015", "2016", "2017", "2018", "2019"]
    stripe = value(trend, "stripe")
    assert stripe.names == {"en": "Striped", "ko": "줄무늬"}
    assert [share.share for share in stripe.shares] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    first = stripe.shares[0]
    assert [first.low, first.high] == pytest.approx([0.0552, 0.1744], abs=1e-4)
    assert courses(trend) == {"solid": "falling", "stripe": "rising"}
    assert stripe.course.change == pytest.approx(0.1)
    assert trend.reason == {}


def test_the_most_frequent_comes_first_and_all_are_shares_of_one() -> None:
    trend = only(dated([("2016", "dot", 20), ("2016", "stripe", 30), ("2016", "check", 50)]))
    assert [value.id for value in trend.values] == ["check", "stripe", "dot"]
    assert sum(value.shares[0].share or 0 for value in trend.values) == pytest.approx(1)


def test_what_stays_is_steady() -> None:
    rows = [(str(year), id, n) for year in range(2014, 2020) for id, n in (("stripe", 20), ("solid", 80))]
    assert courses(only(dated(rows))) == {"solid": "steady", "stripe": "steady"}


def test_unsure_answers_are_counted_apart() -> None:
    drawn = dated([("2016", "stripe", 40), ("2016", "dot?", 10), ("2016", "stripe?", 5)])
    trend = only(drawn)
    assert (trend.asked, trend.sure, trend.unsure) == (55, 40, 15)
    assert (value(trend, "stripe").count, value(trend, "stripe").guesses) == (40, 5)
    assert value(trend, "stripe").shares[0].share == 1.0
    with_guesses = only(drawn, guesses=True)
    assert (with_guesses.sure, with_guesses.unsure) == (55, 0)
    assert value(with_guesses, "stripe").shares[0].share == pytest.approx(45 / 55)


def test_a_trend_that_turns_round_with_the_guesses_is_none() -> None:
    guessed = [(str(year), "stripe?", 40 * (2019 - year)) for year in range(2014, 2020)]
    assert courses(only(dated([*GROWING, *guessed])))["stripe"] == "steady"


def test_a_period_with_few_answers_has_no_share_and_no_say() -> None:
    rows = [*GROWING, ("2021", "solid", 29)]
    trend = only(dated(rows))
    assert [(period.id, period.sure, period.enough) for period in trend.periods[5:]] == [
        ("2019", 100, True),
        ("2020", 0, False),  # a period without photos stands in its place
        ("2021", 29, False),
    ]
    assert value(trend, "stripe").shares[6].share is None
    assert value(trend, "stripe").course == value(only(dated(GROWING)), "stripe").course


def test_two_periods_make_no_trend() -> None:
    trend = only(dated([("2016", "stripe", 50), ("2017", "solid", 50)]))
    assert courses(trend) == {"solid": "too_few", "stripe": "too_few"}
    assert trend.enough
    assert trend.reason["en"].startswith("too few: 2 of 2 periods have 30 sure answers or more, a verdict needs 3")


def test_a_value_that_hardly_any_product_has_gets_no_verdict() -> None:
    rows = [*GROWING, *((str(year), "dot", year - 2015) for year in range(2016, 2020))]
    assert courses(only(dated(rows)))["dot"] in ("rising", "steady", "falling")  # ten of them
    assert courses(only(dated(rows[:-1])))["dot"] == "too_few"


def test_one_product() -> None:
    trend = only(dated([("2016", "stripe", 1)]))
    assert not trend.enough
    assert trend.reason
    assert value(trend, "stripe").course.trend == "too_few"


def test_no_dates_at_all() -> None:
    trend = only(dated([("", "stripe", 50)]))
    assert (trend.periods, trend.values, trend.undated, trend.enough) == ((), (), 50, False)
    assert trend.reason["en"] == "no product has a date that can be used"


def test_no_products_at_all() -> None:
    assert only([]).reason["en"] == "no product here was asked this"


def test_dates_in_the_future_and_nonsense_are_left_out_and_counted() -> None:
    rows = [*GROWING, ("2027", "stripe", 3), ("9999-12", "stripe", 1), ("2016-99", "stripe", 2), ("0007", "dot", 1)]
    trend = only(dated(rows))
    assert (trend.sure, trend.ahead, trend.undated) == (600, 4, 3)
    assert trend.periods[-1].id == "2019"


def test_a_period_under_way_says_so() -> None:
    trend = only(dated([("2025", "dot", 30), ("2026", "dot", 30)]))
    assert [period.running for period in trend.periods] == [False, True]


def test_bounds_are_included() -> None:
    trend = only(dated(GROWING), since="2015", until="2017")
    assert [period.id for period in trend.periods] == ["2015", "2016", "2017"]
    assert (trend.sure, trend.outside) == (300, 300)
    with pytest.raises(QueryError, match="--since must not be later than --until, got 2018 and 2016"):
        only(dated(GROWING), since="2018", until="2016")


def test_the_longest_periods_that_there_are_enough_of_are_taken() -> None:
    months = [(f"2016-{month:02d}", "stripe", 30) for month in range(3, 12)]
    assert only(dated(months)).every == "season"
    assert only(dated(months[:4])).every == "month"
    assert only(dated(months), every="quarter").periods[0].id == "2016-Q1"


def test_days_of_many_years_are_too_many_periods() -> None:
    with pytest.raises(QueryError, match="add --since or take longer ones"):
        only(dated([("1950-01", "dot", 30), ("2020-01", "dot", 30)]), every="month")


def test_the_kind_of_dates_that_covers_most_is_taken_and_never_mixed() -> None:
    drawn = dated([("2016", "stripe", 30)]) + [
        (product(100 + i, season="2017 summer"), (garment(100 + i, pattern="dot"),)) for i in range(60)
    ]
    trend = only(drawn)
    assert (trend.dates, dict(trend.known)) == ("season", {"released": 30, "season": 60, "first_seen": 0})
    assert (trend.sure, trend.undated) == (60, 30)
    assert only(drawn, dates="released").sure == 30


def test_when_products_were_first_seen_counts_where_sources_are_silent() -> None:
    drawn = [(product(i, first_seen=at(f"20{15 + i // 40}-05-01")), (garment(i, pattern="dot"),)) for i in range(120)]
    trend = only(drawn)
    assert (trend.dates, [period.sure for period in trend.periods]) == ("first_seen", [40, 40, 40])
    few = [(each[0]._replace(released="2010"), each[1]) if each[0].number < 20 else each for each in drawn]
    assert only(few).dates == "first_seen"
    imported_at_once = [(each[0]._replace(first_seen=at("2026-01-01")), each[1]) for each in few]
    assert only(imported_at_once).dates == "released"


def test_seasons_of_no_year_are_compared() -> None:
    rows = {"summer": (60, 40), "winter": (20, 80), "봄": (10, 10)}
    drawn: list[Drawn] = []
    for season, counts in rows.items():
        for pattern, count in zip(("floral", "solid"), counts, strict=True):
            drawn += [(each._replace(season=season, number=len(drawn) + i), (garment(len(drawn) + i, pattern=pattern),))
                      for i, (each, _) in enumerate(dated([("", pattern, count)]))]  # fmt: skip
    trend = only(drawn)
    assert trend.every == "season_of_year"
    assert [period.id for period in trend.periods] == ["spring", "summer", "autumn", "winter"]
    floral = value(trend, "floral")
    assert (floral.course.trend, floral.course.peak, floral.course.change) == ("seasonal", "summer", None)
    assert floral.shares[0].share is None
    assert only(drawn, every="season").every == "season_of_year"
    for impossible in ({"every": "year"}, {"since": "2016"}, {"on_sale": True}):
        with pytest.raises(QueryError, match="seasons of no year"):
            only(drawn, **impossible)


def test_a_season_is_named_only_where_it_is_above_each_other_one() -> None:
    def seasons(**floral: int) -> list[Drawn]:
        drawn: list[Drawn] = []
        for season, count in floral.items():
            for i in range(100):
                number = len(drawn) + 1
                pattern = "floral" if i < count else "solid"
                drawn.append((product(number, season=season), (garment(number, pattern=pattern),)))
        return drawn

    def course(drawn: list[Drawn]) -> tuple[str, str | None]:
        found = value(only(drawn), "floral").course
        return found.trend, found.peak

    assert course(seasons(summer=60, autumn=30, winter=30)) == ("seasonal", "summer")
    assert course(seasons(summer=52, autumn=48, winter=20)) == ("seasonal", None)
    assert course(seasons(summer=31, autumn=30, winter=29))[0] == "steady"
    guessed = [(product(900 + i, season="autumn"), (garment(900 + i, pattern="floral?"),)) for i in range(300)]
    assert course([*seasons(summer=60, autumn=30, winter=30), *guessed]) == ("seasonal", None)


def test_years_can_be_taken_together() -> None:
    months = [(f"{year}-{month}", "floral" if month == "07" else "solid", 40) for year in (2015, 2016, 2017)
              for month in ("01", "07")]  # fmt: skip
    trend = only(dated(months), every="season_of_year")
    assert [period.sure for period in trend.periods] == [0, 120, 0, 120]
    assert courses(trend) == {"floral": "seasonal", "solid": "seasonal"}


def test_seasons_named_in_halves_are_counted_in_halves() -> None:
    drawn = [
        (product(i, season=("SS16", "FW16", "summer 2017")[i % 3]), (garment(i, pattern="dot"),)) for i in range(90)
    ]
    trend = only(drawn, every="season")
    assert (trend.every, [period.id for period in trend.periods]) == ("half", ["2016-SS", "2016-FW", "2017-SS"])


def test_products_count_as_long_as_they_were_sold() -> None:
    def sold(number: int, until: str | None, seen: str | None) -> Drawn:
        retired = None if until is None else at(until)
        one = product(number, released="2015", retired=retired, seen=None if seen is None else at(seen))
        return one, (garment(number, pattern="dot"),)

    drawn = [
        *(sold(i, "2016-05-01", "2016-05-01") for i in range(30)),
        *(sold(30 + i, None, "2018-01-01") for i in range(40)),
    ]
    assert [period.sure for period in only(drawn).periods] == [70]
    trend = only(drawn, on_sale=True)
    assert [(period.id, period.sure) for period in trend.periods] == [
        ("2015", 70),
        ("2016", 70),
        ("2017", 40),
        ("2018", 40),
    ]
    assert (trend.sure, trend.retired) == (70, 30)
    assert [period.sure for period in only(drawn, on_sale=True, since="2016", until="2017").periods] == [70, 40]
    backwards = [sold(i, "2010-01-01", None) for i in range(5)]  # retired before it came: its own period
    assert [period.sure for period in only(backwards, on_sale=True).periods] == [5]


def test_verdicts_are_corrected_for_all_questions_together() -> None:
    # a weak trend: alone it is told, among many questions it could be chance
    weak = [(str(2014 + i), "stripe", n) for i, n in enumerate((20, 24, 28, 34))]
    weak += [(str(2014 + i), "solid", 100 - n) for i, n in enumerate((20, 24, 28, 34))]
    drawn = dated(weak)
    assert courses(only(drawn))["stripe"] == "rising"
    others = [(each, (one[0]._replace(components=one[0].components[:-1] + "".join(
        f', "q{q}": {{"id": "{"ab"[i % 2]}", "score": 0.9, "sure": true}}' for q in range(9)) + "}"),))
        for i, (each, one) in enumerate(drawn)]  # fmt: skip
    together = trends(others, by=("pattern", *(f"q{q}" for q in range(9)))).trends
    assert len(together) == 10
    assert courses(together[0])["stripe"] == "steady"


def test_of_what_is_asked_only() -> None:
    drawn = dated(GROWING) + [
        (product(5000 + i, released="2016"), (garment(5000 + i, category="blouse", pattern="dot"),)) for i in range(9)
    ]
    drawn += [(product(6000 + i, released="2016"), (garment(6000 + i, sure=False, pattern="dot"),)) for i in range(7)]
    found = trends(drawn, filters=Filters(category="shirt"))
    assert found.as_json()["within"] == {"category": "shirt"}
    assert (found.trends[0].sure, found.trends[0].perhaps) == (600, 7)
