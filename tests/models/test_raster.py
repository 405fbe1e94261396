"""Masks and pictures, against the slow and obvious way."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from meot.models.raster import blur, connected, grow, resize, resize_ids, shrink


def flood(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Pieces by walking from pixel to pixel: slow, and obviously right."""
    names = np.zeros(mask.shape, np.int32)
    found = 0
    for start in zip(*np.nonzero(mask), strict=True):
        if names[start]:
            continue
        found += 1
        todo = [start]
        while todo:
            y, x = todo.pop()
            inside = 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]
            if inside and mask[y, x] and not names[y, x]:
                names[y, x] = found
                todo += [(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return names


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 0.35, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_connected_finds_the_pieces_that_walking_finds(share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((rng.integers(1, 40), rng.integers(1, 40))) < share
    found = connected(mask)
    np.testing.assert_array_equal(found.names, flood(mask))
    for i, (area, box, centre) in enumerate(zip(found.areas, found.boxes, found.centres, strict=True)):
        y, x = np.nonzero(found.names == i + 1)
        assert area == len(y)
        assert tuple(box) == (x.min(), y.min(), x.max() + 1, y.max() + 1)
        np.testing.assert_allclose(centre, (x.mean(), y.mean()))


def test_connected_follows_a_spiral() -> None:
    mask = np.zeros((41, 41), np.bool_)
    for ring in range(0, 20, 2):
        mask[ring, ring : 41 - ring] = mask[40 - ring, ring : 41 - ring] = True
        mask[ring : 41 - ring, 40 - ring] = mask[ring + 2 : 41 - ring, ring] = True
        mask[ring + 2, ring + 1] = True
    np.testing.assert_array_equal(connected(mask).names, flood(mask))


@pytest.mark.parametrize("by", [1, 2, 3])
def test_grow_and_shrink_look_at_every_neighbour(by: int) -> None:
    mask = np.random.default_rng(by).random((17, 23)) < 0.3
    for y in range(17):
        for x in range(23):
            near = mask[max(0, y - by) : y + by + 1, max(0, x - by) : x + by + 1]
            assert grow(mask, by)[y, x] == near.any()
            assert shrink(mask, by)[y, x] == near.all()


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_shrinking_a_picture_averages_areas(kind: type[np.uint8] | type[np.float32]) -> None:
    y, x = np.mgrid[0:120, 0:200]
    waves = 127 + 60 * np.sin(x / 25) + 60 * np.cos(y / 20)
    for image in (np.stack([waves, waves[::-1], waves[:, ::-1]], -1), waves):
        blocks = image.reshape(30, 4, 40, 5, *image.shape[2:]).mean((1, 3))
        small = resize(image.astype(kind), 30, 40)
        assert small.dtype == kind
        np.testing.assert_allclose(small, blocks, atol=3)
        assert small.mean() == pytest.approx(image.mean(), abs=0.7)


def test_shrinking_leaves_no_pixel_out() -> None:
    lines = np.zeros((64, 64), np.float32)
    lines[::4] = 1
    assert resize(lines, 8, 8).min() > 0.15


def test_enlarging_a_picture_keeps_its_ramp() -> None:
    ramp = np.tile(np.arange(10, dtype=np.float32), (10, 1))
    large = resize(ramp, 20, 40)
    assert large.shape == (20, 40)
    np.testing.assert_allclose(large[5, 4:-4], (np.arange(40)[4:-4] + 0.5) / 4 - 0.5, atol=1e-5)


@pytest.mark.parametrize("size", [(4, 6), (16, 12), (7, 5), (1, 1)])
def test_ids_are_never_mixed(size: tuple[int, int]) -> None:
    ids = np.random.default_rng(0).choice(np.array([0, 7, 200], np.uint8), (8, 6))
    large = resize_ids(ids, *size)
    assert large.shape == size
    assert set(np.unique(large)) <= {0, 7, 200}
    np.testing.assert_array_equal(resize_ids(resize_ids(ids, 16, 12), 8, 6), ids)


@pytest.mark.parametrize("sigma", [0.8, 2.0])
def test_blur_spreads_a_point_as_a_gaussian(sigma: float) -> None:
    point = np.zeros((31, 41), np.float32)
    point[15, 20] = 1
    soft = blur(point, sigma)
    y, x = np.mgrid[-15:16, -20:21]
    np.testing.assert_allclose(soft, np.exp(-(x**2 + y**2) / (2 * sigma**2)) / (2 * np.pi * sigma**2), atol=0.01)
    assert float(soft.sum()) == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(blur(np.full((9, 9), 3, np.float32), sigma), 3, rtol=1e-5)
