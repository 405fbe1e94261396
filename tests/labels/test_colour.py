from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from meot import taxonomy
from meot.labels.colour import Colours, cast, to_lab

TERMS = taxonomy.load()
COLOURS = Colours(taxonomy=TERMS)
SKIN = (222, 178, 152)
CSS = {
    "black": (0, 0, 0),
    "gray": (128, 128, 128),
    "white": (255, 255, 255),
    "beige": (222, 205, 170),
    "brown": (139, 69, 19),
    "khaki": (85, 107, 47),
    "navy": (0, 0, 80),
    "blue": (0, 0, 255),
    "light_blue": (173, 216, 230),
    "green": (0, 128, 0),
    "yellow": (255, 255, 0),
    "orange": (255, 140, 0),
    "red": (255, 0, 0),
    "burgundy": (80, 0, 20),
    "pink": (255, 192, 203),
    "purple": (128, 0, 128),
}
"""Strong colours, named as in CSS where it has the name; most cloth is duller."""


def plain(rgb: tuple[int, int, int], *, size: int = 60, noise: float = 4.0) -> NDArray[np.uint8]:
    """(size, size, 3) uint8 cloth of one colour with the grain of a photo."""
    grain = np.random.default_rng(0).normal(0, noise, (size, size, 1))
    return np.asarray(np.clip(np.array(rgb) + grain, 0, 255), np.uint8)


def shown(pixels: NDArray[np.uint8], mask: NDArray[np.bool_] | None = None) -> list[str]:
    """The ids of the colours read, largest first."""
    mask = np.ones(pixels.shape[:2], bool) if mask is None else mask
    return [shade.id for shade in COLOURS.read(pixels, mask)]


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
    assert [s.id for s in shades] == [expected]
    assert shades[0].share == pytest.approx(1, abs=0.1)
    assert shades[0].hex == "#{:02x}{:02x}{:02x}".format(*rgb)


@pytest.mark.parametrize("id", CSS)
def test_textbook_colours_get_their_names(id: str) -> None:
    assert shown(plain(CSS[id]))[0] == id


def test_every_plain_colour_of_the_palette_can_be_read() -> None:
    assert set(CSS) == {c.id for c in TERMS.colours if not c.mixed}
    for place, colour in enumerate(c for c in TERMS.colours if not c.mixed):
        assert (COLOURS.name(np.array(colour.anchors, np.uint8)) == place).all(), colour.id


@pytest.mark.parametrize("floor", [(150, 105, 70), (120, 120, 120), (60, 90, 50)])
def test_the_floor_round_a_garment_does_not_count(floor: tuple[int, int, int]) -> None:
    pixels, mask = plain(floor), np.zeros((60, 60), bool)
    mask[10:50, 10:50] = True
    pixels[11:49, 11:49] = plain((30, 36, 66))[11:49, 11:49]  # a mask that is a pixel too wide
    assert shown(pixels, mask) == ["navy"]


@pytest.mark.parametrize("id", ["navy", "red", "green", "blue", "pink"])
def test_shadow_across_a_garment_does_not_change_its_name(id: str) -> None:
    rgb = {"navy": (38, 46, 84), "red": (200, 40, 45), "green": (60, 140, 75), "blue": (50, 95, 175)}.get(id, CSS[id])
    light = np.linspace(0.7, 1.05, 60)[None, :, None]
    assert shown(np.asarray(np.clip(plain(rgb) * light, 0, 255), np.uint8))[0] == id


def test_shine_on_black_leather_is_black() -> None:
    pixels = plain((22, 22, 23))
    pixels[:, 25:50] = np.linspace(40, 150, 25)[None, :, None].astype(np.uint8)
    assert shown(pixels)[0] == "black"


def test_skin_that_the_mask_took_in_is_left_out() -> None:
    pixels, skin, mask = plain(SKIN), np.zeros((60, 60), bool), np.ones((60, 60), bool)
    pixels[20:] = plain((40, 110, 60))[20:]
    skin[:12], mask[:12] = True, False  # rows 12..20 are skin that was called garment
    with_skin = {s.id: s.share for s in COLOURS.read(pixels, mask)}
    assert set(with_skin) > {"green"}
    assert [s.id for s in COLOURS.read(pixels, mask, skin=skin)] == ["green"]


def test_a_garment_of_the_skins_colour_keeps_it() -> None:
    pixels, skin, mask = plain(SKIN), np.zeros((60, 60), bool), np.ones((60, 60), bool)
    skin[:10], mask[:10] = True, False
    bare = COLOURS.read(pixels, mask)
    assert [s.id for s in COLOURS.read(pixels, mask, skin=skin)] == [s.id for s in bare]


def test_stripes_give_two_colours_largest_first() -> None:
    pixels = np.full((60, 60, 3), 250, np.uint8)
    pixels[::3] = (30, 36, 66)
    shades = COLOURS.read(pixels, np.ones((60, 60), bool))
    assert [s.id for s in shades] == ["white", "navy"]
    assert shades[0].share > shades[1].share
    assert shades[1].share == pytest.approx(1 / 3, abs=0.08)


def test_many_colours_and_no_lead_is_said_so() -> None:
    pixels = plain((250, 250, 250))
    for i, id in enumerate(("red", "yellow", "green", "blue", "black", "orange")):
        pixels[10 * i : 10 * i + 10] = CSS[id]
    assert shown(pixels)[0] == "multicolor"
    assert "multicolor" not in shown(plain((250, 250, 250)))


@pytest.mark.parametrize(("light", "expected"), [((1.0, 0.93, 0.82), "white"), ((0.86, 0.94, 1.0), "white")])
def test_warm_and_cool_light_is_taken_off_by_a_white_wall(light: tuple[float, float, float], expected: str) -> None:
    photo = np.asarray(np.clip(plain((244, 244, 244), size=120, noise=2.0) * np.array(light), 0, 255), np.uint8)
    mask = np.zeros((120, 120), bool)
    mask[30:90, 30:90] = True
    gains = cast(photo, ~mask)
    assert gains == pytest.approx(1 / np.array(light), abs=0.05)
    assert [s.id for s in COLOURS.read(photo, mask, gains=gains)] == [expected]
    assert [s.id for s in COLOURS.read(photo, mask)] != [expected]


@pytest.mark.parametrize("floor", [(150, 105, 70), (235, 215, 160), (60, 60, 60)])
def test_a_floor_with_a_colour_of_its_own_tells_nothing_of_the_light(floor: tuple[int, int, int]) -> None:
    red, green, blue = cast(plain(floor, size=120), np.ones((120, 120), bool))
    assert red == green == blue


def test_an_uneven_ground_or_none_tells_nothing_of_the_light() -> None:
    noisy = plain((225, 220, 215), size=120, noise=40.0)
    assert (cast(noisy, np.ones((120, 120), bool)) == 1).all()
    assert (cast(noisy, np.zeros((60, 60), bool)) == 1).all()


def test_white_cloth_in_a_dim_room_is_white_and_gray_in_a_bright_one_stays_gray() -> None:
    mask = np.zeros((120, 120), bool)
    mask[30:90, 30:90] = True
    dim, bright = plain((120, 90, 60), size=120), plain((250, 250, 250), size=120)
    for photo in (dim, bright):
        photo[mask] = plain((190, 189, 187), size=60, noise=2.0).reshape(-1, 3)
    assert [s.id for s in COLOURS.read(dim, mask, gains=cast(dim, ~mask))] == ["white"]
    assert [s.id for s in COLOURS.read(bright, mask, gains=cast(bright, ~mask))] == ["gray"]


def test_an_empty_mask_has_no_colour() -> None:
    assert COLOURS.read(np.zeros((10, 10, 3), np.uint8), np.zeros((10, 10), bool)) == ()


def test_a_garment_of_a_few_pixels_has_a_colour() -> None:
    mask = np.zeros((900, 900), bool)
    mask[451, 451:454] = True
    assert shown(np.full((900, 900, 3), (200, 30, 40), np.uint8), mask) == ["red"]


def test_lab_of_known_colours() -> None:
    found = to_lab(np.array([[255, 255, 255], [255, 0, 0], [0, 0, 0]], np.uint8))
    assert found == pytest.approx(np.array([[100, 0, 0], [53.24, 80.09, 67.2], [0, 0, 0]]), abs=0.1)
