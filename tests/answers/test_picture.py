from __future__ import annotations

import numpy as np
import pytest

from meot.answers import picture
from meot.types import Box, Garment, Label, Look, Photo, Shade


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
    assert changed[:, 119:124].any()
    assert not changed[:60].any()


def test_labels_do_not_cover_each_other() -> None:
    drawn = np.asarray(picture.annotate(look(400, 400, [Box(50, 100, 200, 300), Box(52, 100, 210, 300)])))
    plates = [(drawn == np.array(rgb)).all(2).sum() for rgb in ((228, 87, 46), (23, 190, 187))]
    assert min(plates) > 800


def test_korean_falls_back_without_a_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "korean_font", lambda: None)
    english = picture.annotate(look(300, 300, [Box(50, 100, 200, 250)]), language="en")
    fallback = picture.annotate(look(300, 300, [Box(50, 100, 200, 250)]), language="ko")
    np.testing.assert_array_equal(np.asarray(english), np.asarray(fallback))
