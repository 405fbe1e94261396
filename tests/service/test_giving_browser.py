from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.builders import NAVY, RED, WHITE
from tests.chromium import CHROMIUM, NEEDS_CHROMIUM
from tests.service.browsing import (
    DESK,
    PHONE,
    decline,
    fits,
    open_page,
    serve,
)
from tests.service.conftest import jpeg
from tests.service.office import work
from tests.service.test_accessibility import faults_of
from tests.service.test_packed import pack

from meot.service import texts
from meot.wiring import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

pytestmark = NEEDS_CHROMIUM
TOUCH = "primaryHoverType=1,availableHoverTypes=1,primaryPointerType=2,availablePointerTypes=2"


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    with serve(shop) as address:
        yield address


def give(page: Page, how: str, *files: tuple[str, str, bytes]) -> None:
    """Drop or paste files (name, type, content) onto the page, as a browser does it."""
    page.evaluate(
        """([how, files]) => {
          const given = new DataTransfer();
          for (const [name, type, data] of files) {
            given.items.add(new File([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))], name, { type }));
          }
          const about = { bubbles: true, cancelable: true };
          document.body.dispatchEvent(how === "drop"
            ? new DragEvent("drop", { ...about, dataTransfer: given })
            : new ClipboardEvent("paste", { ...about, clipboardData: given }));
        }""",
        [how, [(name, kind, base64.b64encode(data).decode()) for name, kind, data in files]],
    )


def send_at(line: CDPSession, bytes_a_second: int) -> None:
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second},
    )


@pytest.mark.parametrize("how", ["drop", "paste"])
def test_several_photos_are_dropped_and_pasted_into_the_closet(browser: Browser, shop: Shop, how: str) -> None:
    with serve(shop) as address:
        page, faults = open_page(browser, DESK, "en")
        page.goto(f"{address}/closet")
        give(page, how, ("a.jpg", "image/jpeg", jpeg(NAVY)), ("b.jpg", "image/jpeg", jpeg(RED)))
        page.locator("[data-job]").wait_for()
        assert "0 of 2" in page.locator("[data-job]").inner_text()
        assert faults == []


def test_a_zip_and_a_table_are_dropped_together(browser: Browser, shop: Shop) -> None:
    with serve(shop) as address:
        page, faults = open_page(browser, DESK, "en")
        page.goto(f"{address}/sell")
        table = ("my.csv", "text/csv", b"product,price\nA12,39000\n")
        give(page, "drop", table)
        assert page.locator("[name=facts]").evaluate("e => e.files[0].name") == "my.csv"
        assert page.locator("[name=facts]").is_visible()  # and is seen to be there
        photos = {"A12/front.jpg": jpeg(), "A12/back.jpg": jpeg(RED), "B7/front.jpg": jpeg(WHITE)}
        give(page, "drop", ("p.zip", "application/zip", pack(photos)))
        page.locator("[data-job]").wait_for()
        work(shop)
        page.goto(f"{address}/sell")
        page.locator(".table tbody tr", has_text="A12").locator("th a").click()
        assert page.locator("#field-price").input_value() == "39000"
        assert page.locator(".draft-photos img").count() == 2
        assert faults == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_zip_is_chosen_on_a_phone(browser: Browser, shop: Shop, tmp_path: Path, *, script: bool) -> None:
    (tmp_path / "all.zip").write_bytes(pack({"a.jpg": jpeg(NAVY), "b.jpg": jpeg(WHITE)}))
    with serve(shop) as address:
        page, faults = open_page(browser, PHONE, "ko", script=script)
        page.goto(f"{address}/closet")
        page.locator("#packed").set_input_files(tmp_path / "all.zip")
        if not script:
            page.locator(".photo-go").click()
        page.locator("[data-job]").wait_for()
        assert fits(page)
        found = faults_of(page) if script else []
        work(shop)
        page.locator(".closet-cards .card").first.wait_for()
        assert page.locator(".closet-cards .card").count() == 2
        assert (found, faults) == ([], [])


def test_a_phone_tells_how_much_was_sent_and_read(browser: Browser, shop: Shop, tmp_path: Path) -> None:
    files = [tmp_path / f"{i}.jpg" for i in range(4)]
    for i, file in enumerate(files):
        file.write_bytes(jpeg((40 * i, 30, 60)) + b"\0" * 150_000)
    with serve(shop) as address:
        page, faults = open_page(browser, PHONE, "en")
        page.goto(f"{address}/closet")
        line = page.context.new_cdp_session(page)
        send_at(line, 40_000)
        page.locator("#chosen").set_input_files(files)
        page.locator(".photo-working progress[value]").wait_for()
        assert page.locator(".photo-working").is_visible()
        assert page.locator(".photo-working").inner_text().strip() == "Sending the photos …"
        half = page.locator(".photo-working progress").evaluate("e => e.value / e.max")
        assert 0 < half < 1
        send_at(line, -1)
        page.locator("[data-job] progress").wait_for()
        work(shop)
        page.get_by_text("Added. Photos: 4, garments read from them: 4.").wait_for()
        assert faults == []


def test_what_is_refused_is_told_where_it_was_given(browser: Browser, address: str, tmp_path: Path) -> None:
    said = {key: sentence["en"] for key, sentence in texts.load().sentences.items()}
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "fake.jpg").write_text("hello")
    (tmp_path / "empty.zip").write_bytes(pack({}))
    page, faults = open_page(browser, PHONE, "en")
    page.goto(f"{address}/closet")
    fault = page.locator(".photo-fault")
    page.locator("#chosen").set_input_files(tmp_path / "notes.txt")
    assert fault.inner_text() == said["problem.not_a_photo"]
    page.locator("#chosen").set_input_files(tmp_path / "fake.jpg")
    page.get_by_text("fake.jpg").wait_for()
    assert fault.inner_text() == f"fake.jpg: {said['problem.not_a_photo']}"
    assert page.locator(".photo-working").is_hidden()
    page.locator("#packed").set_input_files(tmp_path / "empty.zip")
    page.get_by_text("empty.zip").wait_for()
    assert faults_of(page) == []
    many = [tmp_path / f"{i}.jpg" for i in range(101)]
    for file in many:
        file.write_bytes(b"x")
    page.locator("#chosen").set_input_files(many)
    assert fault.inner_text() == said["photo.too_many"].format(most=100)
    assert faults == []


def test_the_camera_is_offered_on_a_touch_screen_alone(browser: Browser, shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "shot.jpg").write_bytes(jpeg())
    with serve(shop) as address:
        page, _ = open_page(browser, DESK, "en")
        page.goto(address)
        assert page.get_by_text("Take a photo").is_hidden()
        assert page.locator(".photo-drop").is_visible()
        settings = ["--no-sandbox", f"--blink-settings={TOUCH}"]
        phone = browser.browser_type.launch(executable_path=CHROMIUM, args=settings)
        page, faults = open_page(phone, PHONE, "en")
        page.goto(address)
        assert page.locator(".photo-drop").is_hidden()
        with page.expect_file_chooser() as chooser:
            page.get_by_text("Take a photo").click()
        assert chooser.value.element.get_attribute("capture") == "environment"
        chooser.value.set_files(tmp_path / "shot.jpg")
        page.wait_for_url("**/look/*")
        assert page.locator(".garments a").count() == 1
        page.goto(f"{address}/closet")
        with page.expect_file_chooser() as chooser:
            page.get_by_text("Take a photo").click()
        assert chooser.value.element.get_attribute("capture") == "environment"
        chooser.value.set_files(tmp_path / "shot.jpg")
        page.locator("[data-job]").wait_for()
        assert "0 of 1" in page.locator("[data-job]").inner_text()
        assert fits(page)
        assert (faults_of(page), faults) == ([], [])
        phone.close()


def test_what_cannot_be_undone_is_asked_once_more(browser: Browser, shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg())
    with serve(shop) as address:
        page, _ = open_page(browser, DESK, "en")
        page.goto(f"{address}/closet")
        page.locator("#chosen").set_input_files(tmp_path / "a.jpg")
        page.locator("[data-job]").wait_for()
        work(shop)
        page.goto(f"{address}/closet")
        asked: list[str] = []
        decline(page, asked)
        page.locator(".card-remove button").click()
        assert "cannot be undone" in asked[0]
        assert page.locator(".closet-cards .card").count() == 1
        page.once("dialog", lambda dialog: dialog.accept())
        page.locator(".card-remove button").click()
        page.locator(".nothing").wait_for()
