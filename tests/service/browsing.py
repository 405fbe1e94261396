"""A real browser over a real service, for the tests that need one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from fastapi import FastAPI
from tests.builders import NAVY, RED
from tests.service.conftest import jpeg

from meot.cli.serve import address_of, listen
from meot.service import create_app
from meot.settings import Settings
from meot.wiring import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

PHONE, DESK = (390, 844), (1280, 900)
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
_PATIENCE_MS = 120_000
LOCALES = {"en": "en-GB", "ko": "ko-KR"}


@contextmanager
def serve(shop: Shop, **settings: Any) -> Iterator[str]:
    """A shop's service on this machine; its address."""
    with serve_app(create_app(shop, Settings(max_upload_mb=1, **settings))) as address:
        yield address


@contextmanager
def serve_app(app: FastAPI) -> Iterator[str]:
    """An application on this machine; its address."""
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=10))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield address_of(listener)
        finally:
            server.should_exit = True
            thread.join()


def open_page(
    browser: Browser, size: tuple[int, int], language: str, *, script: bool = True, **more: Any
) -> tuple[Page, list[str]]:
    """A page, and the list into which it will write what goes wrong on it."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=LOCALES[language],
        has_touch=size == PHONE,
        java_script_enabled=script,
        **more,
    )
    context.set_default_timeout(_PATIENCE_MS)
    page, faults = context.new_page(), list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    return page, faults


def decline(page: Page, asked: list[str]) -> None:
    """Say no to the next question of the page, and note what it asks."""

    def dismiss(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", dismiss)


def fits(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def write(folder: Path) -> Path:
    """A photo of a navy shirt over red trousers."""
    path = folder / "street.jpg"
    path.write_bytes(jpeg(NAVY, RED, size=(240, 320)))
    return path
