"""The values that travel: a look in the original's pixels, and as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from meot.types import Box, Look, Match, Photo
from tests.builders import NAVY, build_garment, build_product


def build_look(*, original: tuple[int, int] | None = None) -> Look:
    pixels = np.zeros((64, 48, 3), np.uint8)
    regions = np.zeros((64, 48), np.uint8)
    regions[:32] = 3
    garment = build_garment(NAVY)
    return Look(Photo(pixels, "0" * 64, original), (garment,), regions, True, {"parser": "p.1", "garment": "g.1"})


def test_boxes_leave_in_pixels_of_the_original() -> None:
    box = Box(12, 16, 48, 64)
    assert build_look().to_original(box) == box
    assert build_look(original=(640, 240)).to_original(box) == Box(60, 160, 240, 640)
    found = build_look(original=(640, 240)).as_json()
    assert found["photo"] == {"width": 240, "height": 640, "sha256": "0" * 64}
    assert found["garments"][0]["box"] == [0.0, 0.0, 240.0, 640.0]


@pytest.mark.parametrize("original", [(64, 48), (640, 240), (65, 47), (100, 100)])
def test_region_maps_leave_at_the_size_of_the_original(original: tuple[int, int]) -> None:
    full = build_look(original=original).regions_full()
    assert (full.shape, full.dtype) == (original, np.dtype(np.uint8))
    assert set(np.unique(full)) == {0, 3}
    assert abs(int((full[:, 0] == 3).sum()) - original[0] / 2) <= 1


def test_json_is_json_and_scores_and_vectors_come_when_asked() -> None:
    look = build_look()
    plain, full = look.as_json(), look.as_json(scores=True, vector=True)
    assert json.loads(json.dumps(full)) == full
    assert set(full["garments"][0]) - set(plain["garments"][0]) == {"vector"}
    assert set(full["garments"][0]["category"]) - set(plain["garments"][0]["category"]) == {"scores"}
    assert np.linalg.norm(full["garments"][0]["vector"]) == pytest.approx(1, abs=1e-5)


def test_the_page_about_looks_names_every_field() -> None:
    page = (Path(__file__).parent.parent / "docs" / "reading.md").read_text("utf-8")
    named = set(re.findall(r"`\.?(\w+)`", page))
    look = build_look().as_json(scores=True, vector=True)
    [garment] = look["garments"]
    assert (set(look) | set(garment) | set(garment["category"]) | set(garment["colours"][0])) - {"schema"} <= named
    assert look["schema"] in page


def test_a_match_bears_its_product() -> None:
    product = build_product("7", "Navy shirt", price=19000.0, link="https://shop.example/7")
    found = Match(number=3, product=product, score=0.123456, region="upper", category="shirt", colours=("navy",))
    shown = found.as_json()
    assert (shown["number"], shown["score"], shown["title"], shown["price"]) == (3, 0.1235, "Navy shirt", 19000.0)
    assert (shown["link"], shown["colours"]) == ("https://shop.example/7", ["navy"])


def test_an_empty_box_has_no_area() -> None:
    assert Box(1, 2, 4, 6).area == 12
    assert Box(4, 6, 1, 2).area == 0
