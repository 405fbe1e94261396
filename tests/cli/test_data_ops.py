from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from click import Command
from click.testing import CliRunner, Result
from PIL import Image

from meot.cli.data import balance, get, split, stats, view
from meot.data.table import Row, Table, load, save
from meot.errors import DataError

pytestmark = pytest.mark.train


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A table of 12 photos of T-shirts and 4 of hats; the first two are the same photo in two splits."""
    rows = []
    for i in range(16):
        pixels = np.random.default_rng(max(i, 1)).integers(0, 256, (6, 5, 3)).astype(np.uint8)
        photo = tmp_path / f"{i}.png"
        Image.fromarray(pixels).resize((50, 60), Image.Resampling.BICUBIC).save(photo)
        rows.append(
            Row(
                photo=photo,
                split="validation" if i == 1 else "train",
                labels={"category": "티셔츠" if i < 12 else "hat"},
                group=f"g{i // 2}" if i > 11 else "",
            )
        )
    table = Table(rows=tuple(rows), questions={"category": ("hat", "티셔츠")})
    return save(table, tmp_path / "table.jsonl")


def run(command: Command, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments], standalone_mode=False)


def test_stats_prints_a_table_and_json(file: Path) -> None:
    result = run(stats.command, file)
    assert result.return_value == 0
    assert "티셔츠" in result.stdout
    said = json.loads(run(stats.command, file, "--json").stdout)
    assert said["questions"][0]["answers"]["hat"]["train"] == 4


def test_stats_finds_leaks(file: Path) -> None:
    result = run(stats.command, file, "--leaks")
    assert result.return_value == 1
    assert (
        "near-duplicates in more than one split: 1 (2 photos)\n  0.png, 1.png (train and validation)" in result.stdout
    )
    [leak] = json.loads(run(stats.command, file, "--leaks", "--json").stdout)["leaks"]
    assert leak["photos"] == ["0.png", "1.png"]


def test_split_mends_them(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "split.jsonl"
    result = run(split.command, file, "--out", out, "--validation", 0.25, "--test", 0.25, "--question", "category")
    assert result.exception is None
    assert f"{out}: written" in result.stdout
    rows = load(out).rows
    assert {row.split for row in rows if row.labels["category"] == "hat"} <= {"train", "validation", "test"}
    assert rows[0].split == rows[1].split
    assert "no leak" in run(stats.command, out, "--leaks").stdout


def test_balance_prints_before_and_after(file: Path, tmp_path: Path) -> None:
    result = run(balance.command, file, "--out", tmp_path / "more", "--at-least", 8)
    assert result.exception is None
    before, _, after = result.stdout.partition("\nafter\n")
    assert before.startswith("before\n")
    assert "hat                   4" in before
    assert "hat                   8" in after
    assert "4 photos added" in after
    assert "warning" not in result.stderr


def test_samplings_are_compared_without_writing(file: Path) -> None:
    result = run(balance.command, file, "--compare")
    head, shirts, hats = result.stdout.splitlines()
    assert head.split() == [
        "category,",
        "an",
        "epoch",
        "of",
        "15",
        "plain",
        "square_root",
        "class_balanced",
        "repeat_factor",
    ]
    assert shirts.split() == ["티셔츠", "11", "9", "8", "11"]
    assert hats.split() == ["hat", "4", "6", "7", "4"]


def test_the_papers_protocol_is_warned_of(file: Path, tmp_path: Path) -> None:
    result = run(balance.command, file, "--out", tmp_path / "more", "--add", 3, "--leaking-paper-protocol")
    assert "warning: validation and test photos are multiplied too" in result.stderr
    assert sum(row.split == "validation" for row in load(tmp_path / "more" / "table.jsonl").rows) == 4


def test_balance_wants_one_aim(file: Path, tmp_path: Path) -> None:
    result = run(balance.command, file, "--out", tmp_path / "more", "--add", 3, "--at-least", 3)
    assert "give one of --at-least N and --add N" in str(result.exception)


def test_view_writes_pictures_and_pages(file: Path, tmp_path: Path) -> None:
    result = run(view.command, file, "--out", tmp_path / "new" / "sheet.jpg", "--class", "hat", "--count", 3)
    assert result.stdout.endswith("sheet.jpg: 3 photos\n")
    with Image.open(tmp_path / "new" / "sheet.jpg") as sheet:
        assert sheet.width > 800
    run(view.command, file, "--out", tmp_path / "page.html", "--html", "--split", "train")
    assert "<option>티셔츠</option>" in (tmp_path / "page.html").read_text("utf-8")
    assert "expected .jpg or .png" in str(run(view.command, file, "--out", tmp_path / "x.gif").exception)


def test_errors_are_one_sentence(file: Path, tmp_path: Path) -> None:
    for command, more in (
        (stats.command, ()),
        (split.command, ("--out", tmp_path / "o.jsonl")),
        (balance.command, ("--out", tmp_path / "o", "--add", 1)),
    ):
        result = run(command, file, "--question", "kategory", *more)
        assert isinstance(result.exception, DataError)
        assert "did you mean 'category'?" in str(result.exception)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "public").mkdir()
    running = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path / "public")))
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()
    thread.join()


def test_get_downloads_unpacks_and_says_the_checksum(url: str, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "public" / "set.zip", "w") as packed:
        packed.writestr("hat/1.jpg", b"one")
    result = run(get.command, "--url", f"{url}/set.zip", "--out", tmp_path / "got")
    assert "downloaded, sha256 " in result.stdout
    assert f"unpacked in {tmp_path / 'got' / 'set'}" in result.stdout
    assert (tmp_path / "got" / "set" / "hat" / "1.jpg").read_bytes() == b"one"
    again = run(get.command, "--url", f"{url}/set.zip", "--out", tmp_path / "got")
    assert "there already" in again.stdout
    wrong = run(get.command, "--url", f"{url}/set.zip", "--out", tmp_path / "b", "--sha256", "0" * 64)
    assert "expected sha256 000" in str(wrong.exception)


def test_get_lists_what_is_known_and_says_what_to_ask_for(tmp_path: Path) -> None:
    listed = run(get.command).stdout
    assert "fashion-mnist" in listed
    assert "CC0" in listed
    asked = run(get.command, "deepfashion2", "--out", tmp_path)
    assert "fill in the form" in str(asked.exception)
    assert "give --out FOLDER" in str(run(get.command, "ccp").exception)
