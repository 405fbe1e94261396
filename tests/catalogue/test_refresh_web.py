"""Sources on the web that change, fail and lie, read again."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.builders import ColourReader
from tests.catalogue.sources.fetch.web import Act, Site, Visit, serve
from tests.catalogue.sources.test_bringing import give, show

from meot.catalogue import intake
from meot.catalogue.feeds import Feeds
from meot.catalogue.preview import Refreshed
from meot.catalogue.refresh import refresh
from meot.catalogue.sources.fetch.ask import Limits
from meot.catalogue.sources.fetch.fetcher import Fetcher
from meot.catalogue.store import Catalogue

LIMITS = replace(Limits(), pause_s=0, first_wait_s=0.01, attempts=2, feed_bytes=20_000, fresh_s=0)
SHORT = replace(LIMITS, attempts=1, feed_s=0.5)
IMPATIENT = replace(LIMITS, attempts=1, silence_s=1.0)


def table(prices: list[int]) -> bytes:
    rows = "".join(f"{n},코트 {n},{price},{n % 3}.png\n" for n, price in enumerate(prices))
    return f"id,title,price,image\n{rows}".encode()


class Shop:
    """A catalogue of four products from ``/feed`` of a site."""

    def __init__(self, catalogue: Catalogue, site: Site) -> None:
        self.catalogue, self.site, self.reader = catalogue, site, ColourReader()
        self.address = f"{site.address}/feed?key=secret"
        site.routes["/feed"] = give(table([10, 20, 30, 40]))
        for number in range(3):
            site.routes[f"/{number}.png"] = give(show((number * 60, 0, 0)))
        intake.add(catalogue, self.reader, self.address, fetcher=self.fetcher())
        self.reader.reads.clear()

    def fetcher(self, limits: Limits = LIMITS) -> Fetcher:
        return intake.build_fetcher(self.catalogue.place, private_hosts=True, limits=limits)

    def refresh(self, act: Act | None = None, limits: Limits = LIMITS) -> Refreshed:
        self.site.visits.clear()
        if act is not None:
            self.site.routes["/feed"] = act
        feed = Feeds(database=self.catalogue.database).find(self.address)
        return refresh(self.catalogue, self.reader, feed, fetcher=self.fetcher(limits))

    def prices(self) -> list[float | None]:
        return [p.price for p in self.catalogue.products(self.catalogue.changes(-1).numbers).values()]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with serve({}) as site, Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        yield Shop(catalogue, site)


def test_prices_are_brought_and_the_key_is_stored_nowhere(shop: Shop, tmp_path: Path) -> None:
    done = shop.refresh(give(table([10, 21, 30, 40])))
    assert (done.updated, done.unchanged, done.refused, done.failed) == (1, 3, "", [])
    assert shop.prices() == [10, 21, 30, 40]
    assert "/feed?key=secret" in shop.site.visits
    assert b"secret" not in (tmp_path / "shop.db").read_bytes()


def test_what_did_not_change_is_not_sent_again(shop: Shop) -> None:
    def act(visit: Visit) -> None:
        if visit.headers.get("If-None-Match") == '"1"':
            visit.begin(status=304)
        else:
            visit.answer(table([11, 20, 30, 40]), ETag='"1"')

    assert shop.refresh(act).updated == 1
    generation = shop.catalogue.generation()
    assert shop.refresh().unchanged == 4
    assert '"1"' in [asked.get("if-none-match") for asked in shop.site.asked]
    assert shop.catalogue.generation() == generation


def test_photos_are_asked_for_again_only_when_it_is_time(shop: Shop) -> None:
    shop.refresh()
    assert sorted(set(shop.site.visits)) == ["/0.png", "/1.png", "/2.png", "/feed?key=secret", "/robots.txt"]
    shop.refresh(limits=replace(LIMITS, fresh_s=60.0))
    assert set(shop.site.visits) == {"/feed?key=secret", "/robots.txt"}


def test_a_photo_behind_the_same_address_is_read_only_when_it_shows_something_else(shop: Shop) -> None:
    shop.site.routes["/1.png"] = give(show((0, 0, 250)))
    done = shop.refresh()
    assert (done.updated, done.unchanged, len(shop.reader.reads)) == (1, 3, 1)
    assert [g.garment.colours[0].id for g in shop.catalogue.garments_of(2)] == ["blue"]
    assert shop.refresh().unchanged == 4
    assert len(shop.reader.reads) == 1


def test_a_photo_that_cannot_be_had_today_stays_and_the_price_is_brought(shop: Shop) -> None:
    shop.site.routes["/1.png"] = lambda visit: visit.answer(b"", status=500)
    done = shop.refresh(give(table([10, 19, 30, 40])))
    assert (done.updated, done.retired, len(done.failed)) == (1, 0, 1)
    assert "answered 500" in done.failed[0][1]
    assert shop.prices() == [10, 19, 30, 40]
    assert len(shop.catalogue.garments_of(2)) == 1


def recovering(*first: Act) -> Act:
    """A feed that behaves so for its first visits, and well after them."""
    left = list(first)

    def act(visit: Visit) -> None:
        (left.pop(0) if left else give(table([11, 20, 30, 40])))(visit)

    return act


@pytest.mark.parametrize(
    "first",
    [
        lambda visit: visit.answer(b"", status=429, Retry_After="0"),
        lambda visit: visit.answer(b"", status=500),
        lambda visit: visit.begin(Content_Length="9999"),
    ],
    ids=["429", "500", "cut off"],
)
def test_a_host_that_recovers_is_read_to_the_end(shop: Shop, first: Act) -> None:
    done = shop.refresh(recovering(first))
    assert (done.updated, done.unchanged, done.refused) == (1, 3, "")


def _slow(visit: Visit) -> None:
    visit.begin(Content_Length="10000")
    for _ in range(10_000):
        visit.wfile.write(b"9")
        time.sleep(0.02)


def _silent(visit: Visit) -> None:
    visit.rfile.read()  # until the other side goes


def _endless(visit: Visit) -> None:
    visit.begin()
    visit.wfile.write(table([1, 2, 3, 4]))
    while True:
        visit.wfile.write(b"9,coat,9,0.png\n" * 100)


def _cut(visit: Visit) -> None:
    body = table([1, 2, 3, 4])
    visit.begin(Content_Length=str(len(body)))
    visit.wfile.write(body[:60])


BAD: dict[str, tuple[Act, str]] = {
    "busy": (lambda visit: visit.answer(b"", status=429, Retry_After="3600"), "answered 429"),
    "broken": (lambda visit: visit.answer(b"", status=500), "answered 500, 2 times"),
    "gone": (lambda visit: visit.answer(b"", status=404), "answered 404"),
    "slow": (_slow, "took too long"),
    "endless": (_endless, "it has more than 20000 bytes"),
    "cut off": (_cut, "broke off after 60 of"),
    "silent": (_silent, "fell silent"),
    "wrong encoding": (
        give("id,title,price,image\n0,caf\xe9 \x81\xff,1,0.png\n".encode("latin-1")),
        "expected text in",
    ),
    "empty": (give(b""), "expected one of"),
    "without products": (give(table([])), "expected products, got none"),
    "a page about an error": (give(b"<html><body>Sorry</body></html>"), "expected a page with"),
    "another shop's": (give(table([1, 2, 3, 4]).replace(b"\n", b"\nx")), "names only 0 of its 4 products"),
    "most of it missing": (give(table([1])), "names only 1 of its 4 products"),
}


@pytest.mark.parametrize("how", BAD)
def test_a_source_that_misbehaves_changes_nothing_and_is_told_in_a_sentence(shop: Shop, how: str) -> None:
    act, reason = BAD[how]
    generation = shop.catalogue.generation()
    done = shop.refresh(act, {"slow": SHORT, "silent": IMPATIENT}.get(how, LIMITS))
    assert done.refused
    assert "\n" not in done.refused
    assert "secret" not in done.refused
    assert re.search(reason, done.refused)
    assert (shop.catalogue.generation(), shop.prices()) == (generation, [10, 20, 30, 40])
    assert (done.updated, done.added, done.retired) == (0, 0, 0)
    assert shop.refresh(give(table([10, 20, 30, 41]))).updated == 1
