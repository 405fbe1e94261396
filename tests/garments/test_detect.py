"""Region maps drawn by hand, whose garments are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from meot import taxonomy
from meot.garments.detect import _certainty, box_of, people, pieces, single_garment, worn_garments
from meot.garments.parse import Parse
from meot.models.raster import resize, resize_ids

TERMS = taxonomy.load()


def value(region: str) -> int:
    return TERMS.region(region).value


def parse_of(regions: NDArray[np.uint8], *, certainty: float = 0.9) -> Parse:
    hot = np.stack([(regions[::4, ::4] == r.value) for r in TERMS.regions]).astype(np.float32)
    probabilities = hot * certainty + (1 - hot) * (1 - certainty) / (len(TERMS.regions) - 1)
    return Parse(regions, probabilities.astype(np.float32), 1.0, np.zeros(len(TERMS.categories), np.float32))


def figure(canvas: NDArray[np.uint8], left: int, width: int = 40, *, top: int = 10) -> None:
    """A person: hair, skin, upper, lower, two shoes apart."""
    right = left + width
    canvas[top : top + 14, left + 10 : right - 10] = value("hair")
    canvas[top + 14 : top + 30, left + 12 : right - 12] = value("skin")
    canvas[top + 30 : top + 90, left:right] = value("upper")
    canvas[top + 90 : top + 160, left + 4 : right - 4] = value("lower")
    canvas[top + 160 : top + 172, left : left + 14] = value("feet")
    canvas[top + 160 : top + 172, right - 14 : right] = value("feet")


def test_one_person_gives_one_garment_a_region() -> None:
    regions = np.zeros((256, 160), np.uint8)
    figure(regions, 60)
    found = worn_garments(parse_of(regions), TERMS)
    assert [g.region for g in found] == ["upper", "lower", "feet"]
    upper = found[0]
    assert upper.box == (60.0, 40.0, 100.0, 100.0)
    assert upper.score > 0.85
    assert all(g.person == 0 for g in found)
    feet = found[2]
    assert (feet.box.x0, feet.box.x1) == (60.0, 100.0)


def test_the_larger_of_two_people_is_the_main_one() -> None:
    regions = np.zeros((256, 256), np.uint8)
    figure(regions, 20, 30)
    figure(regions, 150, 70)
    found = worn_garments(parse_of(regions), TERMS)
    assert sorted(g.person for g in found) == [0, 0, 0, 1, 1, 1]
    main = [g for g in found if g.person == 0]
    assert all(g.box.x0 >= 150 for g in main)


def test_touching_people_are_cut_between_their_heads() -> None:
    regions = np.zeros((256, 160), np.uint8)
    figure(regions, 30)
    figure(regions, 70)
    owners = people(regions, TERMS)
    assert set(np.unique(owners)) == {0, 1, 2}
    assert owners[100, 40] != owners[100, 100]


def test_a_bag_on_the_ground_belongs_to_the_person_beside_it() -> None:
    regions = np.zeros((256, 160), np.uint8)
    figure(regions, 60)
    regions[160:180, 108:125] = value("bag")
    found = worn_garments(parse_of(regions), TERMS)
    assert [(g.region, g.person) for g in found if g.region == "bag"] == [("bag", 0)]


def test_specks_are_no_garments() -> None:
    regions = np.zeros((256, 160), np.uint8)
    figure(regions, 60)
    regions[0:3, 0:3] = value("head")
    assert "head" not in [g.region for g in worn_garments(parse_of(regions), TERMS)]


def test_an_empty_map_has_no_garments() -> None:
    assert worn_garments(parse_of(np.zeros((256, 160), np.uint8)), TERMS) == []


def test_small_pieces_are_dropped_and_large_ones_kept() -> None:
    mask = np.zeros((50, 50), bool)
    mask[5:25, 5:25] = mask[30:40, 30:40] = mask[48, 48] = True
    kept = pieces(mask, 0.1)
    assert kept[10, 10]
    assert kept[35, 35]
    assert not kept[48, 48]


def test_a_flat_lay_is_one_garment() -> None:
    regions = np.zeros((128, 96), np.uint8)
    regions[20:100, 20:70] = value("upper")
    regions[20:60, 70:80] = value("outer")
    mask, box, score = single_garment(parse_of(regions))
    assert box == (20.0, 20.0, 80.0, 100.0)
    assert mask.sum() == 80 * 50 + 40 * 10
    assert score > 0.85


def test_nothing_seen_means_the_whole_photo_with_a_low_score() -> None:
    mask, box, score = single_garment(parse_of(np.zeros((128, 96), np.uint8)))
    assert box == (0.0, 0.0, 96.0, 128.0)
    assert mask.all()
    assert score < 0.1


def test_enlarging_never_invents_an_id() -> None:
    regions = np.zeros((10, 10), np.uint8)
    regions[:, 5:] = 11
    assert set(np.unique(resize_ids(regions, 33, 47))) == {0, 11}


def test_only_what_is_near_a_garment_weighs_in_its_score() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        y0, x0 = rng.integers(0, 90), rng.integers(0, 60)
        mask = np.zeros((96, 64), np.bool_)
        mask[y0 : y0 + rng.integers(1, 40), x0 : x0 + rng.integers(1, 30)] = True
        probability = rng.random((24, 16)).astype(np.float32)
        weight = resize(mask.astype(np.float32), 24, 16)
        whole = float((probability * weight).sum() / weight.sum())
        assert _certainty(probability, mask, box_of(mask)) == pytest.approx(whole, rel=1e-5)
