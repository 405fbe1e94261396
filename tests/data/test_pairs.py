"""Pairs of photos as a table."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("cv2", reason="needs the train extra")

from tests.items import draw_pairs

from meot.data import table as tables
from meot.data.sources import pairs
from meot.errors import DataError

pytestmark = pytest.mark.train


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return draw_pairs(tmp_path / "drawn", items=4, held=1)


def test_a_pair_is_two_rows_of_one_group(folder: Path, tmp_path: Path) -> None:
    table = pairs.read(folder)
    assert [(row.group, row.labels["view"]) for row in table.rows[:2]] == [("0000", "product"), ("0000", "worn")]
    assert [row.split for row in table.rows] == ["train"] * 6 + ["validation"] * 2
    assert table.rows[1].photo == folder / "worn" / "0000.jpg"
    assert tables.load(tables.save(table, tmp_path / "pairs.jsonl")).questions == {"view": ("product", "worn")}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("pair,split\n0000,train\n0000,train\n", "pairs.csv:3: pair '0000' stands there twice"),
        ("pair,split\n0000,train\n0001,training\n", "pairs.csv:3: expected a split of train, validation, test"),
        ("pair,split\n0009,train\n", "pairs.csv:2: .*0009.jpg not found"),
        ("name,split\n0000,train\n", "expected the columns pair and split"),
        ("pair,split\n", "expected the columns pair and split"),
    ],
)
def test_a_broken_list_is_an_error(folder: Path, lines: str, words: str) -> None:
    (folder / "pairs.csv").write_text(lines)
    with pytest.raises(DataError, match=words):
        pairs.read(folder)


def test_a_folder_without_a_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"pairs.csv not found; expected pairs.csv \(columns pair, split\)"):
        pairs.read(tmp_path)
