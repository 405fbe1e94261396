"""A garment becomes a square picture in each of the compared ways."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("cv2", reason="needs the train extra")

from meot.data.images import box_around
from meot.data.prepare import EXTRAS, WAYS, Fill, Preparation, parse, prepare
from meot.errors import DataError

pytestmark = pytest.mark.train
GREEN, RED = (0, 200, 0), (200, 0, 0)
BOX = (20.0, 10.0, 60.0, 90.0)


def scene() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A red bar of 20 x 40 px inside the box, on green."""
    image, mask = np.zeros((100, 80, 3), np.uint8), np.zeros((100, 80), np.uint8)
    image[:], mask[30:70, 30:50] = GREEN, 255
    image[mask > 0] = RED
    return image, mask


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("extra", EXTRAS)
def test_every_preparation_has_the_shape_it_tells(way: str, extra: str) -> None:
    image, mask = scene()
    how = parse(way if extra == "none" else f"{way}+{extra}", side=64)
    seen = prepare(image, box=BOX, mask=mask, how=how)
    assert seen.shape == (64, 64, how.channels)
    assert seen.dtype == np.uint8
    assert how.channels == 3 + (way == "mask_alpha") + (extra == "canny")


def test_box_shows_what_lies_around_the_garment_and_needs_no_mask() -> None:
    seen = prepare(scene()[0], box=BOX, mask=None, how=Preparation(side=80, margin=0.0))
    assert tuple(seen[0, 0]) == GREEN
    assert tuple(seen[40, 40]) == RED


def test_no_box_is_the_whole_photo() -> None:
    image, _ = scene()
    seen = prepare(image, box=None, mask=None, how=Preparation(side=100, margin=0.0, fill="black"))
    assert np.array_equal(seen[:, 10:90], image)
    assert not seen[:, :10].any()


def test_tight_box_is_the_masks_and_keeps_its_proportions() -> None:
    image, mask = scene()
    seen = prepare(image, box=BOX, mask=mask, how=Preparation(way="tight_box", side=40, margin=0.0, fill="black"))
    assert (seen[:, 10:30] == RED).all()
    assert not seen[:, :10].any()
    assert not seen[:, 30:].any()


def test_mask_black_has_nothing_but_the_garment() -> None:
    image, mask = scene()
    seen = prepare(image, box=BOX, mask=mask, how=Preparation(way="mask_black", side=40, margin=0.25))
    assert not seen[..., 1].any()
    assert tuple(seen[20, 20]) == RED


def test_mask_alpha_keeps_the_photo_and_tells_the_mask() -> None:
    image, mask = scene()
    how = Preparation(way="mask_alpha", side=60, margin=0.25)
    seen = prepare(image, box=BOX, mask=mask, how=how)
    assert tuple(seen[2, 2]) == (*GREEN, 0)
    assert tuple(seen[30, 30]) == (*RED, 255)
    assert (seen[..., 3] > 0).mean() == pytest.approx(800 / 3600, abs=0.05)


@pytest.mark.parametrize(
    ("fill", "corner"),
    [("photo", GREEN), ("nearest", RED), ("black", (0, 0, 0)), ("white", (255, 255, 255)), ("mean", RED)],
)
def test_fill_is_what_makes_a_slim_box_square(fill: Fill, corner: tuple[int, int, int]) -> None:
    image, mask = scene()
    seen = prepare(image, box=None, mask=mask, how=Preparation(way="tight_box", side=40, margin=0.0, fill=fill))
    assert tuple(seen[0, 0]) == corner


def test_beyond_the_photos_edge_its_nearest_pixel_is_repeated() -> None:
    image = np.zeros((100, 20, 3), np.uint8)
    image[:, 0], image[:, -1] = RED, GREEN
    seen = prepare(image, box=None, mask=None, how=Preparation(side=100, margin=0.0))
    assert tuple(seen[50, 0]) == RED
    assert tuple(seen[50, 99]) == GREEN


def test_edges_are_of_the_cloth_and_not_of_the_mask() -> None:
    image, mask = scene()
    plain = np.full_like(image, 90)
    plain[48:52, 35:45] = 220
    seen = prepare(plain, box=BOX, mask=mask, how=parse("mask_black+canny", side=80))
    there = np.argwhere(seen[..., 3] > 0)
    assert len(there) > 0
    assert set(np.unique(seen[..., 3])) == {0, 255}
    assert there.min(0)[0] > 25
    assert there.max(0)[0] < 55


def test_grey_contrast_is_grey_and_spreads_a_dull_photo() -> None:
    rng = np.random.default_rng(0)
    dull = np.repeat(rng.integers(100, 120, (64, 64, 1)), 3, 2).astype(np.uint8)
    seen = prepare(dull, box=None, mask=None, how=parse("box+grey_contrast", side=64, margin=0.0))
    assert (seen[..., 0] == seen[..., 2]).all()
    assert np.ptp(seen) > 2 * np.ptp(dull)


def test_box_around_has_its_right_and_bottom_edge_outside() -> None:
    assert box_around(scene()[1]) == (30.0, 30.0, 50.0, 70.0)
    assert box_around(np.zeros((4, 4), np.uint8)) is None


@pytest.mark.parametrize(
    "box", [(60.0, 10.0, 20.0, 90.0), (20.0, 10.0, 20.0, 90.0), (200.0, 10.0, 260.0, 90.0), (-50.0, 0.0, -20.0, 40.0)]
)
def test_a_box_without_area_in_the_photo_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(DataError, match=r"coat\.jpg: box .* no area in a photo of 80x100 px"):
        prepare(scene()[0], box=box, mask=None, how=Preparation(), name="coat.jpg")


def test_a_mask_that_is_missing_empty_or_of_another_size_is_refused() -> None:
    image, mask = scene()
    how = Preparation(way="mask_alpha")
    with pytest.raises(DataError, match="mask_alpha needs a mask"):
        prepare(image, box=BOX, mask=None, how=how)
    with pytest.raises(DataError, match="expected a mask of 80x100 px, got 40x50"):
        prepare(image, box=BOX, mask=mask[::2, ::2], how=how)
    with pytest.raises(DataError, match="the mask is empty"):
        prepare(image, box=BOX, mask=np.zeros_like(mask), how=how)


def test_an_unknown_preparation_names_the_nearest() -> None:
    with pytest.raises(DataError, match="did you mean 'mask_black'"):
        parse("mask_blak")
    assert parse("tight_box+canny").name == "tight_box+canny"
