from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.builders import NAVY, RED, WHITE, ColourReader, build_product, write_photo

from meot import taxonomy
from meot.answers.trends.ask import Question, ask
from meot.answers.trends.timeline import Wanted
from meot.catalogue import dated
from meot.catalogue.database import Database
from meot.catalogue.store import Catalogue
from meot.photos import load


@pytest.fixture
def filled(catalogue: Catalogue, where: str, tmp_path: Path) -> Database:
    """Three products: a shirt, a shirt over jeans that was retired, and one whose photo was not read."""
    reader = ColourReader()
    photos = [write_photo(tmp_path / "1.png", NAVY), write_photo(tmp_path / "2.png", RED, lower=WHITE)]
    told = [{"released": "2016-06", "gender": "여성"}, {"season": "Summer 2017"}]
    for i, (path, more) in enumerate(zip(photos, told, strict=True)):
        number = catalogue.put_product(build_product(str(i), "Shirt", source=f"shop{i}", **more), [path])
        for key, file in catalogue.pending(reader.models):
            catalogue.put_reading(key, reader.read(load(file)))
        assert number
    catalogue.put_product(build_product("2", "Unread"), [write_photo(tmp_path / "3.png", WHITE)])
    catalogue.retire("shop1", unseen_since=time.time() + 60)
    return Database.open(where, create=False, data=tmp_path)


def test_products_with_their_dates_retired_ones_too(filled: Database) -> None:
    with filled, filled.reading() as connection:
        first, second, third = dated.read_products(connection)
    assert (first.gender, first.released, first.season, first.retired) == ("female", "2016-06", "", None)
    assert (second.season, second.released) == ("Summer 2017", "")
    assert second.retired == pytest.approx(time.time(), abs=60)
    assert third.first_seen == pytest.approx(time.time(), abs=60)


def test_garments_that_stand_for_products_in_their_order(filled: Database) -> None:
    with filled, filled.reading() as connection:
        found = list(dated.read_garments(connection))
    assert [(garment.region, garment.category, bool(garment.sure)) for garment in found] == [
        ("upper", "shirt", True),
        ("upper", "shirt", True),
        ("lower", "jeans", True),
    ]
    assert found[0].product < found[1].product == found[2].product


def test_trends_of_a_catalogue(filled: Database) -> None:
    wanted = Wanted(today=datetime.now(UTC).date(), dates="first_seen")
    with filled:
        [trend] = ask(filled, Question(by=["색"], within=["종류=셔츠"], wanted=wanted), taxonomy.load()).trends
    assert (trend.by, trend.asked, trend.sure, trend.retired) == ("colour", 2, 2, 1)
    assert sorted(value.id for value in trend.values) == ["navy", "red"]
