"""The closet for programs: looks, duplicates, words, pictures, and photos that come another way."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from tests.builders import NAVY, RED, WHITE
from tests.catalogue.sources.fetch.web import Site, serve
from tests.service.conftest import build_shop, jpeg
from tests.service.test_closet import Reader, own, sent, visit, wear

from meot.catalogue.people import People, Person
from meot.catalogue.tables import replies
from meot.service.api.once import ASKING
from meot.service.closet import documents
from meot.service.links import Links
from meot.wiring import Shop

HASH = "0" * 64


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = build_shop(tmp_path, Reader())
    yield shop
    shop.close()


@pytest.fixture
def mina(shop: Shop) -> Person:
    return People(database=shop.catalogue.database).add("mina", None)


@pytest.fixture
def client(shop: Shop, mina: Person) -> TestClient:
    return visit(shop, mina)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site with a look; before the application is made."""
    monkeypatch.setattr("meot.service.app.Links", partial(Links, private_hosts=True))
    with serve({"/look.jpg": lambda visit: visit.answer(jpeg(NAVY, RED))}) as site:
        yield site


def test_the_shops_looks_and_what_to_buy_for_them(client: TestClient, shop: Shop, tmp_path: Path) -> None:
    assert client.get("/api/v1/closet/looks").json() == {"looks": [], "purchases": [], "count": 0, "whole": True}
    wear(shop, tmp_path, "Street look", NAVY, RED)
    wear(shop, tmp_path, "Other look", WHITE, RED)
    own(client, shop, jpeg(NAVY))
    answer = client.get("/api/v1/closet/looks")
    told = answer.json()
    documents.LooksDocument.model_validate(told)
    assert str(tmp_path) not in answer.text
    best = told["looks"][0]
    assert (best["name"], best["covered"], best["of"], told["count"]) == ("Street look", 1, 2, 2)
    assert [(each["verdict"], each["category"]["name"]["ko"]) for each in best["garments"]] == [
        ("own", "셔츠"),
        ("missing", "청바지"),
    ]
    [purchase] = told["purchases"]
    assert (purchase["look"], purchase["unlocks"]) == (best["look"], [best["look"]])
    assert client.get(best["picture"]).headers["content-type"] == "image/jpeg"
    assert client.get(f"/api/v1/closet/looks/{HASH}/picture").status_code == 404
    assert len(client.get("/api/v1/closet/looks?limit=1").json()["looks"]) == 1


def test_a_look_of_the_shop_is_compared_and_spoken_of(client: TestClient, shop: Shop, tmp_path: Path) -> None:
    wear(shop, tmp_path, "Street look", NAVY, RED)
    own(client, shop, jpeg(NAVY))
    look = client.get("/api/v1/closet/looks").json()["looks"][0]["look"]
    form: dict[str, Any] = {"look": (None, look)}
    found = client.post("/api/v1/closet/compare", files=form).json()
    documents.ComparisonDocument.model_validate(found)
    assert [part["verdict"] for part in found["garments"]] == ["own", "missing"]
    assert found["garments"][0]["category"] == {"id": "shirt", "name": {"en": "Shirt", "ko": "셔츠"}, "sure": True}
    owned = found["garments"][0]["nearest"][0]["owned"]
    word = {"look": (None, look), "garment": (None, "0"), "owned": (None, str(owned))}
    said = client.post("/api/v1/closet/not-alike", files=word)
    assert said.status_code == 201
    listed = client.get("/api/v1/closet/not-alike").json()
    documents.WordsDocument.model_validate(listed)
    assert [(each["note"], each["photo"], each["region"]) for each in listed["words"]] == [
        (said.json()["note"], look, "upper")
    ]
    again = client.post("/api/v1/closet/compare", files=form).json()
    assert again["garments"][0]["verdict"] != "own"
    for wrong, status in ((HASH, 404), ("../etc/passwd", 404), (f"{look}x", 404)):
        assert client.post("/api/v1/closet/compare", files={"look": (None, wrong)}).status_code == status


def test_a_look_by_its_address(shop: Shop, site: Site, mina: Person) -> None:
    client = visit(shop, mina)
    own(client, shop, jpeg(NAVY))
    url: dict[str, Any] = {"url": (None, f"{site.address}/look.jpg")}
    found = client.post("/api/v1/closet/compare", files=url)
    assert [part["verdict"] for part in found.json()["garments"]] == ["own", "missing"]
    both = {**url, "photo": ("a.jpg", jpeg(), "image/jpeg")}
    refused = client.post("/api/v1/closet/compare", files=both)
    assert (refused.status_code, "all but one" in refused.json()["detail"]) == (400, True)
    assert client.post("/api/v1/closet/compare", files={"url": (None, " ")}).status_code == 422
    before = len(site.visits)
    foreign = {"sec-fetch-site": "cross-site"}
    for address in ("/looks", "/search/photo", "/closet/compare"):
        answer = client.post(f"/api/v1{address}", files=url, headers=foreign)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:meot:problem:foreign_request")
    assert len(site.visits) == before


def test_garments_of_which_one_would_do(client: TestClient, shop: Shop) -> None:
    own(client, shop, jpeg(NAVY), jpeg(NAVY, size=(128, 160)), jpeg(RED))
    told = client.get("/api/v1/closet/duplicates").json()
    documents.DuplicatesDocument.model_validate(told)
    [group] = told["duplicates"]
    assert told["whole"]
    assert len({garment["photo"] for garment in group["garments"]}) == 2
    assert {garment["colours"][0] for garment in group["garments"]} == {"navy"}


def test_pictures_are_ones_own(client: TestClient, shop: Shop) -> None:
    own(client, shop, jpeg(NAVY))
    photo = client.get("/api/v1/closet").json()["photos"][0]
    other = visit(shop, People(database=shop.catalogue.database).add("jun", None))
    for address in (photo["picture"], photo["garments"][0]["picture"]):
        mine = client.get(address)
        assert (mine.headers["content-type"], mine.headers["cache-control"]) == ("image/jpeg", "private, max-age=600")
        assert (other.get(address).status_code, visit(shop, None).get(address).status_code) == (404, 401)


def test_a_word_is_said_and_taken_back_once_under_its_key(client: TestClient, shop: Shop) -> None:
    own(client, shop, jpeg(NAVY))
    [photo] = client.get("/api/v1/closet").json()["photos"]
    data = {"garment": "0", "owned": str(photo["garments"][0]["owned"])}
    looks = jpeg(WHITE), jpeg(RED)
    for key, look in zip("ab", looks, strict=True):
        said = [
            client.post("/api/v1/closet/not-alike", files=sent(look), data=data, headers={"Idempotency-Key": key})
            for _ in range(2)
        ]
        assert [answer.status_code for answer in said] == [201, 201]
        assert said[0].json() == said[1].json()
    undone = [client.delete("/api/v1/closet/not-alike", headers={"Idempotency-Key": "c"}) for _ in range(2)]
    assert [answer.status_code for answer in undone] == [200, 200]
    assert undone[0].json() == undone[1].json()
    assert len(client.get("/api/v1/closet/not-alike").json()["words"]) == 1


def test_nothing_is_kept_of_what_only_asks(client: TestClient, shop: Shop) -> None:
    own(client, shop, jpeg(NAVY))
    for address in ASKING:
        for _ in range(2):
            answer = client.post(address, files=sent(jpeg(NAVY)), headers={"Idempotency-Key": "k"})
            assert (answer.status_code, "idempotency-replayed" in answer.headers) == (200, False), address
    with shop.catalogue.database.reading() as connection:
        assert connection.execute(select(replies)).all() == []


def test_words_come_page_by_page(client: TestClient, shop: Shop) -> None:
    own(client, shop, jpeg(NAVY), jpeg(RED))
    photos = client.get("/api/v1/closet").json()["photos"]
    for photo in photos:
        data = {"garment": "0", "owned": str(photo["garments"][0]["owned"])}
        said = client.post("/api/v1/closet/not-alike", files=sent(jpeg(WHITE)), data=data)
        assert said.status_code == 201
    first = client.get("/api/v1/closet/not-alike?limit=1").json()
    rest = client.get("/api/v1/closet/not-alike", params={"limit": 1, "after": first["next"]}).json()
    assert (len(first["words"]), len(rest["words"]), rest["next"]) == (1, 1, None)
    assert first["words"][0]["note"] > rest["words"][0]["note"]
