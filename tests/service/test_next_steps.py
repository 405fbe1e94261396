"""Programs and pages are told what to do there, never which command or flag a terminal has for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.builders import RED
from tests.service.conftest import jpeg
from tests.service.office import client_of, send, work
from tests.service.raised import imports, strings_in

from meot.service.api.batches import refused_json
from meot.service.batch import Refused
from meot.service.next_steps import _FLAGS, AT_THE_MACHINE, for_pages, for_programs
from meot.wiring import Shop

AT_TERMINALS = (
    *("meot.cli", "meot.data", "meot.demo", "meot.evaluation", "meot.training"),  # never asked through the service
    "meot.service.checkup",  # `meot check`
    *("meot.answers.trends.table", "meot.answers.closet.saying"),  # what `meot trends` and `meot closet` print
    "meot.service.next_steps",
)
NAMED = re.compile(r"`(?:meot|dask|createdb) |--[a-z]")
AT_THE_MACHINES = re.compile(f"`[^`]+`{AT_THE_MACHINE}")
ASKED = re.compile(r"(GET|POST|DELETE) (/api/v1/\S+)")


@cache
def sentences() -> tuple[tuple[str, str], ...]:
    """(where, text) of every sentence behind the service that names a command or a flag."""
    return tuple(_sentences())


def _sentences() -> Iterator[tuple[str, str]]:
    for name in sorted(imports().modules):
        if not f"{name}.".startswith(tuple(f"{each}." for each in AT_TERMINALS)) and not name.endswith("__main__"):
            for where, said in strings_in(name):
                if NAMED.search(said) and " " in said.strip():
                    yield where, said


def fields_of(described: dict[str, Any]) -> set[str]:
    """The names of all parameters and fields of all requests."""
    found = set()
    for path in described["paths"].values():
        for operation in path.values():
            found |= {each["name"] for each in operation.get("parameters", ())}
            for content in operation.get("requestBody", {}).get("content", {}).values():
                found |= set(content.get("schema", {}).get("properties", ()))
    return found


def test_every_refusal_tells_programs_what_the_api_has(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    fields = fields_of(described)
    assert len(sentences()) > 30
    for where, said in sentences():
        told = AT_THE_MACHINES.sub("", for_programs(said))
        for code in re.findall(r"`([^`]+)`", told):
            asked, field = ASKED.fullmatch(code), re.fullmatch(r"(\w+)(?:=\S+)?", code)
            if asked is not None:
                assert asked[1].lower() in described["paths"][asked[2]], f"{where}: {told}"
            else:
                assert field is not None, f"{where}: {told}"
                assert field[1] in fields | {"next", "pending"}, f"{where}: {told}"  # those of answers
        assert not NAMED.search(told), f"{where}: {told}"


def test_every_refusal_tells_pages_no_command_but_for_who_runs_the_service() -> None:
    for where, said in sentences():
        told = AT_THE_MACHINES.sub("", for_pages(said))
        assert not NAMED.search(told), f"{where}: {told}"
        assert "/api/" not in told, f"{where}: {told}"


def test_flags_that_are_named_otherwise_are_met_somewhere() -> None:
    named = {flag for _, said in sentences() for flag in re.findall(r"--([a-z-]+)", said)}
    assert set(_FLAGS) <= named


@pytest.mark.parametrize(
    ("said", "program", "page"),
    [
        ("see `meot teach list`", "see `GET /api/v1/lessons`", "see Manage, Taught"),
        ("use `meot teach style dandy` or", "use `kind=style` with `name=dandy` or", "use the style dandy or"),
        ("say it with --photos-at", "say it with `photos_at`", "say it with photos at"),
        ("run `meot check`", f"run `meot check`{AT_THE_MACHINE}", f"run `meot check`{AT_THE_MACHINE}"),
        ("after must be the `next` of an answer", *["after must be the `next` of an answer"] * 2),
        ("got 'a--b', T--shirt", *["got 'a--b', T--shirt"] * 2),
    ],
)
def test_what_stands_in_place_of_commands(said: str, program: str, page: str) -> None:
    assert (for_programs(said), for_pages(said)) == (program, page)


@pytest.fixture
def admin(shop: Shop) -> TestClient:
    return client_of(shop, "ada", "admin")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "component", "question": "cloth", "name": "denim"}, "(add `new_question=true` for a question"),
        ({"kind": "category", "name": "shirt", "region": "lower"}, "leave `region` out"),
        ({"kind": "category", "name": "shirt", "name_en": "Shirt"}, "leave `name_en` and `name_ko` out"),
        ({"kind": "style", "name": "dress"}, "use `kind=category` with `name=dress` or choose another name"),
    ],
)
def test_a_lesson_that_is_refused(admin: TestClient, fields: dict[str, str], told: str) -> None:
    answer = admin.post("/api/v1/lessons", files={"photo": ("a.jpg", jpeg(RED), "image/jpeg")}, data=fields)
    assert answer.status_code == 400
    assert told in answer.json()["detail"]


def test_trends_and_listings_that_are_refused(shop: Shop, admin: TestClient) -> None:
    assert admin.get("/api/v1/trends?by=shape").json()["detail"].startswith("unknown `by` 'shape'")
    send(admin, {"A12.jpg": jpeg()})
    work(shop)
    left = admin.get("/api/v1/listings/shopify/check").json()["left_out"]
    assert any("with `photos_at`" in each["reason"] for each in left)


def test_photos_of_a_form_that_are_refused() -> None:
    [told] = refused_json([Refused("a.jpg", "photo_damaged", "a.jpg: no; see `meot teach list`")], ())
    assert told["reason"] == "a.jpg: no; see `GET /api/v1/lessons`"
