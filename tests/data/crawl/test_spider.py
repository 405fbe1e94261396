"""What the spider asks for next, page by page, without asking for anything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("scrapy")

from scrapy import Request
from scrapy.http import HtmlResponse, Response
from tests.data.crawl.scenes import photo

from meot.data.crawl.collection import Collection
from meot.data.crawl.plan import Plan
from meot.data.crawl.spider import PhotoSpider
from meot.data.crawl.trail import Trail

SHOP = "http://shop.example"


class Walk:
    """A spider over pages that are handed to it. said: its events."""

    def __init__(self, folder: Path, **options: Any) -> None:
        given: dict[str, Any] = {"follow": "", "depth": 99, "name": "knit"} | options
        plan = Plan(addresses=(f"{SHOP}/0",), folder=folder, **given)
        self.said: list[dict[str, Any]] = []
        self.spider = PhotoSpider(
            plan=plan,
            collection=Collection(plan=plan),
            trail=Trail(file=folder / "trail.jsonl"),
            say=self.said.append,
        )

    async def begin(self) -> list[Request]:
        """The first requests."""
        return [request async for request in self.spider.start()]

    def read(self, html: str, request: Request, url: str = "") -> list[Request]:
        """The requests after a page."""
        answer = HtmlResponse(url or request.url, body=html.encode(), encoding="utf-8")
        return list(self.spider.read(answer, **request.cb_kwargs))


def first(walk: Walk) -> Request:
    [request] = asyncio.run(walk.begin())
    return request


def follow(walk: Walk) -> Iterator[str]:
    """The addresses of pages that each link to two more, without an end."""
    left = [first(walk)]
    while left:
        request = left.pop(0)
        yield request.url
        left += walk.read(f"<a href={request.url}1>a</a><a href={request.url}2>b</a>", request)


def test_links_without_an_end_come_to_one(tmp_path: Path) -> None:
    assert len(list(follow(Walk(tmp_path / "a", pages=7)))) == 7
    assert len(list(follow(Walk(tmp_path / "b", depth=2)))) == 1 + 2 + 4
    assert len(list(follow(Walk(tmp_path / "c", follow="/01*$", depth=3)))) == 1 + 3
    assert len(list(follow(Walk(tmp_path / "d", follow=None)))) == 1


def test_pictures_come_first_and_once(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    html = "<img src=/a.jpg><img src=/a.jpg><img src=/b.jpg><a href=/1>1</a><a href=http://other.example/>o</a>"
    requests = walk.read(html, first(walk))
    assert [request.url for request in requests] == [f"{SHOP}/a.jpg", f"{SHOP}/b.jpg", f"{SHOP}/1"]
    assert requests[0].priority > requests[2].priority
    assert walk.read(html, requests[2]) == []


def test_a_followed_page_that_leads_elsewhere_is_left(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    [link] = walk.read("<a href=/1>1</a>", first(walk), url="http://www.shop.example/0")
    assert link.url == "http://www.shop.example/1"
    assert walk.read("<img src=/a.jpg>", link, url="http://other.example/") == []
    assert walk.said[-1]["reason"] == "leads to another host, other.example"


def test_a_page_that_trips_the_reader_is_a_failure_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def trip(*_: object, **__: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("meot.data.crawl.spider.read_page", trip)
    walk = Walk(tmp_path)
    assert walk.read("<p>", first(walk)) == []
    assert walk.said == [
        {"outcome": "failed", "address": f"{SHOP}/0", "reason": "the page cannot be read (too deep)", "photos": 0}
    ]


def test_what_was_looked_at_is_not_asked_for_again(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    [request] = walk.read("<img src=/a.jpg>", first(walk))
    walk.spider.keep(Response(request.url, body=photo(1)), **request.cb_kwargs)
    assert walk.said[-1]["outcome"] == "taken"
    (tmp_path / "trail.jsonl").unlink()
    later = Walk(tmp_path)
    assert later.read("<img src=/a.jpg>", first(later)) == []
