"""What the pages of documentation name is there: files, folders, modules, and the pages that they link to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src" / "meot"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
OURS = {"meot.toml", "meot.token", "meot.requests"}
"""Names of what runs and configures meot, which are no modules."""
THEIRS = {"images/", "image/", "masks/", "annos/", "photos/", ".collect/"}
"""Folders that data sets have."""
_FILE = re.compile(r"[\w./-]+\.(?:py|html|css|js|toml)")
_FOLDER = re.compile(r"[\w.][\w./-]*/")
_MODULE = re.compile(r"\b(?:meot|bench|tests)(?:\.\w+)+(?!/\d)\b")
_WITHIN = re.compile(r"(\w+)((?:\.\w+)+)(?:\(.*\))?")
_IS_FILE = re.compile(r".*\.(?:css|csv|db|html|js|jsonl?|npz|onnx|pt|py|toml|txt|yaml)")


def ends_of_paths() -> set[str]:
    """Every file and folder of the project, by each end of its path: "b.py" and "a/b.py"."""
    tops = [ROOT / name for name in ("src", "tests", "bench", "docs", "recipes")]
    paths = [*ROOT.iterdir(), *(path for top in tops for path in top.rglob("*") if "__pycache__" not in path.parts)]
    parts = [path.relative_to(ROOT).parts for path in paths]
    return {"/".join(some[start:]) for some in parts for start in range(len(some))}


THERE = ends_of_paths()


def quoted(page: Path) -> set[str]:
    """What stands in single backticks, of one word."""
    return set(re.findall(r"`([^`\s]+)`", page.read_text("utf-8")))


def is_there(base: Path, names: list[str]) -> bool:
    """Whether a dotted name below a folder is a package or a module, or says what stands in the text of one."""
    while names and (base / names[0]).is_dir():
        base, names = base / names[0], names[1:]
    if names and (base / f"{names[0]}.py").is_file():
        base, names = base / f"{names[0]}.py", names[1:]
    elif names:
        base = base / "__init__.py"
    return not names or (base.is_file() and bool(re.search(rf"\b{names[0]}\b", base.read_text("utf-8"))))


def modules(text: str) -> Iterator[str]:
    """The dotted names of modules, and of what stands in them, that a text says."""
    yield from (name for name in _MODULE.findall(text) if name not in OURS and not _IS_FILE.fullmatch(name))


def missing(names: Iterator[str]) -> list[str]:
    return [name for name in names if not is_there(ROOT / "src" if name.startswith("meot") else ROOT, name.split("."))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_folders_that_a_page_names_exist(page: Path) -> None:
    named = {name for name in quoted(page) if _FILE.fullmatch(name) or _FOLDER.fullmatch(name)} - OURS - THEIRS
    assert sorted(name for name in named if name.strip("./") not in THERE) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_that_a_page_names_exist(page: Path) -> None:
    assert missing(modules(page.read_text("utf-8"))) == []
    found = [match for name in quoted(page) if not _IS_FILE.fullmatch(name) and (match := _WITHIN.fullmatch(name))]
    ours = [f"meot.{match[1]}{match[2]}" for match in found if (SOURCES / match[1]).is_dir()]
    assert [name for name in missing(iter(ours)) if name != "meot.models.vectors"] == []  # a field of a look


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_exists(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_what_docstrings_refer_to_exists() -> None:
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "bench").glob("*.py")]
    said = {name for file in files for name in re.findall(r":\w+:`~?((?:meot|bench)\.[\w.]+)", file.read_text("utf-8"))}
    assert len(said) > 30
    assert missing(iter(sorted(said))) == []


def test_the_map_for_contributors_has_every_room_of_the_package() -> None:
    drawn = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("```")[1]
    named = [name for line in drawn.splitlines() if line.startswith("  ") for name in line[:29].split()]
    rooms = {
        path.name + "/" * path.is_dir()
        for path in SOURCES.iterdir()
        if (path / "__init__.py").is_file() or path.suffix in (".py", ".toml")
    }
    assert set(named) == rooms - {"__init__.py"}
