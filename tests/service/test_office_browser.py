from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.chromium import NEEDS_CHROMIUM
from tests.service.browsing import DESK, PHONE, open_page, serve
from tests.service.conftest import build_shop, jpeg
from tests.service.office import work
from tests.service.test_accessibility import faults_of
from tests.service.test_sell import Doubter

from meot.service import texts
from meot.wiring import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = NEEDS_CHROMIUM


@pytest.fixture
def doubted(tmp_path: Path) -> Iterator[Shop]:
    shop = build_shop(tmp_path, Doubter())
    yield shop
    shop.close()


def send(page: Page, address: str, folder: Path, *names: str) -> None:
    """Give photos through the page's form."""
    for i, name in enumerate(names):
        (folder / name).write_bytes(jpeg((20 + 40 * i, 34, 62)))
    page.goto(f"{address}/sell")
    page.locator("#chosen").set_input_files([folder / name for name in names])
    page.locator("[data-job]").first.wait_for()


def test_the_queue_by_keyboard(browser: Browser, doubted: Shop, tmp_path: Path) -> None:
    said = {key: sentence["en"] for key, sentence in texts.load().sentences.items()}
    with serve(doubted) as address:
        page, faults = open_page(browser, DESK, "en")
        send(page, address, tmp_path, "A1.jpg", "A2.jpg", "A3.jpg")
        work(doubted)
        page.locator(".table tbody tr").nth(2).wait_for()  # the page sees by itself that the job is done
        with page.expect_navigation():
            page.get_by_role("link", name="Review 3", exact=True).click()
        first = page.url
        assert page.locator(".keys").is_visible()
        page.keyboard.press("j")
        page.wait_for_url(lambda url: url != first)
        page.keyboard.press("k")
        page.wait_for_url(first)
        page.keyboard.press("2")
        assert page.locator("#announce").inner_text() == "Category: Blouse"
        assert page.locator("input[name=category][value=blouse]").is_checked()
        page.keyboard.press("1")  # the next field that is open
        assert page.locator("#announce").inner_text().startswith("Colour: ")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: url != first)
        assert said["sell.place"].format(number=1, count=2) in page.content()
        page.goto(first)
        assert page.locator("select[name=category]").input_value() == "blouse"
        page.locator("#field-price").fill("39000 KRW")
        page.locator("#field-price").press("j")  # letters in a field are letters
        assert page.locator("#field-price").input_value() == "39000 KRWj"
        assert page.url == first
        assert faults == []


def test_selling_without_script(browser: Browser, doubted: Shop, tmp_path: Path) -> None:
    said = {key: sentence["ko"] for key, sentence in texts.load().sentences.items()}
    with serve(doubted) as address:
        page, _ = open_page(browser, PHONE, "ko", script=False)
        (tmp_path / "A1.jpg").write_bytes(jpeg())
        page.goto(f"{address}/sell")
        page.locator("#chosen").set_input_files(tmp_path / "A1.jpg")
        page.get_by_role("button", name=said["sell.go"]).click()
        work(doubted)
        page.goto(f"{address}/sell/review")
        page.locator("input[name=category][value=blouse]").check()
        page.get_by_role("button", name=said["sell.save_end"]).click()
        page.wait_for_url("**/sell")
        assert "블라우스" in page.content()


@pytest.mark.parametrize(
    ("language", "scheme", "size"), [("en", "light", PHONE), ("ko", "dark", DESK)], ids=["phone", "desk"]
)
def test_no_page_shuts_anybody_out(
    browser: Browser, doubted: Shop, tmp_path: Path, language: str, scheme: str, size: tuple[int, int]
) -> None:
    with serve(doubted) as address:
        page, faults = open_page(browser, size, language, color_scheme=scheme)
        send(page, address, tmp_path, "A1.jpg", "A2.jpg")
        found = faults_of(page)
        work(doubted)
        paths = ["/sell", "/sell/review", "/sell/export?to=google", "/trends?by=colour", "/manage"]
        paths += [f"/manage/{part}" for part in ("sources", "jobs", "models", "taught", "people")]
        for path in paths:
            page.goto(f"{address}{path}")
            found += faults_of(page)
        assert found == []
        assert faults == []
