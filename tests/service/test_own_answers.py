"""A person's own answers: tagged, never another's; a change may insist on what it saw."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from sqlalchemy import insert
from tests.service.office import client_of, send, work

from meot.answers.listing import correct, draft
from meot.answers.listing.stored import of_stored, to_store
from meot.catalogue.drafts import ChangedError, Drafts
from meot.catalogue.people import People
from meot.catalogue.tables import jobs
from meot.service.api import fresh
from meot.service.problems import ChangedMeanwhileError
from meot.service.sell.selling import Selling
from meot.wiring import Shop

LISTS = ["/closet", "/closet/duplicates", "/closet/looks", "/closet/not-alike", "/drafts", "/jobs", "/me"]
OF_ALL = ["/sources", "/overview", "/models", "/lessons", "/people"]


@pytest.fixture
def seller(shop: Shop) -> TestClient:
    return client_of(shop, "mina")


def draft_of(shop: Shop, seller: TestClient) -> str:
    """The address of a draft."""
    send(seller)
    work(shop)
    return f"/api/v1/drafts/{seller.get('/api/v1/drafts').json()['drafts'][0]['number']}"


@pytest.mark.parametrize("address", [*LISTS, *OF_ALL])
def test_ones_own_is_told_again_only_when_it_is_new(shop: Shop, address: str) -> None:
    admin, other = client_of(shop, "ada", "admin"), client_of(shop, "eve", "admin")
    first = admin.get(f"/api/v1{address}")
    assert (first.status_code, first.headers["cache-control"]) == (200, "private, no-cache")
    assert first.headers["vary"] == "Authorization, Cookie, Accept-Language"
    tag = {"If-None-Match": f'"x", {first.headers["etag"]}'}
    again = admin.get(f"/api/v1{address}", headers=tag)
    assert (again.status_code, again.content, again.headers["vary"]) == (304, b"", first.headers["vary"])
    assert other.get(f"/api/v1{address}", headers=tag).status_code == 200  # the same bytes are still somebody else's


def test_ones_own_pictures_are_kept_for_nobody_else(shop: Shop, seller: TestClient) -> None:
    address = draft_of(shop, seller)
    of_page = f"/sell/drafts/{address.rpartition('/')[2]}/photo/0"
    send(seller, to="/closet/photos")
    work(shop)
    [photo, *_] = seller.get("/api/v1/closet").json()["photos"]
    places = [f"{address}/photos/0", of_page, photo["picture"], f"/closet/photos/{photo['photo']}"]
    places += [photo["garments"][0]["picture"], f"/closet/garments/{photo['garments'][0]['owned']}"]
    for place in places:
        answer = seller.get(place)
        assert (answer.status_code, "Cookie" in answer.headers.get("vary", "")) == (200, True), place
        assert answer.headers["cache-control"].startswith("private")


def test_every_job_is_reached_page_by_page(shop: Shop, seller: TestClient) -> None:
    mina = People(database=shop.catalogue.database).find("mina")
    row = {"kind": "closet add", "payload": "{}", "state": "done", "person": mina.key, "result": "{}", "reason": ""}
    with shop.catalogue.database.writing() as connection:
        connection.execute(insert(jobs), [row | {"created_at": 1.0}] * 1050)
    found, after = list[int](), None
    while not found or after is not None:
        page = seller.get("/api/v1/jobs", params={"limit": 100, **({} if after is None else {"after": after})}).json()
        found += [job["number"] for job in page["jobs"]]
        after = page["next"]
    assert found == sorted(set(found), reverse=True)
    assert len(found) == 1050


def test_what_changed_is_told_anew(shop: Shop, seller: TestClient) -> None:
    address = draft_of(shop, seller)
    tags = {place: {"If-None-Match": seller.get(place).headers["etag"]} for place in (address, "/api/v1/drafts")}
    seller.patch(address, json={"fields": {"colour": "red"}})
    assert [seller.get(place, headers=tag).status_code for place, tag in tags.items()] == [200, 200]


def test_a_correction_may_insist_on_what_it_saw(shop: Shop, seller: TestClient) -> None:
    address = draft_of(shop, seller)
    seen = {"If-Match": seller.get(address).headers["etag"]}
    first = seller.patch(address, json={"fields": {"colour": "red"}}, headers=seen)
    assert first.status_code == 200
    assert first.headers["etag"] == seller.get(address).headers["etag"]
    second = seller.patch(address, json={"fields": {"colour": "blue"}}, headers=seen)
    assert (second.status_code, second.json()["type"]) == (412, "urn:meot:problem:changed_meanwhile")
    assert seller.request("DELETE", address, headers=seen).status_code == 412
    assert seller.get(address).json()["corrected"] == {"colour": "red"}
    newer = {"If-Match": first.headers["etag"]}
    assert seller.patch(address, json={"fields": {"colour": "blue"}}, headers=newer).status_code == 200
    assert seller.patch(address, json={"fields": {"colour": ""}}, headers={"If-Match": "*"}).status_code == 200
    last = {"If-Match": seller.get(address).headers["etag"]}
    assert seller.request("DELETE", address, headers=last).status_code == 204


@pytest.mark.parametrize(
    "pack",
    [lambda tag: f"W/{tag}", lambda tag: f'{tag[:-1]}-gzip"', lambda tag: f'"x", W/{tag[:-1]}-br"'],
    ids=["nginx", "Apache", "both"],
)
def test_a_tag_that_a_packing_gateway_changed_protects_as_before(
    shop: Shop, seller: TestClient, pack: Callable[[str], str]
) -> None:
    address = draft_of(shop, seller)
    old = seller.get(address).headers["etag"]
    assert seller.get(address, headers={"If-None-Match": pack(old)}).status_code == 304
    for wish, status in (("red", 200), ("blue", 412)):
        answer = seller.patch(address, json={"fields": {"colour": wish}}, headers={"If-Match": pack(old)})
        assert answer.status_code == status
    assert seller.request("DELETE", address, headers={"If-Match": pack(old)}).status_code == 412
    for other in ('W/"x"', '"x-gzip"', f"{old}-gzip", "", "W/*", pack(old)[:-2]):
        assert seller.request("DELETE", address, headers={"If-Match": other}).status_code == 412
    assert seller.get(address).json()["corrected"] == {"colour": "red"}
    new = seller.get(address).headers["etag"]
    assert seller.request("DELETE", address, headers={"If-Match": pack(new)}).status_code == 204


def test_a_weak_tag_of_ours_insists_on_nothing() -> None:
    asked = Request({"type": "http", "headers": [(b"if-match", b'W/"a", "a"')]})
    with pytest.raises(ChangedMeanwhileError):
        fresh.check_unchanged(asked, 'W/"a"')


def test_what_two_correct_at_once_both_stays(shop: Shop, seller: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    address, both = draft_of(shop, seller), threading.Barrier(2)
    make, calls = draft.make, count()

    def made_together(*given: Any, **more: Any) -> Any:
        if next(calls) < 2:  # both have read the draft before either writes it
            both.wait(60)
        return make(*given, **more)

    monkeypatch.setattr(correct, "make", made_together)
    threads = [
        threading.Thread(target=seller.patch, args=(address,), kwargs={"json": {"fields": fields}})
        for fields in ({"colour": "red"}, {"material": "wool"})
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seller.get(address).json()["corrected"] == {"colour": "red", "material": "wool"}


def test_two_windows_do_not_overwrite_each_other(shop: Shop, seller: TestClient) -> None:
    key = draft_of(shop, seller).rpartition("/")[2]
    page = seller.get(f"/sell/drafts/{key}").text
    [seen] = re.findall(r'name="seen" value="(\w+)"', page)
    first = seller.post(f"/sell/drafts/{key}", data={"seen": seen, "colour": "red"})
    assert first.status_code == 303
    second = seller.post(f"/sell/drafts/{key}", data={"seen": seen, "colour": "navy", "material": "wool"})
    assert (second.status_code, "changed elsewhere since you opened it" in second.text) == (422, True)
    assert seller.get(f"/api/v1/drafts/{key}").json()["corrected"] == {"colour": "red"}
    [now] = re.findall(r'name="seen" value="(\w+)"', second.text)
    third = seller.post(f"/sell/drafts/{key}", data={"seen": now, "colour": "red", "material": "wool"})
    assert third.status_code == 303
    assert seller.get(f"/api/v1/drafts/{key}").json()["corrected"] == {"colour": "red", "material": "wool"}


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_change_between_the_look_and_the_write_is_seen(
    shop: Shop, seller: TestClient, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = draft_of(shop, seller)
    seen = {"If-Match": seller.get(address).headers["etag"]}
    stored = Selling.stored

    def stored_then_changed(self: Selling, *given: Any) -> Any:
        found = stored(self, *given)
        monkeypatch.setattr(Selling, "stored", stored)
        seller.patch(address, json={"fields": {"material": "wool"}})
        return found

    monkeypatch.setattr(Selling, "stored", stored_then_changed)
    wish = {"fields": {"colour": "red"}} if method == "PATCH" else None
    assert seller.request(method, address, headers=seen, json=wish).status_code == 412
    assert seller.get(address).json()["corrected"] == {"material": "wool"}
    assert seller.get(f"{address}/photos/0").status_code == 200


def test_a_draft_that_went_meanwhile_is_not_made_anew(shop: Shop, seller: TestClient) -> None:
    draft_of(shop, seller)
    mina = People(database=shop.catalogue.database).find("mina")
    drafts = Drafts(database=shop.catalogue.database, person=mina.key)
    [seen, *_] = drafts.all()
    drafts.remove([seen.product])
    with pytest.raises(ChangedError, match="changed meanwhile"):
        drafts.put(to_store(of_stored(seen)), seen=seen)
    assert drafts.find(seen.product) is None
