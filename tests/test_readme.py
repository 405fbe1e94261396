"""The README's Python is run and prints what it says; its commands exist."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

from PIL import Image

from meot.cli import COMMANDS
from meot.demo import draw_query

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def test_the_python_sample_prints_what_it_says() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(blocks("python")[0], "README.md", "exec"), {})
    assert printed.getvalue() == blocks("text")[0]


def test_the_command_lines_run_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for seed, name in enumerate(("street.jpg", "photos/a.jpg", "photos/b.jpg")):
        Image.fromarray(draw_query(seed=seed)).save(tmp_path / name)
    section = README.split("## From the command line")[1].split("```console\n")[1].split("```")[0]
    lines = [shlex.split(line, comments=True) for line in section.splitlines()]
    assert len(lines) > 6
    for program, *arguments in lines:
        assert program == "meot"
        run = [sys.executable, "-c", "from meot.cli import main; main()", *arguments]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, (arguments, done.stderr)
    assert {"seen.jpg", "maps", "shop.db"} <= {made.name for made in tmp_path.iterdir()}


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"^(?:\S*/)?meot (\w+)", "\n".join(blocks("console")), re.M))
    named |= set(re.findall(r"&& \.venv/bin/meot (\w+)", README))
    assert named
    assert named <= set(COMMANDS)


def test_the_commands_of_the_map_are_all_in_the_readme() -> None:
    text = "\n".join(blocks("console"))
    assert [name for name in COMMANDS if f"meot {name}" not in text] == []


def test_ci_finds_the_test_command() -> None:
    marked = README.split("<!-- test command -->")[1].split("```")[1]
    assert marked.strip().splitlines()[-1].startswith("python3 -m venv .venv && .venv/bin/pip install")
    assert marked.strip().endswith("pytest -n auto")


def test_files_that_the_readme_links_exist() -> None:
    here = Path(__file__).parent.parent
    assert [link for link in re.findall(r"\]\(([^)h][^)]*)\)", README) if not (here / link).exists()] == []


def commands(text: str) -> list[str]:
    """The lines of a README's blocks without comments, words in quotation marks, and what asks for Korean."""
    lines = "\n".join(re.findall(r"```(?:console|python|text)\n(.*?)```", text, re.S)).splitlines()
    return [re.sub(r'\s*#.*| --language ko|(?<= )"[^"]*"', "", line) for line in lines]


def test_the_korean_readme_says_the_same_commands_and_links_files_that_exist() -> None:
    here = Path(__file__).parent.parent
    korean = (here / "README.ko.md").read_text("utf-8")
    assert commands(korean) == commands(README)
    assert [link for link in re.findall(r"\]\(([^)h#][^)#]*)", korean) if not (here / link).exists()] == []


def parts(text: str) -> list[list[str]]:
    """For each part of a README what its tables name, and the pages it links to, however they are ordered."""
    found = []
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        rows = sorted(re.findall(r"^\| `.*?` .*?\|", part, re.M))
        found.append([*rows, *sorted(set(re.findall(r"\]\((docs/[^)]*|[A-Z]+\.md)\)", part)))])
    return found


def figures(text: str) -> list[list[str]]:
    """The numbers and commands in each line of the part that tells figures, and all of those between its lines."""
    part = next(part for part in text.split("\n## ") if "python -m bench.quality" in part)
    lines = [line.split("|", 2)[2] for line in part.splitlines() if line.startswith("|")]  # without what each is called
    around = "\n".join(line for line in part.splitlines() if not line.startswith("|"))
    return [sorted(re.findall(r"\d[\d.,]*\d|\d|`[^`]+`", each)) for each in (*lines, around)]


def test_the_korean_readme_has_the_same_parts_links_and_figures() -> None:
    korean = (Path(__file__).parent.parent / "README.ko.md").read_text("utf-8")
    assert parts(korean) == parts(README)
    assert figures(korean) == figures(README)
