"""``meot read``: with a reader that needs no models, and as a user runs it with the bundled ones."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageDraw
from tests.builders import NAVY, RED, ColourReader, write_bad_photo, write_photo

from meot import taxonomy, wiring
from meot.cli.read import command
from meot.settings import Settings


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> ColourReader:
    found = ColourReader()
    monkeypatch.setattr(wiring, "build_reader", lambda settings, **_: found)
    return found


def read(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(command, [str(x) for x in arguments], input=stdin, standalone_mode=False)


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    code = "from meot.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], input=stdin, capture_output=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A navy top on a pale ground, the same in 3000x4000, and a text file that calls itself a photo."""
    place = tmp_path_factory.mktemp("photos")
    image = Image.new("RGB", (240, 320), (228, 226, 220))
    left = [(76, 48), (36, 66), (12, 96), (36, 140), (66, 120), (66, 280)]
    right = [(240 - x, y) for x, y in reversed(left)]
    ImageDraw.Draw(image).polygon(left + right, fill=(30, 40, 80))
    image.save(place / "top.jpg", quality=95)
    image.resize((3000, 4000)).save(place / "large.jpg", quality=90)
    write_bad_photo(place / "words.jpg")
    return place


def test_json_is_one_look_a_line(reader: ColourReader, tmp_path: Path) -> None:
    file = write_photo(tmp_path / "a.png", NAVY, lower=RED)
    shown = read(str(file), "--json")
    [line] = [json.loads(line) for line in shown.output.splitlines()]
    assert line["file"] == str(file)
    assert line["schema"] == "meot.look/1"
    assert line["photo"] == {"width": 48, "height": 64, "sha256": reader.reads[0]}
    assert [garment["region"] for garment in line["garments"]] == ["upper", "lower"]
    assert line["garments"][0]["category"]["name"] == {"en": "Shirt", "ko": "셔츠"}
    assert line["models"] == {"parser": "colour.1", "garment": "colour.1"}
    assert "scores" not in line["garments"][0]["category"]
    assert "vector" not in line["garments"][0]
    assert shown.return_value == 0


def test_words_name_garments_in_the_language_asked_for(reader: ColourReader, tmp_path: Path) -> None:
    file = str(write_photo(tmp_path / "a.png", NAVY))
    english, korean = read(file).output, read(file, "--language", "ko").output
    assert english.startswith(f"{file}: 1 garment\n")
    assert "Shirt" in english
    assert "Navy 100%" in english
    assert "box 0 0 48 64" in english
    assert "셔츠" in korean
    assert "남색 100%" in korean


def test_a_photo_without_clothes_is_no_error(reader: ColourReader, tmp_path: Path) -> None:
    file = str(write_photo(tmp_path / "a.png", (255, 0, 255)))
    assert read(file).output == f"{file}: no clothes found\n"
    shown = read(file, "--json")
    assert json.loads(shown.output)["garments"] == []
    assert shown.return_value == 0


def test_photos_that_cannot_be_read_do_not_stop_the_others(reader: ColourReader, tmp_path: Path) -> None:
    write_photo(tmp_path / "a.png", NAVY)
    write_bad_photo(tmp_path / "b.jpg")
    write_photo(tmp_path / "deep" / "c.png", RED)
    shown = read(str(tmp_path), str(tmp_path / "none.jpg"), "--json")
    lines = [json.loads(line) for line in shown.output.splitlines()]
    assert {Path(line["file"]).name: "error" in line for line in lines} == {
        "none.jpg": True,
        "a.png": False,
        "b.jpg": True,
        "c.png": False,
    }
    assert all(set(line) == {"file", "error"} for line in lines if "error" in line)
    assert shown.return_value == 1


def test_for_people_errors_go_to_stderr(reader: ColourReader, tmp_path: Path) -> None:
    write_photo(tmp_path / "a.png", NAVY)
    bad = write_bad_photo(tmp_path / "b.jpg")
    shown = read(str(tmp_path))
    assert "b.jpg" not in shown.stdout
    assert shown.stderr.startswith(f"meot: {bad}: expected a photo (JPEG")
    assert len(shown.stderr.splitlines()) == 1
    assert shown.return_value == 1


def test_standard_input(reader: ColourReader) -> None:
    data = io.BytesIO()
    Image.new("RGB", (48, 64), NAVY).save(data, "PNG")
    shown = read("-", "--json", stdin=data.getvalue())
    assert json.loads(shown.output)["file"] == "-"
    empty = read("-", "--json")
    assert "empty file" in json.loads(empty.output)["error"]
    assert empty.return_value == 1


def test_photos_with_one_stem_write_files_of_their_own(reader: ColourReader, tmp_path: Path) -> None:
    for name, colour in (("a/1.png", NAVY), ("b/1.png", RED), ("b/1.webp", RED)):
        write_photo(tmp_path / "in" / name, colour)
    shown = read(str(tmp_path / "in"), "--mask", str(tmp_path / "m"), "--picture", str(tmp_path / "p"))
    assert shown.return_value == 0
    assert sorted(p.name for p in (tmp_path / "m").iterdir()) == ["1-2.png", "1-3.png", "1.png"]
    assert sorted(p.name for p in (tmp_path / "p").iterdir()) == ["1-2.jpg", "1-3.jpg", "1.jpg"]


def test_one_picture_is_a_file_or_goes_into_a_folder(reader: ColourReader, tmp_path: Path) -> None:
    file = str(write_photo(tmp_path / "in" / "a.png", NAVY))
    for out, made in (("seen.png", "seen.png"), ("new", "new/a.jpg")):
        assert read(file, "--picture", str(tmp_path / out)).return_value == 0
        with Image.open(tmp_path / made) as picture:
            assert picture.width >= 48


def test_the_setting_names_the_language(reader: ColourReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEOT_LANGUAGE", "ko")
    assert "셔츠" in read(str(write_photo(tmp_path / "a.png", NAVY))).output


def test_models_come_from_the_folder_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Settings] = []

    def build(settings: Settings, **_: object) -> ColourReader:
        asked.append(settings)
        return ColourReader()

    monkeypatch.setattr(wiring, "build_reader", build)
    read(str(write_photo(tmp_path / "a.png", NAVY)), "--models", str(tmp_path))
    assert asked[0].models == tmp_path


def test_real_looks_bear_scores_vectors_and_the_originals_pixels(folder: Path) -> None:
    done = run("read", str(folder), "--json", "--scores", "--vector")
    assert done.returncode == 1
    large, top, words = (json.loads(line) for line in done.stdout.decode().splitlines())
    assert [Path(x["file"]).name for x in (large, top, words)] == ["large.jpg", "top.jpg", "words.jpg"]
    assert "expected a photo" in words["error"]
    [garment] = top["garments"]
    assert sum(garment["category"]["scores"].values()) == pytest.approx(1, abs=1e-3)
    assert set(garment["category"]["scores"]) == {c.id for c in taxonomy.load().categories}
    assert np.linalg.norm(garment["vector"]) == pytest.approx(1, abs=1e-3)
    assert garment["colours"][0]["id"] == "navy"
    assert (large["photo"]["width"], large["photo"]["height"]) == (3000, 4000)
    ratio = np.array(large["garments"][0]["box"]) / np.array(garment["box"])
    np.testing.assert_allclose(ratio, 12.5, rtol=0.2)


def test_masks_have_the_originals_size_and_known_values(folder: Path, tmp_path: Path) -> None:
    done = run("read", str(folder / "large.jpg"), str(folder / "top.jpg"), "--json", "--mask", str(tmp_path / "m"))
    assert done.returncode == 0
    values = {r.value for r in taxonomy.load().regions}
    for name, size in (("large", (3000, 4000)), ("top", (240, 320))):
        with Image.open(tmp_path / "m" / f"{name}.png") as mask:
            assert (mask.mode, mask.size) == ("L", size)
            found = np.asarray(mask)
        assert set(np.unique(found)) <= values
        assert found[size[1] // 2, size[0] // 2] != 0
        assert found[2, 2] == 0


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nowhere.jpg"], 1, "nowhere.jpg: not found"),
        ([], 2, "PATH"),
        (["x.jpg", "--models", "nowhere"], 2, "expected a folder"),
        (["x.jpg", "--scores"], 2, "add --json"),
        (["x.jpg", "--language", "fr"], 2, "'en', 'ko'"),
        (["-"], 1, "empty file"),
        (["-", "--mask", "/dev/null/m"], 2, "expected a folder to write to"),
    ],
)
def test_mistakes_are_one_sentence(arguments: list[str], status: int, words: str) -> None:
    done = run("read", *arguments)
    assert done.returncode == status
    assert words in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_folder_without_photos(tmp_path: Path) -> None:
    done = run("read", str(tmp_path))
    assert done.returncode == 1
    assert "no photos in this folder" in done.stderr.decode()


def test_a_picture_that_cannot_be_written_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    for target, words in ((tmp_path / "seen.xyz", "unknown file extension"), (Path("/dev/full/x.png"), "directory")):
        done = run("read", str(folder / "top.jpg"), "--picture", str(target))
        assert done.returncode == 2
        [line] = done.stderr.decode().splitlines()
        assert line.startswith(f"meot: {target}: cannot be written (")
        assert words in line
