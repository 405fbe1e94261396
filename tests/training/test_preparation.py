"""Preparations are compared on the same garments, by a net that takes their channels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import torch

from meot.data.table import Object, Row, Split, Table, save
from meot.errors import DataError
from meot.evaluation.bootstrap import Draws
from meot.training.classify.samples import Sample
from meot.training.nets.backbones import build
from meot.training.preparation.compare import compared, printed
from meot.training.preparation.masks import drawn, inside_box, masks_of
from meot.training.preparation.net import moved, outputs, tensor, widen
from meot.training.recipes.preparation import PreparationRecipe, train_preparation

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]  # torch and timm warn about their own future
NET = "test_vit"


def striped(folder: Path, *, photos: int = 24, masks: bool = True) -> Path:
    """A table of shirts, striped or not, before a noisy wall; every third photo is for validation."""
    rng = np.random.default_rng(0)
    rows = []
    for i in range(photos):
        image, mask = rng.integers(0, 256, (80, 60, 3)).astype(np.uint8), np.zeros((80, 60), np.uint8)
        mask[20:60, 15:45] = 255
        image[mask > 0] = 180
        if i % 2:
            image[20:60:8, 15:45] = image[21:60:8, 15:45] = image[22:60:8, 15:45] = 30
        photo, own = folder / f"{i}.png", folder / "masks" / f"{i}.png"
        own.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(photo), image)
        cv2.imwrite(str(own), mask)
        split: Split = "validation" if i % 3 == 2 else "train"
        labels = {"pattern": "stripe" if i % 2 else "solid"}
        rows.append(Row(photo=photo, split=split, labels=labels, mask=own if masks else None, group=str(i)))
    questions = {"pattern": ("solid", "stripe")}
    return save(Table(rows=tuple(rows), questions=questions), folder / "shirts.jsonl")


def recipe(data: Path, **changed: Any) -> PreparationRecipe:
    known: dict[str, Any] = {"net": NET, "weights": "", "size": 160, "epochs": 1, "batch": 8, "resamples": 50}
    return PreparationRecipe(data=data, question="pattern", **(known | changed))


def read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("how", ["features", "finetune"])
def test_every_way_is_measured_on_the_same_garments(tmp_path: Path, how: Literal["features", "finetune"]) -> None:
    ways = ("box", "mask_black", "tight_box") if how == "features" else ("box", "mask_alpha+canny")
    found = read(train_preparation(recipe(striped(tmp_path), how=how, ways=ways), tmp_path / "run"))
    assert [row["name"] for row in found["rows"]] == list(ways)
    assert found["photos"] == {"train": 16, "validation": 8}
    assert found["majority"] == 0.5
    for row in found["rows"]:
        assert row["accuracy"][1] <= row["accuracy"][0] <= row["accuracy"][2]
        assert {"solid", "stripe"} == set(found["answers"])


def test_features_of_the_masked_garment_tell_stripes_from_none(tmp_path: Path) -> None:
    wanted = recipe(striped(tmp_path), how="features", ways=("tight_box",))
    assert read(train_preparation(wanted, tmp_path / "run"))["rows"][0]["accuracy"][0] == 1.0


def test_printed_has_the_papers_figure_beside_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train_preparation(recipe(striped(tmp_path), how="features", ways=("box", "tight_box")), tmp_path / "run")
    told = capsys.readouterr().out
    assert "0.720" in told
    assert "0.850" in told
    assert "noise" in told


def test_a_frozen_net_is_not_asked_to_see_a_new_channel(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="mask_alpha has a channel that a frozen net does not know"):
        train_preparation(recipe(striped(tmp_path), how="features", ways=("mask_alpha",)), tmp_path / "run")


def test_an_unknown_way_is_told_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="did you mean 'tight_box'"):
        train_preparation(recipe(tmp_path / "none.jsonl", ways=("tigth_box",)), tmp_path / "run")


def test_no_mask_in_a_whole_split_is_an_error(tmp_path: Path) -> None:
    data = striped(tmp_path, masks=False)
    with pytest.raises(DataError, match="no labelled garment with a mask in the train split"):
        train_preparation(recipe(data, masks="table"), tmp_path / "run")


def test_the_parser_makes_a_mask_where_the_table_has_none(tmp_path: Path) -> None:
    photo = tmp_path / "shirt.png"
    image = np.full((320, 240, 3), 255, np.uint8)
    image[60:260, 70:170] = image[60:120, 30:210] = (60, 40, 160)
    cv2.imwrite(str(photo), image)
    sample = Sample(photo, None, None, (0,), "")
    (file,) = masks_of([sample], Table(), "auto", tmp_path / "masks", threads=1)
    assert file is not None
    mask = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
    assert mask is not None
    shirt = image[..., 0] < 255
    assert ((mask > 0) & shirt).sum() / ((mask > 0) | shirt).sum() > 0.8


def test_a_masks_outline_is_drawn_and_a_mask_of_another_size_refused(tmp_path: Path) -> None:
    data = striped(tmp_path)
    photo = data.parent / "0.png"
    thing = Object(label="shirt", box=(10.0, 10.0, 30.0, 50.0), polygons=((10, 10, 30, 10, 30, 50, 10, 50),))
    table = Table(rows=(Row(photo=photo, objects=(thing,)),))
    (file,) = masks_of([Sample(photo, thing.box, None, (0,), "")], table, "table", tmp_path / "m", threads=1)
    assert file is not None
    mask = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
    assert mask is not None
    assert mask.shape == (80, 60)
    assert mask[30, 20] == 255
    assert (mask > 0).mean() == pytest.approx(20 * 40 / 4800, abs=0.02)
    small = tmp_path / "small.png"
    cv2.imwrite(str(small), np.zeros((8, 6), np.uint8))
    with pytest.raises(DataError, match="the mask is 6x8, its photo 60x80"):
        masks_of([Sample(photo, None, small, (0,), "")], Table(), "table", tmp_path / "n", threads=1)


def test_inside_box_forgets_the_rest() -> None:
    assert inside_box(np.ones((4, 6), np.uint8), (2.0, 1.0, 4.0, 3.0)).sum() == 4
    assert drawn(((0.0, 0.0, 3.0, 0.0, 3.0, 3.0, 0.0, 3.0),), (4, 4))[1, 1] == 255


@pytest.mark.parametrize("name", ["mobilenet_v2", "test_resnet"])
def test_a_widened_net_answers_as_before_until_it_is_trained(name: str) -> None:
    torch.manual_seed(0)
    net = build(name)
    net.eval()
    seen = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 5)).astype(np.uint8)
    before = outputs(net, seen[..., :3], batch=2, precision="single")
    widen(net, 5)
    assert np.allclose(outputs(net, seen, batch=2, precision="single"), before, atol=1e-5)
    net(tensor(seen)).sum().backward()
    first = next(module for module in net.modules() if isinstance(module, torch.nn.Conv2d))
    assert first.weight.grad is not None
    assert first.weight.grad[:, 3:].abs().sum() > 0


def test_moved_is_a_shift_or_a_mirror_of_the_same_picture() -> None:
    seen = np.full((50, 50, 4), 7, np.uint8)
    seen[25, 25] = 200
    again = moved(seen, np.random.default_rng(0))
    assert again.shape == seen.shape
    assert (again[..., 0] == 200).sum() == 1
    assert set(np.unique(again)) == {7, 200}


def test_a_gain_on_few_photos_is_called_noise_and_a_large_one_is_not() -> None:
    truth = np.tile(np.array([0, 1], np.int64), 100)
    groups = np.arange(200)
    bad, slightly = truth.copy(), truth.copy()
    bad[:80], slightly[:2] = 1 - bad[:80], 1 - slightly[:2]
    rows = compared({"a": slightly, "b": truth, "c": bad}, truth, groups, Draws(times=200, seed=0))
    assert [row["gain"]["verdict"] for row in rows] == ["noise", "noise", "worse"]
    assert rows[2]["accuracy"][0] == pytest.approx(0.6)
    assert rows[1]["macro_f1"][0] == 1.0
    told = printed(
        {
            "question": "q",
            "answers": ("x", "y"),
            "photos": {"train": 1, "validation": 200},
            "majority": 0.5,
            "rows": [row | {"paper": None, "seconds": 1.0} for row in rows],
        }
    )
    assert "worse" in told
