from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.builders import NAVY, RED, WHITE, ColourReader, write_photo
from tests.catalogue.sources.fetch.web import Visit, serve
from tests.catalogue.sources.test_bringing import give, show

from meot import wiring
from meot.catalogue.feeds import Feeds
from meot.catalogue.store import Catalogue
from meot.cli.catalogue import command
from meot.errors import CatalogueError


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table of two products, which are in ``shop.db``."""
    monkeypatch.setattr(wiring, "build_reader", lambda settings: ColourReader())
    monkeypatch.chdir(tmp_path)
    for name, colour in (("1", NAVY), ("2", RED), ("3", WHITE)):
        write_photo(tmp_path / f"{name}.png", colour)
    file = tmp_path / "products.csv"
    file.write_text("id,title,price,image\na,남색 코트,10000,1.png\nb,shirt,20000,2.png\n")
    assert run("add", "products.csv", "--into", "shop.db", "--as", "spring").exit_code == 0
    return file


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def test_says_what_it_did_and_does_it_once(file: Path) -> None:
    file.write_text("id,title,price,image\na,남색 코트,9000,1.png\nc,tee,5000,3.png\n")
    foreseen = run("refresh", "shop.db", "--dry-run")
    done = run("refresh", "shop.db", "spring")
    assert foreseen.stdout == done.stdout == "spring: 1 updated, 1 added, 1 retired, 0 back, 0 unchanged, 0 failed\n"
    assert (foreseen.exit_code, done.exit_code) == (0, 0)
    [again] = json.loads(run("refresh", "shop.db", "products.csv", "--json").stdout)["sources"]
    assert again == {
        "source": "spring",
        **dict.fromkeys(("added", "updated", "back", "retired", "kept"), 0),
        "unchanged": 2,
        "failed": [],
        "refused": "",
    }


def test_a_source_that_names_few_is_refused_in_one_sentence(file: Path) -> None:
    file.write_text("id,title,price,image\nc,tee,5000,3.png\n")
    done = run("refresh", "shop.db")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "spring: names only 0 of its 2 products, so nothing was changed; if that is right, run it again with --force"
    ]
    assert "1 added, 2 retired" in run("refresh", "shop.db", "--force").stdout


def test_what_stays_because_the_source_is_damaged_is_told(file: Path) -> None:
    file.write_text("id,title,price,image\na,남색 코트,10000,1.png\nb,shirt\n")
    done = run("refresh", "shop.db")
    assert done.exit_code == 1
    assert "products.csv line 3: expected 4 cells" in done.stderr
    assert "spring: 1 products are named no more but stay" in done.stderr


def test_lists_sources_and_forgets_one(file: Path) -> None:
    listed = run("sources", "shop.db").stdout
    assert "spring        2 products       0 retired  read 20" in listed
    assert listed.rstrip().endswith(f"from {file}")
    [told] = json.loads(run("sources", "shop.db", "--json").stdout)
    assert (told["name"], told["address"], told["products"]) == ("spring", str(file), 2)
    assert run("forget", "shop.db", "spring").stdout == "spring: forgotten, 2 products retired\n"
    assert "no sources yet" in run("sources", "shop.db").stderr
    assert "no sources yet" in run("refresh", "shop.db").stderr


def test_prints_the_history_of_a_price(file: Path) -> None:
    file.write_text("id,title,price,image\na,남색 코트,9900.5,1.png\nb,shirt,20000,2.png\n")
    run("refresh", "shop.db")
    lines = run("history", "shop.db", "a").stdout.splitlines()
    assert lines[0] == "1  남색 코트  (spring)"
    assert [line.split()[2:] for line in lines[1:]] == [["10,000", "KRW"], ["9,900.50", "KRW"]]
    [told] = json.loads(run("history", "shop.db", "1", "--json").stdout)
    assert [price["price"] for price in told["prices"]] == [10000, 9900.5]
    with pytest.raises(CatalogueError, match="no product has the number or id 'x'"):
        CliRunner().invoke(command, ["history", "shop.db", "x"], catch_exceptions=False)


def test_keys_are_given_again_and_go_to_their_host_only(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def feed(visit: Visit) -> None:
        visit.answer(b"id,title,image\n1,coat,1.png\n", status=200 if visit.headers.get("X-Key") == "abc" else 403)

    with serve({"/feed": feed, "/1.png": give(show((9, 9, 9)))}) as site:
        added = run("add", f"{site.address}/feed", "--into", "shop.db", "--header", "X-Key: abc", "--private-hosts")
        assert added.exit_code == 0
        assert b"abc" not in Path("shop.db").read_bytes()
        assert "answered 403" in run("refresh", "shop.db", f"{site.address}/feed").stderr
        assert run("refresh", "shop.db", f"{site.address}/feed", "--header", "X-Key: abc").exit_code == 0
        assert run("refresh", "shop.db", "--header", "X-Key: abc").exit_code == 2
        monkeypatch.setenv("MEOT_HEADER_127_0_0_1", "X-Key: abc")
        assert run("refresh", "shop.db").exit_code == 0
        photos = [asked for asked, path in zip(site.asked, site.visits, strict=True) if path == "/1.png"]
        assert photos
        assert all("x-key" not in asked for asked in photos)


def test_a_refresh_that_was_stopped_is_seen(file: Path) -> None:
    with Catalogue.open("shop.db", create=False) as catalogue:
        Feeds(database=catalogue.database).start("spring", time.time() + 1)
    assert "stopped midway" in run("sources", "shop.db").stdout
