from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.builders import build_product
from tests.catalogue.sources.fetch import web
from tests.chromium import NEEDS_CHROMIUM
from tests.service.browsing import DESK, PHONE, SIZES, fits, open_page, serve, write
from tests.service.conftest import DETAILS, GUESSED_STYLE, DetailReader, build_shop, jpeg

from meot.service import texts
from meot.service.links import Links
from meot.types import Label
from meot.wiring import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = NEEDS_CHROMIUM
LANGUAGES = pytest.mark.parametrize("language", ["en", "ko"])


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    with serve(shop) as address:
        yield address


@SIZES
@LANGUAGES
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


@SIZES
@LANGUAGES
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


@SIZES
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
    with page.expect_navigation():
        page.locator(".languages a").last.click()
    assert page.locator("html").get_attribute("lang") == "ko"
    assert "garment=2" in page.url


def give(page: Page, how: str, photo: bytes = b"", text: str = "") -> None:
    """Drop or paste onto the page, as a browser does it."""
    page.evaluate(
        """([how, photo, text]) => {
          const given = new DataTransfer();
          const bytes = Uint8Array.from(atob(photo), (sign) => sign.charCodeAt(0));
          if (photo) given.items.add(new File([bytes], "a.jpg", { type: "image/jpeg" }));
          if (text) given.setData(how === "drop" ? "text/uri-list" : "text/plain", text);
          const about = { bubbles: true, cancelable: true };
          document.body.dispatchEvent(how === "drop"
            ? new DragEvent("drop", { ...about, dataTransfer: given })
            : new ClipboardEvent("paste", { ...about, clipboardData: given }));
        }""",
        [how, base64.b64encode(photo).decode(), text],
    )


@pytest.mark.parametrize("how", ["drop", "paste"])
def test_a_photo_can_be_dropped_and_pasted(browser: Browser, address: str, how: str) -> None:
    page, faults = open_page(browser, DESK, "en")
    page.goto(address)
    give(page, how, photo=jpeg())
    page.wait_for_url("**/look/*")
    assert page.locator(".garments a").count() == 1
    assert faults == []


@pytest.mark.parametrize("how", ["drop", "paste", "type"])
def test_a_picture_of_another_page_comes_by_its_link(
    browser: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("meot.service.app.Links", partial(Links, private_hosts=True))
    photo = jpeg()
    with web.serve({"/a.jpg": lambda visit: visit.answer(photo)}) as site, serve(shop) as address:
        page, _ = open_page(browser, PHONE, "en", script=how != "type")
        page.goto(address)
        if how == "type":
            page.get_by_label("Or by a link to a photo or a product").fill(f"{site.address}/a.jpg")
            page.get_by_role("button", name="Fetch it").click()
        else:
            give(page, how, text=f"{site.address}/a.jpg")
        page.wait_for_url("**/look/*")
        assert page.locator(".garments a").count() == 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_more_results_come_below_or_on_their_own_page(browser: Browser, shop: Shop, *, script: bool) -> None:
    for number in range(30):
        shop.catalogue.put_product(build_product(f"more{number}", f"Plain parka {number}"), [])
    with serve(shop) as address:
        page, faults = open_page(browser, PHONE, "en", script=script)
        page.goto(f"{address}/?q=parka")
        assert page.locator(".card").count() == 24
        first = page.locator(".card h3").all_inner_texts()
        page.get_by_role("link", name="Show more").click()
        page.get_by_role("link", name="Show more").wait_for(state="detached")
        shown = page.locator(".card h3").all_inner_texts()
        assert len({*first, *shown}) == 30
        assert len(shown) == (30 if script else 6)
        assert page.get_by_role("link", name="Back to the first").count() == (0 if script else 1)
        assert faults == []


def test_light_and_dark_follow_the_device_until_one_is_chosen(browser: Browser, address: str) -> None:
    def paper(page: Page) -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page, _ = open_page(browser, DESK, "en", color_scheme="dark")
    page.goto(address)
    dark = paper(page)
    with page.expect_navigation():
        page.get_by_role("link", name="Light", exact=True).click()
    assert paper(page) != dark
    page.goto(f"{address}/?q=shirt")
    assert paper(page) != dark
    with page.expect_navigation():
        page.get_by_role("link", name="Dark", exact=True).click()
    assert paper(page) == dark


@SIZES
@LANGUAGES
def test_what_leads_to_a_section_is_large_enough_for_a_thumb(
    browser: Browser, address: str, size: tuple[int, int], language: str
) -> None:
    page, _ = open_page(browser, size, language)
    page.goto(address)
    small = """() => [...document.querySelectorAll("header a, .foot a, main button, main .button, main .quick a")]
      .filter((link) => link.offsetParent && link.getBoundingClientRect().height < 44).map((link) => link.outerHTML)"""
    assert page.evaluate(small) == []
    page.goto(f"{address}/?q=shirt&max_price=50000")
    assert page.locator(".taken a").count() == 2
    if size == PHONE:
        assert page.evaluate(small.replace("header a,", "header a, .card-ways a, .taken a, .nearby a, summary,")) == []


def test_prices_of_before_can_be_seen(browser: Browser, shop: Shop) -> None:
    told = shop.catalogue.product(1)
    for price in (45000.0, 30000.0):
        shop.catalogue.put_product(replace(told, price=price), [])
    with serve(shop) as address:
        page, _ = open_page(browser, DESK, "en")
        page.goto(f"{address}/product/1")
        line = page.locator(".price-line").first
        assert line.evaluate("e => getComputedStyle(e).stroke") not in ("none", "rgba(0, 0, 0, 0)")
        assert line.evaluate("e => getComputedStyle(e).fill") == "none"
