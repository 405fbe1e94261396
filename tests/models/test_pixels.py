from __future__ import annotations

import numpy as np
import pytest

from meot.models.pixels import MEAN, STD, canvas, crop_box, normalise


def test_normalise_is_the_textbook_formula() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 7, 3)).astype(np.uint8)
    expected = ((images / 255.0 - MEAN) / STD).transpose(0, 3, 1, 2)
    assert normalise(images).dtype == np.float32
    np.testing.assert_allclose(normalise(images), expected, atol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(830, 550), (550, 830), (256, 256), (3000, 200), (40, 2000)])
def test_canvas_keeps_area_and_multiples(height: int, width: int) -> None:
    tall, wide = canvas(height, width, area=384 * 256)
    assert tall % 32 == 0
    assert wide % 32 == 0
    assert 0.7 < tall * wide / (384 * 256) < 1.35


def test_crop_box_stays_in_the_photo_and_is_not_slim() -> None:
    x0, y0, x1, y1 = crop_box((95.0, 0.0, 100.0, 80.0), 100, 100)
    assert 0 <= x0 < x1 <= 100
    assert 0 <= y0 < y1 <= 100
    assert x1 - x0 >= 20
