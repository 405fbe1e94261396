"""The annotated picture: legible, nothing over anything, guesses marked."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from meot.answers import picture, plates
from meot.answers.plates import Plate
from meot.types import Box, Garment, Label, Look, Photo, Shade

STYLE = Label("rock_chic", 0.58, True, "minimal", {"rock_chic": 0.58, "minimal": 0.2})
DETAILS = {
    "pattern": Label("stripe", 0.93, True),
    "collar": Label("regular", 0.64, False),
    "neckline": Label("off_shoulder_or_strap", 0.9, True),
    "sleeve": Label("long", 0.9, True),
}


def look(height: int, width: int, boxes: list[Box]) -> Look:
    pixels = np.full((height, width, 3), 180, np.uint8)
    regions = np.zeros((height, width), np.uint8)
    garments = []
    for box in boxes:
        regions[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = 3
        garments.append(
            Garment(
                region="upper",
                category=Label("t_shirt", 0.42, False, "polo"),
                box=box,
                score=0.9,
                area=0.2,
                person=0,
                colours=(Shade("navy", "#202848", 1.0),),
                vector=np.full(4, 0.5, np.float32),
            )
        )
    return Look(Photo(pixels, "0"), tuple(garments), regions, True, {})


@pytest.mark.parametrize(("height", "width"), [(32, 32), (40, 900), (900, 40), (2048, 2048), (640, 480)])
def test_any_size_becomes_a_legible_picture(height: int, width: int) -> None:
    seen = picture.annotate(look(height, width, [Box(2, 2, width - 2, height - 2)]))
    assert max(seen.size) >= 480
    assert seen.width / seen.height == pytest.approx(width / height, rel=0.05)


def test_boxes_and_words_are_drawn() -> None:
    plain = picture.annotate(look(400, 400, []))
    drawn = picture.annotate(look(400, 400, [Box(100, 150, 300, 350)]))
    changed = (np.asarray(plain) != np.asarray(drawn)).any(2)
    assert changed[300:500, 160:164].any()  # the box's left edge, enlarged 1.6 times
    assert not changed[:150].any()


def detailed(found: Look, style: Label | None = None, **details: Label) -> Look:
    return replace(found, garments=tuple(replace(g, components=details) for g in found.garments), style=style)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Plate, Box]]:
    """The plates of the picture drawn last and their places."""
    found: list[tuple[Plate, Box]] = []

    def remember(draw: Any, plate: Plate, place: Box, fonts: Any, colour: str | None) -> None:
        found.append((plate, place))
        plates.write(draw, plate, place, fonts, colour)

    monkeypatch.setattr(picture, "write", remember)
    return found


def pieces(plate: Plate) -> list[str]:
    return [text for line in plate.lines for text, _ in line]


def test_a_garments_details_stand_below_its_name_and_the_style_by_itself(written: list[tuple[Plate, Box]]) -> None:
    picture.annotate(detailed(look(600, 400, [Box(50, 100, 300, 400)]), STYLE, **DETAILS))
    (style, _), (garment, _) = written
    assert (style.head, pieces(style)) == ("Style: Rock chic 58%", ["or Minimal"])
    assert garment.head == "T-shirt? 42% Navy"
    assert pieces(garment) == ["Striped", "Regular collar?", "Off-shoulder or strap", "Long sleeves"]
    assert len(garment.lines) > 1


def test_a_style_that_is_a_guess_names_the_two_that_lead(written: list[tuple[Plate, Box]]) -> None:
    picture.annotate(detailed(look(600, 400, []), replace(STYLE, score=0.34, sure=False)))
    [(style, _)] = written
    assert (style.head, pieces(style)) == ("Style: unsure", ["Rock chic? 34%, Minimal? 20%"])


@pytest.mark.parametrize(
    ("height", "width", "count"), [(640, 480, 1), (830, 550, 6), (240, 180, 12), (180, 480, 20), (520, 1400, 30)]
)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_plates_stand_inside_the_picture_and_off_each_other(
    written: list[tuple[Plate, Box]], height: int, width: int, count: int, language: str
) -> None:
    corners = np.random.default_rng(count).uniform(0, 0.6, (count, 2)) * (width, height)
    boxes = [Box(x, y, x + width * 0.3, y + height * 0.3) for x, y in corners]
    size = picture.annotate(detailed(look(height, width, boxes), STYLE, **DETAILS), language=language).size
    assert len(written) == count + 1
    places = [place for _, place in written]
    assert all(p.x0 >= 0 and p.y0 >= 0 and p.x1 <= size[0] and p.y1 <= size[1] for p in places)
    for a, b in combinations(places, 2):
        assert a.x0 >= b.x1 or b.x0 >= a.x1 or a.y0 >= b.y1 or b.y0 >= a.y1


def test_where_there_is_no_room_the_last_garments_lose_their_details_not_their_names(
    written: list[tuple[Plate, Box]],
) -> None:
    picture.annotate(detailed(look(640, 480, [Box(100, 100, 300, 300)] * 24), **DETAILS))
    assert len(written) == 24
    has_details = [bool(plate.lines) for plate, _ in written]
    assert has_details[0]
    assert not has_details[-1]
    assert has_details == sorted(has_details, reverse=True)


def test_words_never_stick_out_of_their_plate(written: list[tuple[Plate, Box]]) -> None:
    long = Label("a_name_that_somebody_taught_without_thinking_of_small_pictures_at_all", 0.9, True)
    picture.annotate(detailed(look(900, 120, [Box(10, 10, 100, 600)]), STYLE, pattern=long))
    [_, (garment, place)] = written
    assert pieces(garment)[0].endswith("…")
    assert garment.wide == place.x1 - place.x0 <= 360


def test_korean_falls_back_without_a_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "korean_font", lambda: None)
    english = picture.annotate(look(300, 300, [Box(50, 100, 200, 250)]), language="en")
    fallback = picture.annotate(look(300, 300, [Box(50, 100, 200, 250)]), language="ko")
    np.testing.assert_array_equal(np.asarray(english), np.asarray(fallback))
