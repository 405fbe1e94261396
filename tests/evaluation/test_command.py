"""``meot evaluate``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.evaluation.cases import HOSTILE, classified, street

from meot.cli.evaluate import command
from meot.errors import DataError
from meot.evaluation import save


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [*map(str, arguments), "--draws", "100"], catch_exceptions=False)


def test_one_model_is_printed_as_a_table(tmp_path: Path) -> None:
    file = save(classified([0, 1, 2, 0], [0, 1, 0, 0], sure=0.5), tmp_path / "a.jsonl")
    shown = run(file).output
    assert "accuracy 0.750" in shown
    assert "calibration error 0.050 (in bins of equal numbers 0.050; true scores would show" in shown
    assert "sure (from 0.50): 100% of the answers, 0.750 right" in shown
    assert "notched" in shown


def test_several_models_are_compared_and_told_apart(tmp_path: Path) -> None:
    truth = [i % 3 for i in range(60)]
    before = save(classified(truth, [0] * 60), tmp_path / "before.jsonl")
    after = save(classified(truth, truth), tmp_path / "after.jsonl")
    shown = run(before, after).output
    assert "model (before) -> model (after), 60 answered by both" in shown
    assert "better" in shown


def test_json_is_for_programs_and_the_page_is_written(tmp_path: Path) -> None:
    file = save(classified([0, 1], [0, 1]), tmp_path / "a.jsonl")
    history = tmp_path / "history.jsonl"
    history.write_text('{"epoch": 1.0, "loss": 1.5}\n')
    shown = run(file, "--history", history, "--html", tmp_path / "a.html", "--json")
    assert json.loads(shown.stdout)["history"][0]["loss"] == 1.5
    assert "Learning curves" in (tmp_path / "a.html").read_text("utf-8")


def test_names_cannot_steer_the_terminal(tmp_path: Path) -> None:
    file = save(classified([0, 3, 4], [0, 3, 4], classes=HOSTILE, model="a\x1b[2Jb"), tmp_path / "a.jsonl")
    assert "\x1b" not in run(file).output


@pytest.mark.train
def test_a_detector_is_printed_as_a_table(tmp_path: Path) -> None:
    pytest.importorskip("faster_coco_eval", reason="the train extra is not installed")
    shown = run(save(street(0), tmp_path / "a.jsonl")).output
    assert "mAP50-95" in shown
    assert "class 2" in shown


def test_models_with_their_own_names_keep_them(tmp_path: Path) -> None:
    one = save(replace(classified([0], [0]), model="one"), tmp_path / "a.jsonl")
    two = save(replace(classified([0], [0]), model="two"), tmp_path / "b.jsonl")
    assert "one -> two, 1 answered by both" in run(one, two).output


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read as predictions"):
        run(tmp_path / "none.jsonl")
