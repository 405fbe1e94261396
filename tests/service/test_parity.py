"""Whatever a page does, the API does too, or docs/api.md says why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from tests.service.conftest import build_shop

from meot.service import create_app
from meot.settings import Settings

_ASKED = re.compile(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^` ]*)`")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    shop = build_shop(tmp_path)
    yield create_app(shop, Settings(accounts=True))
    shop.close()


@pytest.fixture
def told() -> list[tuple[list[str], str]]:
    """The table: pages, and what stands beside them."""
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return [(_ASKED.findall(row[0]), row[1]) for row in rows]


def pages(app: FastAPI) -> set[str]:
    def walk(router: Any) -> Iterator[Any]:
        for route in router.routes:
            inner = getattr(route, "original_router", None)
            yield from walk(inner) if inner is not None else [route]

    shown = [r for r in walk(app) if isinstance(r, APIRoute) and not r.include_in_schema and r.path != "/docs"]
    return {f"{method} {route.path}" for route in shown for method in (route.methods or set()) - {"HEAD"}}


def test_every_page_stands_in_the_table_once(app: FastAPI, told: list[tuple[list[str], str]]) -> None:
    named = [page for row, _ in told for page in row]
    assert set(named) == pages(app)
    assert len(named) == len(set(named))


def operations(app: FastAPI) -> set[str]:
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }


def test_every_operation_stands_in_the_documentation_and_the_reverse(app: FastAPI) -> None:
    there, docs = operations(app), Path(__file__).parents[2] / "docs"
    assert there <= set(_ASKED.findall((docs / "api.md").read_text("utf-8")))
    known = there | pages(app) | {f"GET {probe}" for probe in ("/healthz", "/readyz", "/metrics")}
    for page in docs.glob("*.md"):
        named = {each.replace("/api/v1/", "/").split("?")[0] for each in _ASKED.findall(page.read_text("utf-8"))}
        assert named <= known, page.name


def test_every_operation_of_the_table_is_there(app: FastAPI, told: list[tuple[list[str], str]]) -> None:
    there = operations(app)
    named = [operation for _, beside in told for operation in _ASKED.findall(beside)]
    assert set(named) <= there
    without = [beside for _, beside in told if not _ASKED.findall(beside)]
    assert all(beside.strip().startswith(("none", "the same with `")) for beside in without)
    assert there - set(named) == {"GET /taxonomy", "GET /jobs/{number}"}  # no page is about these alone
