from __future__ import annotations

import numpy as np
import pytest

from meot.data import mix
from meot.errors import DataError

pytestmark = pytest.mark.train


def batch(n: int = 4) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.broadcast_to(np.arange(n, dtype=np.float32)[:, None, None, None], (n, 3, 20, 30)).copy()


def test_mixup_blends_by_the_share() -> None:
    images = batch()
    mixed = mix.mixup(images, np.random.default_rng(0), alpha=1.0)
    expected = mixed.share * np.arange(4) + (1 - mixed.share) * mixed.other
    assert mixed.images[:, 0, 0, 0] == pytest.approx(expected, abs=1e-5)
    assert sorted(mixed.other.tolist()) == [0, 1, 2, 3]


def test_cutmix_says_what_share_remains() -> None:
    for seed in range(20):
        images = batch()
        mixed = mix.cutmix(images, np.random.default_rng(seed))
        for i in range(4):
            if mixed.other[i] != i:
                assert (mixed.images[i] == i).mean() == pytest.approx(mixed.share[i], abs=1e-6)
        assert (images == batch()).all()


def scene(colour: int, *things: tuple[str, int, int, int, int]) -> mix.Scene:
    image = np.full((60, 80, 3), colour, np.uint8)
    masks = np.zeros((len(things), 60, 80), bool)
    for mask, (_, x0, y0, x1, y1) in zip(masks, things, strict=True):
        mask[y0:y1, x0:x1] = True
        image[mask] = colour + 50
    return mix.Scene(image=image, masks=masks, labels=tuple(name for name, *_ in things))


def test_copy_paste_brings_the_wanted_things_with_mask_and_box() -> None:
    other = scene(100, ("rare", 10, 10, 40, 50), ("common", 50, 10, 70, 50))
    mixed = mix.copy_paste(scene(0), other, np.random.default_rng(0), wanted=("rare",), soft=0)
    assert mixed.labels == ("rare",)
    assert (mixed.image[mixed.masks[0]] == 150).all()
    assert (mixed.image[~mixed.masks[0]] == 0).all()
    x0, y0, x1, y1 = mixed.boxes[0]
    assert (x1 - x0) * (y1 - y0) == mixed.masks[0].sum()
    assert 0 <= x0 < x1 <= 80
    assert 0 <= y0 < y1 <= 60


def test_what_is_covered_loses_its_pixels_and_goes_when_little_is_left() -> None:
    base = scene(0, ("big", 0, 0, 80, 60), ("small", 38, 28, 42, 32))
    other = scene(100, ("new", 0, 0, 80, 60))
    seen = set()
    for seed in range(30):
        mixed = mix.copy_paste(base, other, np.random.default_rng(seed), scale=(0.5, 0.9), soft=0)
        assert not (mixed.masks.sum(0) > 2).any()
        assert not (mixed.masks[-1] & mixed.masks[:-1].any(0)).any()
        seen.add(mixed.labels)
    assert ("big", "new") in seen  # small was covered


def test_soft_edges_stay_within_the_mask() -> None:
    other = scene(100, ("new", 10, 10, 40, 50))
    mixed = mix.copy_paste(scene(0), other, np.random.default_rng(1), soft=2.0)
    assert (mixed.image[~mixed.masks[0]] == 0).all()
    assert len(np.unique(mixed.image[mixed.masks[0]])) > 2


def test_nothing_wanted_changes_nothing() -> None:
    base = scene(0, ("a", 0, 0, 9, 9))
    mixed = mix.copy_paste(base, scene(9, ("b", 0, 0, 9, 9)), np.random.default_rng(0), wanted=("c",))
    np.testing.assert_array_equal(mixed.image, base.image)
    assert mixed.labels == ("a",)
    assert mixed.boxes.tolist() == [[0, 0, 9, 9]]
    assert scene(0).boxes.shape == (0, 4)


def test_masks_of_another_size_are_said() -> None:
    wrong = mix.Scene(image=np.zeros((5, 5, 3), np.uint8), masks=np.zeros((1, 4, 4), bool), labels=("a",))
    with pytest.raises(DataError, match="masks are"):
        mix.copy_paste(wrong, scene(0), np.random.default_rng(0))
