"""Patterns drawn onto plain cloth: only the cloth changes, its folds stay, the same seed draws the same."""

from __future__ import annotations

import pytest

pytest.importorskip("cv2", reason="needs the train extra: pip install 'meot[train]'")

import numpy as np
from numpy.typing import NDArray

from meot.data.paint import paint
from meot.data.patterns import PATTERNS

pytestmark = pytest.mark.train


def plain(light: float = 1.0) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A blue-grey block with a dark fold on a beige floor."""
    image = np.full((160, 120, 3), (200, 190, 170), np.uint8)
    mask = np.zeros((160, 120), np.bool_)
    mask[20:140, 15:105] = True
    image[mask] = (110, 120, 150)
    image[20:140, 50:58] = (60, 66, 82)
    return (image * light).astype(np.uint8), mask


@pytest.mark.parametrize("pattern", PATTERNS)
def test_only_the_cloth_changes(pattern: str) -> None:
    image, mask = plain()
    before = image.copy()
    changed = []
    for seed in range(4):
        done = paint(image, mask, pattern, np.random.default_rng(seed))
        assert done.shape == image.shape
        assert done.dtype == np.uint8
        assert np.array_equal(done[~mask], image[~mask])
        changed.append(float((np.abs(done.astype(int) - image)[mask].sum(1) > 20).mean()))
    assert np.array_equal(image, before), "the photo itself is left alone"
    assert max(changed) > 0.03, f"{pattern} is hardly to be seen: {changed}"


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_same_seed_draws_the_same(pattern: str) -> None:
    image, mask = plain()
    one, two, other = (paint(image, mask, pattern, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_folds_stay_dark_under_the_drawing() -> None:
    image, mask = plain()
    fold, beside = [], []
    for seed in range(12):
        done = paint(image, mask, "check", np.random.default_rng(seed)).astype(float)
        fold.append(done[40:120, 52:56].mean())
        beside.append(done[40:120, 70:90].mean())
    assert np.mean(fold) < 0.75 * np.mean(beside)


def test_stripes_run_one_way() -> None:
    image, mask = plain()
    image[mask] = (110, 120, 150)
    turned = 0
    for seed in range(10):
        own = paint(image, mask, "stripe", np.random.default_rng(seed))[30:130, 25:95].astype(float).mean(2)
        along, across = own.mean(1).std(), own.mean(0).std()
        turned += max(along, across) > 1.5 * min(along, across)
    assert turned >= 8


def test_nothing_to_draw_on_and_nothing_known_to_draw() -> None:
    image, mask = plain()
    assert np.array_equal(paint(image, np.zeros_like(mask), "dot", np.random.default_rng(0)), image)
    with pytest.raises(KeyError):
        paint(image, mask, "leopard", np.random.default_rng(0))


def test_tiny_cloth_is_no_error() -> None:
    image, mask = np.full((40, 30, 3), 90, np.uint8), np.zeros((40, 30), np.bool_)
    mask[10:13, 5:7] = True
    for pattern in PATTERNS:
        paint(image, mask, pattern, np.random.default_rng(0))
