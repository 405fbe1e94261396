"""``meot data collect``, and that the other data commands go on with what it wrote."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.catalogue.sources.fetch.web import Act, Visit, serve
from tests.data.crawl.scenes import photo

from meot.cli.data import check, collect, split, stats
from meot.data.table import load

pytest.importorskip("scrapy")
pytestmark = pytest.mark.train  # check reads photos with OpenCV


def run(module: object, *arguments: object) -> Result:
    return CliRunner().invoke(module.command, [str(x) for x in arguments], standalone_mode=False)  # type: ignore[attr-defined]


def test_photos_become_a_table_that_can_be_split(tmp_path: Path) -> None:
    html = "".join(f"<a href=/p/{i // 2}><img src=/{i}.jpg></a>" for i in range(8)) + "<img src=/gone.jpg>"
    routes: dict[str, Act] = {f"/{i}.jpg": functools.partial(Visit.answer, body=photo(i)) for i in range(8)}
    routes["/search"] = lambda visit: visit.answer(html.encode(), Content_Type="text/html")
    folder = tmp_path / "photos"
    with serve(routes) as site:
        address = site.address + "/search?q={keyword}"
        common = ("--into", folder, "--class", "댄디", "--question", "style", "--delay", 0, "--private-hosts")
        done = run(collect, address, "--keyword", "댄디룩", *common)
        assert "/search?q=%EB%8C%84%EB%94%94%EB%A3%A9" in site.visits
        assert done.return_value == 0
        again = run(collect, address, "--keyword", "댄디룩", *common, "--json")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["8", "new", "photos"]
    assert lines[2].endswith("/gone.jpg: the server answers 404")
    assert lines[-1] == f"next: meot data check {folder / 'table.jsonl'}"
    said = json.loads(again.stdout)
    assert (said["counts"]["taken"], said["photos"], said["finished"]) == (0, 8, True)
    assert run(check, folder / "table.jsonl").return_value == 0
    assert "댄디" in run(stats, folder / "table.jsonl").stdout
    parts = tmp_path / "split.jsonl"
    assert run(split, folder / "table.jsonl", "--out", parts, "--validation", 0.25).exception is None
    rows = load(parts).rows
    assert {row.split for row in rows} == {"train", "validation"}
    sides = {(row.group, row.split) for row in rows}
    assert len(sides) == 4


def test_nothing_found_is_exit_status_1_and_a_bad_word_a_sentence(tmp_path: Path) -> None:
    nothing = run(collect, "http://localhost:1/", "--into", tmp_path, "--class", "knit")
    assert nothing.return_value == 1
    assert "localhost leads into a private network" in nothing.stdout
    refused = run(collect, "shop.example", "--into", tmp_path)
    assert "expected an address that starts with http:// or https://" in str(refused.exception)
    assert "belong together" in str(run(collect, "http://a.example/", "--into", tmp_path, "--keyword", "x").exception)
