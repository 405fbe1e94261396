from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.chromium import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from meot.cluster import Cluster


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window, for the tests of one file: while it is open, no other event loop can run."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def workers() -> Iterator[Cluster]:
    """Two worker processes, for the tests of one file."""
    pytest.importorskip("distributed", reason="needs the distributed extra")
    from meot import cluster

    started = cluster.start(2)
    yield started
    started.close()
