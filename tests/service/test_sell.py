from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from tests.builders import NAVY, ColourReader
from tests.service.conftest import build_shop, jpeg
from tests.service.office import client_of, send, work

from meot.catalogue.drafts import Drafts
from meot.catalogue.people import People
from meot.service import batch
from meot.service.sell.photos import plain_stem
from meot.types import Label, Look, Photo
from meot.wiring import Shop


class Doubter(ColourReader):
    """Is never sure of the category."""

    def read(self, photo: Photo) -> Look:
        found = super().read(photo)
        label = Label("shirt", 0.6, False, "blouse", {"shirt": 0.6, "blouse": 0.3})
        return replace(found, garments=tuple(replace(each, category=label) for each in found.garments))


@pytest.fixture
def seller(shop: Shop) -> TestClient:
    return client_of(shop, "mina")


@pytest.fixture
def doubted(tmp_path: Path) -> Iterator[Shop]:
    shop = build_shop(tmp_path, Doubter())
    yield shop
    shop.close()


def products(client: TestClient) -> dict[str, dict[str, object]]:
    return {each["product"]: each for each in client.get("/api/v1/drafts").json()["drafts"]}


def test_photos_become_drafts_of_products(shop: Shop, seller: TestClient) -> None:
    answer = send(seller)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sell")
    assert "Waiting" in seller.get("/sell").text
    assert work(shop) == 1
    made = products(seller)
    assert {name: len(each["photos"]) for name, each in made.items()} == {"A12": 2, "B7": 1}  # type: ignore[arg-type]
    page = seller.get("/sell").text
    assert "2 products" in page
    assert f"/sell/drafts/{made['A12']['number']}" in page


def test_a_product_whose_photos_come_in_turns_stays_one(shop: Shop, seller: TestClient) -> None:
    for name, size in (("A12_1.jpg", (96, 128)), ("A12_2.jpg", (128, 96)), ("A12_1.jpg", (96, 128))):
        send(seller, {name: jpeg(size=size)})
        work(shop)
    assert {name: len(each["photos"]) for name, each in products(seller).items()} == {"A12": 2}  # type: ignore[arg-type]


def test_a_shop_at_a_relative_path_reads_no_photo_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shop = build_shop(Path())
    seller = client_of(shop, "mina")
    for _ in range(2):
        send(seller)
        work(shop)
    newest = seller.get("/api/v1/jobs").json()["jobs"][0]
    assert (newest["done"], newest["total"], newest["result"]["read"]) == (3, 3, 0)
    shop.close()


def test_what_is_needed_and_unseen_is_asked(doubted: Shop) -> None:
    seller = client_of(doubted, "mina")
    send(seller, {"A1.jpg": jpeg()})
    work(doubted)
    [draft] = products(seller).values()
    seller.patch(f"/api/v1/drafts/{draft['number']}", json={"fields": {"category": "sneakers"}})  # none are on it
    page = seller.get(f"/sell/drafts/{draft['number']}").text
    assert "To decide" in page
    assert 'name="other:colour" value="red"' in page


def test_what_is_no_photo_is_refused_by_itself(shop: Shop, seller: TestClient) -> None:
    send(seller, {"A1.jpg": jpeg(), "notes.jpg": b"hello", "big.jpg": b"x" * (1 << 20) + b"y"})
    page = seller.get("/sell").text
    assert "notes.jpg was not taken" in page
    assert "larger than 1 MB" in page
    work(shop)
    assert list(products(seller)) == ["A1"]
    answer = send(seller, {"notes.jpg": b"hello"})
    assert answer.status_code == 422
    assert "notes.jpg" in answer.text


def send_table(client: TestClient, table: str, *names: str) -> Any:
    files = [("facts", ("facts.csv", table.encode(), "text/csv"))]
    files += [("photo", (name, jpeg(), "image/jpeg")) for name in names]
    return client.post("/sell/photos", files=files)


def test_a_table_beside_the_photos_tells_what_no_photo_shows(shop: Shop, seller: TestClient) -> None:
    send(seller, {"B7.jpg": jpeg((220, 45, 55))})
    work(shop)
    table = '상품,가격,브랜드\nA12,"39,000원",Atelier\nB7,12000,Atelier\n'
    assert send_table(seller, table, "A12_1.jpg").status_code == 303
    work(shop)
    made = products(seller)
    assert {name: each["fields"]["price"]["value"] for name, each in made.items()} == {  # type: ignore[index]
        "A12": "39,000원",
        "B7": "12000",
    }
    assert "from your table" in seller.get(f"/sell/drafts/{made['A12']['number']}").text


def test_a_table_alone_fills_in_the_drafts_that_there_are(shop: Shop, seller: TestClient) -> None:
    send(seller)
    work(shop)
    number = products(seller)["A12"]["number"]
    seller.patch(f"/api/v1/drafts/{number}", json={"fields": {"brand": "Mine"}})
    send_table(seller, "product,material,brand\nA12,wool,Other\n")
    answer = send_table(seller, "product,price\nA12,39000\nC1,1\n")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sell?filled=1&told=2")
    assert "tells of 2 products. Drafts filled in with it: 1." in seller.get(answer.headers["location"]).text
    fields = products(seller)["A12"]["fields"]
    told = {name: fields[name]["value"] for name in ("material", "brand", "price")}  # type: ignore[index]
    assert told == {"material": "wool", "brand": "Mine", "price": "39000"}
    assert "none has a draft here yet" in seller.get("/sell?filled=0&told=2").text


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("product,price\nA12,for free\n", "facts.csv line 2: Price: expected a number"),
        ("name\n\x00", "expected a column product"),
        ("", "No photo arrived"),
        ("product,price\nA12,1\n" + "x" * (1 << 20), "a table may have 1 MB"),
    ],
)
def test_a_table_that_cannot_be_read_is_explained_and_no_photo_is_kept(
    shop: Shop, seller: TestClient, table: str, said: str
) -> None:
    answer = send_table(seller, table, *(["A12.jpg"] if table else []))
    assert (answer.status_code, said in answer.text) == (422, True)
    assert "/tmp" not in answer.text
    assert work(shop) == 0
    assert not list(shop.catalogue.place.beside("drafts").rglob("*.jpg"))


def test_copies_bear_no_place_or_time(shop: Shop, seller: TestClient) -> None:
    exif = Image.Exif()
    exif[0x0132] = "2026:01:01 00:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    written = io.BytesIO()
    Image.new("RGB", (96, 128), NAVY).save(written, "JPEG", exif=exif)
    send(seller, {"A1.jpg": written.getvalue()})
    work(shop)
    [draft] = products(seller).values()
    kept = seller.get(draft["photos"][0])  # type: ignore[index]
    assert kept.headers["content-type"] == "image/jpeg"
    assert "private" in kept.headers["cache-control"]
    assert not Image.open(io.BytesIO(kept.content)).getexif()


def test_only_the_owner_sees_drafts_and_photos(shop: Shop, seller: TestClient) -> None:
    send(seller)
    work(shop)
    number = products(seller)["A12"]["number"]
    other, shopper, nobody = client_of(shop, "jun"), client_of(shop, "ana", "shopper"), client_of(shop)
    api = f"/api/v1/drafts/{number}"
    asks = [("GET", api), ("PATCH", api), ("DELETE", api), ("GET", f"{api}/photos/0")]
    asks += [("GET", f"/sell/drafts/{number}"), ("GET", f"/sell/drafts/{number}/photo/0")]
    asks += [("POST", f"/sell/drafts/{number}"), ("POST", f"/sell/drafts/{number}/delete")]
    for method, address in asks:
        json = {"fields": {"title": "mine"}} if method == "PATCH" else None
        assert other.request(method, address, json=json).status_code == 404, address
        assert shopper.request(method, address, json=json).status_code == 403, address
        assert nobody.request(method, address, json=json).status_code in (401, 303), address
    assert products(other) == {}
    assert products(seller)["A12"]["corrected"] == {}


def test_the_queue_keeps_what_is_decided_and_goes_on(doubted: Shop) -> None:
    seller = client_of(doubted, "mina")
    send(seller, {"A1.jpg": jpeg(), "A2.jpg": jpeg((220, 45, 55))})
    work(doubted)
    first = seller.get("/sell/review").headers["location"]
    page = seller.get(first).text
    assert "1 of 2 to review" in page
    assert 'name="category" value="blouse"' in page
    assert 'rel="next"' in page
    answer = seller.post(first, data={"category": "blouse", "colour": "navy", "go": "next"})
    second = answer.headers["location"]
    assert second != first
    assert (
        seller.post(second, data={"other:category": "polo", "colour": "red", "go": "next"}).headers["location"]
        == "/sell"
    )
    made = products(seller)
    assert [made[name]["corrected"]["category"] for name in ("A1", "A2")] == ["blouse", "polo"]  # type: ignore[index]
    assert seller.get("/sell/review").headers["location"] == "/sell"


def test_a_value_that_cannot_be_changes_nothing(shop: Shop, seller: TestClient) -> None:
    send(seller)
    work(shop)
    number = products(seller)["A12"]["number"]
    answer = seller.post(f"/sell/drafts/{number}", data={"price": "dear", "title": "A shirt"})
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text
    assert products(seller)["A12"]["corrected"] == {}
    assert seller.patch(f"/api/v1/drafts/{number}", json={"fields": {"shape": "x"}}).status_code == 400
    assert seller.patch(f"/api/v1/drafts/{number}", json={"fields": {}}).status_code == 400


def test_a_correction_is_taken_back(shop: Shop, seller: TestClient) -> None:
    send(seller)
    work(shop)
    address = f"/sell/drafts/{products(seller)['A12']['number']}"
    seller.post(address, data={"title": '=cmd|"/c calc"', "colour": ["red", "navy"]})
    assert products(seller)["A12"]["corrected"] == {"title": '=cmd|"/c calc"', "colour": "red;navy"}
    seller.post(address, data={"title": "", "colour": "red;navy"})
    assert products(seller)["A12"]["corrected"] == {"colour": "red;navy"}


def test_sellers_do_not_teach_the_shop_but_administrators_do(shop: Shop) -> None:
    for name, role, jobs in (("mina", "seller", 0), ("ada", "admin", 1)):
        client = client_of(shop, name, role)
        send(client)
        work(shop)
        number = products(client)["A12"]["number"]
        client.patch(f"/api/v1/drafts/{number}", json={"fields": {"category": "polo"}})
        assert work(shop) == jobs, role


def test_listings_go_out_as_files_that_no_spreadsheet_runs(shop: Shop, seller: TestClient) -> None:
    send(seller)
    work(shop)
    number = products(seller)["A12"]["number"]
    said = {"title": "=1+1", "price": "39000 KRW", "category": "shirt", "colour": "navy"}
    assert seller.patch(f"/api/v1/drafts/{number}", json={"fields": said}).status_code == 200
    page = seller.get("/sell/export?to=csv").text
    assert "/sell/export/file?to=csv" in page
    answer = seller.get("/sell/export/file?to=csv")
    assert 'filename="listings.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert any(row["title"] == "'=1+1" for row in rows)
    assert str(shop.catalogue.place.beside("drafts")) not in answer.text


def test_a_form_holds_as_many_photos_as_it_says_beside_its_empty_fields(seller: TestClient) -> None:
    """A browser sends every field for a file, chosen or not: camera, photos, ZIP, table."""
    chosen = [("photo", f"{i}.jpg", jpeg((i, 2 * i, 60))) for i in range(batch.MOST_PHOTOS)]
    sent = [("photo", "", b""), *chosen, ("photo", "", b""), ("facts", "", b"")]
    head = b'--x\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n%s\r\n'
    body = b"".join(head % (field.encode(), name.encode(), data) for field, name, data in sent) + b"--x--\r\n"
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = seller.post("/sell/photos", content=body, headers=form)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/sell"), answer.text


def test_a_body_too_deep_to_read_is_told(seller: TestClient) -> None:
    answer = seller.patch("/api/v1/drafts/1", content=b"[" * 50_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("PATCH /api/v1/drafts/1: the body cannot be read; send it as")


def test_what_a_shop_will_not_take_is_named(shop: Shop, seller: TestClient) -> None:
    send(seller)
    work(shop)
    page = seller.get("/sell/export?to=google").text
    assert "0 products can go out, 2 are left out" in page
    assert "The photos need an address" in page
    assert "Not known: Price" in page
    assert "--photos-at" not in page
    assert seller.get("/sell/export/file?to=google").status_code == 404
    assert seller.get("/api/v1/listings/google").status_code == 404
    nowhere = seller.get("/sell/export?to=nowhere")
    assert nowhere.status_code == 422
    said = re.search(r'role="alert">.*?<span>(.*?)</span>', nowhere.text, re.S)
    assert said is not None
    assert said.group(1) == (
        "There is no file to look at: Where to: “nowhere” is none of "
        "Shopify (CSV), Google Merchant (XML), Google Merchant (TSV), Naver (JSON), Web page (JSON-LD), "
        "Table of everything (CSV)."
    )
    assert seller.get("/api/v1/listings/shopify?photos_at=ftp://x").status_code == 400
    written = seller.get("/api/v1/listings/shopify?photos_at=https://cdn.example/p")
    assert "https://cdn.example/p/A12_1.jpg" in written.text
    assert written.headers["x-left-out"] == "0"


def test_a_draft_goes_with_its_photos(shop: Shop, seller: TestClient) -> None:
    send(seller)
    work(shop)
    folder = shop.catalogue.place.beside("drafts")
    assert len(list(folder.rglob("*.jpg"))) == 3
    made = products(seller)
    assert seller.delete(f"/api/v1/drafts/{made['B7']['number']}").status_code == 204
    assert seller.post(f"/sell/drafts/{made['A12']['number']}/delete").status_code == 303
    assert products(seller) == {}
    assert not list(folder.rglob("*.jpg"))


def test_who_goes_takes_drafts_and_photos_along(shop: Shop) -> None:
    seller, other = client_of(shop, "mina"), client_of(shop, "jun")
    for client in (seller, other):
        send(client)
    work(shop)
    people = People(database=shop.catalogue.database)
    mina, jun = people.find("mina"), people.find("jun")
    people.set_password(mina, "a good long one")
    assert seller.post("/account/delete", data={"password": "a good long one"}).status_code == 303
    folder = shop.catalogue.place.beside("drafts")
    assert not (folder / str(mina.key)).exists()
    assert not Drafts(database=shop.catalogue.database, person=mina.key).counts()
    assert len(list((folder / str(jun.key)).iterdir())) == 3
    assert len(products(other)) == 2


def test_the_answers_tell_no_path_of_the_server(shop: Shop, seller: TestClient) -> None:
    send(seller)
    work(shop)
    number = products(seller)["A12"]["number"]
    root = str(shop.catalogue.place.beside("drafts"))
    for address in ("/api/v1/drafts", f"/api/v1/drafts/{number}", "/sell", f"/sell/drafts/{number}", "/api/v1/jobs"):
        assert root not in seller.get(address).text, address


def test_pages_of_drafts_in_the_api(shop: Shop, seller: TestClient) -> None:
    send(seller, {f"P{i}.jpg": jpeg((10 * i, 0, 0)) for i in range(5)})
    work(shop)
    first = seller.get("/api/v1/drafts?limit=3").json()
    rest = seller.get("/api/v1/drafts", params={"limit": 3, "after": first["next"]}).json()
    assert [len(first["drafts"]), len(rest["drafts"]), rest["next"]] == [3, 2, None]
    assert sum(first["counts"].values()) == 5


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("A12_1.jpg", "A12_1"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\셔츠_앞면.JPG", "셔츠_앞면"),
        (".hidden", "hidden"),
        ("...", "photo"),
        ("\u202egpj.exe", "gpj"),
        ("a\x00b/..", "photo"),
        ("👗 dress.jpeg", "👗 dress"),
        ("x" * 300 + ".png", "x" * 60),
    ],
)
def test_names_are_safe_as_files(name: str, stem: str) -> None:
    assert plain_stem(name) == stem


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_page_in_both_languages(shop: Shop, seller: TestClient, language: str) -> None:
    send(seller)
    work(shop)
    number = products(seller)["A12"]["number"]
    for address in ("/sell", "/sell?state=review", f"/sell/drafts/{number}", "/sell/export", "/sell/export?to=csv"):
        answer = seller.get(address, headers={"Accept-Language": language})
        assert (answer.status_code, answer.headers["content-language"]) == (200, language), address


def test_another_sites_form_changes_nothing(shop: Shop) -> None:
    from meot.service import create_app
    from meot.settings import Settings

    local = TestClient(
        create_app(shop, Settings(max_upload_mb=1)),
        base_url="http://localhost",
        client=("127.0.0.1", 5000),
        headers={"sec-fetch-site": "cross-site"},
        follow_redirects=False,
    )
    assert send(local).status_code == 403


class Certain(ColourReader):
    """Is certain of a hat for Google, whose words are wide, and not for Shopify."""

    def read(self, photo: Photo) -> Look:
        found = super().read(photo)
        label = Label("hat", 0.97, False, "longsleeve", {"hat": 0.97, "longsleeve": 0.01})
        return replace(found, garments=tuple(replace(each, category=label, score=1.0) for each in found.garments))


def test_a_draft_that_only_one_shop_has_a_category_for_has_a_page(tmp_path: Path) -> None:
    shop = build_shop(tmp_path, Certain())
    client = client_of(shop, "mina")
    send(client, {"hat.jpg": jpeg()})
    work(shop)
    made = products(client)["hat"]
    assert list(client.get(f"/api/v1/drafts/{made['number']}").json()["category"]) == ["google"]
    page = client.get(f"/sell/drafts/{made['number']}")
    assert page.status_code == 200
    assert "Google" in page.text
    assert "<dt>Shopify" not in page.text
    shop.close()
