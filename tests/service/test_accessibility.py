from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.chromium import NEEDS_CHROMIUM
from tests.service.browsing import DESK, PHONE, fits, open_page, serve, serve_app, write
from tests.service.conftest import DetailReader, build_shop

from meot.catalogue.people import People
from meot.service import create_app
from meot.service.web.sections import sections_of
from meot.settings import Settings
from meot.wiring import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = NEEDS_CHROMIUM
PAGES = ("/", "/?q=shirt", "/?q=spaceship", "/?q=shirt&colour=navy", "/product/1", "/nowhere", "/account")
ERRORS = ("/nowhere", "/look/gone", "/product/999", "/?min_price=9&max_price=2", "/closet/photos/9")
CLOSET = ("", "/compare", "/looks", "/duplicates")
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A service for the person at the machine, who may see all: its address, and the paths of its pages."""
    shop = build_shop(tmp_path_factory.mktemp("shop"), DetailReader())
    for price, seller in ((41000.0, "Atelier"), (35000.0, "Atelier"), (34000.0, "")):
        shop.catalogue.put_product(replace(shop.catalogue.product(1), price=price, seller=seller), [])
    app = create_app(shop, Settings(max_upload_mb=1))
    with serve_app(app) as address:
        yield address, tuple(dict.fromkeys((*PAGES, *(section.path for section in sections_of(app)))))
    shop.close()


def faults_of(page: Page) -> list[str]:
    """What axe calls serious or critical on a page, each with its first place; and whether it sticks out sideways."""
    axe: Any = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    found = axe.Axe().run(page).response["violations"]
    grave = [f"{page.url} {v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in GRAVE]
    return grave if fits(page) else [*grave, f"{page.url} sticks out"]


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [("en", "light", PHONE), ("en", "dark", DESK), ("ko", "light", DESK), ("ko", "dark", PHONE)],
)
def test_no_page_shuts_anybody_out(
    browser: Browser,
    service: tuple[str, tuple[str, ...]],
    tmp_path: Path,
    language: str,
    scheme: str,
    size: tuple[int, int],
) -> None:
    address, paths = service
    page, faults = open_page(browser, size, language, color_scheme=scheme)
    found: list[str] = []
    for path in paths:
        page.goto(f"{address}{path}")
        found += faults_of(page)
    page.goto(address)
    page.locator("#chosen").set_input_files(write(tmp_path))
    page.wait_for_url("**/look/*")
    assert page.locator("html").get_attribute("lang") == language
    assert found + faults_of(page) == []
    assert faults == []


@pytest.mark.parametrize(
    ("language", "scheme", "size"), [("ko", "light", PHONE), ("ko", "dark", DESK), ("en", "light", DESK)]
)
def test_the_way_in_shuts_nobody_out(
    browser: Browser, shop: Shop, language: str, scheme: str, size: tuple[int, int]
) -> None:
    people = People(database=shop.catalogue.database)
    mina = people.add("mina", "a fine password")
    with serve(shop, accounts=True, signup=True) as address:
        page, faults = open_page(browser, size, language, color_scheme=scheme)
        found: list[str] = []

        def look(path: str = "") -> None:
            if path:
                page.goto(f"{address}{path}")
            found.extend(faults_of(page))

        for path in ("/", "/signup", "/reset/unknown", "/closet", *ERRORS):
            look(path)
        page.goto(f"{address}/reset/{people.issue(mina, 'reset', lasts_s=3600)}")
        look()
        page.goto(f"{address}/signin?to=/account")
        look()
        for password in ("a wrong password", "a fine password"):
            page.locator("[name=name]").fill("mina")
            page.locator("[name=password]").fill(password)
            with page.expect_navigation():
                page.locator("main button").click()
            look()
        assert page.url == f"{address}/account"
        page.locator("[name=name]").fill("my shop")
        page.locator("form[action='/account/tokens'] button").click()
        page.locator(".secret").wait_for()
        look()
        for path in ("/account", "/sell", "/manage", *(f"/closet{part}" for part in CLOSET)):
            look(path)
        assert found == []
        assert faults == []


def focused(page: Page) -> dict[str, Any]:
    """Where the focus is: its name, whether it can be seen, whether a ring is drawn around it, and its place."""
    return dict(
        page.evaluate(
            """() => {
              const at = document.activeElement, box = at.getBoundingClientRect();
              const ringed = [at, at.closest(".way")?.querySelector(".button"), at.closest(".choice-chip")];
              const ring = ringed.some((part) => part && getComputedStyle(part).outlineStyle !== "none");
              return { name: at.id || at.getAttribute("href") || at.name || at.tagName, ring,
                seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
                tag: at.tagName, top: Math.round(box.top + scrollY) };
            }"""
        )
    )


@pytest.mark.parametrize("path", ["/", "/?q=shirt", "/product/1", "/closet", "/sell", "/manage/sources", "/account"])
def test_a_keyboard_alone_goes_through_every_page(
    browser: Browser, service: tuple[str, tuple[str, ...]], path: str
) -> None:
    page, _ = open_page(browser, DESK, "en", reduced_motion="reduce")  # the focus is where the page is at once
    page.goto(f"{service[0]}{path}")
    walked: list[dict[str, Any]] = []
    for _ in range(150):
        page.keyboard.press("Tab")
        at = focused(page)
        if at["tag"] == "BODY":
            break
        walked.append(at)
    names = [at["name"] for at in walked]
    assert names[:2] == ["#content", "/"]  # past the head first, then the head
    assert names[-1] == "/api/v1/docs"
    assert [at for at in walked if not at["ring"] or not at["seen"]] == []
    page.goto(f"{service[0]}{path}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_check_sees_what_is_wrong(browser: Browser, shop: Shop) -> None:
    with serve(shop) as address:
        page, _ = open_page(browser, DESK, "en")
        page.goto(address)
        page.evaluate("document.querySelector('#words').previousElementSibling.remove()")
        page.evaluate("document.querySelector('#words').removeAttribute('placeholder')")
        assert any("label" in fault for fault in faults_of(page))
