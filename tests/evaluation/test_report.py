"""The page: whole in one file, whatever the names are, and drawn without a fault."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from tests.chromium import CHROMIUM
from tests.evaluation.cases import HOSTILE, classified, street

from meot.evaluation import Report, evaluate, write_html
from meot.evaluation.bootstrap import Interval
from meot.evaluation.curve import Curve
from meot.evaluation.report import charts
from meot.evaluation.report.pictures import thumbnail

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HISTORY = tuple({"epoch": float(i), "loss": 2.0 / i, "accuracy": 1 - 1 / i, "seconds": 3.0} for i in range(1, 9))


def hostile_report(folder: Path) -> Report:
    """Two models with hostile class names; one photo at hand, one broken, the rest missing."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 60)  # the last class is never there and never answered
    first = replace(classified(truth, rng.integers(0, 4, 60), classes=HOSTILE, sure=0.5), model="<i>first</i>")
    second = replace(classified(truth, truth, classes=HOSTILE), model="second")
    wrong = np.flatnonzero(first.scores.argmax(axis=1) != truth)
    Image.new("RGB", (900, 600), "teal").save(folder / f"{wrong[0]}.jpg")
    (folder / f"{wrong[1]}.jpg").write_bytes(b"no photo")
    boxes = tuple((10.0, 20.0, 200.0, 300.0) if i == wrong[0] else None for i in range(60))
    return evaluate([replace(first, boxes=boxes), replace(second, boxes=boxes)], history=HISTORY, times=100)


class Tags(HTMLParser):
    """The tags of a page and what they point at."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "data", "action")]


def read(file: Path) -> tuple[str, Tags]:
    html, tags = file.read_text("utf-8"), Tags()
    tags.feed(html)
    return html, tags


def test_the_page_is_one_file_without_script(tmp_path: Path) -> None:
    html, tags = read(write_html(hostile_report(tmp_path), tmp_path / "new" / "page.html", photos=tmp_path))
    assert "http://" not in html
    assert "https://" not in html
    assert "@import" not in html
    assert set(tags.names).isdisjoint({"script", "iframe", "object", "i"})
    assert all(link.startswith("data:") for link in tags.links)
    assert sum(link.startswith("data:image/jpeg") for link in tags.links) == 1
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["page.html"]


def test_hostile_names_are_shown_as_text(tmp_path: Path) -> None:
    html, _ = read(write_html(hostile_report(tmp_path), tmp_path / "page.html"))
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;" in html
    assert "<i>first" not in html
    assert "{{ 7 * 7 }}" in html
    assert html.count("</style>") == 1


def test_the_page_has_all_its_parts(tmp_path: Path) -> None:
    html, tags = read(write_html(hostile_report(tmp_path), tmp_path / "page.html", photos=tmp_path))
    for words in ("Summary", "Learning curves", "Precision over recall", "Confusion", "Calibration", "Worst mistakes"):
        assert words in html
    assert "photo not at hand" in html
    assert tags.names.count("polyline") == 2 + 2 * 4
    assert 'class="verdict better"' in html


@pytest.mark.train
def test_a_detectors_page_draws_its_boxes(tmp_path: Path) -> None:
    pytest.importorskip("faster_coco_eval", reason="the train extra is not installed")
    html, _ = read(write_html(evaluate([street(0)], times=100), tmp_path / "page.html"))
    assert "AP50-95" in html
    for kind in ("truth", "found", "wrong"):
        assert f'class="box {kind}"' in html
    assert "Calibration" not in html


def test_curves_and_whiskers_are_where_the_numbers_say() -> None:
    assert charts.curve_points(Curve((0.5, 1.0), (1.0, 0.25), (0.9, 0.1))) == "0.0,0.0 50.0,0.0 100.0,75.0"
    assert charts.curve_points(Curve((), (), ())) == ""
    assert charts.whisker(Interval(0.5, 0.4, 0.7)) == charts.Whisker(40.0, 70.0, 50.0)
    assert charts.whisker(Interval(0.0, None, None)) is None


def test_a_learning_curve_breaks_where_a_value_is_missing() -> None:
    history = [{"epoch": 1.0, "loss": 4.0}, {"epoch": 2.0, "loss": float("nan")}, {"epoch": 3.0, "loss": 2.0}]
    (line,) = charts.learning_lines(history)
    assert line.points == ("0.0,0.0", "100.0,100.0")
    assert (line.best, line.best_epoch) == (2.0, 3)
    assert charts.learning_lines([]) == ()


def test_thumbnails_are_small_and_keep_the_photos_measure(tmp_path: Path) -> None:
    Image.new("RGBA", (1200, 800), "red").save(tmp_path / "a.png")
    found = thumbnail(tmp_path / "a.png")
    assert found is not None
    assert (found.width, found.height) == (1200, 800)
    assert len(found.uri) < 20_000
    assert thumbnail(tmp_path / "none.png") is None


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium at /usr/bin/chromium or on PATH")
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_opens_without_a_fault(browser: Browser, tmp_path: Path, width: int) -> None:
    file = write_html(hostile_report(tmp_path), tmp_path / "page.html", photos=tmp_path)
    context = browser.new_context(viewport={"width": width, "height": 900})
    page, faults, asked = context.new_page(), list[str](), list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text))
    page.on("dialog", lambda shown: faults.append(shown.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert faults == []
    assert [url for url in asked if not re.match("data:|file:.*page.html$", url)] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()
