"""Places for plates on a picture."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from meot.answers.space import Space
from meot.types import Box


def overlap(a: Box, b: Box) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


@pytest.mark.parametrize("seed", range(5))
def test_plates_never_overlap_and_never_leave_the_picture(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width = (int(x) for x in rng.integers(200, 700, 2))
    space = Space(busy=rng.integers(0, 3, (height, width)).astype(np.uint8))
    places = [space.take_corner(120, 40)]
    for _ in range(40):
        x, y, wide, tall = (float(v) for v in rng.integers(0, 150, 4))
        places.append(space.take_beside(Box(x, y, x + wide, y + tall), 80, 30))
    found = [place for place in places if place is not None]
    assert len(found) > 5
    assert space.taken == len(found)
    assert not any(overlap(a, b) for a, b in combinations(found, 2))
    assert all(p.x0 >= 0 and p.y0 >= 0 and p.x1 <= width and p.y1 <= height for p in found)


def test_a_full_picture_has_no_place() -> None:
    space = Space(busy=np.zeros((50, 100), np.uint8))
    assert space.take_corner(100, 50) == Box(0, 0, 100, 50)
    assert space.take_beside(Box(10, 10, 20, 20), 10, 10) is None
    space.forget(0)
    assert space.take_beside(Box(10, 10, 20, 20), 10, 10) is not None
    assert space.take_corner(101, 10) is None


def test_a_plate_stands_at_its_garment_where_it_hides_nothing() -> None:
    busy = np.zeros((400, 300), np.uint8)
    busy[:, 100:300] = 1
    place = Space(busy=busy).take_beside(Box(100, 100, 200, 300), 80, 30)
    assert place is not None
    assert place.x1 == 100
    assert place.y0 in (70, 100)


def test_the_corner_that_hides_least_is_taken_and_never_a_head() -> None:
    busy = np.zeros((400, 300), np.uint8)
    assert Space(busy=busy).take_corner(100, 40) == Box(0, 360, 100, 400)
    busy[300:, :200] = 1
    assert Space(busy=busy).take_corner(100, 40) == Box(200, 360, 300, 400)
