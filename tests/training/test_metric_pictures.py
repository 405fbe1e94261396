"""What the bundled models read in a training photo, in that photo's own pixels."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import cv2
import numpy as np

from meot import taxonomy
from meot.data.images import read_mask
from meot.data.table import Row
from meot.training.metric.pictures import _read
from meot.types import Box, Garment, Label, Look, Photo, Reader

pytestmark = pytest.mark.train


class Halves:
    """Finds an upper garment in the left half of every photo."""

    def read(self, photo: Photo) -> Look:
        regions = np.zeros((photo.height, photo.width), np.uint8)
        regions[:, : photo.width // 2] = taxonomy.load().region("upper").value
        garment = Garment(
            region="upper",
            category=Label("t_shirt", 0.9, True),
            box=Box(0, 0, photo.width / 2, photo.height),
            score=0.9,
            area=0.5,
            person=0,
            colours=(),
            vector=np.ones(1, np.float32),
        )
        return Look(photo=photo, garments=(garment,), regions=regions, worn=True, models={})


def test_box_and_mask_of_a_photo_scaled_down_at_the_door_are_in_its_own_pixels(tmp_path: Path) -> None:
    photo, mask = tmp_path / "large.jpg", tmp_path / "mask.png"
    cv2.imwrite(str(photo), np.full((1600, 3000, 3), 200, np.uint8))
    row = _read(Row(photo=photo), mask, cast(Reader, Halves()), ("upper",))
    (thing,) = row.objects
    assert thing.box == pytest.approx((0, 0, 1500, 1600), abs=2)
    ids = read_mask(row.mask, photo, (1600, 3000))
    assert np.flatnonzero(ids.any(0))[-1] == pytest.approx(1499, abs=2)
