"""A user's own encoder: names, crops, and what it does to a look; with tiny networks of random weights."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.builders import NAVY, RED, build_garment, unit
from tests.encoders import make_open_clip, make_siglip, make_timm, make_tokenizer

from meot import photos
from meot.errors import ModelError, SettingsError
from meot.types import Box, Label, Look
from meot.vectors import own


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoders")
    make_open_clip(folder / "clip")
    make_timm(folder / "vit")
    make_timm(folder / "cnn", architecture="test_resnet")
    return folder


NAMES = ("open_clip:local-dir:{}/clip", "timm:local-dir:{}/vit", "timm:local-dir:{}/cnn")


def crops(count: int = 3, seed: int = 0) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (40 + 9 * i, 30, 3), dtype=np.uint8) for i in range(count)]


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_gives_unit_vectors_of_one_size(folders: Path, name: str) -> None:
    encoder = own.load(name.format(folders), threads=1)
    vectors = encoder.encode(crops())
    assert vectors.shape == (3, encoder.size)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert encoder.encode([]).shape == (0, encoder.size)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_a_crop_has_one_vector_whatever_it_comes_with(folders: Path, name: str) -> None:
    encoder = own.load(name.format(folders), threads=1)
    many = crops(20)
    together = encoder.encode(many)
    assert np.stack([encoder.encode([crop])[0] for crop in many]) == pytest.approx(together, abs=1e-5)


def test_a_label_tells_weights_and_preparation_apart(folders: Path, tmp_path: Path) -> None:
    first = own.load(f"open_clip:local-dir:{folders}/clip", threads=1).label
    make_open_clip(tmp_path / "clip", seed=1)
    assert first.startswith("open_clip:local-dir:clip@")
    assert own.load(f"open_clip:local-dir:{tmp_path}/clip", threads=1).label != first
    make_open_clip(tmp_path / "clip")
    assert own.load(f"open_clip:local-dir:{tmp_path}/clip", threads=1).label == first
    config = tmp_path / "clip" / "open_clip_config.json"
    config.write_text(config.read_text().replace("bilinear", "bicubic"))
    assert own.load(f"open_clip:local-dir:{tmp_path}/clip", threads=1).label != first


def test_pixels_reach_open_clip_as_its_config_wants_them(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    encoder = own.load(f"open_clip:local-dir:{folders}/clip", threads=1)
    seen: list[torch.Tensor] = []

    def see(views: torch.Tensor) -> torch.Tensor:
        seen.append(views)
        return torch.ones(len(views), 6)

    monkeypatch.setattr(encoder, "_see", see)
    encoder.encode([np.full((64, 32, 3), (255, 0, 51), np.uint8)])
    view = seen[0][0].numpy()
    assert view.shape == (3, 32, 32)
    assert view[:, 16, 16] == pytest.approx([1.0, -0.5, 0.2], abs=1e-6)  # (value - mean) / deviation
    assert view[:, 16, 2] == pytest.approx([0, 0, 0], abs=0.01)  # filled up with the mean


def test_words_and_photos_share_a_space(folders: Path) -> None:
    encoder = own.with_words(own.load(f"open_clip:local-dir:{folders}/clip", threads=1))
    texts = [f"a photo of dress {i}" for i in range(70)]
    vectors = encoder.words(texts)
    assert vectors.shape == (70, encoder.size)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[69] == pytest.approx(encoder.words(texts[69:])[0], abs=1e-5)
    assert encoder.scale > 1
    with pytest.raises(SettingsError, match="reads no words"):
        own.with_words(own.load(f"timm:local-dir:{folders}/cnn", threads=1))


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("clip", SettingsError, "encoder must be open_clip:MODEL"),
        ("timm:", SettingsError, "encoder must be"),
        ("open_clip:ViT-B-32", SettingsError, "expected the name of weights behind ViT-B-32/"),
        ("open_clip:ViT-B-32/opena", ModelError, "did you mean 'openai'"),
        ("open_clip:Vit-B-32/openai", ModelError, "did you mean 'ViT-B-32'"),
        ("open_clip:local-dir:/nowhere", ModelError, "expected open_clip_config.json"),
        ("timm:resnet5", ModelError, "did you mean 'resnet50'"),
        ("timm:resnet50.nope", ModelError, "no weights of that name"),
        ("timm:local-dir:/nowhere", ModelError, "expected a folder with config.json"),
        ("timm:hf-hub:a/b/c", ModelError, "expected ORG/NAME"),
    ],
)
def test_a_name_that_cannot_be_is_one_sentence(name: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        own.load(name, threads=1)
    assert "\n" not in str(caught.value)


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("open_clip", "timm"):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ModelError, match=rf"{module}:x: needs {module}, .*pip install 'meot\[encoders\]'"):
            own.load(f"{module}:x", threads=1)


def test_words_say_what_they_miss(folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_siglip(make_tokenizer(tmp_path / "clip"), tokenizer="org/words")
    encoder = own.with_words(own.load(f"open_clip:local-dir:{tmp_path}/clip", threads=1))
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModelError, match=r"its tokenizer: needs transformers, .*meot\[encoders\]"):
        encoder.words(["a red dress"])


@pytest.mark.parametrize("name", NAMES[:2])
def test_a_damaged_file_is_one_sentence(folders: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / name.rpartition("/")[2]
    copy.mkdir()
    for file in (folders / copy.name).iterdir():
        data = file.read_bytes()
        (copy / file.name).write_bytes(data[: len(data) // 2] if file.suffix == ".safetensors" else data)
    with pytest.raises(ModelError, match=r"local-dir:\w+: cannot be loaded") as caught:
        own.load(name.format(tmp_path), threads=1)
    assert "\n" not in str(caught.value)


def test_weights_of_another_network_are_refused(folders: Path, tmp_path: Path) -> None:
    (tmp_path / "vit").mkdir()
    (tmp_path / "vit" / "config.json").write_bytes((folders / "vit" / "config.json").read_bytes())
    (tmp_path / "vit" / "model.safetensors").write_bytes((folders / "cnn" / "model.safetensors").read_bytes())
    with pytest.raises(ModelError, match="cannot be loaded"):
        own.load(f"timm:local-dir:{tmp_path}/vit", threads=1)


class Brightness:
    """An encoder whose vectors are a crop's mean colour."""

    label, size = "brightness@1", 3

    def encode(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        return np.stack([unit(crop.reshape(-1, 3).mean(0) + 1.0) for crop in crops])


class Answering:
    """Says how red the vector it is given is."""

    label, asks_style = "answering", True

    def style(self, outfit: NDArray[np.float32]) -> Label | None:
        return Label(id="style", score=float(outfit[0]), sure=False)

    def components(self, garment: NDArray[np.float32], *, category: str, region: str) -> dict[str, Label]:
        return {"red": Label(id=f"{category} {region}", score=float(garment[0]), sure=False)}


def look() -> Look:
    """Red above blue, the red half a shirt of the main person, the blue half another person's."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:32, :, 0] = 255
    pixels[32:, :, 2] = 255
    boxes = Box(16, 2, 48, 30), Box(16, 34, 48, 62)
    from dataclasses import replace

    garments = (
        replace(build_garment(RED), box=boxes[0], components={"sleeve": Label(id="long", score=0.9, sure=True)}),
        replace(build_garment(NAVY, region="lower", category="jeans", person=1), box=boxes[1]),
    )
    photo = photos.from_pixels(pixels)
    return Look(photo=photo, garments=garments, regions=np.zeros((64, 64), np.uint8), worn=True, models={})


def test_a_look_gets_the_encoders_vectors() -> None:
    seen = own.OwnVectors(encoder=Brightness()).apply(look())
    assert [g.vector.shape for g in seen.garments] == [(3,), (3,)]
    assert seen.garments[0].vector[0] > 0.9
    assert seen.garments[1].vector[2] > 0.9
    assert seen.style is None
    assert seen.garments[0].components["sleeve"].sure


def test_a_look_gets_answers_beside_those_it_has() -> None:
    eyes = own.OwnVectors(encoder=Brightness(), asks=Answering())
    seen = eyes.apply(look())
    assert eyes.models == {"vectors": "brightness@1", "zero_shot": "answering"}
    assert {**seen.garments[0].components}.keys() == {"sleeve", "red"}
    assert seen.garments[1].components["red"].id == "jeans lower"
    assert seen.style is not None
    assert seen.style.score > 0.9  # only what the main person wears, which is red


def test_a_look_without_clothes_stays_as_it_is() -> None:
    from dataclasses import replace

    empty = replace(look(), garments=())
    assert own.OwnVectors(encoder=Brightness(), asks=Answering()).apply(empty) is empty


def test_a_crop_takes_in_surroundings_until_it_is_square() -> None:
    pixels = np.zeros((200, 100, 3), np.uint8)
    photo = photos.from_pixels(pixels)
    assert own.cut(photo, Box(40, 50, 60, 110)).shape[:2] == pytest.approx((68, 68), abs=2)
    assert own.cut(photo, Box(0, 0, 100, 200)).shape == (200, 100, 3)
