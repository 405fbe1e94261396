"""Downloading from a Hub on this machine: once, whole, or one sentence why not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import huggingface_hub.constants as hub_constants
import numpy as np
import pytest
from tests.encoders import COMMIT, make_open_clip, make_siglip, make_timm, make_tokenizer, serve_hub

from meot.errors import ModelError
from meot.vectors import hub, own


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hub")
    make_open_clip(folder / "org" / "clip")
    make_timm(folder / "org" / "vit")
    make_timm(folder / "timm" / "test_vit.r160_in1k", architecture="test_vit", classes=1000)
    make_open_clip(folder / "timm" / "vit_small.openai")
    (folder / "org" / "empty").mkdir()
    (folder / "org" / "empty" / "config.json").write_text("{}")
    return folder


def point_at(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What HF_ENDPOINT does when it is set before the start."""
    monkeypatch.setenv("HF_ENDPOINT", address)
    monkeypatch.setattr(hub_constants, "ENDPOINT", address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(hub_constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(hub_constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(hub_constants, "HF_HUB_DISABLE_PROGRESS_BARS", True)
    monkeypatch.setattr(time, "sleep", lambda _: None)  # between new tries
    return tmp_path / "cache"


@pytest.fixture
def address(repositories: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serve_hub(repositories) as address:
        point_at(address, monkeypatch)
        yield address


@pytest.mark.parametrize("name", ["open_clip:hf-hub:org/clip", "timm:hf-hub:org/vit", "timm:test_vit"])
def test_downloaded_once_and_then_never_asked_for(
    repositories: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with serve_hub(repositories) as address:
        point_at(address, monkeypatch)
        label = own.load(name, threads=1).label
    assert own.load(name, threads=1).label == label  # the server is gone


def test_weights_that_open_clip_knows_bring_their_preparation(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from open_clip import factory, pretrained
    from tests.encoders import TEXT, VISION

    tag = {"hf_hub": "timm/vit_small.openai/", "mean": (0.1, 0.2, 0.3), "std": (1.0, 1.0, 1.0), "quick_gelu": True}
    config = {"embed_dim": 6, "vision_cfg": VISION, "text_cfg": TEXT}
    monkeypatch.setitem(factory._MODEL_CONFIGS, "small", config)
    monkeypatch.setitem(pretrained._PRETRAINED, "small", {"openai": tag})
    encoder = own.load("open_clip:small", threads=1)
    assert encoder.label.startswith("open_clip:small/openai@")
    assert encoder._fill.tolist() == [26, 51, 76]  # type: ignore[attr-defined]
    gelu = type(encoder._network.visual.transformer.resblocks[0].mlp.gelu).__name__  # type: ignore[attr-defined]
    assert gelu == "QuickGELU"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("open_clip:hf-hub:org/none", "no such public repository"),
        ("open_clip:hf-hub:org/vit", "expected open_clip_config.json in it"),
        ("timm:hf-hub:org/empty", "expected model.safetensors or pytorch_model.bin"),
        ("timm:resnet18", "hf-hub:timm/resnet18.a1_in1k: no such public repository"),
    ],
)
def test_what_is_not_there_is_one_sentence(address: str, name: str, words: str) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        own.load(name, threads=1)
    assert "\n" not in str(caught.value)


def send_head(handler: BaseHTTPRequestHandler, length: int) -> None:
    handler.send_response(200)
    for name, value in (("Content-Length", length), ("ETag", '"x"'), ("X-Repo-Commit", COMMIT)):
        handler.send_header(name, str(value))
    handler.end_headers()


def test_a_truncated_file_is_refused_and_comes_whole_the_next_time(
    repositories: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    def send_half(handler: BaseHTTPRequestHandler, data: bytes) -> None:
        send_head(handler, len(data) // 2)
        handler.wfile.write(data[: len(data) // 2])

    with serve_hub(repositories, send=send_half) as address:
        point_at(address, monkeypatch)
        with pytest.raises(ModelError, match=r"open_clip_config\.json could not be downloaded") as caught:
            own.load("open_clip:hf-hub:org/clip", threads=1)
        assert "\n" not in str(caught.value)
    with serve_hub(repositories) as address:
        point_at(address, monkeypatch)
        assert own.load("open_clip:hf-hub:org/clip", threads=1).size == 6


def test_a_broken_connection_is_tried_again(repositories: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def send_broken(handler: BaseHTTPRequestHandler, data: bytes) -> None:
        tries.append(len(data))
        send_head(handler, len(data))
        handler.wfile.write(data[: len(data) // 2] if len(tries) == 1 else data)

    with serve_hub(repositories, send=send_broken) as address:
        point_at(address, monkeypatch)
        assert hub.find("org/clip", "open_clip_config.json") is not None
    assert len(tries) == 2


def test_a_silent_server_is_one_sentence(
    repositories: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hub_constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.05)

    def send_nothing(handler: BaseHTTPRequestHandler, data: bytes) -> None:
        handler.connection.settimeout(60)
        handler.connection.recv(1)  # until the other side gives up

    with serve_hub(repositories, send=send_nothing) as address:
        point_at(address, monkeypatch)
        with pytest.raises(ModelError, match=r"could not be downloaded from http.*timed out.*check the network"):
            own.load("open_clip:hf-hub:org/clip", threads=1)
    assert "Trying to resume" not in capfd.readouterr().err


def test_an_absent_server_is_one_sentence(repositories: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_hub(repositories) as address:
        pass
    point_at(address, monkeypatch)
    with pytest.raises(ModelError, match=r"no answer.*check the network and HF_ENDPOINT"):
        own.load("timm:hf-hub:org/vit", threads=1)


def test_a_siglip_brings_the_tokenizer_of_another_repository_along(
    repositories: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("transformers")
    make_tokenizer(repositories / "org" / "words")
    make_siglip(repositories / "org" / "siglip", tokenizer="org/words")
    with serve_hub(repositories) as address:
        point_at(address, monkeypatch)
        encoder = own.with_words(own.load("open_clip:hf-hub:org/siglip", threads=1))
        red, blue, again = encoder.words(["a red dress", "a blue dress", "A red dress!"])
    assert encoder.encode([np.zeros((9, 9, 3), np.uint8)]).shape == (1, 64)
    assert float(red @ blue) < 0.999
    assert float(red @ again) > 0.9999
    encoder = own.with_words(own.load("open_clip:hf-hub:org/siglip", threads=1))  # the server is gone
    assert encoder.words(["a red dress"])[0] == pytest.approx(red, abs=1e-5)


def test_a_tokenizer_that_is_nowhere_is_one_sentence(repositories: Path, address: str) -> None:
    make_siglip(repositories / "org" / "mute", tokenizer="org/nothing")
    encoder = own.with_words(own.load("open_clip:hf-hub:org/mute", threads=1))
    with pytest.raises(ModelError, match="hf-hub:org/nothing: no such public repository"):
        encoder.words(["a red dress"])
