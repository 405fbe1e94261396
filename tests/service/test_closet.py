from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from tests.builders import NAVY, RED, WHITE, Colour, ColourReader, build_product, write_photo
from tests.service.conftest import DetailReader, build_shop, jpeg

from meot import photos
from meot.catalogue.closet import Closet
from meot.catalogue.jobs import Jobs
from meot.catalogue.people import People, Person
from meot.catalogue.tables import not_alike, owned_garments, owned_photos, people
from meot.service import create_app
from meot.service.closet.inbox import Inbox
from meot.service.jobs.kinds import build_kinds
from meot.service.jobs.worker import Worker
from meot.settings import Settings
from meot.types import Look, Photo
from meot.wiring import Shop

NOTHING_WORN = (255, 0, 255)
GREEN = (40, 120, 60)


class Reader(DetailReader):
    """Sees no clothes in a photo of :data:`NOTHING_WORN`, however often it was written as a JPEG."""

    def read(self, photo: Photo) -> Look:
        found = super().read(photo)
        shown = np.abs(photo.pixels.mean((0, 1)) - NOTHING_WORN).max() > 4
        return found if shown else replace(found, garments=())


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = build_shop(tmp_path, Reader())
    yield shop
    shop.close()


@pytest.fixture
def accounts(shop: Shop) -> People:
    return People(database=shop.catalogue.database)


def visit(shop: Shop, who: Person | None, *scopes: str, language: str = "en") -> TestClient:
    """A program of ``who``'s, or nobody."""
    headers = {"Accept-Language": language}
    if who is not None:
        made = People(database=shop.catalogue.database).issue(
            who, "api", lasts_s=None, scopes=scopes or ("read", "write")
        )
        headers["Authorization"] = f"Bearer {made}"
    return TestClient(
        create_app(shop, Settings(accounts=True, max_upload_mb=1)), headers=headers, follow_redirects=False
    )


@pytest.fixture
def mina(accounts: People) -> Person:
    return accounts.add("mina", None)


@pytest.fixture
def client(shop: Shop, mina: Person) -> TestClient:
    return visit(shop, mina)


def work(shop: Shop) -> None:
    worker = Worker(jobs=Jobs(database=shop.catalogue.database), kinds=build_kinds(shop, Settings()))
    while worker.work_once():
        pass


def sent(*looks: bytes) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("photo", (f"{i}.jpg", look, "image/jpeg")) for i, look in enumerate(looks)]


def own(client: TestClient, shop: Shop, *looks: bytes) -> None:
    answer = client.post("/closet/photos", files=sent(*looks))
    assert (answer.status_code, answer.headers["location"]) == (303, "/closet"), answer.text
    work(shop)


def compare(client: TestClient, look: bytes) -> str:
    answer = client.post("/closet/compare", files=sent(look))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def verdicts(page: str) -> list[str]:
    return re.findall(r'<li class="part panel part-(\w+)"', page)


def rows(shop: Shop) -> dict[str, int]:
    with shop.catalogue.database.reading() as connection:
        tables = (people, owned_photos, owned_garments, not_alike)
        return {t.name: connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def files(shop: Shop) -> list[Path]:
    folder = shop.catalogue.place.beside("closet")
    return [file for file in folder.rglob("*") if file.is_file()] if folder.exists() else []


# -- what is owned


def test_an_empty_closet_says_so(client: TestClient) -> None:
    assert "Nothing is in your closet yet" in client.get("/closet").text
    assert client.get("/api/v1/closet").json() == {
        "photos": [],
        "count": 0,
        "most": 2000,
        "owned": 0,
        "next": None,
    }
    assert "everything is missing" in client.get("/closet/compare").text


def test_many_photos_come_in_and_each_once(client: TestClient, shop: Shop) -> None:
    own(client, shop, jpeg(NAVY, RED), jpeg(WHITE), jpeg(NAVY, RED))
    page = client.get("/closet").text
    assert "Photos: 2, garments: 3" in page
    assert "Added. Photos: 2, garments read from them: 3" in page
    own(client, shop, jpeg(WHITE))
    assert "Photos: 2, garments: 3" in client.get("/closet").text
    assert not [file for file in files(shop) if file.parent.name == "new"]


def test_a_bad_photo_stays_out_and_the_others_go_on(client: TestClient, shop: Shop) -> None:
    bad = ("photo", ("notes.txt", b"no photo", "text/plain"))
    answer = client.post("/closet/photos", files=[*sent(jpeg(NAVY), jpeg(NOTHING_WORN)), bad])
    assert answer.status_code == 303
    work(shop)
    page = client.get("/closet").text
    assert "Photos: 1, garments: 1" in page
    assert "notes.txt was not taken" in page
    assert "1.jpg shows no clothes" in page
    assert client.post("/closet/photos", files=[bad]).status_code == 422


def test_an_attempt_goes_on_where_the_one_before_died(client: TestClient, shop: Shop) -> None:
    client.post("/closet/photos", files=sent(jpeg(NAVY), jpeg(NOTHING_WORN), jpeg(WHITE)))
    jobs = Jobs(database=shop.catalogue.database)
    job = jobs.take()
    assert job is not None

    def die(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    add = build_kinds(shop, Settings())["closet add"]
    with pytest.raises(KeyboardInterrupt):
        add(job, die)
    reads = len(shop.reader.reads)  # type: ignore[attr-defined]
    jobs.give_back(job)
    work(shop)
    result = jobs.find(job.key).result
    assert (result["added"], result["failed"]) == (2, [{"name": "1.jpg", "key": "no_clothes"}])
    assert len(shop.reader.reads) - reads == 2  # type: ignore[attr-defined]  # the first is not read again
    assert not [file for file in files(shop) if file.parent.name == "new"]


def test_what_is_removed_is_gone(client: TestClient, shop: Shop) -> None:
    own(client, shop, jpeg(NAVY, RED))
    photo = client.get("/api/v1/closet").json()["photos"][0]
    picture = client.get(photo["picture"])
    assert (picture.status_code, picture.headers["cache-control"]) == (200, "private, max-age=600")
    assert client.get(photo["garments"][1]["picture"]).status_code == 200
    assert client.post(f"/closet/photos/{photo['photo']}/remove").status_code == 303
    assert client.get(photo["picture"]).status_code == 404
    assert (files(shop), rows(shop)["owned_garments"]) == ([], 0)


def test_pages_of_a_closet(client: TestClient, shop: Shop) -> None:
    own(client, shop, *(jpeg((20 * i, 90, 40)) for i in range(5)))
    first = client.get("/api/v1/closet", params={"limit": 3}).json()
    second = client.get("/api/v1/closet", params={"limit": 3, "after": first["next"]}).json()
    numbers = [each["photo"] for page in (first, second) for each in page["photos"]]
    assert numbers == sorted(numbers, reverse=True)
    assert (len(numbers), second["next"], second["owned"]) == (5, None, 5)


def test_duplicates_that_one_owns(client: TestClient, shop: Shop) -> None:
    assert "No two of your garments" in client.get("/closet/duplicates").text
    own(client, shop, jpeg(NAVY), jpeg((NAVY[0] + 1, NAVY[1], NAVY[2])), jpeg(WHITE))
    page = client.get("/closet/duplicates").text
    assert page.count('class="offer"') == 2


# -- a look beside it


def test_a_look_is_owned_close_or_missing(client: TestClient, shop: Shop) -> None:
    own(client, shop, jpeg(NAVY))
    page = client.get(compare(client, jpeg(NAVY, RED))).text
    assert verdicts(page) == ["own", "missing"]
    assert "same category (shirt)" in page
    assert "Nothing in your closet is worn in this place" in page


def test_an_empty_closet_shows_no_empty_frames_but_what_to_buy(client: TestClient) -> None:
    place = client.post("/closet/compare", files={"photo": ("look.jpg", jpeg(NAVY, RED), "image/jpeg")})
    page = client.get(place.headers["location"]).text
    assert page.count("Your closet is empty, so everything is missing.") == 1
    assert 'href="/closet">Add photos' in page
    assert page.count('class="crop"') == page.count('class="part panel part-missing"') == 2
    assert 'class="stats"' not in page
    assert "Nothing in your closet is worn in this place" not in page
    assert 'href="#wish-1"' in page
    assert 'id="wish-1"' in page


def test_the_answer_is_in_the_visitors_language(shop: Shop, mina: Person) -> None:
    client = visit(shop, mina, language="ko")
    own(client, shop, jpeg(NAVY))
    page = client.get(compare(client, jpeg(NAVY, RED))).text
    assert "같은 종류(셔츠)" in page
    assert "옷장에 같은 자리에 입는 옷이 없습니다" in page


def test_not_alike_counts_at_once_and_can_be_taken_back(client: TestClient, shop: Shop) -> None:
    own(client, shop, jpeg(NAVY))
    address = compare(client, jpeg(NAVY))
    owned = client.get("/api/v1/closet").json()["photos"][0]["garments"][0]["owned"]
    said = client.post(f"{address}/not-alike", data={"garment": "1", "owned": str(owned), "budget": "5"})
    assert (said.status_code, said.headers["location"]) == (303, f"{address}?budget=5#garment-1")
    page = client.get(address).text
    assert verdicts(page) == ["missing"]
    assert "Said to be not like a garment here: 1" in page
    other = compare(client, jpeg(WHITE))
    client.post(f"{other}/not-alike", data={"garment": "1", "owned": str(owned)})
    assert f"{address}/alike" not in client.get(address).text  # the last word is about another photo
    assert client.post(f"{other}/alike").status_code == 303
    assert f"{address}/alike" in client.get(address).text
    assert client.post(f"{address}/alike").status_code == 303
    assert verdicts(client.get(address).text) == ["own"]
    assert client.post(f"{address}/alike").status_code == 404


def test_what_is_missing_becomes_a_shopping_list(client: TestClient, shop: Shop) -> None:
    address = compare(client, jpeg(NAVY))
    page = client.get(address).text
    assert verdicts(page) == ["missing"]
    assert "Navy oxford shirt" in page
    assert "within the budget" not in page
    assert "1 of 1 within the budget: ₩39,000" in client.get(address, params={"budget": "40,000"}).text
    assert "Nothing that fits is within the budget" in client.get(address, params={"budget": "100"}).text


def test_a_budget_is_an_amount(client: TestClient) -> None:
    address = compare(client, jpeg(NAVY))
    for budget in ("-1", "nan", "inf", "much", "1e99"):
        answer = client.get(address, params={"budget": budget})
        assert answer.status_code == 400, budget
        said = re.search(r'id="field-budget-said">(.*?)</span>', answer.text)
        assert said is not None
        assert f"Budget: expected a number of 0 or more, got “{budget}”. Until then nothing is chosen." == said.group(1)
        assert 'id="garment-1"' in answer.text  # the comparison stays


def test_a_look_without_clothes_and_one_that_is_gone(client: TestClient) -> None:
    assert "No clothes found" in client.get(compare(client, jpeg(NOTHING_WORN))).text
    assert client.get("/closet/compare/unknown").status_code == 404
    address = compare(client, jpeg(NAVY))
    assert client.get(address, params={"person": 2}).status_code == 400
    answer = client.post("/api/v1/closet/compare", files=sent(jpeg(NOTHING_WORN)))
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:meot:problem:bad_question")


def test_each_person_of_a_photo_has_a_look(tmp_path: Path) -> None:
    class Pair(Reader):
        """Sees two people, one in each half."""

        def read(self, photo: Photo) -> Look:
            found = super().read(photo)
            return replace(found, garments=tuple(replace(g, person=i) for i, g in enumerate(found.garments)))

    shop = build_shop(tmp_path, Pair())
    client = visit(shop, People(database=shop.catalogue.database).add("mina", None))
    own(client, shop, jpeg(NAVY))
    address = compare(client, jpeg(NAVY, RED))
    first, second = client.get(address).text, client.get(address, params={"person": 2}).text
    assert (verdicts(first), verdicts(second)) == (["own"], ["missing"])
    assert "2 people are in the photo" in first
    assert f'href="{address}?person=2"' in first
    found = client.post("/api/v1/closet/compare", files=sent(jpeg(NAVY, RED)), data={"person": "2"}).json()
    assert (found["person"], found["people"], len(found["garments"])) == (2, 2, 1)
    shop.close()


def test_what_other_models_read_is_read_again_beside_the_answers(client: TestClient, shop: Shop, mina: Person) -> None:
    look = ColourReader(version="colour.0").read(photos.decode(jpeg(NAVY)))
    Closet(database=shop.catalogue.database, person=mina.name).add(look)
    address = compare(client, jpeg(NAVY))
    page = client.get(address).text
    assert verdicts(page) == ["missing"]
    assert "Being read again, and not compared until then: 1" in page
    client.get(address)
    assert len(Jobs(database=shop.catalogue.database).all(person=mina.key)) == 1
    work(shop)
    assert verdicts(client.get(address).text) == ["own"]


def test_the_shops_outfits(client: TestClient, shop: Shop, tmp_path: Path) -> None:
    assert "This catalogue shows no outfits" in client.get("/closet/looks").text
    wear(shop, tmp_path, "Street look", NAVY, RED)
    own(client, shop, jpeg(NAVY))
    page = client.get("/closet/looks").text
    assert "Street look" in page
    assert "1 of 2 garments" in page
    assert "would complete one look" in page
    picture, way = re.findall(r'(?:src|action)="(/closet/looks/[^"]*)"', page)[:2]
    assert client.get(picture).headers["content-type"] == "image/jpeg"
    assert verdicts(client.get(client.post(way).headers["location"]).text) == ["own", "missing"]
    assert client.get(f"/closet/looks/{'0' * 64}").status_code == 404


def wear(shop: Shop, folder: Path, title: str, upper: Colour, lower: Colour) -> None:
    path = write_photo(folder / f"{title}.png", upper, lower=lower)
    shop.catalogue.put_product(build_product(title, title), [path])
    for key, file in shop.catalogue.pending(shop.reader.models):
        if file.exists():
            shop.catalogue.put_reading(key, shop.reader.read(photos.load(file)))


# -- whose it is


def test_nobody_has_no_closet(shop: Shop) -> None:
    nobody = visit(shop, None)
    assert nobody.get("/closet").headers["location"] == "/signin?to=%2Fcloset"
    assert nobody.get("/api/v1/closet").status_code == 401
    assert nobody.get("/closet/photos/1").status_code in (303, 401)
    assert nobody.post("/api/v1/closet/compare", files=sent(jpeg(NAVY))).status_code == 401


def test_another_persons_things_are_not_there(client: TestClient, shop: Shop, accounts: People) -> None:
    own(client, shop, jpeg(NAVY))
    photo = client.get("/api/v1/closet").json()["photos"][0]
    garment = photo["garments"][0]
    other = visit(shop, accounts.add("jun", None, role="admin"))
    assert other.get("/api/v1/closet").json()["count"] == 0
    assert other.get(photo["picture"]).status_code == 404
    assert other.get(garment["picture"]).status_code == 404
    assert other.delete(f"/api/v1/closet/photos/{photo['photo']}").status_code == 404
    assert other.post(f"/closet/photos/{photo['photo']}/remove").status_code == 404
    form: dict[str, Any] = {"data": {"garment": "0", "owned": str(garment["owned"])}, "files": sent(jpeg(NAVY))}
    assert other.post("/api/v1/closet/not-alike", **form).status_code == 404
    assert verdicts(other.get(compare(other, jpeg(NAVY))).text) == ["missing"]
    assert client.get("/api/v1/closet").json()["count"] == 1


def test_another_site_changes_nothing(shop: Shop) -> None:
    foreign = TestClient(
        create_app(shop, Settings()),
        base_url="http://127.0.0.1",
        client=("127.0.0.1", 5000),
        headers={"sec-fetch-site": "cross-site"},
    )
    for address in ("/closet/photos", "/closet/compare", "/closet/compare/link", "/closet/photos/1/remove"):
        assert foreign.post(address, files=sent(jpeg(NAVY))).status_code == 403, address
    assert rows(shop)["owned_photos"] == 0


def test_a_reading_token_changes_nothing(shop: Shop, mina: Person) -> None:
    reader = visit(shop, mina, "read")
    assert reader.get("/api/v1/closet").status_code == 200
    assert reader.post("/api/v1/closet", files=sent(jpeg(NAVY))).status_code == 403


@pytest.mark.parametrize("face", ["page", "api"])
def test_deleting_all_of_mine_leaves_nothing(face: str, shop: Shop, accounts: People, mina: Person) -> None:
    client, other = visit(shop, mina), visit(shop, accounts.add("jun", None))
    own(client, shop, jpeg(NAVY, RED), jpeg(WHITE))
    own(other, shop, jpeg(GREEN))
    owned = client.get("/api/v1/closet").json()["photos"][0]["garments"][0]["owned"]
    form: dict[str, Any] = {"data": {"garment": "0", "owned": str(owned)}, "files": sent(jpeg(WHITE))}
    assert client.post("/api/v1/closet/not-alike", **form).status_code == 201
    client.post("/closet/photos", files=sent(jpeg(RED)))  # waits to be read when its owner goes
    accounts.set_password(mina, "a good long one")
    if face == "page":
        assert client.post("/account/delete", data={"password": "a good long one"}).status_code == 303
    else:
        assert client.request("DELETE", "/api/v1/me", json={"password": "a good long one"}).status_code == 204
    work(shop)
    assert rows(shop) == {"people": 1, "owned_photos": 1, "owned_garments": 1, "not_alike": 0}
    assert [file.parent.name for file in files(shop)] == [str(accounts.find("jun").key)]


def test_a_job_makes_nobody_anew(shop: Shop, accounts: People, mina: Person) -> None:
    jobs = Jobs(database=shop.catalogue.database)
    path = write_photo(shop.catalogue.place.beside("x").parent / "late.png", NAVY)
    photo = photos.load(path)
    Inbox(root=shop.catalogue.place.beside("closet"), person=mina.key).put(photo)
    jobs.add("closet add", {"photos": [{"sha256": photo.sha256, "name": "late"}]}, person=mina.key)
    job = jobs.take()
    assert job is not None
    Closet(database=shop.catalogue.database, person="mina").forget()
    with pytest.raises(Exception, match="gone"):
        build_kinds(shop, Settings())["closet add"](job, lambda done, total: None)
    assert rows(shop)["people"] == 0


@pytest.mark.parametrize("kind", ["closet add", "closet read again"])
def test_who_goes_while_their_photos_are_read_stays_gone(
    kind: str, shop: Shop, client: TestClient, mina: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    own(client, shop, jpeg(NAVY))
    if kind == "closet add":
        client.post("/closet/photos", files=sent(jpeg(RED)))
    else:
        with shop.catalogue.database.writing() as connection:
            connection.execute(update(owned_photos).values(models="{}"))
        Jobs(database=shop.catalogue.database).add(kind, {}, person=mina.key, total=1)
    read = Reader.read

    def read_slowly(self: Reader, photo: Photo) -> Look:
        Closet(database=shop.catalogue.database, person="mina").forget()
        return read(self, photo)

    monkeypatch.setattr(Reader, "read", read_slowly)
    work(shop)
    assert rows(shop) == {"people": 0, "owned_photos": 0, "owned_garments": 0, "not_alike": 0}
    assert files(shop) == []


# -- programs


def test_the_api_adds_compares_and_hears(client: TestClient, shop: Shop) -> None:
    bad = ("photo", ("notes.txt", b"no photo", "text/plain"))
    answer = client.post("/api/v1/closet", files=[*sent(jpeg(NAVY)), bad])
    told = answer.json()
    assert (answer.status_code, told["taken"]) == (202, 1)
    assert [(each["name"], each["type"]) for each in told["refused"]] == [("notes.txt", "urn:meot:problem:not_a_photo")]
    work(shop)
    assert Jobs(database=shop.catalogue.database).find(told["job"]).result["added"] == 1
    found = client.post("/api/v1/closet/compare", files=sent(jpeg(NAVY, RED)), data={"budget": "100000"}).json()
    assert [part["verdict"] for part in found["garments"]] == ["own", "missing"]
    assert (found["schema"], found["shopping"]["budget"], found["calibrated"]) == ("meot.closet/1", 100000, True)
    owned = found["garments"][0]["nearest"][0]["owned"]
    form: dict[str, Any] = {"data": {"garment": "0", "owned": str(owned)}, "files": sent(jpeg(NAVY, RED))}
    word = client.post("/api/v1/closet/not-alike", **form).json()
    assert word["owned"] == owned
    again = client.post("/api/v1/closet/compare", files=sent(jpeg(NAVY, RED))).json()
    assert again["garments"][0]["verdict"] == "missing"
    assert client.delete("/api/v1/closet/not-alike").json() == word
    assert client.delete("/api/v1/closet/not-alike").status_code == 404
    assert client.post("/api/v1/closet", files=[bad]).status_code == 415
    form["data"]["garment"] = "7"
    assert client.post("/api/v1/closet/not-alike", **form).status_code == 400


def test_documents_are_as_described(client: TestClient, shop: Shop) -> None:
    from meot.service.closet import documents

    own(client, shop, jpeg(NAVY))
    documents.ClosetDocument.model_validate(client.get("/api/v1/closet").json())
    found = client.post("/api/v1/closet/compare", files=sent(jpeg(RED, NAVY))).json()
    documents.ComparisonDocument.model_validate(found)
    described = client.get("/api/v1/openapi.json").json()["paths"]
    for path, method in (("", "get"), ("", "post"), ("/compare", "post"), ("/not-alike", "delete")):
        answers = described[f"/api/v1/closet{path}"][method]["responses"]
        body = next(told for status, told in answers.items() if status.startswith("2"))
        assert body["content"]["application/json"]["example"]
        assert {"401", "403"} <= set(answers)
