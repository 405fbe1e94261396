"""Who asks through the API, writes that are sent twice, and how often one may ask."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from tests.service.conftest import jpeg

from meot.catalogue import replies as keeping
from meot.catalogue.people import SCOPES, People
from meot.catalogue.replies import Replies, Reply, UnderWayError
from meot.service import create_app
from meot.service.api import body as reading
from meot.service.api import once
from meot.service.api.pace import Buckets
from meot.settings import Settings
from meot.wiring import Shop


@pytest.fixture
def people(shop: Shop) -> People:
    return People(database=shop.catalogue.database)


def ask(app: FastAPI, people: People, name: str = "mina", scopes: tuple[str, ...] = SCOPES) -> TestClient:
    """A program with a token of that person's."""
    known = {person.name: person for person in people.all()}
    person = known.get(name) or people.add(name, None, role="seller")
    secret = people.issue(person, "api", lasts_s=None, scopes=scopes)
    return TestClient(app, headers={"Authorization": f"Bearer {secret}", "Accept-Language": "en"})


@pytest.fixture
def app(shop: Shop) -> FastAPI:
    return create_app(shop, Settings(accounts=True, max_upload_mb=1))


# -- who asks


def test_who_asks_is_told(app: FastAPI, people: People) -> None:
    me = ask(app, people, scopes=("read",)).get("/api/v1/me").json()
    assert (me["name"], me["role"], me["scopes"]) == ("mina", "seller", ["read"])
    assert TestClient(app).get("/api/v1/me").status_code == 401


def test_tokens_are_made_listed_and_taken_back(app: FastAPI, people: People) -> None:
    client = ask(app, people)
    answer = client.post("/api/v1/tokens", json={"name": "sync", "scopes": ["read"], "days": 1})
    made = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert made["token"]["expires_at"] == pytest.approx(made["token"]["created_at"] + 86_400, abs=1)
    listed = client.get("/api/v1/tokens")
    assert listed.json()["tokens"][0] == made["token"]
    assert made["secret"] not in listed.text
    holder = TestClient(app, headers={"Authorization": f"Bearer {made['secret']}"})
    assert holder.get("/api/v1/me").status_code == 200
    assert holder.post("/api/v1/tokens", json={}).status_code == 403
    number = made["token"]["number"]
    assert client.delete(f"/api/v1/tokens/{number}").status_code == 204
    assert client.delete(f"/api/v1/tokens/{number}").status_code == 404
    assert holder.get("/api/v1/me").status_code == 401


def test_nobody_has_tokens_without_end(app: FastAPI, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meot.catalogue.people.MOST_TOKENS", 2)
    client = ask(app, people)
    assert client.post("/api/v1/tokens", json={"name": "second"}).status_code == 201
    refused = client.post("/api/v1/tokens", json={"name": "third"})
    assert (refused.status_code, "take one back first" in refused.json()["detail"]) == (422, True)
    page = client.post("/account/tokens", data={"name": "third"})
    assert (page.status_code, "take one back first" in page.text) == (422, True)
    assert len(client.get("/api/v1/tokens").json()["tokens"]) == 2


@pytest.mark.parametrize("wish", [{"scopes": []}, {"scopes": ["all"]}, {"days": 0}, {"role": "admin"}, [], "x"])
def test_a_wish_that_does_not_fit_is_refused(app: FastAPI, people: People, wish: object) -> None:
    answer = ask(app, people).post("/api/v1/tokens", json=wish)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:meot:problem:bad_question")


def test_a_person_goes_with_the_password_only(app: FastAPI, people: People) -> None:
    people.add("jun", "a good long one")
    client = ask(app, people, "jun")
    assert client.request("DELETE", "/api/v1/me", json={"password": "wrong", "sure": True}).status_code == 422
    assert client.request("DELETE", "/api/v1/me", json={"password": "a good long one"}).status_code == 204
    assert client.get("/api/v1/me").status_code == 401
    assert "jun" not in {person.name for person in people.all()}


# -- the same write twice


@pytest.fixture
def counted(app: FastAPI) -> list[str]:
    """Adds a write to the application; what was done by it."""
    done: list[str] = []

    @app.post("/api/v1/count")
    async def count(request: Request) -> JSONResponse:
        if request.headers.get("content-type", "").startswith("multipart/"):
            async with request.form() as form:
                said = str(form.get("said"))
        else:
            said = (await request.json())["said"]
        if said == "no":
            return JSONResponse({}, 400)
        if said == "break":
            raise RuntimeError("broken")
        done.append(said)
        return JSONResponse({"count": len(done), "said": said}, 201, {"Location": f"/count/{len(done)}"})

    return done


def count(client: TestClient, key: str, **sent: Any) -> Any:
    return client.post("/api/v1/count", headers={"Idempotency-Key": key}, **sent)


def test_the_same_write_is_done_once_and_answered_alike(app: FastAPI, people: People, counted: list[str]) -> None:
    client = ask(app, people)
    first, second = (count(client, "k", json={"said": "멋"}) for _ in range(2))
    assert (second.status_code, second.json(), second.headers["location"]) == (201, first.json(), "/count/1")
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    other = count(client, "k", json={"said": "other"})
    assert (other.status_code, other.json()["type"]) == (422, "urn:meot:problem:key_reused")
    assert counted == ["멋"]
    count(ask(app, people, "jun"), "k", json={"said": "jun"})
    count(client, "k2", json={"said": "멋"})
    assert counted == ["멋", "jun", "멋"]


def test_a_form_is_the_same_whatever_marks_its_parts(app: FastAPI, people: People, counted: list[str]) -> None:
    client, photo = ask(app, people), jpeg(size=(700, 700))
    answers = [
        count(client, "k", data={"said": "form"}, files={"photo": ("a.jpg", photo, "image/jpeg")}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert counted == ["form"]
    assert count(client, "k", data={"said": "form"}, files={"photo": ("b.jpg", photo)}).status_code == 422


FORM = {"files": {"photo": ("a.jpg", b"a" * 600_000, "image/jpeg")}}
OTHER_FORM = {"files": {"photo": ("a.jpg", b"b" * 600_000, "image/jpeg")}}


class KilledError(BaseException):
    """Stands for the end of a process."""


@pytest.mark.parametrize("made", [True, False], ids=["the job stands", "no job yet"])
@pytest.mark.parametrize(
    ("first", "other"),
    [
        ({"json": {"said": "one"}}, {"json": {"said": "two"}}),
        ({"data": {"said": "one"}, **FORM}, {"data": {"said": "one"}, **OTHER_FORM}),
        ({"data": {"said": "one"}, **FORM}, {"json": {"said": "one"}}),
        ({"json": {"said": "one"}}, {"data": {"said": "one"}, **FORM}),
    ],
    ids=["small", "large", "large then small", "small then large"],
)
def test_a_key_stays_with_the_request_whose_process_died(
    app: FastAPI,
    people: People,
    counted: list[str],
    monkeypatch: pytest.MonkeyPatch,
    made: bool,
    first: dict[str, Any],
    other: dict[str, Any],
) -> None:
    client, database = ask(app, people), people._database
    with monkeypatch.context() as killing:
        for method in ("keep", "drop", "release"):
            killing.setattr(Replies, method, killed)
        with pytest.raises(KilledError):
            trickle(client, **first)
    assert counted == ["one"]
    if made:
        with keeping.answering(people.find("mina").key, "k"), database.writing() as connection:
            keeping.note_made(connection, "a job", 7)
    monkeypatch.setattr(keeping, "SILENT_S", -1.0)
    for _ in range(2):  # being refused frees no key
        refused = trickle(client, **other)
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:meot:problem:key_reused")
        assert counted == ["one"]
    assert trickle(client, "PUT", **first).status_code == 422
    again = trickle(client, **first)
    assert (again.status_code, counted) == (201, ["one", "one"])
    assert trickle(client, **other).status_code == 422


def trickle(client: TestClient, method: str = "POST", **sent: Any) -> Any:
    """Ask as one does over a network, where a large request comes in parts."""
    headers = {"Authorization": client.headers["authorization"], "Idempotency-Key": "k"}
    asked = httpx.Request(method, "http://testserver/api/v1/count", headers=headers, **sent)
    body = asked.read()

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    async def ask_in_parts() -> Any:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(client.app)) as line:
            return await line.request(method, asked.url, headers=asked.headers, content=parts())

    return asyncio.run(ask_in_parts())


def killed(*_: object) -> None:
    raise KilledError


def test_a_request_that_died_half_sent_leaves_its_key_to_its_kind(shop: Shop, people: People) -> None:
    def arriving(method: str, data: bytes, more: bool) -> reading.Body:
        async def receive() -> Any:
            return {"type": "http.request", "body": data, "more_body": more}

        scope = {"type": "http", "method": method, "path": "/api/v1/x", "query_string": b"", "headers": []}
        body = reading.Body(scope, receive)
        asyncio.run(body.read_ahead(1))
        return body

    half, whole, other = arriving("POST", b"ab", True), arriving("POST", b"abc", False), arriving("PUT", b"abc", False)
    assert (half.fits(half.known), whole.fits(half.known), other.fits(half.known)) == (True, True, False)
    assert (half.fits(whole.known), whole.fits(whole.known), other.fits(whole.known)) == (True, True, False)


def test_what_failed_may_be_tried_again_under_its_key(app: FastAPI, people: People, counted: list[str]) -> None:
    client = ask(app, people)
    assert count(client, "k", json={"said": "no"}).status_code == 400
    with pytest.raises(RuntimeError):
        count(client, "k", json={"said": "break"})
    assert count(client, "k", json={"said": "yes"}).status_code == 201
    assert counted == ["yes"]


def test_what_broke_is_written_down_beside_the_other_answers(
    app: FastAPI, people: People, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never by the thread of all answers, because another writer may have to be waited for."""
    drop, threads = Replies.drop, list[bool]()

    def watched(self: Replies, *given: Any) -> None:
        with suppress(RuntimeError):
            asyncio.get_running_loop()
            threads.append(False)
        drop(self, *given)

    monkeypatch.setattr(Replies, "drop", watched)
    with pytest.raises(RuntimeError):
        count(ask(app, people), "k", json={"said": "break"})
    assert threads == []
    assert count(ask(app, people), "k", json={"said": "yes"}).status_code == 201


def test_a_request_without_end_is_not_read_for_ever(
    app: FastAPI, people: People, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MOST_READ", 10_000)
    monkeypatch.setattr(once, "_AHEAD", 1_000)
    client = ask(app, people)
    assert count(client, "k", json={"said": "x"}).status_code == 201
    sent, told = itertools.count(), list[Any]()

    async def receive() -> Any:
        assert next(sent) < 100
        return {"type": "http.request", "body": b" " * 1000, "more_body": True}

    async def send(message: Any) -> None:
        told.append(message)

    headers = {"authorization": client.headers["authorization"], "idempotency-key": "k"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/count",
        "raw_path": b"/api/v1/count",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.7", 1),
        "server": ("testserver", 80),
        "http_version": "1.1",
    }
    asyncio.run(app(scope, receive, send))
    assert told[0]["status"] == 422
    assert counted == ["x"]


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_key_is_plain_and_short(app: FastAPI, people: People, counted: list[str], key: str) -> None:
    assert count(ask(app, people), key, json={"said": "x"}).status_code == 400
    assert counted == []


def test_two_at_once_are_one(shop: Shop, people: People) -> None:
    mina, replies = people.add("mina", None).key, Replies(database=shop.catalogue.database)
    begun: list[object] = []

    def begin() -> None:
        try:
            begun.append(replies.begin(mina, "k"))
        except UnderWayError:
            begun.append("under way")

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, begun)) == ["None", *["under way"] * 7]
    replies.keep(mina, "k", Reply("r", 200, "{}"))
    assert replies.begin(mina, "k") == Reply("r", 200, "{}")


def test_a_key_is_free_again_after_a_day_or_when_its_process_died(
    shop: Shop, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    mina, replies, now = people.add("mina", None).key, Replies(database=shop.catalogue.database), [1e9]
    monkeypatch.setattr("meot.catalogue.replies.time.time", lambda: now[0])
    assert replies.begin(mina, "k") is None
    now[0] += keeping.SILENT_S - 1
    replies.beat(mina, "k")
    now[0] += keeping.SILENT_S - 1
    with pytest.raises(UnderWayError):
        replies.begin(mina, "k")
    now[0] += 2
    assert replies.begin(mina, "k") == Reply("", 0, "")
    replies.keep(mina, "k", Reply("r", 200, "{}"))
    now[0] += keeping.KEPT_S - 1
    assert replies.begin(mina, "k") is not None
    now[0] += 2
    assert replies.begin(mina, "k") is None


def test_a_slow_request_is_not_given_up(app: FastAPI, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BEAT_S", 0.05)
    beats: list[tuple[int, str]] = []
    monkeypatch.setattr(Replies, "beat", lambda _self, person, name: beats.append((person, name)))

    @app.post("/api/v1/slow")
    async def slow() -> JSONResponse:
        while len(beats) < 3:
            await asyncio.sleep(0.01)
        return JSONResponse({})

    client, began = ask(app, people), time.monotonic()
    assert client.post("/api/v1/slow", headers={"Idempotency-Key": "k"}).status_code == 200
    assert time.monotonic() - began > 0.14  # not more often than that
    assert set(beats) == {(people.find("mina").key, "k")}


# -- how often, how much


def test_who_asks_too_often_waits(shop: Shop, people: People) -> None:
    app = create_app(shop, Settings(accounts=True, rate=3))
    client, stranger = ask(app, people), TestClient(app)
    statuses = [client.get("/api/v1/me").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = client.get("/api/v1/me")
    assert refused.json()["type"] == "urn:meot:problem:too_often"
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert ask(app, people).get("/api/v1/me").status_code == 429  # another token of the same person
    assert [stranger.get("/api/v1/health").status_code for _ in range(4)] == [200, 200, 200, 429]
    page = stranger.get("/", headers={"Accept-Language": "ko"})
    assert (page.status_code, "요청이 너무 잦습니다" in page.text) == (429, True)
    assert stranger.get("/healthz").status_code == 200
    at_the_machine = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1))
    assert {at_the_machine.get("/api/v1/health").status_code for _ in range(5)} == {200}


def test_guessed_tokens_count_for_where_they_come_from(shop: Shop) -> None:
    client = TestClient(create_app(shop, Settings(accounts=True, rate=3)))
    guesses = [client.get("/api/v1/me", headers={"Authorization": f"Bearer meot_{i}"}).status_code for i in range(5)]
    assert guesses == [401, 401, 401, 429, 429]


def test_a_bucket_fills_again_and_forgets_the_longest_gone() -> None:
    now = [0.0]
    buckets = Buckets(most=60, now=lambda: now[0])
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") == pytest.approx(1.0)
    now[0] = 2.0
    assert [buckets.take("a") > 0 for _ in range(3)] == [False, False, True]
    for other in range(10_001):
        buckets.take(str(other))
    assert len(buckets._levels) == 10_000


@pytest.mark.parametrize("told", [True, False], ids=["told", "streamed"])
def test_a_heavy_request_is_refused(app: FastAPI, people: People, told: bool) -> None:
    body = b'{"name": "' + b"x" * 300_000 + b'"}'
    client, headers = ask(app, people), {"Content-Type": "application/json"}
    answer = client.post("/api/v1/tokens", content=body if told else iter([body]), headers=headers)
    assert answer.status_code == (413 if told else 400)
