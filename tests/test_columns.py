"""Columns on a terminal, where a Korean letter is two columns wide."""

from __future__ import annotations

from meot.columns import aligned, pad, wide


def test_columns_line_up_for_korean_too() -> None:
    assert pad("ab", 6) == "ab    "
    assert pad("바지", 6) == "바지  "
    assert pad("긴팔 티셔츠", 4) == "긴팔 티셔츠"


def test_rows_stand_below_one_another_to_the_left_or_figures_to_the_right() -> None:
    rows = [["", "수", "share"], ["바지", "12", "3 %"], ["a", "3", ""]]
    assert list(aligned(rows)) == ["      수  share", "바지  12  3 %", "a     3"]
    assert list(aligned(rows, figures=True)) == ["      수  share", "바지  12    3 %", "a      3"]
    assert {wide(line) for line in list(aligned(rows, figures=True))[:2]} == {15}
