from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.answers.trends.drawn import dated, garment, product, trends

DOCS = (Path(__file__).parents[3] / "docs" / "trends.md").read_text("utf-8").partition("## JSON")[2]
GROWING = [(f"{year}-06", "stripe", 10 * (year - 2013)) for year in range(2014, 2020)]
GROWING += [(f"{year}-06", "solid", 100 - 10 * (year - 2013)) for year in range(2014, 2020)]


def keys(answer: Any) -> Iterator[str]:
    if isinstance(answer, dict):
        for key, value in answer.items():
            yield key
            yield from keys(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from keys(value)


def test_every_field_stands_in_the_docs() -> None:
    answer = trends(dated(GROWING)).as_json()
    assert json.loads(json.dumps(answer)) == answer
    named = set(keys(answer)) - {"schema", "released", "season", "first_seen"}
    assert {
        key for key in named if f"`{key}`" not in DOCS and f".{key}`" not in DOCS and f"{key}[]`" not in DOCS
    } == set()


def test_shares_of_a_period_are_shares_of_its_sure_answers() -> None:
    [trend] = trends(dated([*GROWING, ("2016-01", "dot?", 12)])).as_json()["trends"]
    for i, period in enumerate(trend["periods"]):
        counts = [value["shares"][i]["count"] for value in trend["values"]]
        assert sum(counts) == period["sure"]
        assert sum(value["shares"][i]["guesses"] for value in trend["values"]) == period["unsure"]
        assert [value["shares"][i]["share"] for value in trend["values"]] == [c / period["sure"] for c in counts]
    assert sum(period["sure"] for period in trend["periods"]) == trend["products"]["sure"]


def test_what_has_no_verdict_says_why() -> None:
    drawn = [(product(1, season="Summer"), (garment(1, pattern="dot"),))]
    [trend] = trends(drawn).as_json()["trends"]
    assert (trend["enough"], trend["every"], trend["periods"][1]["start"]) == (False, "season_of_year", None)
    assert trend["reason"]["en"].startswith("too few: 0 of 4 periods")
    [dot] = trend["values"]
    assert (dot["trend"], dot["p"], dot["p_corrected"], dot["change_per_year"], dot["peak"]) == ("too_few", *4 * [None])
