from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.builders import NAVY, RED, WHITE
from tests.chromium import NEEDS_CHROMIUM
from tests.service.browsing import DESK, PHONE, open_page, serve
from tests.service.conftest import build_shop, jpeg
from tests.service.test_accessibility import faults_of
from tests.service.test_closet import wear, work

from meot.wiring import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = NEEDS_CHROMIUM


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = build_shop(tmp_path)
    wear(shop, tmp_path, "Street look", NAVY, RED)
    yield shop
    shop.close()


def files(folder: Path) -> list[Path]:
    written = []
    for name, upper, lower in (("both", NAVY, RED), ("white", WHITE, None), ("navy", NAVY, None)):
        written.append(folder / f"{name}.jpg")
        written[-1].write_bytes(jpeg(upper, lower, size=(240, 320)))
    return written


@pytest.mark.parametrize(
    ("size", "language", "scheme", "script"),
    [(PHONE, "ko", "light", True), (DESK, "en", "dark", False)],
    ids=["phone", "no script"],
)
def test_from_an_empty_closet_to_a_verdict(
    browser: Browser, shop: Shop, tmp_path: Path, size: tuple[int, int], language: str, scheme: str, script: bool
) -> None:
    both, white, navy = files(tmp_path)
    with serve(shop) as address:
        page, faults = open_page(browser, size, language, script=script, color_scheme=scheme)
        page.goto(f"{address}/closet")
        page.locator("#chosen").set_input_files([white, navy])
        if not script:
            page.locator(".photo-go").click()
        page.locator("[data-job]").wait_for()
        assert page.locator("[data-job] progress").count() == 1
        work(shop)
        page.locator(".closet-cards .card").first.wait_for()  # the page looks again by itself
        assert page.locator(".closet-cards .card").count() == 2
        page.goto(f"{address}/closet/compare")
        page.locator("#chosen").set_input_files(both)
        if not script:
            page.locator(".photo-go").click()
        page.wait_for_url("**/closet/compare/*")
        verdicts = page.locator(".part .verdict")
        assert page.locator(".part-own").count() == 1
        found = faults_of(page) if script else []
        page.locator(".part-own form button").click()
        page.locator(".said button").wait_for()
        assert page.locator(".part-own").count() == 0
        page.locator(".said button").click()
        page.locator(".part-own").wait_for()
        assert verdicts.count() == 2
        for path in ("/closet", "/closet/looks", "/closet/duplicates") if script else ():
            page.goto(f"{address}{path}")
            found += faults_of(page)
        assert (found, faults) == ([], [])
