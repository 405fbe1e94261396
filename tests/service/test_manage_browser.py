from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.chromium import NEEDS_CHROMIUM
from tests.service.browsing import DESK, PHONE, SIZES, decline, fits, open_page, serve
from tests.service.conftest import jpeg
from tests.service.office import client_of, send, work
from tests.service.test_accessibility import faults_of
from tests.service.test_manage import add_source, lesson

from meot.catalogue.people import People
from meot.labels.lessons import Lesson
from meot.service.manage.overview import Overview
from meot.wiring import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = NEEDS_CHROMIUM


def state_of(page: Page) -> str:
    return str(page.locator("tr[data-job]").first.get_attribute("data-state"))


@SIZES
def test_jobs_are_asked_for_cancelled_and_tried_again(
    browser: Browser, shop: Shop, tmp_path: Path, size: tuple[int, int]
) -> None:
    add_source(shop, tmp_path)
    with serve(shop) as address:
        page, faults = open_page(browser, size, "en")
        page.goto(f"{address}/manage/sources")
        page.get_by_role("button", name="Refresh: feed").click()
        page.wait_for_url("**/manage/jobs")
        assert fits(page)
        assert state_of(page) == "waiting"
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Try again").wait_for()
        assert state_of(page) == "cancelled"
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("button", name="Cancel").wait_for()
        work(shop)
        page.get_by_text("1 new, 0 changed").wait_for()  # the page sees by itself that it is done
        assert state_of(page) == "done"
        page.goto(f"{address}/manage")
        with page.expect_navigation(url="**/manage/jobs"):
            page.get_by_role("button", name="Tidy up").click()
        assert "Tidying the index" in page.locator("tr[data-job]").first.inner_text()
        assert faults_of(page) == []
        assert faults == []


def test_a_lesson_is_taken_back_after_it_was_asked(
    browser: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def undo(self: Overview) -> Lesson:  # reading photos anew needs the real models
        return self.catalogue.undo_lesson()

    monkeypatch.setattr(Overview, "undo_lesson", undo)
    shop.catalogue.teach(lesson("hanbok"))
    corrected = lesson("t_shirt")
    other = replace(corrected.examples[0], sha256="b" * 64, photo="b.jpg")
    shop.catalogue.teach(replace(corrected, names={}, examples=(other,)))
    with serve(shop) as address:
        page, faults = open_page(browser, PHONE, "ko")
        page.goto(f"{address}/manage/taught")
        assert page.locator("tbody th").all_inner_texts() == ["티셔츠", "hanbok"]  # an id is said in words
        asked: list[str] = []
        decline(page, asked)
        page.get_by_role("button", name="되돌리기: 티셔츠").click()
        assert "티셔츠" in asked[0]
        assert page.locator("tbody tr").count() == 2
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="되돌리기: 티셔츠").click()
        page.get_by_role("button", name="되돌리기: hanbok").click()
        page.locator(".nothing").wait_for()
        assert faults == []


def test_models_tell_what_they_are_and_what_was_measured(browser: Browser, shop: Shop) -> None:
    with serve(shop) as address:
        page, faults = open_page(browser, DESK, "en")
        page.goto(f"{address}/manage")
        page.get_by_role("link", name="All models and their cards").click()
        card = page.locator(".model-card", has=page.get_by_role("heading", name="Finding clothes"))
        assert card.locator(".chip").first.inner_text().startswith("parser-s")
        figures = card.locator("details dl")
        assert figures.is_hidden()
        card.locator("summary").click()
        assert figures.is_visible()
        assert figures.locator("dd").count() > 0
        assert faults == []


def test_corrections_and_roles_are_seen_and_changed(browser: Browser, shop: Shop) -> None:
    seller = client_of(shop, "mina")
    send(seller, {"A1.jpg": jpeg()})
    work(shop)
    [draft] = seller.get("/api/v1/drafts").json()["drafts"]
    seller.patch(f"/api/v1/drafts/{draft['number']}", json={"fields": {"material": "wool"}})
    with serve(shop) as address:
        page, faults = open_page(browser, DESK, "en")
        page.goto(f"{address}/manage")
        assert page.locator("#corrections .facts").inner_text().split() == ["Material", "1"]
        page.goto(f"{address}/manage/people")
        page.get_by_label("Role: mina").select_option("shopper")
        with page.expect_navigation():
            page.get_by_role("button", name="Save: mina").click()
        assert page.get_by_label("Role: mina").input_value() == "shopper"
        assert People(database=shop.catalogue.database).find("mina").role == "shopper"
        assert faults == []
