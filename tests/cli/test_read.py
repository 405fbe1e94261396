"""``meot read`` with the bundled models, run as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from meot import taxonomy


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    code = "from meot.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], input=stdin, capture_output=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("photos")
    image = Image.new("RGB", (240, 320), (228, 226, 220))
    outline = [(76, 48), (100, 60), (140, 60), (164, 48), (228, 96), (204, 140), (174, 120), (174, 280), (66, 280), (66, 120), (36, 140), (12, 96)]
    ImageDraw.Draw(image).polygon(outline, fill=(30, 40, 80))
    image.save(place / "top.jpg", quality=95)
    image.resize((3000, 4000)).save(place / "large.jpg", quality=90)
    (place / "words.jpg").write_text("not a photo")
    return place


def test_one_look_a_line_and_errors_do_not_stop(folder: Path) -> None:
    done = run("read", str(folder), "--json", "--scores", "--vector")
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [Path(line["file"]).name for line in lines] == ["large.jpg", "top.jpg", "words.jpg"]
    assert "expected a photo" in lines[2]["error"]
    large, top = lines[0], lines[1]
    assert top["schema"] == "meot.look/1"
    garment = top["garments"][0]
    assert sum(garment["category"]["scores"].values()) == pytest.approx(1, abs=1e-3)
    assert np.linalg.norm(garment["vector"]) == pytest.approx(1, abs=1e-3)
    assert (large["photo"]["width"], large["photo"]["height"]) == (3000, 4000)
    ratio = np.array(large["garments"][0]["box"]) / np.array(garment["box"])
    np.testing.assert_allclose(ratio, 12.5, rtol=0.2)


def test_masks_have_the_originals_size_and_known_values(folder: Path, tmp_path: Path) -> None:
    done = run("read", str(folder / "large.jpg"), str(folder / "top.jpg"), "--json", "--mask", str(tmp_path / "m"))
    assert done.returncode == 0
    values = {r.value for r in taxonomy.load().regions}
    for name, size in (("large", (3000, 4000)), ("top", (240, 320))):
        mask = Image.open(tmp_path / "m" / f"{name}.png")
        assert (mask.mode, mask.size) == ("L", size)
        assert set(np.unique(np.asarray(mask))) <= values


def test_standard_input_and_words_for_people(folder: Path) -> None:
    done = run("read", "-", "--language", "ko", stdin=(folder / "top.jpg").read_bytes())
    assert done.returncode == 0
    text = done.stdout.decode()
    assert text.startswith("-: 1 garment")
    assert "남색" in text


def test_the_picture_is_written(folder: Path, tmp_path: Path) -> None:
    done = run("read", str(folder / "top.jpg"), "--picture", str(tmp_path / "seen.jpg"))
    assert done.returncode == 0, done.stderr
    assert Image.open(tmp_path / "seen.jpg").size[0] >= 240


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["read", "nowhere.jpg"], 1, "not found"),
        (["read"], 2, "PATH"),
        (["read", "x.jpg", "--models", "nowhere"], 2, "expected a folder"),
        (["nonsense"], 2, "No such command"),
        (["read", "-"], 1, "empty file"),
    ],
)
def test_mistakes_are_one_sentence(arguments: list[str], status: int, words: str) -> None:
    done = run(*arguments)
    assert done.returncode == status
    assert words in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_folder_without_photos(tmp_path: Path) -> None:
    done = run("read", str(tmp_path))
    assert done.returncode == 1
    assert "no photos in this folder" in done.stderr.decode()


def test_taxonomy_prints_json_and_words() -> None:
    found = json.loads(run("taxonomy", "--json").stdout)
    assert found["version"] == taxonomy.load().version
    assert "티셔츠" in run("taxonomy").stdout.decode()


def test_help_lists_every_command() -> None:
    text = run("--help").stdout.decode()
    assert all(name in text for name in ("read", "demo", "catalogue", "search", "serve", "taxonomy", "train"))
