from __future__ import annotations

import csv
import io

import pytest
from tests.answers.trends.drawn import dated, garment, product, trends

from meot.answers.trends.table import write, write_csv
from meot.columns import pad
from meot.types import Filters

ROWS = [(str(year), "stripe", 10 * (year - 2014)) for year in range(2015, 2020)]
ROWS += [(str(year), "solid", 100 - 10 * (year - 2014)) for year in range(2015, 2020)] + [("2020", "solid", 7)]


def test_a_table_in_english() -> None:
    drawn = [*dated([*ROWS, ("2019", "dot?", 30), ("", "dot", 2), ("2040", "dot", 1)])]
    lines = list(write(trends(drawn, filters=Filters(region="upper")), "en"))
    assert lines == [
        "Pattern of 507 products, by year (dates: released, as the source says, which 538 of 540 have)",
        "Only region=upper.",
        "              2015           2016           2017           2018           2019           2020",
        "Solid          90% [83, 94]   80% [71, 87]   70% [60, 78]   60% [50, 69]   50% [40, 60]  7 of 7  "
        "falling, -10.0 points a year (-12.8 to -7.2)",
        "Striped        10% [6, 17]    20% [13, 29]   30% [22, 40]   40% [31, 50]   50% [40, 60]  0 of 7  "
        "rising, +10.0 points a year (+7.2 to +12.8)",
        "Dotted          0% [0, 4]      0% [0, 4]      0% [0, 4]      0% [0, 4]      0% [0, 4]    0 of 7  too few",
        "sure answers  100            100            100            100            100            7",
        "Shares of 507 sure answers; 30 more (6%) were unsure and are not in them.",
        "Left out: 2 without a date that tells the period, 1 with a date in the future.",
        "Counts instead of shares: periods with fewer than 30 sure answers.",
    ]


def test_korean_columns_stand_below_one_another() -> None:
    lines = list(write(trends(dated(ROWS)), "ko"))
    assert lines[0] == "상품 507개의 무늬, 연도별 (날짜: 출시일(출처의 말), 507개 가운데 507개에 있음)"
    assert lines[2].startswith(pad("무지", 9) + "   90% [83, 94]")
    assert lines[3].endswith("늘고 있음, 해마다 +10.0%p (+7.2~+12.8)")


def test_only_the_latest_periods_are_shown_and_it_says_so() -> None:
    lines = list(write(trends(dated([(str(year), "dot", 30) for year in range(2010, 2020)])), "en"))
    assert "2013" not in lines[1]
    assert "2014" in lines[1]
    assert "4 earlier periods are not shown; --csv and --json have all." in lines


def test_several_questions_and_one_that_has_no_answer() -> None:
    assert list(write(trends([]), "en")) == [
        "Pattern of 0 products, by year (dates: first seen here, which 0 of 0 have)",
        "Shares of 0 sure answers; 0 more (0%) were unsure and are not in them.",
        "no product here was asked this",
    ]
    both = list(write(trends(dated(ROWS), ("pattern", "category")), "en"))
    assert "" in both
    assert both[both.index("") + 1].startswith("Category of 507 products")


def test_guesses_and_retired_products_are_told() -> None:
    drawn = [(product(i, released="2016", retired=1.5e9), (garment(i, pattern="dot?"),)) for i in range(30)]
    lines = list(write(trends(drawn, guesses=True), "en"))
    assert "Guesses count like sure answers here." in lines
    assert "30 of the products are sold no more; they count for their time." in lines
    assert any(line.startswith("answers ") for line in lines)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_csv_has_all_periods_and_no_formulas(language: str) -> None:
    drawn = [*dated(ROWS), (product(9999, released="2016"), (garment(9999, pattern="=1+1"),))]
    text = write_csv(trends(drawn), language)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 3 * 6
    first = next(row for row in rows if row["value"] == "stripe")
    assert {name: first[name] for name in ("period", "start", "count", "sure", "share", "trend")} == {
        **{"period": "2015", "start": "2015-01-01", "count": "10", "sure": "100", "share": "0.1000"},
        "trend": "rising",
    }
    assert next(row for row in rows if row["period"] == "2020")["share"] == ""
    assert ",=1+1" not in text
    assert "'=1+1" in text
