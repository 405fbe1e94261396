from __future__ import annotations

import numpy as np

from meot.data import augment


def test_photo_and_mask_move_together() -> None:
    rng = np.random.default_rng(3)
    mask = np.zeros((80, 60), np.uint8)
    mask[20:50, 10:40] = 7
    image = np.repeat((mask > 0)[..., None] * np.uint8(255), 3, 2).astype(np.uint8)
    matrix = augment.view_matrix((0, 0, 60, 80), (96, 64), rng, zoom=(0.9, 1.2), shift=0.05, rotate=15, stretch=0.2)
    seen, ids = augment.warp(image, mask, matrix, (96, 64))
    assert ids is not None
    assert seen.shape == (96, 64, 3)
    assert set(np.unique(ids)) == {0, 7}
    assert ((seen[..., 0] > 127) == (ids == 7)).mean() > 0.97


def test_the_same_seed_draws_the_same_view() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    first = augment.recolour(image, np.random.default_rng(5), strength=1.0)
    second = augment.recolour(image, np.random.default_rng(5), strength=1.0)
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, image)


def test_a_new_background_leaves_the_garment() -> None:
    image = np.full((60, 60, 3), 30, np.uint8)
    there = np.zeros((60, 60), bool)
    there[15:45, 15:45] = True
    seen = augment.replace_background(image, there, np.random.default_rng(1))
    assert (seen[20:40, 20:40] == 30).all()
    assert (seen[:10, :10] != 30).all()
