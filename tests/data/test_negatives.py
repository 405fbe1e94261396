"""Pictures without clothes, and clothes before studio walls."""

from __future__ import annotations

import numpy as np
import pytest

from meot.data import negatives, studio


@pytest.mark.parametrize("kind", list(negatives.DRAWN))
def test_every_kind_draws_pictures_that_differ_by_seed(kind: str) -> None:
    first, second, again = (negatives.draw(kind, np.random.default_rng(seed)) for seed in (0, 1, 0))
    for picture in (first, second):
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert all(224 <= side < 480 for side in picture.shape[:2])
    assert np.array_equal(first, again)
    assert first.shape != second.shape or not np.array_equal(first, second)
    assert any(negatives.draw(kind, np.random.default_rng(seed)).std() > 5 for seed in range(3))


def test_a_backdrop_has_nothing_of_the_person() -> None:
    photo = np.full((400, 300, 3), 90, np.uint8)
    person = np.zeros((400, 300), np.bool_)
    person[40:380, 200:280] = True
    photo[person] = 255
    for seed in range(10):
        crop = negatives.backdrop(photo, person, np.random.default_rng(seed))
        assert crop is not None
        assert crop.max() == 90
        assert min(crop.shape[:2]) >= 95


def test_a_photo_full_of_person_has_no_backdrop() -> None:
    rng = np.random.default_rng(0)
    assert negatives.backdrop(np.zeros((300, 300, 3), np.uint8), np.ones((300, 300), np.bool_), rng) is None
    assert negatives.backdrop(np.zeros((60, 60, 3), np.uint8), np.zeros((60, 60), np.bool_), rng) is None


def test_a_shop_photo_keeps_the_garment_and_loses_the_floor() -> None:
    image = np.full((200, 150, 3), (40, 160, 60), np.uint8)
    inside = np.zeros((200, 150), np.bool_)
    inside[50:150, 40:110] = True
    image[inside] = (200, 30, 40)
    for seed in range(8):
        shot = studio.shop_photo(image, inside, np.random.default_rng(seed)).astype(int)
        height, width = shot.shape[:2]
        middle = shot[height // 2, width // 2]
        assert middle[0] > 150 > middle[1]
        assert abs(shot[0, 0] - shot[0, 0].mean()).max() < 20, "the wall is grey or white, not green"


def test_drawn_cloth_has_the_outline_alone() -> None:
    inside = np.zeros((120, 120), np.bool_)
    inside[30:90, 20:100] = True
    picture = studio.drawn_cloth(inside, np.random.default_rng(3))
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3


def test_a_part_of_a_person_is_never_empty() -> None:
    person = np.zeros((300, 100), np.bool_)
    person[20:280, 30:70] = True
    for seed in range(20):
        part = studio.part_of_person(person, np.random.default_rng(seed))
        assert part.any()
        assert not (part & ~person).any()
        assert part.sum() < person.sum()
