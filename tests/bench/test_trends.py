from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.builders import NAVY, RED, ColourReader, write_photo

from bench import trends
from meot.catalogue import intake
from meot.catalogue.store import Catalogue


def test_the_drawn_catalogue_is_counted() -> None:
    row = trends.time_it(300)
    assert row["products"] == 300
    assert 0 < float(str(row["counting s"])) < 5


def test_a_strong_trend_is_told_and_nothing_is_not() -> None:
    strong, nothing = trends.judge(6, 200, 0.4, 0.0, times=50), trends.judge(6, 200, 0.0, 0.0, times=200)
    assert strong["told"] == strong["textbook"] == 1.0
    assert float(str(nothing["told"])) < 0.12
    swinging = trends.judge(8, 400, 0.0, 0.08, times=200)
    assert float(str(swinging["told"])) < float(str(swinging["textbook"]))


def test_read_shares_beside_told_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trends, "_ENOUGH", 2)
    lines = ["id,title,season,base_colour,image"]
    shown = [("Summer", RED, "Red"), ("Summer", NAVY, "Navy Blue"), ("Summer", RED, "Red"), ("Fall", RED, "Red")]
    shown += [("Winter", NAVY, "Navy Blue"), ("Winter", NAVY, "Red")]
    for i, (season, (red, green, blue), told) in enumerate(shown):
        photo = write_photo(tmp_path / f"{i}.png", (red, green, blue - i))
        lines.append(f"{i},Shirt,{season},{told},{photo}")
    (tmp_path / "products.csv").write_text("\n".join(lines))
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        intake.add(catalogue, ColourReader(), tmp_path / "products.csv")
    rows, summary = trends.compare(str(tmp_path / "shop.db"), tmp_path / "products.csv")
    assert {row["colour"]: (row["Summer"], row["Winter"]) for row in rows} == {
        "navy": ("33.3 / 33.3", "100.0 / 50.0"),
        "red": ("66.7 / 66.7", "0.0 / 50.0"),
    }
    assert summary["same colour"] == pytest.approx(5 / 6)
    assert summary["shares off by"] == pytest.approx(25.0)
    monkeypatch.setattr(
        sys, "argv", ["trends", "--catalogue", str(tmp_path / "shop.db"), "--truth", str(tmp_path / "products.csv")]
    )
    trends.main()
    assert "% read / % told" in capsys.readouterr().out
