from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from tests.answers.trends.drawn import dated, trends
from tests.builders import NAVY, RED, ColourReader, build_product, write_photo

from meot import photos
from meot.answers.search import Search
from meot.answers.trends.ask import Question, ask
from meot.answers.trends.report import Trends
from meot.catalogue.database import Database
from meot.catalogue.store import Catalogue
from meot.index.exact import ExactIndex
from meot.service import create_app
from meot.service.trends.chart import MOST_LINES, draw
from meot.settings import Settings
from meot.taxonomy import Taxonomy
from meot.wiring import Shop

YEARS = {"2021": 35, "2022": 25, "2023": 5}
"""Year -> how many of 40 products are navy; the others are red."""


@pytest.fixture(scope="module")
def dressed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("trends")
    catalogue, reader = Catalogue.open(folder / "shop.db", create=True), ColourReader()
    navy, red = write_photo(folder / "navy.png", NAVY), write_photo(folder / "red.png", RED)
    for year, count in YEARS.items():
        for number in range(40):
            shown = navy if number < count else red
            catalogue.put_product(build_product(f"{year}-{number}", f"Shirt {number}", released=year), [shown])
    for key, path in catalogue.pending(reader.models):
        catalogue.put_reading(key, reader.read(photos.load(path)))
    shop = Shop(catalogue, Search(catalogue=catalogue, index=ExactIndex(), reader=reader), reader)
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def visitor(dressed: Shop) -> TestClient:
    return TestClient(create_app(dressed, Settings(accounts=True)), headers={"Accept-Language": "en"})


def test_a_chart_and_its_table_say_the_same(visitor: TestClient) -> None:
    page = visitor.get("/trends?by=colour").text
    svg = re.search(r'<svg class="chart".*?</svg>', page, re.DOTALL)
    assert svg is not None
    assert len(re.findall('class="chart-line"', svg.group())) == 2
    assert "rising" in page
    assert "falling" in page
    for share in ("88 %", "62 %", "12 %"):
        assert share in page
    told = visitor.get("/api/v1/trends?by=colour").json()
    [navy] = [value for value in told["trends"][0]["values"] if value["id"] == "navy"]
    assert [share["count"] for share in navy["shares"]] == list(YEARS.values())


def test_the_page_needs_no_style_of_its_own(visitor: TestClient) -> None:
    page = visitor.get("/trends?by=colour").text
    assert "style=" not in page
    assert "<style" not in page


def test_too_few_photos_are_said_to_be(client: TestClient) -> None:
    page = client.get("/trends?by=colour").text
    assert "Too few photos" in page
    assert '<svg class="chart"' not in page
    assert "of 5" in page or "of 4" in page  # counts stand there instead of shares


@pytest.mark.parametrize(
    ("language", "said"), [("en", "All of it lies in one period (2021)"), ("ko", "모두 한 기간(2021년)")]
)
def test_one_period_has_shares_and_no_trend(visitor: TestClient, language: str, said: str) -> None:
    page = visitor.get("/trends?by=colour&until=2021", headers={"Accept-Language": language}).text
    assert said in page
    assert "88 %" in page
    assert '<svg class="chart"' not in page
    assert 'class="mark-key' not in page  # marks of lines that nobody sees
    assert 'class="trend-way"' not in page


def test_filters_and_bounds_count(visitor: TestClient) -> None:
    told = visitor.get("/api/v1/trends?by=category&colour=navy&since=2022").json()
    assert told["within"] == {"colour": "navy"}
    assert [period["id"] for period in told["trends"][0]["periods"]] == ["2022", "2023"]
    assert told["trends"][0]["products"]["sure"] == 30
    assert "Navy" in visitor.get("/trends?by=category&colour=navy").text


@pytest.mark.parametrize("asked", ["by=shape", "since=soon", "every=decade", "category=spoon", "by=" + "a," * 20])
def test_what_cannot_be_asked_is_told(visitor: TestClient, asked: str) -> None:
    page = visitor.get(f"/trends?{asked}")
    assert page.status_code == 422
    assert "This cannot be answered" in page.text
    assert visitor.get(f"/api/v1/trends?{asked}").status_code == 400


def test_csv_and_tag(visitor: TestClient) -> None:
    text = visitor.get("/api/v1/trends.csv?by=colour&language=ko").text
    assert text.splitlines()[0].startswith("by,value,name,period")
    assert "남색" in text
    tag = visitor.get("/api/v1/trends?by=colour").headers["etag"]
    assert visitor.get("/api/v1/trends?by=colour", headers={"If-None-Match": tag}).status_code == 304


def test_an_answer_is_worked_out_once_until_the_catalogue_changes(
    dressed: Shop, visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Question] = []

    def count(database: Database, question: Question, known: Taxonomy) -> Trends:
        asked.append(question)
        return ask(database, question, known)

    monkeypatch.setattr("meot.service.trends.asking.ask", count)
    for _ in range(3):
        visitor.get("/trends?by=region&since=2022")
    assert len(asked) == 1
    dressed.catalogue.put_product(build_product("new", "New shirt", released="2023"), [])
    visitor.get("/trends?by=region&since=2022")
    assert len(asked) == 2


@pytest.mark.parametrize("language", ["en", "ko"])
def test_both_languages(visitor: TestClient, language: str) -> None:
    for by in ("category", "colour", "style", "component", "region"):
        answer = visitor.get(f"/trends?by={by}", headers={"Accept-Language": language})
        assert (answer.status_code, answer.headers["content-language"]) == (200, language)


def test_lines_stay_inside_of_the_chart() -> None:
    rows = [(year, pattern, count) for year in ("2019", "2020", "2021") for pattern, count in PATTERNS.items()]
    [trend] = trends(dated(rows)).trends
    chart = draw(trend, "en")
    assert chart is not None
    assert len(chart.lines) == MOST_LINES
    numbers = [float(n) for line in chart.lines for n in re.findall(r"-?\d+(?:\.\d+)?", line.path)]
    assert min(numbers) >= 0
    assert max(numbers) <= chart.width
    assert [label for _, label, _ in chart.periods] == ["2019", "2020", "2021"]
    ElementTree.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg"><path d="{chart.lines[0].path}"/></svg>')


PATTERNS = {"solid": 30, "stripe": 20, "check": 15, "dot": 12, "floral": 11, "graphic": 11, "other": 10}
