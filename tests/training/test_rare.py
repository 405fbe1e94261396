"""The comparison of answers to rare classes, in a tiny real run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import numpy as np
from tests.workshop import draw_clothing

from meot.data.sources import clothing
from meot.data.table import Table, save
from meot.errors import DataError
from meot.training.classify.balance import balanced
from meot.training.classify.samples import Questions
from meot.training.recipes.classifier import ClassifierRecipe
from meot.training.recipes.rare import RareRecipe, train_rare

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = draw_clothing(tmp_path_factory.mktemp("c") / "clothing", photos=24)
    rows = (*clothing.read(folder, "train"), *clothing.read(folder, "validation"))
    return save(Table(rows=rows, questions={"category": ("Pants", "T-Shirt")}), folder.parent / "t.jsonl")


def test_every_way_is_run_and_measured(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = RareRecipe(data=table, starve="Pants", keep=2, at_least=6, seeds=(0,), size=64, head_epochs=3)
    outcomes = json.loads(train_rare(recipe, tmp_path).read_text())
    assert [o["way"] for o in outcomes] == list(recipe.ways)
    assert all(0 <= o["recall"] <= 1 and set(o["of_class"]) == {"Pants", "T-Shirt"} for o in outcomes)
    shown = capsys.readouterr().out
    assert "Pants recall" in shown
    assert "oversampled" in shown
    photos = list((tmp_path / "oversampled-0").rglob("*.jpg"))
    assert len(photos) == 4


def test_an_unknown_class_or_way_is_named(table: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="starve must be one of Pants, T-Shirt"):
        train_rare(RareRecipe(data=table, starve="Socks"), tmp_path)
    with pytest.raises(DataError, match="fewer than it should keep"):
        train_rare(RareRecipe(data=table, starve="Pants", keep=50, size=64), tmp_path)
    with pytest.raises(DataError, match="no way is called"):
        train_rare(RareRecipe(data=table, starve="Pants", keep=2, ways=("luck",), size=64), tmp_path)


def test_rare_answers_are_shown_more_often_and_weigh_more() -> None:
    answers = np.array([[0]] * 90 + [[1]] * 10)
    questions = Questions({"q": ("common", "rare")})
    plain = ClassifierRecipe(data=Path("x"))
    assert balanced(plain, answers, questions) == (None, None)
    hows: tuple[Literal["class_balanced", "square_root"], ...] = ("class_balanced", "square_root")
    for how in hows:
        odds, _ = balanced(ClassifierRecipe(data=Path("x"), balance=how), answers, questions)
        assert odds is not None
        assert odds[-1] > odds[0]
    _, weights = balanced(ClassifierRecipe(data=Path("x"), class_weights="balanced"), answers, questions)
    assert weights is not None
    assert float(weights[0][1] / weights[0][0]) == pytest.approx(9.0)
