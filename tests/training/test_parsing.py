"""Human parsing on drawn figures: PSPNet and the light net learn, go on after a kill, and export as they answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import cv2
import torch
from tests.workshop import CCP_LABELS, draw_ccp
from torch.nn import functional

from meot.data.table import Row, Table, save
from meot.errors import DataError
from meot.models.card import read_card
from meot.models.session import OnnxSession
from meot.training.nets.pspnet import PspNet, PyramidPooling, _means
from meot.training.parse.maps import UNKNOWN, figures, fitted, regions_of
from meot.training.recipes.parsing import ParsingRecipe, train_parsing

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]  # torch and timm warn about their own future


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ccp")
    draw_ccp(folder / "set", photos=10)
    rows = tuple(
        Row(
            photo=folder / "set" / "photos" / f"{i:04d}.jpg",
            mask=folder / "set" / "masks" / f"{i:04d}.png",
            split="validation" if i % 4 == 3 else "train",
        )
        for i in range(8)
    )
    return save(Table(rows=rows, mask_names=dict(enumerate(CCP_LABELS))), folder / "table.jsonl")


def tiny(data: Path, **fields: object) -> ParsingRecipe:
    plain = ParsingRecipe(data=data, canvas=(96, 64), batch=3, epochs=1, average=0.0, precision="single", rotate=0)
    return replace(plain, **fields)  # type: ignore[arg-type]


def history(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "history.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("net", "fields"),
    [
        ("light", {"regions": "regions", "dice": 0.5, "rate": 4e-3, "body_rate": 1e-3}),
        ("pspnet", {"regions": "parts", "body": "resnet10t", "optimiser": "sgd", "rate": 0.05, "body_rate": 0.02}),
    ],
)
def test_a_net_learns_and_its_file_answers_alike(
    net: str, fields: dict[str, object], table: Path, tmp_path: Path
) -> None:
    recipe = tiny(table, net=net, epochs=3, colour=0.1, zoom=1.05, **fields)
    file = train_parsing(recipe, tmp_path)
    past = history(tmp_path)
    assert past[-1]["loss"] < past[0]["loss"]
    assert file == tmp_path / "parsing.onnx"  # written only when it answers as the net does
    card = read_card(tmp_path / "parsing.json")
    assert card.measured["mIoU"] == pytest.approx(max(epoch["mIoU"] for epoch in past), abs=1e-6)
    seen, _ = OnnxSession(model=file, threads=1).run({"pixels": np.zeros((1, 3, 96, 64), np.float32)})
    assert seen.shape == (1, 96, 64)
    assert seen.dtype == np.uint8
    assert int(seen.max()) < len(card.labels)
    train_parsing(recipe, tmp_path)
    assert history(tmp_path) == past  # finished: nothing is trained again


def test_pooling_as_a_product_is_adaptive_pooling() -> None:
    x = torch.randn(2, 8, 11, 7)
    for cells in (1, 2, 3, 6):
        ours = _means(11, cells) @ x @ _means(7, cells).T
        assert torch.allclose(ours, functional.adaptive_avg_pool2d(x, cells), atol=1e-6)
    assert PyramidPooling(8)(x).shape == (2, 16, 11, 7)


def test_pspnet_answers_at_an_eighth_and_has_an_auxiliary_head_while_it_trains() -> None:
    net = PspNet(regions=5, body="resnet10t")
    logits, auxiliary = net.train()(torch.randn(1, 3, 64, 96))
    assert logits.shape == auxiliary.shape == (1, 5, 8, 12)
    assert net.eval()(torch.randn(1, 3, 64, 96)).shape == (1, 5, 8, 12)
    with pytest.raises(DataError, match="no ResNet"):
        PspNet(regions=5, body="resnet51")


def test_regions_follow_the_masks_names(tmp_path: Path) -> None:
    table = Table(mask_names={0: "null", 3: "hair", 7: "shirt", 9: "dress", 12: "shoes", 13: "coat"})
    parts = regions_of(table, "parts", tmp_path)
    assert parts.names == ("background", "upper", "lower", "shoes")
    assert [int(parts.lut[value]) for value in (0, 3, 7, 9, 12, 13, 99)] == [0, 0, 1, UNKNOWN, 3, 1, UNKNOWN]
    own = regions_of(table, "own", tmp_path)
    assert [own.names[own.lut[value]] for value in (0, 3, 13)] == ["null", "hair", "coat"]
    full = regions_of(table, "regions", tmp_path)
    assert full.names[full.lut[9]] == "whole"
    with pytest.raises(DataError, match="mask_names"):
        regions_of(Table(), "regions", tmp_path)
    with pytest.raises(DataError, match="does not know"):
        regions_of(Table(mask_names={1: "spaceship"}), "regions", tmp_path)


def test_a_mask_of_another_size_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((40, 30, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "m.png"), np.zeros((30, 40), np.uint8))
    with pytest.raises(DataError, match="expected a mask"):
        fitted(Row(photo=tmp_path / "a.png", mask=tmp_path / "m.png"), np.zeros(256, np.uint8), (64, 64))


def test_masks_keep_their_values_when_they_are_fitted(tmp_path: Path) -> None:
    ids = np.zeros((50, 40), np.uint8)
    ids[10:30, 5:25] = 7
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((50, 40, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "m.png"), ids)
    row = Row(photo=tmp_path / "a.png", mask=tmp_path / "m.png")
    _, regions = fitted(row, np.arange(256, dtype=np.uint8), (96, 96))
    assert set(np.unique(regions).tolist()) == {0, 7, UNKNOWN}
    assert regions[:, 78:].min() == UNKNOWN


def test_figures_leave_out_regions_without_truth() -> None:
    counts = np.array([[6, 2, 0], [1, 3, 0], [0, 0, 0]], np.int64)
    found = figures(counts, ("background", "upper", "shoes"))
    assert found == {
        "mIoU": pytest.approx((6 / 9 + 3 / 6) / 2),
        "pixel": pytest.approx(9 / 12),
        "IoU background": pytest.approx(6 / 9),
        "IoU upper": pytest.approx(0.5),
    }
