"""Boxes and masks that move with their photo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2", reason="needs the train extra: pip install 'meot[train]'")

import cv2

from meot.data.detection import Scene, fit, masks_of, read_scene, things_of_masks, vary
from meot.data.table import Object, Row, Table
from meot.errors import DataError

pytestmark = pytest.mark.train


def scene() -> Scene:
    """A red block of 20x30 px with its outline in a grey photo of 60x80."""
    image = np.full((80, 60, 3), 120, np.uint8)
    image[20:50, 10:30] = (250, 0, 0)
    outline = np.array([[10, 20], [30, 20], [30, 50], [10, 50]], np.float64)
    return Scene(image, np.array([[10.0, 20, 30, 50]]), np.array([0]), ((outline,),), np.array([False]))


def test_fit_scales_boxes_as_it_scales_the_photo() -> None:
    fitted, scale = fit(scene(), (160, 160))
    assert scale == 2
    assert fitted.image.shape == (160, 160, 3)
    assert fitted.boxes.tolist() == [[20, 40, 60, 100]]
    assert not fitted.image[:, 121:].any()


@pytest.mark.parametrize("seed", range(6))
def test_vary_keeps_the_box_and_the_mask_on_the_block(seed: int) -> None:
    seen = vary(scene(), np.random.default_rng(seed), zoom=1.3, rotate=20, colour=0)
    red = seen.image[..., 0].astype(int) - seen.image[..., 1] > 125
    ys, xs = np.nonzero(red)
    assert np.abs(seen.boxes[0] - (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)).max() <= 2
    mask = masks_of(seen)[0] > 0
    assert (mask & red).sum() / (mask | red).sum() > 0.85


def test_a_thing_out_of_sight_is_left_out() -> None:
    gone = replace(scene(), boxes=np.array([[0.0, 0, 2, 1]]), outlines=((),))
    assert len(vary(gone, np.random.default_rng(0), zoom=1, rotate=0, colour=0).labels) == 0


def test_a_box_outside_the_photo_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), scene().image)
    row = Row(photo=tmp_path / "a.png", objects=(Object(label="coat", box=(100.0, 5.0, 120.0, 20.0)),))
    with pytest.raises(DataError, match="outside the photo of 60x80"):
        read_scene(row, ("coat",))
    cut = read_scene(replace(row, objects=(Object(label="coat", box=(50.0, 5.0, 120.0, 20.0)),)), ("coat",))
    assert cut.boxes.tolist() == [[50, 5, 60, 20]]


def test_masks_become_one_thing_a_garment(tmp_path: Path) -> None:
    ids = np.zeros((60, 50), np.uint8)
    ids[10:20, 5:15], ids[40:50, 10:20], ids[40:50, 30:40], ids[0, 0] = 1, 2, 2, 3
    cv2.imwrite(str(tmp_path / "m.png"), ids)
    names = {0: "null", 1: "shirt", 2: "shoes", 3: "skirt", 4: "hair"}
    table = Table(rows=(Row(photo=tmp_path / "a.png", mask=tmp_path / "m.png"),), mask_names=names)
    found = things_of_masks(table, by="labels")
    assert found.classes == ("shirt", "shoes", "skirt")
    assert [(o.label, o.box, len(o.polygons)) for o in found.rows[0].objects] == [
        ("shirt", (5, 10, 15, 20), 1),
        ("shoes", (10, 40, 40, 50), 2),
    ]
    assert [o.label for o in things_of_masks(table, by="regions").rows[0].objects] == ["upper", "feet"]
    with pytest.raises(DataError, match="mask_names"):
        things_of_masks(replace(table, mask_names={}), by="labels")
