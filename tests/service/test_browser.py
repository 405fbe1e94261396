from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from tests.builders import NAVY, RED
from tests.service.conftest import DETAILS, GUESSED_STYLE, DetailReader, build_shop, jpeg

from meot.cli.serve import address_of, listen
from meot.service import create_app, texts
from meot.settings import Settings
from meot.types import Label
from meot.wiring import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(
    (
        found
        for name in ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium at /usr/bin/chromium or on PATH"),
]
PHONE, DESK = (390, 844), (1280, 900)
LOCALES = {"en": "en-GB", "ko": "ko-KR"}


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    with serve(shop) as address:
        yield address


@contextmanager
def serve(shop: Shop) -> Iterator[str]:
    with listen("127.0.0.1", 0) as listener:
        config = uvicorn.Config(create_app(shop, Settings(max_upload_mb=1)), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield address_of(listener)
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def open_page(browser: Browser, size: tuple[int, int], language: str, *, script: bool = True) -> tuple[Page, list[str]]:
    """A page, and the list into which it will write what goes wrong on it."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=LOCALES[language],
        has_touch=size == PHONE,
        java_script_enabled=script,
    )
    page, faults = context.new_page(), list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    return page, faults


def fits(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def write(folder: Path) -> Path:
    path = folder / "street.jpg"
    path.write_bytes(jpeg(NAVY, RED, size=(240, 320)))
    return path


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_upload_tap_and_words(
    browser: Browser, address: str, tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    said = {key: sentence[language] for key, sentence in texts.load().sentences.items()}
    page, faults = open_page(browser, size, language)
    page.goto(address)
    assert fits(page)
    page.get_by_label(said["photo.choose"]).set_input_files(write(tmp_path))
    page.wait_for_url("**/look/*")
    assert fits(page)
    assert page.locator(".card").count() == 5
    page.locator(".outlined a").last.focus()
    second = page.locator(".outlined a").nth(1)
    assert second.get_attribute("aria-label") in ("Jeans, red, 90 %", "청바지, 빨강, 90%")
    second.focus()
    page.keyboard.press("Enter")  # as a keyboard does; the next line taps
    page.get_by_text(said["results.none"], exact=True).first.wait_for()
    assert "garment=2" in page.url
    assert said["results.none"] in page.locator("#announce").inner_text()
    page.locator(".garments a").first.click()
    page.locator(".card").first.wait_for()
    page.go_back()
    page.locator(".nothing").wait_for()
    page.reload()
    assert page.locator(".nothing").count() == 1
    page.get_by_role("searchbox").fill("oxford")
    page.get_by_role("button", name=said["find.words_go"], exact=True).click()
    page.wait_for_url("**/?q=oxford")
    assert page.locator(".card").count() == 1
    assert fits(page)
    page.get_by_role("link", name="Navy oxford shirt", exact=True).click()
    page.wait_for_url("**/product/*")
    assert fits(page)
    assert faults == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_details_and_style_fit_and_a_guess_looks_like_one(
    browser: Browser, tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    long = {
        "neckline": Label("off_shoulder_or_strap", 0.8, False),
        "own": Label("a_name_taught_with_no_end_" * 4, 0.9, True),
    }
    shop = build_shop(tmp_path, DetailReader(style=GUESSED_STYLE, group=None, details={**DETAILS, **long}))
    with serve(shop) as address:
        page, faults = open_page(browser, size, language)
        page.goto(address)
        page.locator("#chosen").set_input_files(write(tmp_path))
        page.wait_for_url("**/look/*")
        assert fits(page)
        chips = page.locator(".garments .chip")
        looks = [chip.evaluate("e => [e.className, getComputedStyle(e).borderTopStyle]") for chip in chips.all()]
        assert looks == [
            ["chip", "none"],
            ["chip guess", "dashed"],
            ["chip guess", "dashed"],
            ["chip", "none"],
            ["chip", "none"],
        ]
        assert page.locator(".garments .guess-mark").first.inner_text() == "?"
        assert page.locator(".style-name").inner_text().endswith(texts.load().say(language, "style.unsure"))
        assert faults == []
    shop.close()


def test_the_first_tab_stop_leads_past_the_head(browser: Browser, address: str) -> None:
    page, _ = open_page(browser, DESK, "en")
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_a_bad_file_is_refused_before_it_is_sent(browser: Browser, address: str, tmp_path: Path) -> None:
    page, _ = open_page(browser, PHONE, "en")
    page.goto(address)
    large = tmp_path / "large.jpg"
    large.write_bytes(jpeg() + b"\0" * 1_100_000)
    page.locator("#chosen").set_input_files(large)
    assert "larger than 1 MB" in page.locator(".photo-fault").inner_text()
    assert page.url == f"{address}/"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_all_of_it_works_without_script(browser: Browser, address: str, tmp_path: Path, size: tuple[int, int]) -> None:
    page, _ = open_page(browser, size, "en", script=False)
    page.goto(address)
    assert fits(page)
    page.locator("#chosen").set_input_files(write(tmp_path))
    page.get_by_role("button", name="Find its clothes").click()
    page.wait_for_url("**/look/*")
    page.locator(".garments a").nth(1).click()
    page.wait_for_url("**garment=2**")
    assert page.locator(".nothing").count() == 1
    page.locator(".languages a").last.click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == "ko"
    assert "garment=2" in page.url
