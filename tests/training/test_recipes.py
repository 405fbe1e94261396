"""Tiny real runs: every step from photos on disk to a model file that the product reads with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import torch
from tests.workshop import draw_ccp, draw_clothing

from meot import photos, taxonomy, wiring
from meot.models.card import read_card
from meot.settings import Settings
from meot.training.bundle import calibrate, export_garment, export_parser, learn_vector
from meot.training.recipes.garment import GarmentRecipe, train_garment
from meot.training.recipes.parser import ParserRecipe, train_parser
from meot.training.recipes.vector import VectorRecipe

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]  # torch and timm warn about their own future
TERMS = taxonomy.load()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    draw_clothing(folder / "clothing")
    draw_ccp(folder / "ccp")
    return folder


@pytest.fixture(scope="module")
def models(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both models, trained for one epoch from a random start and exported."""
    out = tmp_path_factory.mktemp("run")
    torch.manual_seed(0)
    weights = out / "weights"
    weights.mkdir()
    save_start(weights)
    parser = train_parser(
        ParserRecipe(data=data, weights=weights, epochs=1, tagged_epochs=1, batch=4, flats_a_batch=2), TERMS, out / "p"
    )
    export_parser(parser, TERMS, out / "models", version="tiny")
    recipe = GarmentRecipe(data=data, labels=None, weights=weights, epochs=1, batch=4, size=64, worn_an_epoch=4)
    garment = train_garment(recipe, TERMS, out / "g")
    vector = VectorRecipe(steps=3, batch=8, anchors=8, size=16, views=1, flat_side=96, worn_side=64)
    head = learn_vector(garment, TERMS, data, vector)
    export_garment(garment, head, TERMS, out / "models", recipe=vector, version="tiny")
    return out / "models"


def save_start(folder: Path) -> None:
    """Starting weights under the names of the published files, so that nothing is downloaded."""
    import timm
    from safetensors.torch import save_file
    from torchvision.models import mobilenet_v2

    backbone = timm.create_model("tf_efficientnet_b0", pretrained=False, num_classes=0)
    kept = {k: v for k, v in backbone.state_dict().items() if not k.startswith(("conv_head", "bn2"))}
    save_file(kept, folder / "efficientnet_b0_salient.safetensors")
    save_file(mobilenet_v2(weights=None).state_dict(), folder / "mobilenet_v2_torchvision_folded.safetensors")


def test_trained_models_read_a_photo(models: Path, data: Path) -> None:
    reader = wiring.build_reader(Settings(models=models, threads=1))
    assert {part: name.partition("@")[0] for part, name in reader.models.items()} == {
        "parser": "parser-tiny",
        "garment": "garment-tiny",
    }
    look = reader.read(photos.load(data / "ccp" / "photos" / "0000.jpg"))
    assert look.regions.shape == (240, 160)
    for garment in look.garments:
        assert garment.vector.shape == (16,)


def test_calibration_writes_usable_numbers_into_the_card(models: Path, data: Path) -> None:
    fitted = calibrate(models, data, TERMS)
    card = read_card(models / "garment.json")
    assert 0.3 <= fitted["flat_temperature"] <= 3.0
    assert 0 <= fitted["parser_share"] <= 0.6
    assert card.settings["flat_temperature"] == fitted["flat_temperature"]
    wiring.build_reader(Settings(models=models, threads=1))


def test_an_interrupted_run_ends_like_an_undisturbed_one(data: Path, tmp_path: Path, models: Path) -> None:
    weights = models.parent / "weights"

    def run(folder: Path, epochs: int) -> dict[str, torch.Tensor]:
        recipe = GarmentRecipe(
            data=data, labels=None, weights=weights, epochs=epochs, batch=4, size=64, worn_an_epoch=4
        )
        return dict(train_garment(recipe, TERMS, folder).state_dict())

    whole = run(tmp_path / "whole", 2)
    import meot.training.loop as loop

    class Killed(Exception):
        pass

    saved = loop.save_aside

    def save_then_die(path: Path, state: dict[str, object]) -> None:
        saved(path, state)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "save_aside", save_then_die)
        with pytest.raises(Killed):
            run(tmp_path / "cut", 2)
    resumed = run(tmp_path / "cut", 2)
    for name, weight in whole.items():
        assert torch.equal(weight, resumed[name]), name


def test_export_refuses_a_file_that_answers_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from meot.errors import ModelError
    from meot.training import export as module
    from meot.training.nets.parser import ParserNet

    def spoil(model: object) -> None:
        from onnx import ModelProto, numpy_helper

        assert isinstance(model, ModelProto)
        for weight in model.graph.initializer:
            values = numpy_helper.to_array(weight)
            if values.ndim == 4:
                weight.CopyFrom(numpy_helper.from_array(np.asarray(values * 1.5, values.dtype), weight.name))

    monkeypatch.setattr(module, "_halve", spoil)
    net = ParserNet(regions=12, categories=44).eval()
    with pytest.raises(ModelError, match="differs"):
        export_parser(net, TERMS, tmp_path, version="bad")
    assert list(tmp_path.iterdir()) == []
