"""What administrators do through the API: lessons, sources, people, models; and what everybody may of themselves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.builders import NAVY, RED, TeachableReader, build_likeness
from tests.service.conftest import build_shop, jpeg
from tests.service.test_manage import add_source
from tests.service.test_packed import locked, pack

from meot import photos
from meot.answers import teaching
from meot.answers.teaching import TaughtReader
from meot.catalogue.drafts import Drafts, StoredDraft
from meot.catalogue.people import People, Person
from meot.catalogue.view import View
from meot.service import create_app
from meot.service.api.taught import TaughtNames
from meot.service.manage import documents
from meot.settings import Settings
from meot.types import Label
from meot.wiring import Shop

PASSWORD, OTHER = "a good long one", "another good long one"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop that can be taught without any model."""
    monkeypatch.setattr("meot.wiring.load_likeness", lambda _settings: build_likeness())
    made = build_shop(tmp_path)
    reader = TaughtReader(reader=TeachableReader(), catalogue=made.catalogue, likeness=build_likeness())
    yield Shop(made.catalogue, made.search, reader)
    made.close()


@pytest.fixture
def client(shop: Shop) -> Iterator[TestClient]:
    """An administrator's."""
    people = People(database=shop.catalogue.database)
    secret = people.issue(people.add("ada", PASSWORD, role="admin"), "api", lasts_s=None, scopes=("read", "write"))
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
    with TestClient(create_app(shop, Settings(accounts=True, max_upload_mb=1)), headers=headers) as client:
        yield client


def teach(client: TestClient, *photos: bytes, **said: str) -> Any:
    files = [("photo", (f"{place}.jpg", photo, "image/jpeg")) for place, photo in enumerate(photos)]
    return client.post("/api/v1/lessons", files=files, data=said)


def category(client: TestClient, photo: bytes) -> dict[str, Any]:
    look = client.post("/api/v1/looks", files={"photo": ("a.jpg", photo, "image/jpeg")}).json()
    return dict(look["garments"][0]["category"])


def test_a_class_is_taught_named_everywhere_and_taken_back(shop: Shop, client: TestClient) -> None:
    answer = teach(client, jpeg(RED), b"no photo", kind="category", name="kimono", name_ko="기모노", region="upper")
    assert answer.status_code == 201, answer.text
    documents.LearnedDocument.model_validate(answer.json())
    lesson = answer.json()["lesson"]
    assert (lesson["name"], lesson["names"]["ko"], lesson["photos"]) == ("kimono", "기모노", 1)
    [refused] = answer.json()["refused"]
    assert (refused["name"], "meot-lesson" in refused["reason"]) == ("1.jpg", False)
    found = category(client, jpeg(RED))
    assert (found["id"], found["name"]["ko"], found["sure"]) == ("kimono", "기모노", True)
    [taught] = client.get("/api/v1/taxonomy").json()["taught"]
    assert (taught["kind"], taught["id"], taught["names"]["ko"]) == ("category", "kimono", "기모노")
    assert [each["number"] for each in client.get("/api/v1/lessons").json()["lessons"]] == [lesson["number"]]
    undone = client.delete("/api/v1/lessons")
    assert (undone.status_code, undone.json()) == (200, lesson)
    assert category(client, jpeg(RED))["id"] == "shirt"
    assert client.get("/api/v1/taxonomy").json()["taught"] == []
    assert client.delete("/api/v1/lessons").status_code == 404


def test_visitors_do_not_wait_behind_a_lesson(shop: Shop, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meot.service.app.os.cpu_count", lambda: 1)  # one photo of visitors is read at once
    reading, go_on, gather = threading.Event(), threading.Event(), teaching.gather

    def gathered_slowly(*given: Any) -> Any:
        reading.set()
        assert go_on.wait(60)
        return gather(*given)

    monkeypatch.setattr(teaching, "gather", gathered_slowly)
    with TestClient(create_app(shop, Settings(accounts=True, max_upload_mb=1)), headers=dict(client.headers)) as narrow:
        said = {"kind": "category", "name": "kimono", "region": "upper"}
        lesson = threading.Thread(target=teach, args=(narrow, jpeg(RED)), kwargs=said)
        lesson.start()
        try:
            assert reading.wait(60)
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(category, narrow, jpeg(NAVY)).result(120)["id"] == "shirt"
        finally:
            go_on.set()
            lesson.join()


def test_names_that_ship_are_not_asked_of_the_database(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    names = TaughtNames(catalogue=shop.catalogue)
    monkeypatch.delattr(View, "taught_revision")
    assert names.category(Label("shirt", 0.9, True))["name"] == {"en": "Shirt", "ko": "셔츠"}


def test_stored_garments_of_a_taught_class_bear_its_name(shop: Shop, client: TestClient) -> None:
    teach(client, jpeg(RED), kind="category", name="kimono", name_en="Kimono", name_ko="기모노", region="upper")
    look = shop.reader.read(photos.decode(jpeg(RED)))
    shop.catalogue.put_reading(2, look)
    [garment] = client.get("/api/v1/products/2").json()["garments"]
    assert garment["category"]["name"] == {"en": "Kimono", "ko": "기모노"}


@pytest.mark.parametrize(("language", "name", "answer"), [("en", "Kimono robe", "Wool"), ("ko", "기모노", "울")])
def test_pages_call_what_was_taught_by_its_name(
    shop: Shop, client: TestClient, language: str, name: str, answer: str
) -> None:
    of_kimono = {"kind": "category", "name": "kimono", "name_en": "Kimono robe", "name_ko": "기모노"}
    of_wool = {"kind": "component", "question": "cloth", "new_question": "true", "name": "w", "name_ko": "울"}
    assert teach(client, jpeg(RED), **of_kimono, region="upper").status_code == 201
    assert teach(client, jpeg(RED), **of_wool, name_en="Wool").status_code == 201
    shop.catalogue.put_reading(2, shop.reader.read(photos.decode(jpeg(RED))))
    asked = {"/product/2": name, "/?category=shirt": name, "/?component=cloth%3Dw": answer, "/?category=kimono": name}
    for address, expected in asked.items():
        page = client.get(address, headers={"Accept-Language": language}).text
        assert expected in page, address
        assert ">kimono" not in page, address


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"kind": "category"}, "expected the fields kind"),
        ({"kind": "colour", "name": "teal"}, "expected the fields kind"),
        ({"kind": "component", "name": "houndstooth"}, "question of a component"),
        ({"kind": "category", "name": "kimono", "region": "moon"}, "unknown region"),
        ({"kind": "style", "name": "dress"}, "is a category already"),
        ({"kind": "category", "name": "kimono", "name_ko": "기" * 65}, "at most 64"),
        ({"kind": "component", "name": "denim", "question": "material"}, "unknown component"),
    ],
)
def test_what_cannot_be_taught_is_told(client: TestClient, said: dict[str, str], expected: str) -> None:
    answer = teach(client, jpeg(RED), **said)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:meot:problem:bad_question")
    assert expected in answer.json()["detail"]


def test_a_lesson_that_contradicts_another_changes_nothing(client: TestClient) -> None:
    teach(client, jpeg(RED), kind="category", name="kimono", region="upper")
    for name, expected in (("coat", "was taught as kimono"), ("kimono", "were taught as kimono before")):
        answer = teach(client, jpeg(RED), kind="category", name=name)
        assert (answer.status_code, expected in answer.json()["detail"]) == (400, True), answer.text
        assert "meot-lesson" not in answer.json()["detail"]
    answer = teach(client, b"no photo", kind="category", name="coat")
    assert answer.status_code == 400
    assert len(client.get("/api/v1/lessons").json()["lessons"]) == 1


def test_a_lesson_that_was_refused_says_why(client: TestClient) -> None:
    for zipped, kind, status in (
        (locked(pack({"a.jpg": jpeg(RED)})), "unpackable", 422),
        (pack({f"{i}.jpg": b"x" for i in range(501)}), "too_many_photos", 413),
    ):
        answer = teach(client, zipped, kind="category", name="kimono", region="upper")
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:meot:problem:{kind}")


def test_a_source_is_forgotten(shop: Shop, client: TestClient, tmp_path: Path) -> None:
    name = add_source(shop, tmp_path)
    [source] = client.get("/api/v1/sources").json()["sources"]
    told = client.post("/api/v1/sources/forget", json={"source": name})
    assert told.json() == {"source": name, "retired": source["products"]}
    assert client.get("/api/v1/sources").json()["sources"] == []
    assert client.post("/api/v1/sources/forget", json={"source": name}).status_code == 404
    assert client.post("/api/v1/sources/forget", json={"source": ""}).status_code == 400


def test_roles_are_given_but_not_ones_own(shop: Shop, client: TestClient) -> None:
    people = People(database=shop.catalogue.database)
    mina = people.add("mina", None, role="seller")
    told = client.get("/api/v1/people").json()
    assert [(each["name"], each["role"]) for each in told["people"]] == [("ada", "admin"), ("mina", "seller")]
    ada, first = told["people"][0]["number"], client.get("/api/v1/people?limit=1").json()
    rest = client.get("/api/v1/people", params={"after": first["next"]}).json()
    assert [each["name"] for each in rest["people"]] == ["mina"]
    given = client.patch(f"/api/v1/people/{mina.key}", json={"role": "admin"})
    assert (given.status_code, given.json()["role"], people.find("mina").role) == (200, "admin", "admin")
    assert client.patch(f"/api/v1/people/{ada}", json={"role": "shopper"}).status_code == 422
    assert client.patch("/api/v1/people/999", json={"role": "shopper"}).status_code == 404
    assert client.patch(f"/api/v1/people/{mina.key}", json={"role": "king"}).status_code == 400
    assert people.find("ada").role == "admin"


@pytest.mark.parametrize(("method", "to"), [("PATCH", "/api/v1/people/{key}"), ("POST", "/manage/people/{key}/role")])
def test_who_is_demoted_meanwhile_gives_no_role(
    shop: Shop, client: TestClient, monkeypatch: pytest.MonkeyPatch, method: str, to: str
) -> None:
    people, everybody = People(database=shop.catalogue.database), People.all
    ada, mina = people.find("ada"), people.add("mina", PASSWORD, role="admin")

    def demoted_first(self: People) -> list[Person]:
        people.set_role(ada, "seller", by=mina)  # after it was looked at who asks, before what they ask is done
        return everybody(self)

    monkeypatch.setattr(People, "all", demoted_first)
    sent: dict[str, Any] = {"json": {"role": "shopper"}} if method == "PATCH" else {"data": {"role": "shopper"}}
    assert client.request(method, to.format(key=mina.key), **sent).status_code == 403
    assert people.find("mina").role == "admin"


def test_the_last_administrator_deletes_nothing_while_others_stay(shop: Shop, client: TestClient) -> None:
    people = People(database=shop.catalogue.database)
    people.add("mina", PASSWORD)
    refused = client.request("DELETE", "/api/v1/me", json={"password": PASSWORD})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:meot:problem:account")
    page = client.post("/account/delete", data={"password": PASSWORD}, headers={"Accept-Language": "ko"})
    assert page.status_code == 422
    assert "먼저 다른 사람을 운영자로 정해 주세요" in page.text
    people.add("jun", PASSWORD, role="admin")
    assert client.request("DELETE", "/api/v1/me", json={"password": PASSWORD}).status_code == 204
    assert sorted(each.name for each in people.all()) == ["jun", "mina"]


def test_the_overview_counts_and_never_quotes(shop: Shop, client: TestClient) -> None:
    drafts = Drafts(database=shop.catalogue.database, person=None)
    said = {"material": "a secret"}
    drafts.put(StoredDraft(product="p", photos=[], fields={}, state="review", reason="", models={}, corrected=said))
    told = client.get("/api/v1/overview")
    documents.OverviewDocument.model_validate(told.json())
    assert told.json()["corrections"] == {"material": 1}
    assert told.json()["counts"]["products"] == 5
    assert "a secret" not in told.text
    models = client.get("/api/v1/models").json()
    documents.ModelsDocument.model_validate(models)
    assert {"parser", "garment"} <= {each["task"] for each in models["models"]}


def test_a_password_is_changed_by_who_knows_the_one_before(shop: Shop, client: TestClient) -> None:
    people = People(database=shop.catalogue.database)
    wrong = client.put("/api/v1/me/password", json={"old": "a guess at it", "password": OTHER})
    assert (wrong.status_code, wrong.json()["type"]) == (422, "urn:meot:problem:account")
    assert client.put("/api/v1/me/password", json={"old": PASSWORD, "password": "short"}).status_code == 422
    assert people.check("ada", PASSWORD)
    session = people.issue(people.find("ada"), "session", lasts_s=60)
    assert client.put("/api/v1/me/password", json={"old": PASSWORD, "password": OTHER}).status_code == 204
    assert people.check("ada", OTHER)
    assert people.bearer(session, "session") is None
    assert client.get("/api/v1/me").status_code == 200  # tokens stay
    guesses = [client.put("/api/v1/me/password", json={"old": "x" * 12, "password": PASSWORD}) for _ in range(10)]
    assert "too many attempts" in guesses[-1].json()["detail"]
    assert client.put("/api/v1/me/password", json={"old": OTHER, "password": PASSWORD}).status_code == 422


def test_photos_of_a_lesson_are_not_kept(shop: Shop, client: TestClient, tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if path.is_file() and "shop.db" not in path.name}
    teach(client, jpeg(NAVY), kind="style", name="y2k")
    assert {path for path in tmp_path.rglob("*") if path.is_file() and "shop.db" not in path.name} == before
