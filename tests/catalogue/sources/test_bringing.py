"""A source from the web, all the way into a catalogue."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image
from tests.builders import ColourReader
from tests.catalogue.sources.fetch.web import Act, Site, Visit, serve

from meot import wiring
from meot.catalogue import intake
from meot.catalogue.sources import registry
from meot.catalogue.sources.entry import Broken, Entry
from meot.catalogue.sources.fetch.ask import Limits
from meot.catalogue.sources.fetch.fetcher import Fetcher
from meot.catalogue.store import Catalogue
from meot.cli.catalogue import command

LIMITS = replace(Limits(), pause_s=0, first_wait_s=0.01, attempts=1)


def show(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (48, 64), colour).save(out, "PNG")
    return out.getvalue()


def give(body: bytes) -> Act:
    return lambda visit: visit.answer(body)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve({}) as site:
        for number in range(3):
            site.routes[f"/{number}.png"] = give(show((number * 60, 0, 0)))
        rows = "".join(f"{number},coat {number},{number}.png,https://a.example/{number}\n" for number in range(4))
        site.routes["/feed"] = give(f"id,title,image,link\n{rows}".encode())
        yield site


def bring(tmp_path: Path, address: str, reader: ColourReader) -> intake.Summary:
    fetcher = Fetcher(folder=tmp_path / "shop.photos", limits=LIMITS, private_hosts=True)
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        return intake.add(catalogue, reader, address, fetcher=fetcher)


def test_a_feed_comes_in_with_its_photos_and_then_costs_nothing(site: Site, tmp_path: Path) -> None:
    summary = bring(tmp_path, f"{site.address}/feed", ColourReader())
    assert (summary.added, summary.read) == (3, 3)
    assert [name for name, _ in summary.failed] == [f"{site.address}/feed line 5"]
    assert "answered 404" in summary.failed[0][1]
    with Catalogue.open(tmp_path / "shop.db", create=False) as catalogue:
        product = catalogue.product(1)
        assert (product.source, product.image) == (f"{site.address}/feed", f"{site.address}/0.png")
        path = catalogue.photo_path(1)
        assert path is not None
        assert path.is_relative_to(tmp_path / "shop.photos")
    site.visits.clear()
    reader = ColourReader()
    again = bring(tmp_path, f"{site.address}/feed", reader)
    assert (again.added, again.read, again.skipped) == (0, 0, 3)
    assert sorted(site.visits) == ["/3.png", "/feed", "/robots.txt"]
    assert reader.reads == []


def test_stopped_it_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    fetcher = Fetcher(folder=tmp_path / "shop.photos", limits=LIMITS, private_hosts=True)
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue, pytest.raises(KeyboardInterrupt):
        intake.add(catalogue, ColourReader(), f"{site.address}/feed", fetcher=fetcher, progress=stop)
    site.visits.clear()
    summary = bring(tmp_path, f"{site.address}/feed", ColourReader())
    assert (summary.added, summary.skipped) == (2, 1)
    assert "/0.png" not in site.visits


def pages(site: Site, total: int, *, forever: bool = False) -> list[Entry | Broken]:
    def act(visit: Visit) -> None:
        query = dict(part.split("=") for part in visit.path.partition("?")[2].split("&"))
        start, display = int(query.get("start", 1)), int(query["display"])
        first = 1 if forever else start
        numbers = range(first, min(first + display, total + 1))
        items = [{"productId": str(n), "title": "a", "lprice": "1", "image": f"/{n}.png"} for n in numbers]
        visit.answer(json.dumps({"total": total, "display": display, "items": items}).encode())

    site.routes["/v1/search/shop.json"] = act
    fetcher = Fetcher(folder=Path("unused"), limits=LIMITS, private_hosts=True)
    address = f"{site.address}/v1/search/shop.json?display=2&query=coat"
    return list(intake.entries_of(address, format="naver", fetcher=fetcher))


def test_the_answers_of_an_endpoint_are_followed(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len([entry for entry in pages(site, 5) if isinstance(entry, Entry)]) == 5
    assert [path.partition("start=")[2] for path in site.visits] == ["", "3", "5"]


def test_an_endpoint_that_knows_no_pages_or_no_end_is_left(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(pages(site, 1000, forever=True)) == 2
    monkeypatch.setattr(registry, "MOST_PAGES", 3)
    *found, last = pages(site, 1000)
    assert len(found) == 6
    assert isinstance(last, Broken)
    assert "more than 3 pages" in last.reason


def test_the_command_takes_an_address(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "build_reader", lambda settings: ColourReader())
    asked = ["add", f"{site.address}/feed", "--into", str(tmp_path / "shop.db"), "--json", "--format", "csv"]
    refused = CliRunner().invoke(command, asked)
    assert refused.exit_code != 0
    assert "private network" in str(refused.exception)
    polite = CliRunner().invoke(command, asked[:-2])
    assert "private network" in str(polite.exception)
    other = CliRunner().invoke(command, ["add", "file:///etc/passwd", *asked[2:]])
    assert "only addresses that start with http" in str(other.exception)
    assert not (tmp_path / "shop.db").exists()
    result = CliRunner().invoke(command, [*asked, "--private-hosts", "--header", "X-Key: abc"])
    assert json.loads(result.stdout)["added"] == 3
    assert site.asked[0]["x-key"] == "abc"
    assert "/robots.txt" not in site.visits  # who names a feed's format says that it is made for programs


def test_the_help_names_every_format() -> None:
    text = " ".join(CliRunner().invoke(command, ["add", "--help"]).output.split())
    assert all(name in text for name in registry.NAMES)
