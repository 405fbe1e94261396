from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from tests.service.conftest import jpeg
from tests.service.office import client_of, send, work

from meot.catalogue.feeds import Feeds
from meot.catalogue.jobs import Jobs
from meot.catalogue.people import People
from meot.labels.lessons import CATEGORY, Example, Lesson
from meot.service.manage.overview import Overview
from meot.wiring import Shop

PAGES = ("/manage", "/manage/sources", "/manage/jobs", "/manage/models", "/manage/taught", "/manage/people")


@pytest.fixture
def admin(shop: Shop) -> TestClient:
    return client_of(shop, "ada", "admin")


def add_source(shop: Shop, folder: Path) -> str:
    """A table of one product, known as a source."""
    (folder / "photo.jpg").write_bytes(jpeg())
    (folder / "feed.csv").write_text("id,title,price,image\n1,Shirt,10000,photo.jpg\n", "utf-8")
    return Feeds(database=shop.catalogue.database).note(folder / "feed.csv", name="feed").name


def lesson(name: str) -> Lesson:
    example = Example(
        sha256="a" * 64, region="upper", encoder="colours.1", features=np.ones(3, np.float32), photo="a.jpg"
    )
    return Lesson(kind=CATEGORY, name=name, names={"en": name, "ko": name}, region="upper", examples=(example,))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_page_in_both_languages(shop: Shop, admin: TestClient, tmp_path: Path, language: str) -> None:
    add_source(shop, tmp_path)
    shop.catalogue.teach(lesson("hanbok"))
    send(admin)
    for page in PAGES:
        answer = admin.get(page, headers={"Accept-Language": language})
        assert (answer.status_code, answer.headers["content-language"]) == (200, language), page


def test_only_administrators_manage(shop: Shop) -> None:
    seller, nobody = client_of(shop, "mina"), client_of(shop)
    for page in PAGES:
        assert seller.get(page).status_code == 403, page
        assert nobody.get(page).headers["location"].startswith("/signin"), page
    for method, address in (("GET", "/api/v1/sources"), ("POST", "/api/v1/sources/refresh"), ("POST", "/api/v1/jobs")):
        json = {"kind": "compact"} if address.endswith("jobs") else {} if method == "POST" else None
        assert seller.request(method, address, json=json).status_code == 403, address
        assert nobody.request(method, address, json=json).status_code == 401, address
    for address in ("/manage/jobs", "/manage/taught/undo", "/manage/people/1/role"):
        assert seller.post(address, data={"kind": "compact", "role": "admin"}).status_code == 403, address
        assert nobody.post(address, data={"kind": "compact"}).status_code == 401, address


def test_a_source_is_refreshed_by_a_button(shop: Shop, admin: TestClient, tmp_path: Path) -> None:
    name = add_source(shop, tmp_path)
    page = admin.get("/manage/sources").text
    assert "feed.csv" in page
    answer = admin.post("/manage/jobs", data={"kind": "refresh", "source": name})
    assert answer.headers["location"] == "/manage/jobs"
    admin.post("/manage/jobs", data={"kind": "refresh", "source": name})
    assert len(admin.get("/api/v1/jobs").json()["jobs"]) == 1  # one that waits is not begun twice
    assert work(shop) == 1
    [job] = admin.get("/api/v1/jobs").json()["jobs"]
    assert (job["state"], job["result"]["sources"][0]["added"]) == ("done", 1)
    assert "1 new" in admin.get("/manage/jobs").text
    [source] = admin.get("/api/v1/sources").json()["sources"]
    assert (source["products"], source["finished"] is not None) == (1, True)
    assert admin.post("/manage/jobs", data={"kind": "refresh", "source": "other"}).status_code == 404
    assert admin.post("/manage/jobs", data={"kind": "sell"}).status_code == 400


def test_jobs_are_cancelled_and_tried_again(shop: Shop, admin: TestClient) -> None:
    seller, other = client_of(shop, "mina"), client_of(shop, "jun")
    send(seller)
    [job] = seller.get("/api/v1/jobs").json()["jobs"]
    number = job["number"]
    assert other.get(f"/api/v1/jobs/{number}").status_code == 404
    assert other.post(f"/api/v1/jobs/{number}/cancel").status_code == 404
    assert other.post(f"/jobs/{number}/cancel").status_code == 404
    assert other.get("/api/v1/jobs?everybodys=true").json()["jobs"] == []
    assert seller.post(f"/jobs/{number}/cancel", data={"to": "/sell"}).headers["location"] == "/sell"
    assert seller.get(f"/api/v1/jobs/{number}").json()["state"] == "cancelled"
    assert work(shop) == 0
    assert admin.post(f"/api/v1/jobs/{number}/retry").json()["state"] == "waiting"
    assert [each["number"] for each in admin.get("/api/v1/jobs?everybodys=true").json()["jobs"]] == [number]
    assert work(shop) == 1
    assert seller.get(f"/api/v1/jobs/{number}").json()["state"] == "done"
    assert seller.get("/api/v1/jobs/999").status_code == 404
    assert seller.post(f"/jobs/{number}/cancel", data={"to": "//evil.example"}).headers["location"] == "/"


def test_a_failed_job_says_why(shop: Shop, admin: TestClient) -> None:
    jobs = Jobs(database=shop.catalogue.database)
    key = jobs.add("refresh", {"sources": ["gone"]})
    work(shop)
    assert jobs.find(key).state == "failed"
    page = admin.get("/manage/jobs").text
    assert "Failed" in page
    assert f"/jobs/{key}/retry" in page


def test_pages_of_jobs(shop: Shop, admin: TestClient) -> None:
    jobs, me = Jobs(database=shop.catalogue.database), People(database=shop.catalogue.database).find("ada")
    made = [jobs.add("compact", {}, person=me.key) for _ in range(5)]
    first = admin.get("/api/v1/jobs?limit=3").json()
    rest = admin.get("/api/v1/jobs", params={"limit": 3, "after": first["next"]}).json()
    assert [job["number"] for job in first["jobs"] + rest["jobs"]] == made[::-1]
    assert rest["next"] is None


def test_the_last_lesson_is_taken_back(shop: Shop, admin: TestClient) -> None:
    shop.catalogue.teach(lesson("hanbok"))
    assert "hanbok" in admin.get("/manage/taught").text
    undone: list[str] = []

    def undo(self: Overview) -> Lesson:
        gone = shop.catalogue.undo_lesson()
        undone.append(gone.name)
        return gone

    with pytest.MonkeyPatch.context() as patched:  # reading photos anew needs the real models
        patched.setattr(Overview, "undo_lesson", undo)
        assert admin.post("/manage/taught/undo").status_code == 303
    assert undone == ["hanbok"]
    assert "Nothing was taught yet" in admin.get("/manage/taught").text
    assert admin.post("/manage/taught/undo").status_code == 422


def test_models_show_their_cards(admin: TestClient) -> None:
    page = admin.get("/manage/models").text
    for part in ("parser", "garment", "Licence", "Trained on"):
        assert part in page


def test_roles_are_given_but_not_ones_own(shop: Shop, admin: TestClient) -> None:
    seller = client_of(shop, "mina")
    people = People(database=shop.catalogue.database)
    mina, ada = people.find("mina"), people.find("ada")
    assert admin.post(f"/manage/people/{mina.key}/role", data={"role": "shopper"}).status_code == 303
    assert seller.get("/sell").status_code == 403
    assert admin.post(f"/manage/people/{mina.key}/role", data={"role": "king"}).status_code == 422
    assert admin.post("/manage/people/999/role", data={"role": "shopper"}).status_code == 422
    assert admin.post(f"/manage/people/{ada.key}/role", data={"role": "shopper"}).status_code == 422
    assert people.find("ada") == replace(ada)


def test_corrections_are_counted_by_field(shop: Shop, admin: TestClient) -> None:
    assert "Nobody has corrected a draft yet" in admin.get("/manage").text
    seller = client_of(shop, "mina")
    send(seller)
    work(shop)
    number = seller.get("/api/v1/drafts").json()["drafts"][0]["number"]
    seller.patch(f"/api/v1/drafts/{number}", json={"fields": {"material": "wool"}})
    page = admin.get("/manage").text
    assert "Material" in page
    assert "wool" not in page


def test_the_description_shows_every_route_with_its_roles(admin: TestClient) -> None:
    paths = admin.get("/api/v1/openapi.json").json()["paths"]
    for path in ("drafts", "drafts/{number}", "jobs", "jobs/{number}", "sources", "trends", "listings/{to}"):
        for operation in paths[f"/api/v1/{path}"].values():
            assert operation["summary"]
            own = path != "trends"
            assert ("401" in operation["responses"] and {"token": []} in operation["security"]) or not own
    assert paths["/api/v1/drafts"]["post"]["requestBody"]["content"]["multipart/form-data"]
    answer = paths["/api/v1/drafts/{number}"]["patch"]["requestBody"]["content"]["application/json"]
    assert answer["example"]["fields"]["category"] == "polo"
