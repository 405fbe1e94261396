from __future__ import annotations

import numpy as np
import pytest

from meot import taxonomy
from meot.labels.colour import Colours

COLOURS = Colours(taxonomy=taxonomy.load())


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((10, 10, 12), "black"),
        ((250, 250, 250), "white"),
        ((128, 128, 130), "gray"),
        ((30, 36, 66), "navy"),
        ((200, 30, 40), "red"),
        ((40, 120, 60), "green"),
        ((235, 210, 70), "yellow"),
        ((230, 140, 170), "pink"),
        ((100, 30, 45), "burgundy"),
        ((215, 195, 165), "beige"),
        ((110, 72, 48), "brown"),
        ((155, 188, 222), "light_blue"),
    ],
)
def test_plain_colours_get_their_names(rgb: tuple[int, int, int], expected: str) -> None:
    pixels = np.full((40, 40, 3), rgb, np.uint8)
    shades = COLOURS.read(pixels, np.ones((40, 40), bool))
    assert shades[0].id == expected
    assert shades[0].share == pytest.approx(1)
    assert shades[0].hex == "#{:02x}{:02x}{:02x}".format(*rgb)


def test_only_the_garments_own_pixels_count() -> None:
    pixels = np.full((60, 60, 3), (200, 30, 40), np.uint8)
    pixels[:, 30:] = (235, 200, 180)
    mask = np.zeros((60, 60), bool)
    mask[:, :30] = True
    assert [s.id for s in COLOURS.read(pixels, mask)] == ["red"]


def test_stripes_give_two_colours_largest_first() -> None:
    pixels = np.full((60, 60, 3), 250, np.uint8)
    pixels[::3] = (30, 36, 66)
    shades = COLOURS.read(pixels, np.ones((60, 60), bool))
    assert [s.id for s in shades] == ["white", "navy"]
    assert shades[0].share > shades[1].share


def test_an_empty_mask_has_no_colour() -> None:
    assert COLOURS.read(np.zeros((10, 10, 3), np.uint8), np.zeros((10, 10), bool)) == ()
