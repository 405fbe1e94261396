"""Attempts against the service, by the chapters of OWASP's top ten of 2021; what each is for: docs/security.md."""

from __future__ import annotations

import io
import re
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import argon2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from tests.service.conftest import EVIL, build_shop, jpeg

from meot import photos
from meot.catalogue import passwords
from meot.catalogue.closet import Closet
from meot.catalogue.drafts import Drafts, StoredDraft
from meot.catalogue.jobs import Jobs
from meot.catalogue.people import SCOPES, People
from meot.service import create_app
from meot.service.headers import SECURITY
from meot.settings import Settings
from meot.wiring import Shop

PASSWORD = "a good long one"
OWN_SITE = {"sec-fetch-site": "same-origin"}
ROLES = ("shopper", "seller", "admin")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("meot.catalogue.passwords.hasher", lambda: quick)
    passwords.decoy.cache_clear()


@pytest.fixture
def people(shop: Shop) -> People:
    return People(database=shop.catalogue.database)


@pytest.fixture
def app(shop: Shop) -> FastAPI:
    return create_app(shop, Settings(accounts=True, max_upload_mb=1))


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, FastAPI]]:
    """A shop and its service, for attempts that must change nothing."""
    shop = build_shop(tmp_path_factory.mktemp("calm"))
    yield shop, create_app(shop, Settings(accounts=True, max_upload_mb=1, rate=0))
    shop.close()


def visit(app: FastAPI, **headers: str) -> TestClient:
    """A browser on a page of the service's, over HTTPS."""
    return TestClient(
        app, base_url="https://shop.example", headers=OWN_SITE | headers, follow_redirects=False,
        raise_server_exceptions=False,
    )  # fmt: skip


def sign_in(app: FastAPI, people: People, name: str, role: str = "seller") -> TestClient:
    """A browser of that person's, who is there from then on."""
    if name not in {person.name for person in people.all()}:
        people.add(name, PASSWORD, role=role)
    browser = visit(app)
    assert browser.post("/signin", data={"name": name, "password": PASSWORD}).headers["location"] == "/"
    return browser


def program(app: FastAPI, people: People, name: str, role: str, scopes: tuple[str, ...] = SCOPES) -> TestClient:
    """A program with a token of that person's."""
    known = {person.name: person for person in people.all()}
    secret = people.issue(known.get(name) or people.add(name, None, role=role), "api", lasts_s=None, scopes=scopes)
    return TestClient(app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)


def operations(app: FastAPI, things: dict[str, int] | None = None) -> list[tuple[str, str, str]]:
    """Method, address and role of every operation of the API. things: what stands for the number of which list."""
    return [(method, address, role) for method, address, role, _ in asked(app, things)]


def asked(app: FastAPI, things: dict[str, int] | None = None) -> list[tuple[str, str, str, Any]]:
    """The same, with the JSON that each shows as its example."""
    found = []
    for path, methods in app.openapi()["paths"].items():
        number = (things or {}).get(path.split("/")[3], 1)
        address = path.replace("{number}", str(number)).replace("{place}", "0").replace("{to}", "csv")
        for method, told in methods.items():
            body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            found.append((method.upper(), address, told.get("x-role", ""), body))
    return found


def pages(app: FastAPI, methods: set[str]) -> list[tuple[str, str]]:
    """Method and address of every page that answers to one of these methods."""

    def walk(router: Any) -> Iterator[Any]:
        for route in router.routes:
            inner = getattr(route, "original_router", None)
            yield from walk(inner) if inner is not None else [route]

    found = []
    for route in walk(app):
        if getattr(route, "include_in_schema", True) is False and "/api/" not in route.path:
            address = route.path.replace("{secret}", "x").replace("{sha256}", "0" * 64)
            for name in ("{key}", "{number}", "{place}", "{lesson}", "{job}", "{source}", "{person}"):
                address = address.replace(name, "1")
            if address == "/sell/export/file":
                address += "?to=csv"
            found += [(method, address) for method in sorted(route.methods & methods)]
    return found


# -- A01: broken access control


def test_a01_nobody_gets_what_is_for_people(app: FastAPI) -> None:
    stranger, tried = visit(app), 0
    for method, address, role in operations(app):
        if role:
            answer = stranger.request(method, address)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), f"{method} {address}"
            tried += 1
    for _, address in pages(app, {"GET"}):
        if address.startswith(("/account", "/closet", "/sell", "/manage", "/metrics")):
            answer = stranger.get(address)
            assert answer.status_code in (303, 401), address
            assert answer.headers.get("location", "/signin").startswith("/signin"), address
            tried += 1
    assert tried > 15


@pytest.mark.parametrize("role", ["shopper", "seller"])
def test_a01_nobody_climbs_above_their_role(app: FastAPI, people: People, role: str) -> None:
    client, browser = program(app, people, "mina", role), sign_in(app, people, "jun", role)
    for method, address, needed in operations(app):
        if needed and ROLES.index(needed) > ROLES.index(role):
            assert client.request(method, address, json={}).status_code == 403, f"{method} {address}"
    for method, address in pages(app, {"GET", "POST"}):
        if address.startswith("/manage") or (address.startswith("/sell") and role == "shopper"):
            assert browser.request(method, address).status_code == 403, f"{method} {address}"


def test_a01_a_token_does_what_its_scopes_say(app: FastAPI, people: People) -> None:
    reader = program(app, people, "boss", "admin", scopes=("read",))
    for method, address, role in operations(app):
        if role and method != "GET":
            assert reader.request(method, address, json={}).status_code == 403, f"{method} {address}"


def own_things(shop: Shop, person: int) -> dict[str, int]:
    """Something in each list of a person's: the list's name to its number."""
    drafts = Drafts(database=shop.catalogue.database, person=person)
    drafts.put(
        StoredDraft(product="p", photos=[{"path": "/secret.jpg"}], fields={}, state="review", reason="", models={})
    )
    job = Jobs(database=shop.catalogue.database).add("draft", {}, person=person)
    people = People(database=shop.catalogue.database)
    owner = next(one for one in people.all() if one.key == person)
    people.issue(owner, "api", lasts_s=None)
    closet = Closet(database=shop.catalogue.database, person=owner.name)
    closet.add(shop.reader.read(photos.decode(jpeg())))
    return {
        "drafts": drafts.keys()[0],
        "jobs": job,
        "tokens": people.tokens_of(owner, "api")[0].key,
        "closet": closet.photos()[0].key,
    }


def test_a01_another_persons_things_are_not_there(shop: Shop, app: FastAPI, people: People) -> None:
    things = own_things(shop, people.add("mina", None, role="seller").key)
    thief = program(app, people, "jun", "seller")
    tried = 0
    for method, address, role, body in asked(app, things):
        kind = address.split("/")[3]
        if role in ("shopper", "seller") and str(things.get(kind, "-")) in address.split("/"):
            answer = thief.request(method, address, json=body)
            assert answer.status_code == 404, f"{method} {address}: {answer.text}"
            tried += 1
    browser, key = sign_in(app, people, "bora"), things["drafts"]
    for method, address in (
        ("GET", f"/sell/drafts/{key}"),
        ("POST", f"/sell/drafts/{key}"),
        ("POST", f"/sell/drafts/{key}/delete"),
        ("GET", f"/sell/drafts/{key}/photo/0"),
        ("GET", f"/closet/photos/{things['closet']}"),
        ("GET", "/closet/garments/1"),
        ("POST", f"/closet/photos/{things['closet']}/remove"),
    ):
        assert browser.request(method, address).status_code == 404, address
    browser.post(f"/account/tokens/{things['tokens']}/revoke")
    assert len(people.tokens_of(people.find("mina"), "api")) == 1
    assert Jobs(database=shop.catalogue.database).find(things["jobs"]).state == "waiting"
    assert len(Closet(database=shop.catalogue.database, person="mina").photos()) == 1
    assert tried >= 8


def test_a01_what_nobody_asked_for_is_not_taken(app: FastAPI, people: People) -> None:
    browser = visit(app)
    sent = {"name": "mina", "password": PASSWORD, "role": "admin", "seller": "", "key": "1", "created_at": "0"}
    assert browser.post("/signup", data=sent).status_code == 303
    assert people.find("mina").role == "shopper"
    client = program(app, people, "mina", "shopper")
    assert client.post("/api/v1/tokens", json={"name": "x", "person": 1, "kind": "session"}).status_code == 400


def test_a01_another_site_does_nothing_in_a_visitors_name(shop: Shop, app: FastAPI, people: People) -> None:
    browser = sign_in(app, people, "mina", "admin")
    things = own_things(shop, people.find("mina").key)
    writes = [(method, address) for method, address, _ in operations(app, things) if method != "GET"]
    writes += pages(app, {"POST"})
    assert len(writes) > 15
    for site in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "", "origin": "https://evil.example"}):
        for method, address in writes:
            if not address.startswith("/reset/"):
                answer = browser.request(method, address, headers=site)
                assert answer.status_code == 403, f"{method} {address}"
    assert set(own_things(shop, people.find("mina").key)) == set(things)
    assert browser.get("/account").status_code == 200


def test_a01_nothing_leads_to_another_site(app: FastAPI, people: People) -> None:
    people.add("mina", PASSWORD)
    for to in ("//evil.example", "https://evil.example", "/\\evil.example", "/\r\nX-Evil: 1", "\t//evil.example"):
        browser = visit(app)
        answers = [
            browser.get("/language/ko", params={"to": to}),
            browser.get("/scheme/dark", params={"to": to}),
            browser.post("/signin", data={"name": "mina", "password": PASSWORD, "to": to}),
        ]
        for answer in answers:
            assert answer.headers["location"] == "/", to
            assert "x-evil" not in answer.headers


@pytest.mark.parametrize("header", ["host", "origin", "referer"])
@pytest.mark.parametrize("accounts", [True, False])
def test_a01_a_header_that_is_no_address_is_nobodys(shop: Shop, header: str, *, accounts: bool) -> None:
    app = create_app(shop, Settings(accounts=accounts))
    told = {"host": "localhost", header: "[" if header == "host" else "http://["}
    with TestClient(app, client=("127.0.0.1", 1)) as browser:
        for address in ("/closet/photos/1/remove", "/signin"):
            answer = browser.post(address, data={"name": "mina", "password": PASSWORD}, headers=told)
            assert answer.status_code in (401, 403, 404, 422), address
            assert header == "referer" or answer.status_code != 404


@pytest.mark.parametrize(
    "address",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/..%5capp.py",
        "/static//etc/passwd",
        "/photo/..%2f..%2fshop.db",
        "/look/..%2f..%2fshop.db/photo",
        "/api/v1/products/..%2f..%2fshop.db",
    ],
)
def test_a01_no_address_leads_to_files(calm: tuple[Shop, FastAPI], address: str) -> None:
    answer = visit(calm[1]).get(address)
    assert answer.status_code in (400, 404)
    assert "create_app" not in answer.text


def test_a01_a_files_name_leads_nowhere(app: FastAPI, people: People, tmp_path: Path) -> None:
    client = program(app, people, "mina", "seller")
    before = {path for path in tmp_path.rglob("*") if "drafts" not in path.parts}
    for name in ("../../evil.jpg", "/etc/evil.jpg", "..\\..\\evil.jpg", "evil.jpg\0.txt", "CON.jpg", "." * 300):
        answer = client.post("/api/v1/drafts", files={"photo": (name, jpeg(), "image/jpeg")})
        assert answer.status_code < 500, answer.text
    after = {path for path in tmp_path.rglob("*") if not {"shop.drafts", "drafts"} & set(path.parts)}
    assert {path for path in after - before if "shop.db" not in path.name} == set()


# -- A02: cryptographic failures


def test_a02_secrets_are_not_kept_as_they_are(shop: Shop, app: FastAPI, people: People) -> None:
    browser = sign_in(app, people, "mina")
    made = browser.post("/api/v1/tokens", json={}, headers={"Idempotency-Key": "k"})
    assert made.headers["cache-control"] == "no-store"
    session = browser.cookies["session"].rpartition(".")[0]
    with shop.catalogue.database.reading() as connection:
        tables = ("people", "tokens", "attempts", "replies")
        rows = str([connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in tables])
    for secret in (PASSWORD, made.json()["secret"], session):
        assert secret not in rows
    assert "$argon2id$" in rows


# -- A03: injection

HOSTILE = [
    "' OR '1'='1",
    "'; DROP TABLE products; --",
    '" UNION SELECT password FROM people --',
    "shirt%' ESCAPE '",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "navy\0shirt",
    "\ud7ff" * 50,
    "../../etc/passwd",
    "$(touch /tmp/evil)",
    "*" * 200,
]


@pytest.mark.parametrize("words", HOSTILE)
def test_a03_words_and_filters_are_words_only(calm: tuple[Shop, FastAPI], words: str) -> None:
    shop, app = calm
    browser = visit(app)
    before = shop.catalogue.counts()
    names = ("region", "category", "colour", "component", "style", "gender", "source", "min_price", "limit", "after")
    for asked in ({"q": words}, *({"q": "shirt", name: words} for name in names)):
        for address in ("/api/v1/search", "/"):
            answer = browser.get(address, params=asked)
            assert answer.status_code in (200, 400), (asked, address)
            assert "argon2" not in answer.text
            assert "49${" not in answer.text
    assert shop.catalogue.counts() == before


def test_a03_what_others_wrote_is_shown_as_text(app: FastAPI) -> None:
    browser = visit(app)
    for address in ("/?q=shirt", "/product/3", "/?q=" + EVIL, "/product/3?colour=" + EVIL, "/nothing" + EVIL):
        page = browser.get(address).text
        assert "<script>alert" not in page
        assert 'href="javascript:' not in page


def test_a03_no_header_is_smuggled_in(app: FastAPI) -> None:
    browser = visit(app)
    for name in ("X-Request-ID", "Accept-Language", "Idempotency-Key", "If-None-Match", "Cookie"):
        answer = browser.get("/api/v1/search", params={"q": "shirt"}, headers={name: "x%0d%0aX-Evil: 1"})
        assert "x-evil" not in answer.headers
    answer = browser.get("/scheme/dark?to=/%0d%0aSet-Cookie:%20evil=1")
    assert "evil" not in answer.headers.get("set-cookie", "")


def test_a03_json_that_is_none_breaks_nothing(app: FastAPI, people: People) -> None:
    client = program(app, people, "mina", "seller")
    for body in (b"[" * 100_000, b'{"name": "\xff"}', b"nul", b'{"days": 1e999}', b'{"name": "\\ud800"}'):
        answer = client.post("/api/v1/tokens", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, answer.text


# -- A04: insecure design


def test_a04_guessing_a_password_ends(app: FastAPI, people: People) -> None:
    browser = sign_in(app, people, "mina")
    guesses = [{"password": f"guess number {i}"} for i in range(12)]
    said = [browser.request("DELETE", "/api/v1/me", json=guess).json()["detail"] for guess in guesses]
    assert "is wrong" in said[0]
    assert "too many attempts" in said[-1]
    assert browser.request("DELETE", "/api/v1/me", json={"password": PASSWORD}).status_code == 422
    assert people.find("mina")


# -- A05: security misconfiguration


def test_a05_every_answer_bears_the_headers(app: FastAPI, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = visit(app)
    answers = [browser.get(address) for address in ("/", "/api/v1/health", "/api/v1/docs", "/static/meot.css", "/none")]
    answers += [browser.get("/api/v1/me"), browser.delete("/api/v1/health"), browser.post("/look")]
    monkeypatch.setattr("meot.service.web.pages.Pages.show_find", broken)
    answers.append(browser.get("/api/v1/taxonomy"))
    for answer in answers:
        assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY, answer.url
        assert "access-control-allow-origin" not in answer.headers
    assert "unsafe" not in SECURITY["Content-Security-Policy"]


def broken(*_: object) -> None:
    raise RuntimeError("/root/secret/path password=hunter2")


def test_a05_what_breaks_tells_nothing_of_the_inside(shop: Shop, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.catalogue, "generation", broken)
    for address in ("/api/v1/health", "/api/v1/search?q=shirt"):
        answer = visit(app).get(address)
        assert (answer.status_code, answer.json()["type"]) == (500, "urn:meot:problem:broken")
        assert "hunter2" not in answer.text
        assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY


def test_a05_methods_are_what_they_say(app: FastAPI, people: People) -> None:
    client = program(app, people, "mina", "seller")
    for method in ("TRACE", "OPTIONS", "PUT", "CONNECT"):
        assert client.request(method, "/api/v1/me").status_code in (404, 405)
    assert client.get("/api/v1/me", headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 200
    assert people.find("mina")


# -- A07: identification and authentication failures


def test_a07_a_session_that_an_attacker_planted_is_not_taken_over(app: FastAPI, people: People) -> None:
    people.add("mina", PASSWORD)
    attacker, victim = sign_in(app, people, "jun"), visit(app)
    planted = attacker.cookies["session"]
    victim.cookies.set("session", planted, domain="shop.example", path="/")
    answer = victim.post("/signin", data={"name": "mina", "password": PASSWORD})
    fresh = answer.headers["set-cookie"].partition("session=")[2].partition(";")[0]
    assert fresh != planted
    assert attacker.get("/api/v1/me").json()["name"] == "jun"


def test_a07_what_stands_for_a_person_stands_for_one_thing(app: FastAPI, people: People) -> None:
    browser = sign_in(app, people, "mina")
    session = browser.cookies["session"]
    token = people.issue(people.find("mina"), "api", lasts_s=None, scopes=SCOPES)
    reset = people.issue(people.find("mina"), "reset", lasts_s=60)
    for secret in (session, session.rpartition(".")[0], reset):
        assert visit(app, authorization=f"Bearer {secret}").get("/api/v1/me").status_code == 401
    for cookie in (token, reset, f"{token}.{'0' * 64}"):
        assert visit(app, cookie=f"session={cookie}").get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("value", ["a.\xe9", "\xff\xfe", ".", "a." + "0" * 100_000, "a.\udcff"])
def test_a07_made_up_cookies_and_tokens_are_nobody(calm: tuple[Shop, FastAPI], value: str) -> None:
    raw = value.encode("latin-1", "replace")
    for headers in ({b"cookie": b"session=" + raw}, {b"authorization": b"Bearer " + raw}):
        answer = visit(calm[1]).get("/api/v1/me", headers=list(headers.items()))
        assert answer.status_code == 401, answer.text


@pytest.mark.parametrize(
    ("base", "headers"),
    [
        ("http://evil.example", {}),  # a name of the attacker's that leads here (DNS rebinding)
        ("http://127.0.0.1", {"x-forwarded-for": "127.0.0.1"}),
        ("http://127.0.0.1", {"forwarded": "for=127.0.0.1"}),
    ],
)
def test_a07_without_accounts_only_this_machine_is_its_person(shop: Shop, base: str, headers: dict[str, str]) -> None:
    app = create_app(shop, Settings())
    assert TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)).get("/api/v1/me").status_code == 200
    stranger = TestClient(app, base_url=base, client=("127.0.0.1", 1), headers=headers)
    assert stranger.get("/api/v1/me").status_code == 401


# -- A08: software and data integrity failures

PAYLOAD = b"<script>alert(1)</script><?php system($_GET[0]); ?>"


def polyglots() -> dict[str, bytes]:
    """Photos that are something else, too."""
    whole = jpeg()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("evil.php", PAYLOAD)
    commented = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = PAYLOAD.decode()
    exif.get_ifd(0x8825)[1] = "N"
    Image.open(io.BytesIO(whole)).save(commented, "JPEG", exif=exif, comment=PAYLOAD)
    gif = io.BytesIO()
    Image.new("RGB", (96, 128), (28, 34, 62)).save(gif, "GIF", comment=PAYLOAD)
    return {
        "page behind a JPEG": whole + PAYLOAD,
        "archive behind a JPEG": whole + zipped.getvalue(),
        "script in a JPEG's notes": commented.getvalue(),
        "script in a GIF's comment": gif.getvalue() + b"/*" + PAYLOAD,
    }


@pytest.mark.parametrize("kind", polyglots())
def test_a08_a_photo_comes_back_as_a_photo_only(calm: tuple[Shop, FastAPI], kind: str) -> None:
    browser = visit(calm[1])
    sent = browser.post("/look", files={"photo": ("evil.php", polyglots()[kind], "text/html")})
    kept = browser.get(f"{sent.headers['location']}/photo")
    assert (kept.headers["content-type"], kept.headers["x-content-type-options"]) == ("image/jpeg", "nosniff")
    assert b"script" not in kept.content
    assert b"PK\x03\x04" not in kept.content
    assert not Image.open(io.BytesIO(kept.content)).getexif()


# -- A10: server-side request forgery

INSIDE = [
    "http://127.0.0.1:8000/manage",
    "http://localhost/",
    "http://[::1]/",
    "http://[::ffff:169.254.169.254]/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://10.0.0.1/a.jpg",
    "http://user:pass@127.0.0.1/",
    "http://example.com@127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "//127.0.0.1/a.jpg",
]


@pytest.mark.parametrize("link", INSIDE)
def test_a10_a_link_leads_to_no_inside(calm: tuple[Shop, FastAPI], monkeypatch: pytest.MonkeyPatch, link: str) -> None:
    def refuse(*_: object, **__: object) -> socket.socket:
        raise AssertionError("it was asked")

    monkeypatch.setattr(socket, "create_connection", refuse)
    answer = visit(calm[1]).post("/look/link", data={"link": link})
    assert (answer.status_code, "location" in answer.headers) == (422, False)
    for address in ("/api/v1/looks", "/api/v1/search/photo"):
        refused = visit(calm[1]).post(address, files={"url": (None, link)})
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:meot:problem:link_refused")


def test_the_list_names_every_attempt() -> None:
    root = Path(__file__).parents[2]
    told = (root / "docs" / "security.md").read_text("utf-8")
    named = set(re.findall(r"`(test_a\d+_\w+)`", told))
    assert named == {name for name in globals() if re.match(r"test_a\d+_", name)}
    for file in re.findall(r"`(?:tests/[\w/]*)?(test_(?!a\d)\w+\.py)`", told):
        assert list((root / "tests").rglob(file)), file
