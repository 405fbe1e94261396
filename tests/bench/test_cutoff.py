from __future__ import annotations

import numpy as np
from bench.cutoff import held_out, pairs
from bench.readings import Seen
from tests.builders import unit

from meot.answers.cutoff import Bounds

_BOUNDS = Bounds(similar=0.5, same=0.8, lead=0.1)


def seen(*vector: float, category: str = "shirt", region: str = "upper", sure: bool = True) -> Seen:
    return Seen(region, category, 0.9, sure, 0.5, 0, (("navy", 1.0),), unit(vector))


def shares(rows: list[dict[str, object]]) -> list[object]:
    return [row["share"] for row in rows]


def test_pairs_are_counted_as_search_would_answer() -> None:
    answering = [seen(1, 0, 0), seen(0, 1, 0), seen(0, 0, 1), seen(1, 0, 0, region="lower", category="jeans")]
    asked = [seen(1, 0.1, 0), seen(0, 0.2, 1), seen(1, 1, 1), seen(1, 0, 0)]
    rows = pairs(asked, answering, [0, 1, 2, 3], _BOUNDS)
    # the last one's own is of another region; the second's is far off, and another is called the same instead of it
    assert shares(rows)[:2] == [0.25, 2 / 3]
    assert shares(rows)[3:5] == [0.75, 1 / 3]
    assert shares(rows)[5] == 0.5


def test_what_is_left_of_a_category_that_is_held_out() -> None:
    answering = [("Shirt", seen(1, 0)), ("Hoodie", seen(1, 0.2, category="hoodie")), ("Odd", seen(0.6, 1, sure=False))]
    sure, unsure = ("Shirt", seen(1, 0)), ("Shirt", seen(1, 0, sure=False))
    rows = held_out([sure, unsure], answering, _BOUNDS)
    assert shares(rows)[:2] == [1.0, 1.0]
    assert np.isclose(float(str(shares(rows)[3])), 0.0)  # the odd one is near and called a shirt
    rows = held_out([sure], answering[:2], _BOUNDS)
    assert shares(rows)[3] == 1.0
