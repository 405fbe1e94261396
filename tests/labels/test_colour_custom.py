from __future__ import annotations

import pytest

from meot import taxonomy
from meot.labels.colour_custom import as_called
from meot.types import Shade

TERMS = taxonomy.load()


def called(category: str, *shades: Shade) -> list[tuple[str, float]]:
    """The names and shares of the colours of a garment of that category."""
    return [(shade.id, shade.share) for shade in as_called(shades, TERMS.category(category))]


def test_the_darkest_jeans_are_blue_and_trousers_of_that_colour_navy() -> None:
    navy, blue, black = Shade("navy", "#1e212f", 0.5), Shade("blue", "#3b5798", 0.3), Shade("black", "#131313", 0.2)
    assert called("jeans", navy, blue, black) == [("blue", 0.8), ("black", 0.2)]
    assert called("trousers", navy, blue, black) == [("navy", 0.5), ("blue", 0.3), ("black", 0.2)]
    assert as_called((navy, blue), TERMS.category("jeans"))[0].hex == navy.hex  # as most of it was photographed


def test_jeans_without_navy_stay_as_they_were_read() -> None:
    assert called("jeans", Shade("gray", "#808080", 0.7), Shade("blue", "#3b5798", 0.3)) == [
        ("gray", 0.7),
        ("blue", 0.3),
    ]


@pytest.mark.parametrize(
    ("swatch", "expected"), [("#c3c5c4", "white"), ("#8c8c8c", "gray"), ("#666666", "black")], ids=str
)
def test_shoes_are_black_or_white_where_light_and_shadow_made_them_gray(swatch: str, expected: str) -> None:
    assert called("sneakers", Shade("gray", swatch, 0.8), Shade("blue", "#3b5798", 0.2))[0] == (expected, 0.8)


def test_cloth_of_a_shoes_gray_stays_gray() -> None:
    for category in ("t_shirt", "socks", "bag"):
        assert called(category, Shade("gray", "#c3c5c4", 1.0)) == [("gray", 1.0)]


def test_what_moves_can_change_which_colour_leads() -> None:
    shades = (Shade("red", "#cc3f3b", 0.4), Shade("gray", "#c3c5c4", 0.35), Shade("white", "#f6f6f6", 0.25))
    assert called("sneakers", *shades) == [("white", 0.6), ("red", 0.4)]


def test_a_garment_of_many_colours_is_still_called_so_first() -> None:
    shades = (Shade("multicolor", "#808080", 1.0), Shade("gray", "#c3c5c4", 0.25), Shade("white", "#f6f6f6", 0.2))
    assert called("sneakers", *shades) == [("multicolor", 1.0), ("white", 0.45)]


def test_nothing_read_is_nothing_called() -> None:
    assert called("jeans") == called("sneakers") == []
