"""The comparison as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import ImageColor
from tests.answers.closet.owner import OpenCloset, look, shirt, trousers
from tests.answers.closet.test_comparison import beside
from tests.builders import NAVY, RED, write_photo

from meot.answers.closet.picture import COLOURS, draw_comparison


@pytest.mark.parametrize("language", ["en", "ko"])
def test_verdicts_are_outlined_beside_the_owned_garment(tmp_path: Path, language: str) -> None:
    own = write_photo(tmp_path / "own.png", NAVY)
    found = beside(look(shirt(NAVY), trousers(RED)), OpenCloset([shirt(NAVY)]))
    pixels = np.asarray(draw_comparison(found, {1: own}.get, language=language))
    for verdict, there in (("own", True), ("close", False), ("missing", True)):
        assert bool((pixels == ImageColor.getrgb(COLOURS[verdict])).all(-1).any()) is there
    assert (pixels == NAVY).all(-1).sum() > 5000  # the owned garment's crop


def test_an_owned_photo_that_is_gone_leaves_its_place_empty(tmp_path: Path) -> None:
    found = beside(look(shirt(NAVY)), OpenCloset([shirt(NAVY)]))
    for file in (None, tmp_path / "gone.png"):
        pixels = np.asarray(draw_comparison(found, {1: file}.get))
        assert not (pixels == NAVY).all(-1).any()
