"""Tiny real runs of the embedding recipes, from photos on disk to figures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("pytorch_metric_learning", reason="needs the train extra")

import torch
from tests.items import draw_items, draw_pairs

from meot.data import table as tables
from meot.errors import DataError
from meot.training.metric import pictures as garments
from meot.training.metric.pictures import Look
from meot.training.recipes.embedding import EmbeddingRecipe, prepare, train_embedding
from meot.training.recipes.embedding_table import EmbeddingTableRecipe, train_embedding_table, written

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_pairs(tmp_path_factory.mktemp("pairs") / "drawn")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_items(tmp_path_factory.mktemp("items") / "drawn")


def small(data: Path, **fields: Any) -> EmbeddingRecipe:
    small = EmbeddingRecipe(data=data, size=64, items=5, epochs=1, dimension=16, anchors=8, masked=False)
    return replace(small, **fields)


def test_fine_tuning_on_pairs_finds_them(pairs: Path, tmp_path: Path) -> None:
    file = train_embedding(small(pairs, epochs=2), tmp_path)
    kept = torch.load(file, weights_only=True)
    assert kept["recipe"]["loss"] == "info_nce"
    assert len(kept["weights"]["head.scale"]) == sum(kept["parts"])
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["validation"]["recall@1"] > 2 / 6
    assert figures["among all"]["recall@5"] > 5 / 16
    assert len((tmp_path / "history.jsonl").read_text().splitlines()) == 2


def test_a_head_on_frozen_features_learns_from_a_table_without_sides(table: Path, tmp_path: Path) -> None:
    recipe = small(table, frozen=True, looks=1, photos=3, head="mlp", epochs=4)
    train_embedding(recipe, tmp_path)
    kept = (tmp_path / "features.npy").stat().st_mtime_ns
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["validation"]["recall@1"] > 0.5
    train_embedding(replace(recipe, loss="triplet"), _beside(tmp_path))
    assert (tmp_path / "features.npy").stat().st_mtime_ns == kept


def _beside(folder: Path) -> Path:
    """The same folder without its finished run: the features stay."""
    (folder / "checkpoint.pt").unlink()
    return folder


def test_the_table_has_a_row_a_loss(pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = EmbeddingTableRecipe(
        data=pairs,
        losses=("triplet", "facility"),
        seeds=(0, 1),
        size=64,
        items=5,
        epochs=1,
        dimension=16,
        looks=0,
        masked=False,
    )
    lines = train_embedding_table(recipe, tmp_path).read_text().splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| not trained", "| triplet", "| facility"]
    assert "NMI" in lines[0]
    assert "±" in lines[3]
    assert lines[0] in capsys.readouterr().out
    with pytest.raises(DataError, match="did you mean 'triplet'"):
        train_embedding_table(replace(recipe, losses=("triplets",)), tmp_path)


def test_the_table_shows_mean_and_deviation() -> None:
    seeds = [dict.fromkeys(("recall@1", "recall@5", "recall@10", "NMI", "recall@5 among all"), v) for v in (0.5, 0.7)]
    assert written({"triplet": seeds}).splitlines()[2].startswith("| triplet | 0.600 ± 0.141 |")


def test_garments_are_read_once_and_kept(pairs: Path, tmp_path: Path) -> None:
    recipe = small(pairs, masked=True, limit=2)
    first = prepare(recipe, tmp_path)
    kept = (tmp_path / "garments.jsonl").stat().st_mtime_ns
    again = prepare(recipe, tmp_path)
    assert (tmp_path / "garments.jsonl").stat().st_mtime_ns == kept
    assert np.array_equal(first.cut, again.cut)
    assert len(first) == 8


def test_mirroring_and_swapped_colours_go_with_the_item() -> None:
    rng = np.random.default_rng(0)
    cut = np.full((8, 32, 32, 4), 255, np.uint8)
    cut[..., :3] = (250, 120, 10)
    look = Look(colour=0.0, swap=1.0, erase=0.0)
    seen = garments.varied(cut, np.repeat(np.arange(4), 2), 32, look, rng)[:, 16, 16, :3].astype(int)
    assert (seen[0::2] == seen[1::2]).all()
    assert len({tuple(colour) for colour in seen}) > 1


def test_what_lies_outside_the_mask_is_not_seen() -> None:
    views = np.zeros((1, 4, 4, 4), np.uint8)
    views[..., :3] = 200
    views[:, :2, :, 3] = 255
    shown = garments.normalised(views)
    assert (shown[:, 2:] == 0).all()
    assert (shown[:, :2] > 0).all()


def test_an_item_in_two_splits_is_an_error(table: Path, tmp_path: Path) -> None:
    told = tables.load(table)
    mixed = told.having(tuple(replace(r, split="validation" if i == 0 else r.split) for i, r in enumerate(told.rows)))
    file = tables.save(mixed, tmp_path / "mixed.jsonl")
    with pytest.raises(DataError, match="item 'item-0' is in two splits"):
        prepare(small(file), tmp_path)


def test_rows_without_a_group_are_an_error(table: Path, tmp_path: Path) -> None:
    told = tables.load(table)
    file = tables.save(told.having(tuple(replace(r, group="") for r in told.rows)), tmp_path / "lost.jsonl")
    with pytest.raises(DataError, match="has no group"):
        prepare(small(file), tmp_path)


def test_a_size_that_does_not_fit_the_net_is_an_error(table: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="multiple of 32; try 96"):
        prepare(small(table, size=100), tmp_path)
