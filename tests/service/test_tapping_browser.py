from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.builders import ColourReader
from tests.chromium import NEEDS_CHROMIUM
from tests.service.browsing import PHONE, open_page, serve, write
from tests.service.conftest import build_shop

from meot.catalogue.people import People
from meot.types import Box, Look, Photo
from meot.wiring import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = NEEDS_CHROMIUM
_SMALLEST = 44
_SMALL_WAYS = f"""() => [...document.querySelectorAll("nav a, .tabs a, .card-ways a, .panel-narrow p > a, button")]
  .map((way) => [way.textContent.trim(), way.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.width < {_SMALLEST} || box.height < {_SMALLEST}))
  .map(([text, box]) => `${{text}}: ${{Math.round(box.width)}}x${{Math.round(box.height)}}`)"""
_TAPPED = """() => {
  const photo = document.querySelector(".outlined");
  photo.scrollIntoView({ block: "center" });
  return [...photo.querySelectorAll("text")].map((number) => {
    const box = number.getBoundingClientRect();
    const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return [number.textContent, new URL(at.closest("a").href.baseVal, location).searchParams.get("garment")];
  });
}"""


class Covered(ColourReader):
    """Sees a garment under which another one lies, number and all, as trousers under a coat."""

    def read(self, photo: Photo) -> Look:
        found = super().read(photo)
        boxes = (Box(20, 20, 220, 300), Box(10, 10, 230, 310))
        return replace(
            found, garments=tuple(replace(each, box=box) for each, box in zip(found.garments, boxes, strict=True))
        )


def sign_in(page: Page, address: str, shop: Shop, role: str) -> None:
    People(database=shop.catalogue.database).add("mina", "a fine password", role=role)
    page.goto(f"{address}/signin?to=/account")
    page.locator("[name=name]").fill("mina")
    page.locator("[name=password]").fill("a fine password")
    page.locator("main button").click()
    page.wait_for_url("**/account")


def test_every_garments_number_leads_to_it(browser: Browser, tmp_path: Path) -> None:
    shop = build_shop(tmp_path, Covered())
    with serve(shop) as address:
        page, faults = open_page(browser, PHONE, "en")
        page.goto(address)
        page.locator("#chosen").set_input_files(write(tmp_path))
        page.wait_for_url("**/look/*")
        assert page.evaluate(_TAPPED) == [["1", "1"], ["2", "2"]]
        page.locator(".outline-number").last.click()
        page.wait_for_url("**garment=2*")
        assert page.locator(".outline-number[aria-current]").text_content() == "2"
        assert faults == []
    shop.close()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_thumb_hits_every_way(browser: Browser, shop: Shop, language: str) -> None:
    with serve(shop, accounts=True, signup=True) as address:
        page, _ = open_page(browser, PHONE, language)
        small = []
        for path in ("/", "/?q=shirt", "/signin", "/signup"):
            page.goto(f"{address}{path}")
            small += page.evaluate(_SMALL_WAYS)
        sign_in(page, address, shop, "admin")
        for path in ("/closet", "/sell", "/trends", "/manage", "/account"):
            page.goto(f"{address}{path}")
            small += page.evaluate(_SMALL_WAYS)
        assert small == []


@pytest.mark.parametrize("path", ["/closet", "/sell"])
def test_photos_sent_after_the_visit_ended_lead_to_the_sign_in(
    browser: Browser, shop: Shop, tmp_path: Path, path: str
) -> None:
    with serve(shop, accounts=True) as address:
        page, _ = open_page(browser, PHONE, "en")
        sign_in(page, address, shop, "seller")
        page.goto(f"{address}{path}")
        page.context.clear_cookies()
        page.locator("#chosen").set_input_files(write(tmp_path))
        page.wait_for_url("**/signin?to=*")
        assert page.locator("[name=to]").get_attribute("value") == path
