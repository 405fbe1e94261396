from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.data import drawn

from meot.data.table import SCHEMA, Row, Table, load, save
from meot.errors import DataError


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    table = drawn.table(tmp_path)
    assert load(save(table, tmp_path / "t.jsonl")) == table


def test_photos_are_found_when_folder_and_table_move_together(tmp_path: Path) -> None:
    photo = drawn.photo(tmp_path / "old" / "photos" / "a.jpg")
    save(Table(rows=(Row(photo=photo),)), tmp_path / "old" / "tables" / "t.jsonl")
    os.rename(tmp_path / "old", tmp_path / "new")
    (row,) = load(tmp_path / "new" / "tables" / "t.jsonl").rows
    assert row.photo.resolve() == tmp_path / "new" / "photos" / "a.jpg"


@pytest.mark.parametrize("name", ["a\u2028b", "a\x85b", "a\nb", 'a"b', "a\rb", "  a"])
def test_any_name_comes_back(tmp_path: Path, name: str) -> None:
    table = Table(rows=(Row(photo=tmp_path / "a.jpg", labels={"q": name}, group=name),), questions={"q": (name,)})
    assert load(save(table, tmp_path / "t.jsonl")) == table


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty file"),
        ('{"schema": "other"}', "t.jsonl:1: expected a meot.table/1 table"),
        ("[1]", "t.jsonl:1: expected a JSON object, got list"),
        ("{", "t.jsonl:1: broken JSON"),
        ("[" * 200_000, "t.jsonl:1: broken JSON"),
        (f'{{"schema": "{SCHEMA}", "classes": 3}}', "t.jsonl:1: the table's names"),
        (f'{{"schema": "{SCHEMA}"}}\n\n{{"photo": "a", "split": "trian"}}', "t.jsonl:3: .*split must be one of"),
        (f'{{"schema": "{SCHEMA}"}}\n{{"foto": "a"}}', "t.jsonl:2: not a row"),
        (f'{{"schema": "{SCHEMA}"}}\n{{"photo": "a", "objects": [{{"label": "x", "box": [1]}}]}}', "t.jsonl:2"),
        (
            f'{{"schema": "{SCHEMA}"}}\n{{"photo": "a", "objects": [{{"label": "x", "box": [1, 2, 3, {"9" * 400}]}}]}}',
            "t.jsonl:2",
        ),
    ],
)
def test_what_is_no_table_is_said_with_the_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "t.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        load(tmp_path / "t.jsonl")


def test_a_missing_table_and_a_name_that_is_no_text_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="meot data import"):
        load(tmp_path / "t.jsonl")
    photo = tmp_path / os.fsdecode(b"a\xff.jpg")
    save(Table(), tmp_path / "t.jsonl")
    with pytest.raises(DataError, match="has no UTF-8 name"):
        save(Table(rows=(Row(photo=photo),)), tmp_path / "t.jsonl")
    with pytest.raises(DataError, match="has no UTF-8 name"):
        save(Table(rows=(Row(photo=tmp_path / "\ud800.jpg"),)), tmp_path / "t.jsonl")
    assert load(tmp_path / "t.jsonl") == Table()
