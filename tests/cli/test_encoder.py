"""``--encoder`` and ``--ask`` from the command line to the answer, with a tiny encoder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image
from tests.encoders import make_open_clip, make_timm

from meot.cli import group
from meot.demo import draw_query
from meot.errors import CatalogueError, SettingsError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    make_open_clip(folder / "clip")
    make_timm(folder / "vit")
    (folder / "photos").mkdir()
    for seed in (1, 2):
        Image.fromarray(draw_query(seed=seed)).save(folder / "photos" / f"{seed}.jpg")
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, list(arguments))


def read(folder: Path, *options: str) -> dict[str, Any]:
    found = run("read", str(folder / "photos" / "1.jpg"), "--json", "--vector", *options)
    assert found.exit_code == 0, found.exception
    look: dict[str, Any] = json.loads(found.output)
    return look


def test_the_vector_is_the_encoders_and_the_rest_the_bundled_models(folder: Path) -> None:
    plain, own = read(folder), read(folder, "--encoder", f"timm:local-dir:{folder}/vit")
    (before,), (after,) = plain["garments"], own["garments"]
    assert len(after.pop("vector")) == 64
    assert len(before.pop("vector")) == 128
    assert after == before
    assert str(own["models"]["vectors"]).startswith("timm:local-dir:vit@")
    assert {**own["models"], "vectors": 0} == {**plain["models"], "vectors": 0}


def test_what_is_asked_is_answered_and_never_sure(folder: Path) -> None:
    look = read(
        folder, "--encoder", f"open_clip:local-dir:{folder}/clip", "--ask", "스타일=댄디,preppy", "--ask",
        "material=denim,leather",
    )  # fmt: skip
    assert look["style"]["id"] in {"dandy", "preppy"}
    assert look["style"]["sure"] is False
    (garment,) = look["garments"]
    assert garment["components"]["material"]["id"] in {"denim", "leather"}
    assert garment["components"]["material"]["sure"] is False
    assert "zero_shot" in look["models"]


def test_without_an_encoder_no_package_of_it_is_touched(folder: Path) -> None:
    code = f"import sys; from meot import read; read({str(folder / 'photos' / '1.jpg')!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "timm", "open_clip", "huggingface_hub", "transformers"} & set(done.stdout.split())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--ask", "style"), "add --encoder open_clip"),
        (("--encoder", "timm:local-dir:{}/vit", "--ask", "style"), "reads no words"),
        (("--encoder", "nonsense"), "encoder must be"),
    ],
)
def test_what_cannot_be_is_said(folder: Path, options: tuple[str, ...], words: str) -> None:
    found = run("read", str(folder / "photos" / "1.jpg"), *(option.format(folder) for option in options))
    assert isinstance(found.exception, SettingsError)
    assert words in str(found.exception)


def test_a_catalogue_keeps_its_encoder(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, photo, own = str(tmp_path / "shop.db"), str(folder / "photos" / "2.jpg"), f"timm:local-dir:{folder}/vit"
    assert run("catalogue", "add", str(folder / "photos"), "--into", shop, "--encoder", own).exit_code == 0
    assert isinstance(run("search", shop, photo).exception, CatalogueError)
    found = json.loads(run("search", shop, photo, "--json", "--encoder", own).output)
    assert found["garments"][0]["matches"][0]["id"] == "2.jpg"
    monkeypatch.setenv("MEOT_ENCODER", own)
    assert json.loads(run("search", shop, photo, "--json").output) == found
