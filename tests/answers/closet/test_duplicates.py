"""Owned garments of which one would do."""

from __future__ import annotations

import numpy as np
import pytest
from tests.answers.closet.owner import OpenCloset, shirt, trousers
from tests.builders import NAVY, RED, WHITE

from meot.answers.closet.duplicates import find_duplicates
from meot.answers.closet.similarity import compare, load_scale
from meot.answers.closet.traits import describe
from meot.catalogue.rows import StoredGarment

SCALE = load_scale()


def held(*garments: object, photos: list[int] | None = None) -> list[StoredGarment]:
    return list(OpenCloset(garments, photos=photos).held.values())  # type: ignore[arg-type]


def test_groups_of_garments_that_are_alike() -> None:
    found = find_duplicates(held(shirt(NAVY), trousers(RED), shirt(NAVY), shirt(WHITE), shirt(NAVY)), scale=SCALE)
    assert [[each.key for each in group.garments] for group in found] == [[1, 3, 5]]
    assert found[0].as_json()["similarity"] >= SCALE.twin_from


def test_garments_of_one_photo_are_no_duplicates() -> None:
    assert find_duplicates(held(shirt(NAVY), shirt(NAVY), photos=[1, 1]), scale=SCALE) == []


def test_every_two_of_a_group_are_alike() -> None:
    """A row of garments, each a little off the one before, is not one group."""
    row = [shirt((20 + 14 * i, 30, 120 - 6 * i)) for i in range(12)]
    found = find_duplicates(held(*row), scale=SCALE)
    assert found
    assert all(len(group.garments) < len(row) for group in found)
    keys = [each.key for group in found for each in group.garments]
    assert len(keys) == len(set(keys))


def test_the_short_way_finds_what_comparing_all_finds() -> None:
    rng = np.random.default_rng(0)
    base = [(20, 30, 60), (200, 40, 50), (240, 240, 240)]
    colours = [tuple(int(c + n) for c, n in zip(base[i % 3], rng.integers(-12, 12, 3), strict=True)) for i in range(30)]
    garments = [shirt(colour) for colour in colours]  # type: ignore[arg-type]
    traits = describe(garments)
    similar = SCALE.similarity(compare(traits, traits), traits.region)
    found = find_duplicates(held(*garments), scale=SCALE)
    assert found
    for group in found:
        keys = [each.key - 1 for each in group.garments]
        least = min(float(similar[i, j]) for i in keys for j in keys if i < j)
        assert group.similarity == pytest.approx(least, abs=1e-5)
        assert least >= SCALE.twin_from
    alone = set(range(30)) - {each.key - 1 for group in found for each in group.garments}
    assert all(similar[i, j] < SCALE.twin_from for i in alone for j in alone if i < j)


def test_nothing_in_an_empty_closet() -> None:
    assert find_duplicates([], scale=SCALE) == []
    assert np.isfinite(SCALE.twin_from)
