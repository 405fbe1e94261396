from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.service.browsing import DESK, NEEDS_CHROMIUM, PHONE, fits, open_page, serve, serve_app, start_browser, write
from tests.service.conftest import DetailReader, build_shop

from meot.service import create_app
from meot.service.web.sections import sections_of
from meot.settings import Settings
from meot.wiring import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = NEEDS_CHROMIUM
PAGES = ("/", "/?q=shirt", "/?q=spaceship", "/?q=shirt&colour=navy", "/product/1", "/nowhere", "/account")
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with start_browser() as browser:
        yield browser


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_way_in_shuts_nobody_out(browser: Browser, shop: Shop, scheme: str) -> None:
    with serve(shop, accounts=True, signup=True) as address:
        page, _ = open_page(browser, DESK, "ko", color_scheme=scheme)
        found: list[str] = []
        for path in ("/", "/signin", "/signup", "/reset/unknown"):
            page.goto(f"{address}{path}")
            found += faults_of(page)
        assert found == []


def test_the_check_sees_what_is_wrong(browser: Browser, shop: Shop) -> None:
    with serve(shop) as address:
        page, _ = open_page(browser, DESK, "en")
        page.goto(address)
        page.evaluate("document.querySelector('#words').previousElementSibling.remove()")
        page.evaluate("document.querySelector('#words').removeAttribute('placeholder')")
        assert any("label" in fault for fault in faults_of(page))
