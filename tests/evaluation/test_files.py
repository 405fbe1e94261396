"""Predictions on disk."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.evaluation.cases import HOSTILE, classified, street

from meot.errors import DataError
from meot.evaluation import Classified, Detected, load, load_history, save

HEAD: dict[str, Any] = {"schema": "meot.predictions/1", "task": "classify", "question": "q", "classes": ["a", "b"]}
ROW: dict[str, Any] = {"photo": "1.jpg", "truth": "a", "scores": [0.9, 0.1]}
DETECT = HEAD | {"task": "detect"}
THINGS: dict[str, Any] = {"photo": "1.jpg", "truth": [{"label": "a", "box": [0, 0, 9, 9]}], "found": []}


def written(folder: Path, *records: dict[str, Any]) -> Path:
    file = folder / "p.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return file


def test_answers_come_back_as_they_were_saved(tmp_path: Path) -> None:
    made = replace(
        classified([0, 1, 4], [0, 4, 2], classes=HOSTILE, groups=("s", "", "t"), sure=0.7),
        boxes=(None, (1, 2, 3, 4.5), None),
    )
    back = load(save(made, tmp_path / "new" / "p.jsonl"))
    assert isinstance(back, Classified)
    assert (back.model, back.split, back.question, back.sure) == ("model", "validation", "collar", 0.7)
    assert (back.classes, back.photos, back.groups, back.boxes) == (made.classes, made.photos, made.groups, made.boxes)
    assert np.array_equal(back.truth, made.truth)
    assert np.array_equal(back.scores, made.scores)
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["p.jsonl"]


def test_boxes_come_back_as_they_were_saved(tmp_path: Path) -> None:
    made = street(3)
    back = load(save(made, tmp_path / "p.jsonl"))
    assert isinstance(back, Detected)
    assert (back.classes, back.photos, back.sizes) == (made.classes, made.photos, made.sizes)
    for one, other in zip((*back.truth, *back.found), (*made.truth, *made.found), strict=True):
        for part in ("xyxy", "labels", "scores", "crowd"):
            assert np.array_equal(getattr(one, part), getattr(other, part))


@pytest.mark.parametrize(
    ("records", "line", "words"),
    [
        ([HEAD | {"schema": "meot.table/1"}, ROW], 1, "meot.predictions/1"),
        ([HEAD | {"task": "guess"}, ROW], 1, "'classify' or 'detect'"),
        ([HEAD | {"classes": []}, ROW], 1, "list of names"),
        ([HEAD | {"classes": ["a", "a"]}, ROW], 1, "named twice"),
        ([HEAD | {"sure": 2}, ROW], 1, "between 0 and 1"),
        ([HEAD, ROW, ROW | {"photo": "2.jpg", "truth": "A"}], 3, "unknown class 'A'"),
        ([HEAD | {"classes": ["band", "b"]}, ROW | {"truth": "bamd"}], 2, "did you mean 'band'"),
        ([HEAD, ROW | {"truth": None}], 2, "unknown class"),
        ([HEAD, ROW | {"scores": [1.0]}], 2, "expected 2 scores"),
        ([HEAD, ROW | {"scores": [1.0, float("nan")]}], 2, "got nan"),
        ([HEAD, ROW | {"scores": [7.0, -3.0]}], 2, "probabilities"),
        ([HEAD, ROW | {"scores": [True, 0.0]}], 2, "probabilities"),
        ([HEAD, ROW | {"photo": ""}], 2, "photo as a path"),
        ([HEAD, ROW, ROW], 3, "line 2 already"),
        ([HEAD, ROW | {"box": [0, 0, 9]}], 2, "[x0, y0, x1, y1]"),
        ([DETECT, THINGS | {"truth": [{"label": "a", "box": [9, 0, 0, 9]}]}], 2, "reversed"),
        ([DETECT, THINGS | {"truth": [{"label": "a", "box": [0, 0, 0, 9]}]}], 2, "no area"),
        ([DETECT, THINGS | {"found": [{"label": "a", "box": [0, 0, 9, 9]}]}], 2, "score"),
        ([DETECT, THINGS | {"found": [{"label": "c", "box": [0, 0, 9, 9], "score": 1}]}], 2, "unknown class"),
        ([DETECT, THINGS | {"found": None}], 2, "list of boxes"),
        ([DETECT, THINGS | {"size": [0, 5]}], 2, "[height, width]"),
    ],
)
def test_what_is_broken_is_told_with_its_line(
    tmp_path: Path, records: list[dict[str, Any]], line: int, words: str
) -> None:
    file = written(tmp_path, *records)
    with pytest.raises(DataError) as told:
        load(file)
    assert str(told.value).startswith(f"{file}:{line}: ")
    assert words in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty file"),
        ("{", ":1: broken JSON"),
        ("[1]", ":1: expected a JSON"),
        ('{"schema": "\\ud800"}', ":1: broken JSON"),
    ],
)
def test_what_is_no_predictions_file_is_told(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "p.jsonl").write_text(text)
    with pytest.raises(DataError, match=words):
        load(tmp_path / "p.jsonl")


def test_an_empty_split_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is the split 'test' empty"):
        load(written(tmp_path, HEAD | {"split": "test"}))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match="cannot be read"):
        load_history(tmp_path / "none.jsonl")


def test_a_history_is_read_and_checked(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text('{"epoch": 1.0, "loss": 2, "note": "x"}\n{"epoch": 2.0, "loss": NaN}\n')
    first, second = load_history(file)
    assert first == {"epoch": 1.0, "loss": 2.0}
    assert np.isnan(second["loss"])
    file.write_text('{"epoch": 1.0}\n{"loss": 1}\n')
    with pytest.raises(DataError, match=r"history\.jsonl:2: expected an epoch"):
        load_history(file)
    file.write_text("\n")
    with pytest.raises(DataError, match="a line an epoch"):
        load_history(file)
