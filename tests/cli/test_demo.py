"""``meot demo`` from nothing to a page, and with the user's own photos."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from meot.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, "demo", *arguments], capture_output=True, text=True)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    out = tmp_path_factory.mktemp("demo") / "out"
    return out, run("--out", str(out))


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [
            value or ""
            for name, value in attrs
            if name in ("src", "srcset", "data") or (tag == "link" and name == "href")
        ]


def test_it_finds_the_similar_ones_by_photo_and_by_words(drawn: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = drawn
    assert done.returncode == 0, done.stderr
    blocks = re.split(r"\n\n", done.stdout)
    assert "Navy dotted dress" in next(b for b in blocks if b.lstrip().startswith("query 1"))
    second = next(b for b in blocks if b.startswith("query 2"))
    assert second.splitlines()[2].count("striped") == 1
    assert "네이비" in next(b for b in blocks if b.startswith('"네이비 셔츠"'))
    assert "striped" in next(b for b in blocks if b.startswith('"striped"'))


def test_the_page_carries_everything_itself(drawn: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    page = (drawn[0] / "demo.html").read_text("utf-8")
    loads = _Loads()
    loads.feed(page)
    assert loads.found
    assert all(source.startswith("data:image/jpeg;base64,") for source in loads.found)
    assert "script" not in loads.tags
    assert "url(" not in page
    assert len(page) < 6_000_000


def test_a_second_run_draws_and_reads_nothing_again(drawn: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    done = run("--out", str(drawn[0]), "--json")
    assert done.returncode == 0, done.stderr
    assert "0 products added, 0 photos read, 64 known already" in done.stderr
    found = json.loads(done.stdout)
    assert found["photos"][0]["look"]["schema"] == "meot.look/1"
    assert found["words"][0]["matches"]


def test_own_photos(drawn: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for file in sorted((drawn[0] / "images").iterdir())[:5]:
        (own / file.name).write_bytes(file.read_bytes())
    (own / "broken.jpg").write_text("no photo")
    done = run(str(own), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert re.search(r"left out .*broken\.jpg: .*expected a photo", done.stderr)
    assert (tmp_path / "out" / "demo.html").is_file()


@pytest.mark.parametrize("kind", ["empty", "missing", "file in the way"])
def test_mistakes_are_one_sentence(kind: str, tmp_path: Path) -> None:
    if kind == "empty":
        (tmp_path / "photos").mkdir()
    elif kind == "file in the way":
        (tmp_path / "photos").mkdir()
        Image.new("RGB", (64, 64)).save(tmp_path / "photos" / "a.png")
        (tmp_path / "out").write_text("x")
    done = run(str(tmp_path / "photos"), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("meot: ")
