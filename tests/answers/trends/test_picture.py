from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.answers.trends.drawn import Drawn, dated, trends

from meot import fonts
from meot.answers.trends import picture
from meot.answers.trends.marks import COLOURS

GROWING = [(str(year), "stripe", 10 * (year - 2013)) for year in range(2014, 2020)]
GROWING += [(str(year), "solid", 100 - 10 * (year - 2013)) for year in range(2014, 2020)]


def drawn(products: Sequence[Drawn], language: str = "en", **more: object) -> NDArray[np.uint8]:
    found = trends(products, **more)  # type: ignore[arg-type]
    return np.asarray(picture.draw(found, found.trends[0], language=language))


def pixels_of(pixels: NDArray[np.uint8], colour: str) -> NDArray[np.int64]:
    """(N, 2) rows and columns of a colour."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return np.argwhere((pixels == wanted).all(-1))


def test_lines_go_the_way_the_shares_go() -> None:
    pixels = drawn(dated(GROWING))
    assert pixels.shape == (picture.HEIGHT, picture.WIDTH, 3)
    rising = pixels_of(pixels, COLOURS[1])  # stripe is the second most frequent
    in_plot = rising[rising[:, 1] < 700]
    early, late = in_plot[in_plot[:, 1] < 250, 0].mean(), in_plot[in_plot[:, 1] > 550, 0].mean()
    assert late < early - 100  # rows count from above
    assert len(pixels_of(pixels, COLOURS[0])) > 500
    assert len(pixels_of(pixels, COLOURS[2])) == 0


def test_a_line_breaks_where_there_is_too_little() -> None:
    rows = [*GROWING, ("2021", "solid", 40), ("2021", "stripe", 60)]
    whole, broken = drawn(dated([*rows, ("2020", "solid", 40), ("2020", "stripe", 60)])), drawn(dated(rows))
    gap = slice(560, 620)
    assert len(pixels_of(whole[:, gap], COLOURS[1])) > len(pixels_of(broken[:, gap], COLOURS[1]))


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    "rows", [[], [("2016", "dot", 1)], [("2016", "dot", 40)], [("2016-01", "dot", 30), ("2019-01", "dot", 30)]]
)
def test_little_is_drawn_too(rows: list[tuple[str, str, int]], language: str) -> None:
    pixels = drawn(dated(rows), language)
    assert (pixels < 128).any()  # words at least


def test_many_values_are_counted_below(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    text = picture._Pen.text

    def note(self: picture._Pen, at: tuple[float, float], said: str, *more: Any) -> None:
        written.append(said)
        text(self, at, said, *more)

    monkeypatch.setattr(picture._Pen, "text", note)
    drawn(dated([("2016", f"kind_{i}", 60 - i) for i in range(15)]))
    below = " ".join(written)
    assert "9 more, less frequent: kind 6, kind 7, kind 8, kind 9, kind 10, kind 11, ..." in below
    assert sum(said.startswith("kind ") and said.endswith("%") for said in written) == 6


def test_a_machine_without_korean_letters_gets_english(monkeypatch: pytest.MonkeyPatch) -> None:
    english = drawn(dated(GROWING), "en")
    monkeypatch.setattr(picture, "korean_font", lambda: None)
    assert (drawn(dated(GROWING), "ko") == drawn(dated(GROWING), "en")).all()
    if fonts.korean_font() is not None:
        assert english.shape == (picture.HEIGHT, picture.WIDTH, 3)


def test_names_stand_apart_in_the_order_of_their_lines() -> None:
    found = picture.spread([100.0, 102.0, 101.0, 390.0], 50, 20, 400)
    assert found == [100.0, 200.0, 150.0, 390.0]
    assert picture.spread([395.0, 396.0], 50, 20, 400) == [350.0, 400.0]
    assert picture.spread([0.0], 50, 20, 400) == [20.0]
