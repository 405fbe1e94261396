from __future__ import annotations

import argon2
import pytest
from fastapi.testclient import TestClient

from meot.catalogue import passwords
from meot.catalogue.people import People
from meot.service import create_app
from meot.settings import Settings
from meot.wiring import Shop

PASSWORD = "a good long one"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("meot.catalogue.passwords.hasher", lambda: quick)
    passwords.decoy.cache_clear()


def browser(shop: Shop, *, signup: bool = True) -> TestClient:
    app = create_app(shop, Settings(accounts=True, signup=signup))
    headers = {"sec-fetch-site": "same-origin"}
    return TestClient(app, base_url="https://shop.example", headers=headers, follow_redirects=False)


@pytest.fixture
def client(shop: Shop) -> TestClient:
    return browser(shop)


def sign_up(client: TestClient, name: str = "mina", **more: str) -> None:
    answer = client.post("/signup", data={"name": name, "password": PASSWORD, **more})
    assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text


def test_up_out_and_in_again(client: TestClient) -> None:
    sign_up(client)
    assert "mina" in client.get("/account").text
    assert client.post("/signout").status_code == 303
    assert client.get("/account").headers["location"] == "/signin?to=%2Faccount"
    answer = client.post("/signin", data={"name": "MINA", "password": PASSWORD, "to": "/account"})
    assert answer.headers["location"] == "/account"
    assert "mina" in client.get("/account").text


def test_the_cookie_is_for_this_site_only_and_out_of_reach_of_scripts(client: TestClient) -> None:
    answer = client.post("/signup", data={"name": "mina", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "secure", "path=/"))


def test_a_cookie_that_was_changed_or_ended_is_nobody(shop: Shop, client: TestClient) -> None:
    sign_up(client)
    value = client.cookies["session"]
    client.post("/signout")
    for cookie in (value, value[:-1] + "0", "meot_x." + "0" * 64, "", "x"):
        client.cookies.set("session", cookie, domain="shop.example")
        assert client.get("/account").status_code == 303
    with shop.catalogue.database.reading() as connection:
        assert value.split(".")[0] not in str(connection.exec_driver_sql("SELECT * FROM tokens").all())


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(client: TestClient, to: str) -> None:
    sign_up(client)
    answer = client.post("/signin", data={"name": "mina", "password": PASSWORD, "to": to})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_is_wrong_is_said_in_the_visitors_language(client: TestClient, language: str) -> None:
    client.cookies.set("language", language, domain="shop.example")
    answer = client.post("/signin", data={"name": "mina", "password": "x" * 12})
    assert answer.status_code == 422
    assert {"en": "Name or password is wrong", "ko": "이름이나 비밀번호가 맞지"}[language] in answer.text
    answer = client.post("/signup", data={"name": "mina", "password": "short"})
    assert {"en": "10 to 200 signs", "ko": "10~200자"}[language] in answer.text


def test_a_network_of_ipv6_addresses_guesses_as_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meot.service.accounts.pages._ADDRESS_TRIES", 2)
    app = create_app(shop, Settings(accounts=True))
    said = []
    for place in range(3):
        client = TestClient(app, client=(f"2001:db8::{place + 1}", 1), headers={"Accept-Language": "en"})
        said.append(client.post("/signin", data={"name": f"guess{place}", "password": "x" * 12}).text)
    assert ["Too many attempts" in page for page in said] == [False, False, True]


def test_who_tries_too_often_keeps_nobody_else_out(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meot.service.accounts.pages._ADDRESS_TRIES", 2)
    app = create_app(shop, Settings(accounts=True))
    for address, tried in (("192.0.2.7", 3), ("192.0.2.8", 1)):
        client = TestClient(app, client=(address, 1), headers={"Accept-Language": "en"})
        said = [client.post("/signup", data={"name": "mina", "password": "short"}).text for _ in range(tried)]
        assert ("Too many attempts" in said[-1]) is (tried == 3), address


def test_services_on_several_machines_count_guesses_together(shop: Shop) -> None:
    machines = [browser(shop), browser(shop)]
    sign_up(machines[0])
    said = [
        machines[i % 2].post("/signin", data={"name": "mina", "password": f"guess number {i}"}).status_code
        for i in range(10)
    ]
    assert set(said) == {422}
    for machine in machines:
        assert machine.post("/signin", data={"name": "mina", "password": PASSWORD}).status_code == 422


@pytest.mark.parametrize("name", ["mina", " MINA ", "ｍｉｎａ", "Ｍina"])
def test_guessing_ends_however_the_name_is_written(client: TestClient, name: str) -> None:
    sign_up(client)
    client.post("/signout")
    for i in range(10):
        client.post("/signin", data={"name": "mina", "password": f"guess number {i}"})
    answer = client.post("/signin", data={"name": name, "password": PASSWORD}, headers={"Accept-Language": "en"})
    assert "Too many attempts" in answer.text


@pytest.mark.parametrize(
    "name", ["\u0430dmin", "\u03bfwner", "mina\u3164", "mina\uffa0", "mi\u115fna", "m@\u0430b.example"]
)
def test_nobody_takes_a_name_that_looks_like_anothers(shop: Shop, client: TestClient, name: str) -> None:
    answer = client.post("/signup", data={"name": name, "password": PASSWORD}, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert "A name may not mix Latin, Cyrillic and Greek letters" in answer.text
    assert People(database=shop.catalogue.database).all() == []


@pytest.mark.parametrize(
    "name", ["\u0438\u0432\u0430\u043d", "\u0438\u0432\u0430\u043d@shop.example", "민아mina", "zoë"]
)
def test_names_of_any_alphabet_are_fine(client: TestClient, name: str) -> None:
    sign_up(client, name)
    assert client.get("/account").status_code == 200


def test_guessing_ends(client: TestClient) -> None:
    sign_up(client)
    client.post("/signout")
    said = [client.post("/signin", data={"name": "mina", "password": f"guess number {i}"}).text for i in range(12)]
    assert "Name or password is wrong" in said[0]
    assert "Too many attempts" in said[-1]
    assert "Too many attempts" in client.post("/signin", data={"name": "mina", "password": PASSWORD}).text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": "https://evil.example"},
    ],
)
def test_another_site_does_nothing_in_a_visitors_name(shop: Shop, client: TestClient, headers: dict[str, str]) -> None:
    sign_up(client)
    people = People(database=shop.catalogue.database)
    for address, form in (
        ("/account/tokens", {"name": "stolen"}),
        ("/account/delete", {"password": PASSWORD}),
        ("/account/password", {"old": PASSWORD, "password": "another long one"}),
        ("/signout", {}),
    ):
        assert client.post(address, data=form, headers=headers).status_code == 403
    assert client.get("/account").status_code == 200
    assert people.tokens_of(people.find("mina"), "api") == []


def test_signing_in_cannot_be_done_by_another_site(client: TestClient) -> None:
    sign_up(client)
    client.cookies.clear()
    data = {"name": "mina", "password": PASSWORD}
    assert client.post("/signin", data=data, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_a_reset_link_works_once(shop: Shop, client: TestClient) -> None:
    sign_up(client)
    people = People(database=shop.catalogue.database)
    secret = people.issue(people.find("mina"), "reset", lasts_s=60)
    other = browser(shop)
    assert other.get(f"/reset/{secret}").headers["referrer-policy"] == "no-referrer"
    assert other.post(f"/reset/{secret}", data={"password": "short"}).status_code == 422
    assert other.post(f"/reset/{secret}", data={"password": "another long one"}).status_code == 303
    assert other.get("/account").status_code == 200
    assert client.get("/account").status_code == 303  # signed out everywhere else
    assert "used up" in other.post(f"/reset/{secret}", data={"password": "a third long one"}).text


def test_a_token_is_shown_once_and_taken_back(shop: Shop, client: TestClient) -> None:
    sign_up(client)
    page = client.post("/account/tokens", data={"name": "my <script>"}).text
    secret = page.split('class="secret">')[1].split("<")[0]
    assert secret.startswith("meot_")
    assert "my &lt;script&gt;" in page
    assert secret not in client.get("/account").text
    program = browser(shop)
    program.headers["authorization"] = f"Bearer {secret}"
    assert program.get("/account").status_code == 200
    assert program.post("/account/tokens", data={"name": "more"}).status_code == 403  # it may only read
    number = People(database=shop.catalogue.database).all()
    assert [person.name for person in number] == ["mina"]
    token = client.get("/account").text.split("/account/tokens/")[1].split("/")[0]
    assert client.post(f"/account/tokens/{token}/revoke").status_code == 303
    assert program.get("/account").status_code == 401


def test_another_persons_token_cannot_be_taken_back(shop: Shop, client: TestClient) -> None:
    sign_up(client)
    client.post("/account/tokens", data={"name": "mine"})
    token = client.get("/account").text.split("/account/tokens/")[1].split("/")[0]
    other = browser(shop)
    sign_up(other, "jun")
    other.post(f"/account/tokens/{token}/revoke")
    assert "mine" in client.get("/account").text


def test_who_goes_is_gone(shop: Shop, client: TestClient) -> None:
    sign_up(client)
    assert client.post("/account/delete", data={"password": "not this one"}).status_code == 422
    assert client.post("/account/delete", data={"password": PASSWORD}).headers["location"] == "/"
    assert People(database=shop.catalogue.database).all() == []
    assert client.get("/account").status_code == 303


def test_a_shop_may_close_its_doors(shop: Shop) -> None:
    closed = browser(shop, signup=False)
    assert closed.get("/signup").headers["location"] == "/signin"
    closed.post("/signup", data={"name": "mina", "password": PASSWORD})
    assert People(database=shop.catalogue.database).all() == []


@pytest.mark.parametrize(
    ("client_host", "host", "headers", "known"),
    [
        ("127.0.0.1", "localhost:8000", {}, True),
        ("::1", "[::1]:8000", {}, True),
        ("127.0.0.1", "evil.example", {}, False),  # a name that leads here
        ("192.0.2.7", "localhost", {}, False),
        ("127.0.0.1", "localhost", {"x-forwarded-for": "192.0.2.7"}, False),  # through a proxy
    ],
)
def test_without_accounts_only_who_sits_here_is_somebody(
    shop: Shop, client_host: str, host: str, headers: dict[str, str], known: bool
) -> None:
    app = create_app(shop, Settings())
    client = TestClient(app, base_url=f"http://{host}", client=(client_host, 5000), follow_redirects=False)
    assert client.get("/account", headers=headers).status_code == (200 if known else 401)
    foreign = client.post("/account/tokens", data={"name": "x"}, headers={**headers, "origin": "http://evil.example"})
    assert foreign.status_code == (403 if known else 401)


@pytest.mark.parametrize(
    ("kind", "body"), [("application/json", b"{}"), ("application/x-www-form-urlencoded", b"name=" + b"x" * 70_000)]
)
def test_odd_forms_are_refused(client: TestClient, kind: str, body: bytes) -> None:
    assert client.post("/signin", content=body, headers={"content-type": kind}).status_code == 400


def test_what_was_typed_comes_back_as_text(client: TestClient) -> None:
    page = client.post("/signin", data={"name": '"><script>x', "password": "wrong wrong"}).text
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_first_requests_at_once_make_one_owner(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(database=shop.catalogue.database)
    client = TestClient(create_app(shop, Settings()), base_url="http://localhost", client=("127.0.0.1", 5000))
    monkeypatch.setattr(People, "all", lambda _: [])  # what another request sees a moment before
    assert client.get("/account").status_code == client.get("/account").status_code == 200
    monkeypatch.undo()
    assert [person.name for person in people.all()] == ["me"]
