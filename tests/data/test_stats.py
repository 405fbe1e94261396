from __future__ import annotations

from pathlib import Path

import pytest

from meot.data import stats
from meot.data.table import Object, Row, Table
from meot.errors import DataError


def table() -> Table:
    shirt = Object(label="shirt", box=(0, 0, 20, 30), labels={"collar": "band"})
    wide = Object(label="trousers", box=(0, 0, 100, 100))
    rows = [
        Row(photo=Path("0.jpg"), split="train", labels={"category": "티셔츠"}, objects=(shirt, wide), size=(200, 100)),
        Row(photo=Path("1.jpg"), split="train", labels={"category": "티셔츠"}, objects=(wide,), group="a"),
        Row(photo=Path("2.jpg"), split="validation", labels={"category": "hat"}, group="a"),
        Row(photo=Path("3.jpg")),
    ]
    questions = {"category": ("hat", "skirt", "티셔츠"), "collar": ("band", "polo")}
    return Table(rows=tuple(rows), classes=("shirt", "trousers"), questions=questions)


def test_rows_and_objects_answer() -> None:
    row = table().rows[0]
    assert stats.answers(row, "category") == ["티셔츠"]
    assert stats.answers(row, "collar") == ["band"]
    assert stats.answers(row, "class") == ["shirt", "trousers"]


def test_class_table_counts_splits_and_imbalance() -> None:
    found = stats.class_table(table(), "category")
    assert found.numbers() == [1, 0, 2]
    assert found.numbers("train") == [0, 0, 2]
    assert found.imbalance() == 2.0
    assert found.even_as() == pytest.approx(1.8899, abs=1e-3)  # exp(-(2/3 ln 2/3 + 1/3 ln 1/3))
    assert found.splits == ("train", "validation")
    said = found.as_json()
    assert said["answers"]["티셔츠"] == {"train": 2, "validation": 0, "total": 2, "share": 0.666667, "effective": 2.0}


def test_columns_line_up_behind_korean_names() -> None:
    first, second, *_ = stats.class_table(table(), "category").as_text().splitlines()
    assert second.startswith("티셔츠")
    assert len(first) == len(second) + 3  # three letters of two columns each


def test_all_questions_and_box_sizes() -> None:
    found = stats.stats(table())
    assert [t.question for t in found.tables] == ["category", "collar", "class"]
    assert found.photos == {"train": 2, "validation": 1, "unsplit": 1}
    assert found.groups == 1
    small, large = found.boxes
    assert (small.label, small.count, small.small, small.share) == ("shirt", 1, 1, 0.03)
    assert (large.label, large.count, large.large, large.share) == ("trousers", 2, 2, 0.5)
    assert "티셔츠" in found.as_text()


def test_an_unknown_question_names_the_nearest() -> None:
    with pytest.raises(DataError, match="no question 'categry' in the table; did you mean 'category'"):
        stats.class_table(table(), "categry")


def test_effective_number_is_the_paper_s() -> None:
    assert stats.effective_number([0, 1, 2], 0.9) == pytest.approx([0, 1, 1.9])


def test_an_empty_table_has_stats() -> None:
    assert stats.stats(Table()).as_text().startswith("0 photos (none)")
