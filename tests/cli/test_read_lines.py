"""``meot read`` for people: the lines of a look with details and a style."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.builders import NAVY, RED, write_photo
from tests.service.conftest import GUESSED_STYLE, SURE_STYLE, DetailReader

from meot import wiring
from meot.cli.read import command
from meot.types import Label


def lines(monkeypatch: pytest.MonkeyPatch, folder: Path, language: str, style: Label | None) -> list[str]:
    monkeypatch.setattr(wiring, "build_reader", lambda *_, **__: DetailReader(style=style, group=None))
    file = str(write_photo(folder / "a.png", NAVY, lower=RED))
    said = CliRunner().invoke(command, [file, "--language", language], standalone_mode=False).output
    return said.replace(file, "a.png").splitlines()


@pytest.mark.parametrize(
    ("language", "head", "style", "details"),
    [
        (
            "en",
            "a.png: 2 garments",
            "  style: Rock chic 58% (or Feminine)",
            "    Striped, Button-down collar?, Long sleeves",
        ),
        ("ko", "a.png: 옷 2점", "  스타일: 락시크 58% (또는 페미닌)", "    줄무늬, 버튼다운 칼라?, 긴팔"),
    ],
)
def test_style_first_then_garments_with_their_details(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str, head: str, style: str, details: str
) -> None:
    first, second, shirt, told, jeans = lines(monkeypatch, tmp_path, language, SURE_STYLE)
    assert (first, second, told) == (head, style, details)
    assert shirt.startswith("  Shirt" if language == "en" else "  셔츠")
    assert jeans.startswith("  Jeans" if language == "en" else "  청바지")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "  style: unsure (Casual? 34%, Minimal? 21%)"),
        ("ko", "  스타일: 확실하지 않음 (캐주얼? 34%, 미니멀? 21%)"),
    ],
)
def test_an_unsure_style_names_two_candidates(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str, said: str
) -> None:
    assert lines(monkeypatch, tmp_path, language, GUESSED_STYLE)[1] == said


def test_without_a_style_there_is_no_line_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not any("style" in line for line in lines(monkeypatch, tmp_path, "en", None))
