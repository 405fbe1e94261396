"""``meot.draft_listings`` and ``meot.write_listings``."""

from __future__ import annotations

from pathlib import Path

import pytest

import meot
from meot import wiring
from meot.errors import QueryError
from tests.builders import ColourReader, build_likeness, write_photo


@pytest.fixture(autouse=True)
def _no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "build_reader", lambda settings, **_: ColourReader())
    monkeypatch.setattr(wiring, "load_likeness", lambda settings: build_likeness())


def test_drafts_and_their_file(tmp_path: Path) -> None:
    write_photo(tmp_path / "p" / "A12_1.png", (54, 123, 187))
    drafts = meot.draft_listings([tmp_path / "p"], facts={"A12": {"price": "39,000원", "gender": "여성"}})
    assert [(draft.product, draft.state) for draft in drafts] == [("A12", "sure")]
    text, left = meot.write_listings(drafts, "shopify", language="ko", photos_at="https://cdn.example/p")
    assert "여성 파랑 셔츠" in text
    assert "https://cdn.example/p/A12_1.png" in text
    assert left == ()
    assert meot.write_listings(drafts, "google")[1][0][0] == "A12"


def test_they_are_kept_where_one_says(tmp_path: Path) -> None:
    write_photo(tmp_path / "p" / "A12_1.png", (54, 123, 187))
    meot.draft_listings([tmp_path / "p"], into=tmp_path / "l.db")
    with wiring.open_drafts(tmp_path / "l.db") as drafts:
        assert drafts.get("A12").state == "sure"


def test_a_fact_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    write_photo(tmp_path / "p" / "A12_1.png", (54, 123, 187))
    with pytest.raises(QueryError, match="did you mean 'shirt'"):
        meot.draft_listings([tmp_path / "p"], facts={"A12": {"category": "shrit"}})
