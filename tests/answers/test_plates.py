"""Plates: words that fit, guesses in another shade, a line to the garment."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from meot.answers.plates import Words, choose_fonts, lay_out, lead, write
from meot.fonts import korean_font
from meot.types import Box

PIECES = (("Striped", True), ("Regular collar?", False), ("Off-shoulder or strap", True), ("Long sleeves", True))


@pytest.mark.parametrize("most", [60, 120, 200, 400])
def test_lines_are_broken_between_pieces_and_never_wider_than_asked(most: int) -> None:
    fonts = choose_fonts(18, 14, "")
    plate = lay_out(Words("Blouse? 45% Light blue", PIECES), fonts, most)
    assert plate.wide <= most
    assert sum(len(line) for line in plate.lines) == len(PIECES)
    assert plate.tall == plate.head_tall + len(plate.lines) * plate.step + fonts.down
    if most == 400:
        assert len(plate.lines) < len(PIECES)


def test_words_stay_on_their_plate_and_guesses_have_another_shade() -> None:
    fonts = choose_fonts(18, 14, "")

    def draw(certain: bool) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        image = Image.new("RGB", (300, 120), "#808080")
        plate = lay_out(Words("Shirt 91%", (("Striped", certain),)), fonts, 250)
        write(ImageDraw.Draw(image, "RGBA"), plate, Box(20, 20, 20 + plate.wide, 20 + plate.tall), fonts, "#17bebb")
        seen = np.asarray(image).copy()
        assert (seen[20 + plate.tall :] == 128).all()
        assert (seen[:, 20 + plate.wide :] == 128).all()
        assert (seen[:20] == 128).all()
        return seen

    sure, guess = draw(True), draw(False)
    assert (sure == 255).all(2).any()
    assert not (guess == 255).all(2).any()


@pytest.mark.parametrize(("box", "drawn"), [(Box(60, 10, 90, 40), True), (Box(30, 30, 90, 90), False)])
def test_a_line_leads_only_to_a_garment_farther_off(box: Box, drawn: bool) -> None:
    image = Image.new("RGB", (100, 100))
    lead(ImageDraw.Draw(image), Box(0, 20, 40, 40), box, "#ffffff")
    assert np.asarray(image).any() == drawn


@pytest.mark.skipif(korean_font() is None, reason="no font with Hangul on this machine")
def test_hangul_gets_a_font_that_has_it() -> None:
    fonts = choose_fonts(18, 14, "줄무늬")
    one, other = (np.asarray(fonts.small.getmask(text)) for text in ("가", "힣"))
    assert one.shape != other.shape or (one != other).any()
    assert lay_out(Words("셔츠 91%", (("줄무늬", True),)), fonts, 300).wide > 40
