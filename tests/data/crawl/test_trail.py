from __future__ import annotations

from pathlib import Path

import pytest

from meot.data.crawl.notes import Note
from meot.data.crawl.page import Picture
from meot.data.crawl.trail import Step, Trail

PICTURE = Picture(
    "http://a.example/1.jpg", "http://a.example/", "img", alt="니트", notes=(Note("credit", "Kim", "page"),)
)
STEPS = [
    Step("http://a.example/", 0, (PICTURE,), ("http://a.example/2",)),
    Step("http://a.example/2", 1, (), ()),
]


def test_steps_are_there_again_after_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "state" / "run.jsonl"
    trail = Trail(file=file)
    for step in STEPS:
        trail.add(step)
    with file.open("ab") as data:
        data.write(b'{"page":"http://a.exam')
    assert Trail(file=file).steps == STEPS
    Trail(file=file).finish()
    assert Trail(file=file).steps == []


@pytest.mark.parametrize("line", ["{}", "[]", '{"page":1,"depth":0,"pictures":[{"x":1}],"links":[]}', "{", "[" * 9999])
def test_a_damaged_trail_is_begun_anew(line: str, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_text(line + "\n")
    assert Trail(file=file).steps == []
    assert not file.exists()
