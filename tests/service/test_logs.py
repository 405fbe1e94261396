from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.builders import ColourReader
from tests.service.conftest import build_shop, jpeg

from meot.catalogue.people import People
from meot.errors import CatalogueError
from meot.service import create_app, logs
from meot.settings import Settings
from meot.types import Look, Photo

SECRETS = ("hunter2hunter2", "navy-secret", "secret-name.jpg", "203.0.113.9", "mina@shop.example", "Mozilla/5.0 secret")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the service writes; loggers are left as they were."""
    output = io.StringIO()
    loggers = [logging.getLogger(name) for name in ("meot", "uvicorn", "meot.requests", "meot.jobs", "uvicorn.error")]
    before = [(logger, logger.handlers[:], logger.propagate, logger.level, logger.filters[:]) for logger in loggers]
    yield output
    for logger, handlers, propagate, level, filters in before:
        logger.handlers[:], logger.propagate, logger.filters[:] = handlers, propagate, filters
        logger.setLevel(level)


def lines(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def client_of(folder: Path, reader: ColourReader | None = None, **settings: Any) -> tuple[TestClient, People]:
    shop = build_shop(folder, reader)
    app = create_app(shop, Settings(**settings))
    client = TestClient(app, client=("203.0.113.9", 50000), raise_server_exceptions=False)
    return client, People(database=shop.catalogue.database)


def test_a_line_a_request_tells_route_status_time_and_number(tmp_path: Path, written: io.StringIO) -> None:
    logs.set_up("json", written)
    client, _ = client_of(tmp_path)
    answer = client.get("/api/v1/products/1", headers={"X-Request-ID": "shop.17"})
    assert answer.headers["x-request-id"] == "shop.17"
    (line,) = lines(written)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/products/{number}", 200)
    assert (line["request"], line["level"]) == ("shop.17", "info")
    assert line["ms"] > 0
    assert set(line) == {"time", "level", "logger", "message", "method", "route", "status", "ms", "request"}


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/static/meot.css", "/static/..."),
        ("/nothing/here", "(none)"),
        ("/reset/hunter2hunter2", "/reset/{secret}"),
        ("/look/unknown", "/look/{key}"),
    ],
)
def test_an_address_is_written_as_the_routes_write_it(
    tmp_path: Path, written: io.StringIO, path: str, route: str
) -> None:
    logs.set_up("json", written)
    client, _ = client_of(tmp_path, accounts=True)
    client.get(path)
    assert [line["route"] for line in lines(written)] == [route]


@pytest.mark.parametrize("given", ["a b", "x" * 65, "forged\tline", 'quo"te'])
def test_a_request_number_that_is_not_plain_is_not_taken_over(tmp_path: Path, given: str) -> None:
    client, _ = client_of(tmp_path)
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["x-request-id"] != given


@pytest.mark.parametrize("style", ["json", "text"])
def test_nothing_that_visitors_send_reaches_the_log(tmp_path: Path, written: io.StringIO, style: str) -> None:
    logs.set_up(style, written)
    client, people = client_of(tmp_path, accounts=True)
    person = people.add("mina@shop.example", "hunter2hunter2", role="admin")
    token = people.issue(person, "api", lasts_s=60.0, scopes=("read", "write"))
    client.headers.update({"User-Agent": "Mozilla/5.0 secret", "Origin": "http://testserver"})
    form = {"name": "mina@shop.example", "password": "hunter2hunter2"}
    signed = client.post("/signin", data=form, follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin"})
    assert signed.status_code == 303
    cookie = signed.cookies["session"]
    client.get("/?q=navy-secret")
    client.get("/api/v1/search", params={"q": "navy-secret", "region": "navy-secret"})
    photo = {"photo": ("secret-name.jpg", jpeg(), "image/jpeg")}
    client.post("/api/v1/looks", files=photo, headers={"Authorization": f"Bearer {token}"})
    look = client.post("/look", files=photo, follow_redirects=False).headers["location"]
    client.get(look)
    client.post("/api/v1/looks", files={"photo": ("secret-name.jpg", b"navy-secret", "image/jpeg")})
    said = written.getvalue()
    assert said.count("\n") >= 7
    assert f"person={person.key}" in said.replace('"person": ', "person=")
    for secret in (*SECRETS, token, cookie, look.rpartition("/")[2], "JFIF"):
        assert secret not in said


class _Broken(ColourReader):
    def __init__(self, fault: Exception) -> None:
        super().__init__()
        self._fault = fault

    def read(self, photo: Photo) -> Look:
        raise self._fault


def test_a_fault_of_ours_is_told_with_its_frames_but_not_with_what_was_sent(
    tmp_path: Path, written: io.StringIO
) -> None:
    logs.set_up("json", written)
    client, _ = client_of(tmp_path, _Broken(ValueError("cannot read navy-secret")))
    answer = client.post("/api/v1/looks", files={"photo": ("a.jpg", jpeg(), "image/jpeg")})
    (line,) = lines(written)
    assert answer.headers["x-request-id"] == line["request"]
    assert (line["status"], line["level"], line["route"]) == (500, "error", "/api/v1/looks")
    assert any("test_logs.py" in frame for frame in line["fault"])
    assert line["fault"][-1] == "ValueError: (message left out)"
    assert "navy-secret" not in written.getvalue()


def test_passwords_of_databases_and_tokens_are_struck_out(written: io.StringIO) -> None:
    logs.set_up("text", written)
    logging.getLogger("meot.service").warning("postgresql://me:hunter2@host/shop is away, meot_abc-DEF_123\nforged")
    assert written.getvalue().endswith("warning postgresql://***@host/shop is away, *** forged\n")


def test_quiet_tells_of_faults_alone(tmp_path: Path, written: io.StringIO) -> None:
    logs.set_up("quiet", written)
    client, _ = client_of(tmp_path, _Broken(CatalogueError("shop.db: the disk is full; free some space")))
    client.get("/")
    assert written.getvalue() == ""
    client.post("/api/v1/looks", files={"photo": ("a.jpg", jpeg(), "image/jpeg")})
    assert "the disk is full" in written.getvalue()


def test_addresses_are_written_when_asked_for(tmp_path: Path, written: io.StringIO) -> None:
    logs.set_up("json", written)
    client, _ = client_of(tmp_path, log_addresses=True)
    client.get("/")
    assert lines(written)[0]["address"] == "203.0.113.9"
