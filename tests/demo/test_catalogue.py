from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from meot import photos, taxonomy, wiring
from meot.demo.catalogue import draw_catalogue, draw_item, draw_query, items, titles
from meot.demo.scene import SIZE
from meot.settings import Settings
from meot.types import Reader


def test_the_same_seed_draws_the_same_photo() -> None:
    item = items()[3]
    first, second = (np.asarray(draw_item(item, seed=5, ground="wood")) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.shape == (*SIZE, 3)
    assert not np.array_equal(first, np.asarray(draw_item(item, seed=6, ground="wood")))


def test_the_table_names_photos_that_exist(tmp_path: Path) -> None:
    table = draw_catalogue(tmp_path, count=4)
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 4
    for row in rows:
        assert photos.load(tmp_path / row["image"]).width == SIZE[1]
        assert int(row["price"]) > 0
        assert "invented" in row["description"]
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "images").iterdir()}
    draw_catalogue(tmp_path, count=4)
    assert {p.name: p.stat().st_mtime_ns for p in (tmp_path / "images").iterdir()} == before


def test_every_item_has_a_name_in_both_languages_and_a_known_category() -> None:
    known = {c.id for c in taxonomy.load().categories}
    for item in items():
        korean, english = titles(item)
        assert any("가" <= letter <= "힣" for letter in korean)
        assert english.isascii()
        assert item.category in known
    assert len(items()) == len(set(items()))


def test_queries_differ_from_each_other() -> None:
    assert not np.array_equal(draw_query(seed=0), draw_query(seed=1))


@pytest.fixture(scope="module")
def reader() -> Reader:
    return wiring.build_reader(Settings(threads=1))


@pytest.mark.parametrize("category", ["t_shirt", "dress", "jeans", "hat", "skirt", "tank_top"])
def test_drawn_garments_are_recognised(category: str, reader: Reader) -> None:
    drawn = [item for item in items() if item.category == category][:3]
    found = []
    for i, item in enumerate(drawn):
        image = draw_item(item, seed=i, ground=("white", "wall", "wood")[i])
        garments = reader.read(photos.from_pixels(np.asarray(image, np.uint8))).garments
        assert len(garments) == 1
        found.append(garments[0].category.id == category)
    assert sum(found) >= 2
