"""Pages in Korean, as a browser shows them, hold no English but names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from tests.builders import NAVY, RED
from tests.chromium import NEEDS_CHROMIUM
from tests.service.browsing import DESK, open_page, serve, serve_app
from tests.service.conftest import DetailReader, build_shop, jpeg
from tests.service.office import work
from tests.service.test_closet import wear
from tests.service.test_manage import lesson
from tests.service.test_parity import pages

from meot.catalogue.feeds import Feeds
from meot.catalogue.jobs import Jobs
from meot.catalogue.people import People
from meot.models import store
from meot.models.card import read_card
from meot.service import create_app
from meot.settings import Settings
from meot.wiring import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = NEEDS_CHROMIUM
SAID = """() => {
  const said = [document.title];
  const other = "[lang=en], code, script, style, noscript";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (!walk.currentNode.parentElement.closest(other)) said.push(walk.currentNode.data);
  for (const name of ["aria-label", "title", "placeholder", "alt", "data-ask", "data-said"])
    for (const each of document.querySelectorAll(`[${name}]`))
      if (!each.closest("[lang=en]")) said.push(each.getAttribute(name).replace(/{\\w+}/g, ""));
  return said.join(" \\n ");
}"""
"""All that a page says: text, shown or not, and what stands in attributes for those who hear it."""
WAYS = "[...document.querySelectorAll('a[href]')].map((a) => new URL(a.getAttribute('href'), document.baseURI).href)"
LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*[A-Za-z]")
ADDRESS = re.compile(
    r"https?://\S*|/api/\S*|\b[\w./-]+\.(?:jpg|png|csv|example|test)(?![A-Za-z])(?:/\S*)?|MEOT_\w+=\w+"
)
CARDS = {word for file in store.bundled().glob("*.json") for word in LATIN.findall(read_card(file).name)}
NAMES = CARDS | {
    *("meot", "me", "English"),  # the product, the only person of a machine, the other language's own name
    *("BMP", "GIF", "JPEG", "PNG", "TIFF", "WebP", "ZIP", "CSV", "TSV", "XML", "JSON", "JSON-LD", "MB", "KB"),
    *("Google", "Shopify", "Enter", "leafCategoryId", "Apache"),
    *("test", "nvy", "shape", "soon", "sell"),  # where the products are from, and what is asked below
    *("API", "RFC", "Accept-Language", "Authorization", "Bearer", "ETag", "Idempotency-Key", "If-None-Match"),
    *("Retry-After", "after", "next", "null", "openapi.json", "openapi", "json", "title", "type"),
}
Form = dict[str, str | float | bool]
KOREAN = {"Accept-Language": "ko"}
WRONG = (
    *("/nowhere", "/look/gone", "/product/999", "/?min_price=9&max_price=2", "/?colour=nvy&q=x", "/?q=..."),
    *("/?after=x", "/trends?by=shape", "/trends?since=soon", "/sell/drafts/999", "/closet/photos/9"),
    "/sell/export?to=shopify",
)
FORMS: tuple[tuple[str, Form], ...] = (
    ("/manage/people/1/role", {"role": "shopper"}),
    ("/manage/people/999/role", {"role": "shopper"}),
    ("/manage/jobs", {"kind": "sell"}),
    ("/manage/jobs", {"kind": "refresh", "source": "없는 출처"}),
    ("/account/delete", {}),
    ("/look", {}),
    ("/look/link", {"url": "ftp://x"}),
    ("/closet/photos", {}),
    ("/closet/compare", {}),
    ("/sell/photos", {}),
)
NO_PAGES = {
    *("/look/{key}/photo", "/photo/{number}", "/closet/garments/{key}", "/closet/looks/{sha256}"),  # pictures
    *("/sell/drafts/{key}/photo/{place}", "/sell/export/file", "/healthz", "/readyz", "/metrics"),
    *("/language/{code}", "/scheme/{code}"),
}
WITH_ACCOUNTS = {"/signin", "/signup", "/reset/{secret}"}


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop whose own words are all Korean."""
    folder = tmp_path_factory.mktemp("shop")
    shop = build_shop(folder, DetailReader())
    for number in range(1, 6):
        named = replace(shop.catalogue.product(number), title=f"상품 {number}", seller="가게", keyword="옷")
        shop.catalogue.put_product(named, [photo for photo in (folder / f"{number}.png",) if photo.is_file()])
    (folder / "표.csv").write_text("id,title,price,image\n1,셔츠,10000,1.png\n", "utf-8")
    Feeds(database=shop.catalogue.database).note(folder / "표.csv", name="표")
    shop.catalogue.teach(lesson("한복"))
    wear(shop, folder, "차림", NAVY, RED)
    jobs = Jobs(database=shop.catalogue.database)
    for source in ("없는 출처", "표"):
        jobs.add("refresh", {"sources": [source]})
    yield shop
    shop.close()


def english_of(page: Page) -> set[str]:
    """The words of a page that are neither Korean nor names."""
    return set(LATIN.findall(ADDRESS.sub(" ", page.evaluate(SAID)))) - NAMES


def send(page: Page, to: str, photo: bytes, name: str) -> str:
    """Send a photo as a form does; where it leads."""
    answer = page.request.post(to, multipart={"photo": {"name": name, "mimeType": "image/jpeg", "buffer": photo}})
    assert answer.ok, answer.text()
    return answer.url


class Walk:
    """Goes to pages and wherever they lead, to each kind of address once, and notes what is English there."""

    def __init__(self, page: Page, address: str, app: FastAPI) -> None:
        self._page, self._address = page, address
        shown = {path for way, path in (each.split(" ") for each in pages(app)) if way == "GET"}
        self._kinds = {path: re.compile(re.sub(r"{\w+}", "[^/]+", path)) for path in sorted(shown, key=_holes)}
        self._seen: Counter[tuple[str, ...]] = Counter()
        self.found: dict[str, set[str]] = {}

    def go(self, *links: str) -> None:
        """To pages, and on from there."""
        waiting = list(links)
        while waiting:
            link = waiting.pop(0).split("#")[0]
            parts = urlsplit(link)
            path = next((kind for kind, known in self._kinds.items() if known.fullmatch(parts.path or "/")), parts.path)
            kind = (path, *sorted(re.findall(r"(?:^|&)(\w+)=", parts.query)))
            if not link.startswith(self._address) or self._seen[kind] or path in NO_PAGES:
                continue
            self._seen[kind] += 1
            if self._page.request.get(link).headers.get("content-type", "").startswith("text/html"):
                self._page.goto(link, wait_until="domcontentloaded")
                self.note(link)
                waiting += self._page.evaluate(WAYS)

    def note(self, where: str) -> None:
        """The English of the page as it stands there."""
        if words := english_of(self._page):
            self.found[where.removeprefix(self._address)] = words

    def left(self) -> set[str]:
        """Kinds of pages that nothing led to."""
        return set(self._kinds) - {kind for kind, *_ in self._seen} - NO_PAGES


def _holes(path: str) -> tuple[int, str]:
    return path.count("{"), path


def test_no_page_in_korean_says_anything_in_english(browser: Browser, shop: Shop) -> None:
    app = create_app(shop, Settings(max_upload_mb=1))
    with serve_app(app) as address:
        page, faults = open_page(browser, DESK, "ko")
        walk = Walk(page, address, app)
        page.goto(address)
        made = [send(page, f"{address}/{to}", jpeg(NAVY, RED), "사진.jpg") for to in ("look", "closet/compare")]
        for colour, name in ((NAVY, "남색.jpg"), (RED, "빨강.jpg")):
            for to in ("closet", "sell"):
                send(page, f"{address}/{to}/photos", jpeg(colour), name)
        walk.go(f"{address}/manage/jobs")
        work(shop)
        walk.go(address, f"{address}/sell/review", *(f"{address}{wrong}" for wrong in WRONG), *made)
        assert faults == []
        for to, form in FORMS:
            page.set_content(page.request.post(f"{address}{to}", form=form, headers=KOREAN).text())
            walk.note(f"{to} {form}")
    assert walk.found == {}
    assert walk.left() == WITH_ACCOUNTS


def test_the_way_in_is_korean_too(browser: Browser, shop: Shop) -> None:
    people = People(database=shop.catalogue.database)
    mina = people.add("미나", "a fine password", role="admin")
    with serve(shop, accounts=True) as address:
        page, _ = open_page(browser, DESK, "ko")
        for path in ("/", "/signin", "/signup", f"/reset/{people.issue(mina, 'reset', lasts_s=60)}"):
            page.goto(f"{address}{path}")
            assert english_of(page) == set(), path
        said: Form = {"name": "미나", "password": "short"}
        for to in ("/signin", "/signup", "/reset/unknown"):
            page.set_content(page.request.post(f"{address}{to}", form=said, headers=KOREAN).text())
            assert english_of(page) == set(), to
        page.goto(f"{address}/signin?to=/account")
        page.locator("[name=name]").fill("미나")
        page.locator("[name=password]").fill("a fine password")
        page.locator("main button").click()
        page.wait_for_url("**/account")
        page.locator("[name=name]").fill("내 가게")
        page.locator("form[action='/account/tokens'] button").click()
        page.locator(".secret").wait_for()
        assert english_of(page) == set()


def test_the_walk_sees_what_is_english(browser: Browser) -> None:
    page, _ = open_page(browser, DESK, "ko")
    page.set_content('<p>셔츠 Shirt</p><p lang="en">Coat</p><img alt="a hat"><code>meot</code>')
    assert english_of(page) == {"Shirt", "hat"}
