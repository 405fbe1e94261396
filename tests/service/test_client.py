from __future__ import annotations

import subprocess
import sys
import threading
import time
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from tests.builders import NAVY, RED
from tests.catalogue.sources.fetch.web import serve
from tests.service.conftest import build_shop, jpeg
from tests.service.office import work

from meot.catalogue.people import SCOPES, People
from meot.client import Client, RefusedError, UnansweredError, answers, closet_answers, own_answers
from meot.errors import PhotoError
from meot.service import create_app
from meot.service.api import documents, people, product_documents
from meot.service.closet import documents as closet
from meot.service.links import Links
from meot.service.manage.documents import JobDocument
from meot.service.sell import documents as sell
from meot.service.trends.api import TrendsDocument
from meot.settings import Settings
from meot.wiring import Shop


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """The address of an application on a socket of its own."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = build_shop(tmp_path_factory.mktemp("shop"))
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def address(shop: Shop) -> Iterator[str]:
    with listening(create_app(shop, Settings(accounts=True, max_upload_mb=1))) as address:
        yield address


@pytest.fixture(scope="module")
def secret(shop: Shop) -> str:
    known = People(database=shop.catalogue.database)
    return known.issue(known.add("mina", None, role="seller"), "api", lasts_s=None, scopes=SCOPES)


@pytest.fixture
def client(address: str, secret: str) -> Iterator[Client]:
    with Client(address, token=secret, tries=1) as client:
        yield client


def test_a_photo_by_path_and_by_bytes(client: Client, tmp_path: Path) -> None:
    photo = tmp_path / "look.jpg"
    photo.write_bytes(jpeg(NAVY, RED))
    look = client.read(photo)
    assert [garment["region"] for garment in look["garments"]] == ["upper", "lower"]
    assert client.read(str(photo)) == client.read(photo.read_bytes()) == look
    assert "vector" in client.read(photo, vector=True)["garments"][0]
    with pytest.raises(PhotoError, match=r"absent\.jpg"):
        client.read(tmp_path / "absent.jpg")


def test_products_by_photo_and_by_words(client: Client) -> None:
    found = client.search_photo(jpeg(), limit=2, colour="red")
    assert [match["id"] for match in found["results"][0]["matches"]] == ["2"]
    pages = client.find("shirt", limit=2)
    assert len(pages["matches"]) == 2
    rest = client.find("shirt", limit=50, after=pages["next"])
    whole = list(client.search("shirt"))
    assert [match["number"] for match in (*pages["matches"], *rest["matches"])] == [match["number"] for match in whole]
    assert [match["id"] for match in client.search("shirt", component=["pattern=stripe"])] == []
    assert client.product(whole[0]["number"])["title"] == whole[0]["title"]
    assert whole[0]["number"] not in {match["number"] for match in client.similar(whole[0]["number"])}
    assert client.health()["counts"]["products"] == 5
    assert client.taxonomy()["categories"]


def test_lists_are_asked_for_page_by_page(client: Client, shop: Shop) -> None:
    for place in range(25):
        client.make_token(f"number {place}", days=1)
    names = [token["name"] for token in client.tokens()]
    assert names[:25] == [f"number {place}" for place in reversed(range(25))]
    mine = next(iter(client.tokens()))
    client.revoke_token(mine["number"])
    assert mine["number"] not in {token["number"] for token in client.tokens()}
    assert client.me()["name"] == "mina"


def test_what_is_refused_is_told(client: Client, address: str) -> None:
    with pytest.raises(RefusedError, match="expected a photo") as told:
        client.read(b"this is no photo")
    assert (told.value.status, told.value.kind) == (415, "not_a_photo")
    with pytest.raises(RefusedError, match="99") as told:
        client.product(99)
    assert (told.value.status, told.value.kind) == (404, "no_product")
    with Client(address, language="ko", tries=1) as stranger, pytest.raises(RefusedError) as told:
        stranger.me()
    assert (told.value.status, told.value.title) == (401, "로그인하면 볼 수 있습니다.")


def test_no_service_is_told() -> None:
    with Client("http://127.0.0.1:1", tries=1) as client, pytest.raises(UnansweredError, match="no answer"):
        client.health()
    with pytest.raises(UnansweredError, match="http"):
        Client("shop.example")


def test_many_photos_are_taken_as_a_job(client: Client, shop: Shop) -> None:
    for number in (client.add_to_closet([jpeg(NAVY), jpeg(RED)]), client.draft([jpeg(NAVY), jpeg(RED)])):
        job = client.job(number)
        assert (job["number"], job["state"]) == (number, "waiting")
        assert client.wait(number, every_s=0.01, most_s=0.03)["state"] == "waiting"
        client.ask("POST", f"/jobs/{number}/cancel")
        assert client.wait(number)["state"] == "cancelled"
    assert [*client.closet(), *client.drafts("review")] == []


def test_a_closet_from_beginning_to_end(client: Client, shop: Shop) -> None:
    adding = client.send_to_closet([jpeg(NAVY), b"no photo"])
    assert (adding["taken"], [each["type"] for each in adding["refused"]]) == (1, ["urn:meot:problem:not_a_photo"])
    work(shop)
    assert client.wait(adding["job"])["state"] == "done"
    [photo] = client.closet()
    [garment] = photo["garments"]
    assert garment["category"]["name"]["ko"] == "셔츠"
    look = jpeg(NAVY, RED)
    fitted = client.compare(look, budget=100000)
    assert [part["verdict"] for part in fitted["garments"]] == ["own", "missing"]
    assert fitted["shopping"]["budget"] == 100000
    word = client.say_not_alike(look, garment=0, owned=garment["owned"])
    assert [said["note"] for said in client.not_alike()] == [word["note"]]
    assert client.undo_not_alike() == word
    assert client.duplicates() == {"duplicates": [], "whole": True}
    assert client.looks(limit=1)["looks"] == []
    with pytest.raises(PhotoError, match="got 2 of them"):
        client.compare(look, url="https://shop.example/1")
    with pytest.raises(PhotoError, match="got 0 of them"):
        client.read()
    client.remove_from_closet(photo["photo"])
    assert list(client.closet()) == []


def test_drafts_with_facts_and_trends(client: Client, shop: Shop, tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text("product,price\nphoto,39000 KRW\n", "utf-8")
    job = client.draft([jpeg(NAVY)], facts=facts)
    work(shop)
    assert client.wait(job)["state"] == "done"
    [draft] = client.drafts()
    assert draft["fields"]["price"]["value"] == "39000 KRW"
    assert client.correct(draft["number"], {"colour": "navy"})["texts"]["en"]["title"]
    client.ask("DELETE", f"/drafts/{draft['number']}")
    told = client.trends(["category", "colour"], every="year")
    assert [trend["by"] for trend in told["trends"]] == ["category", "colour"]


def test_a_link_instead_of_a_photo(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meot.service.app.Links", partial(Links, private_hosts=True))
    with (
        serve({"/a.jpg": lambda visit: visit.answer(jpeg(NAVY))}) as site,
        listening(create_app(shop, Settings(max_upload_mb=1))) as address,
        Client(address, tries=1) as client,
    ):
        assert client.read(url=f"{site.address}/a.jpg") == client.read(jpeg(NAVY))
        found = client.search_photo(url=f"{site.address}/a.jpg", limit=1)
        assert [match["id"] for match in found["results"][0]["matches"]] == ["1"]
        with pytest.raises(RefusedError) as told:
            client.read(url=f"{site.address}/none.jpg")
        assert (told.value.status, told.value.kind) == (422, "link_failed")


def test_a_product_tells_its_prices(client: Client, shop: Shop) -> None:
    product = client.product(1)
    assert [price["price"] for price in client.prices(1)] == [product["price"]]
    assert [match["number"] for match in client.search(colour="red")] == [2]


@contextmanager
def answering(answer: Callable[[Request, int], JSONResponse]) -> Iterator[tuple[str, list[str | None]]]:
    """A service that answers as told, and the idempotency keys that it saw."""
    app, keys = FastAPI(), list[str | None]()

    @app.api_route("/api/v1/{path:path}", methods=["GET", "POST"])
    def reply(request: Request) -> JSONResponse:
        keys.append(request.headers.get("idempotency-key"))
        return answer(request, len(keys))

    with listening(app) as address:
        yield address, keys


@pytest.mark.parametrize("status", [409, 429, 503])
def test_it_asks_again_when_told_to_with_the_same_key(status: int) -> None:
    def reply(_request: Request, time: int) -> JSONResponse:
        if time == 1:
            return JSONResponse({"title": "busy"}, status, {"Retry-After": "0"})
        return JSONResponse({"done": time})

    with answering(reply) as (address, keys), Client(address) as client:
        assert client.ask("POST", "/drafts", body={}) == {"done": 2}
        assert keys[0] == keys[1]
        assert len(keys[0] or "") == 36


def test_it_gives_up_in_the_end_and_does_not_insist_on_a_refusal() -> None:
    def busy(_request: Request, _time: int) -> JSONResponse:
        return JSONResponse({"type": "urn:meot:problem:busy", "title": "busy"}, 503, {"Retry-After": "0"})

    with answering(busy) as (address, keys), Client(address, tries=3) as client:
        with pytest.raises(RefusedError, match="busy"):
            client.health()
        assert keys == [None] * 3
    with answering(lambda _r, _t: JSONResponse({"title": "no"}, 404)) as (address, keys), Client(address) as client:
        with pytest.raises(RefusedError):
            client.health()
        assert len(keys) == 1


def test_a_write_that_was_lost_on_the_way_back_is_done_once(client: Client, address: str, secret: str) -> None:
    with Client(address, token=secret) as other:
        first = other.ask("POST", "/tokens", body={"name": "once"}, key="one and only")
        with pytest.raises(RefusedError) as told:
            other.ask("POST", "/tokens", body={"name": "once"}, key="one and only")
    assert told.value.kind == "reply_not_kept"
    assert [token["name"] for token in client.tokens()].count("once") == 1
    client.revoke_token(first["token"]["number"])


PAIRS = [
    (answers.Look, documents.LookDocument),
    (answers.Garment, documents.GarmentDocument),
    (answers.Category, documents.CategoryDocument),
    (answers.Style, documents.StyleDocument),
    (answers.Shade, documents.ShadeDocument),
    (answers.Match, product_documents.MatchDocument),
    (answers.Matches, product_documents.MatchesDocument),
    (answers.GarmentMatches, product_documents.GarmentMatches),
    (answers.PhotoMatches, product_documents.PhotoSearchDocument),
    (answers.Product, product_documents.ProductDocument),
    (answers.ReadGarment, product_documents.ReadGarmentDocument),
    (answers.Offer, product_documents.OfferDocument),
    (answers.Price, product_documents.PriceDocument),
    (answers.History, product_documents.HistoryDocument),
    (answers.Health, documents.HealthDocument),
    (closet_answers.Kind, closet.KindDocument),
    (closet_answers.OwnedGarment, closet.OwnedGarment),
    (closet_answers.OwnedPhoto, closet.OwnedPhotoDocument),
    (closet_answers.Refused, documents.RefusedDocument),
    (closet_answers.Adding, closet.AddingDocument),
    (closet_answers.Reason, closet.ReasonDocument),
    (closet_answers.Candidate, closet.CandidateDocument),
    (closet_answers.Part, closet.PartDocument),
    (closet_answers.Suggestion, closet.SuggestionDocument),
    (closet_answers.Wish, closet.WishDocument),
    (closet_answers.Shopping, closet.ShoppingDocument),
    (closet_answers.Comparison, closet.ComparisonDocument),
    (closet_answers.NotAlike, closet.NotAlikeDocument),
    (closet_answers.Said, closet.SaidDocument),
    (closet_answers.Alike, closet.AlikeDocument),
    (closet_answers.Duplicates, closet.DuplicatesDocument),
    (closet_answers.LookPart, closet.LookPartDocument),
    (closet_answers.Standing, closet.StandingDocument),
    (closet_answers.Purchase, closet.PurchaseDocument),
    (closet_answers.Looks, closet.LooksDocument),
    (own_answers.Answer, sell.AnswerDocument),
    (own_answers.Draft, sell.DraftDocument),
    (own_answers.Texts, sell.TextsDocument),
    (own_answers.WholeDraft, sell.WholeDraftDocument),
    (answers.Trends, TrendsDocument),
    (own_answers.Job, JobDocument),
    (own_answers.Me, people.MeDocument),
    (own_answers.Token, people.TokenDocument),
    (own_answers.NewToken, people.NewTokenDocument),
]


@pytest.mark.parametrize(("typed", "document"), PAIRS, ids=lambda each: each.__name__)
def test_the_clients_types_are_the_services(typed: type, document: type[documents.LabelDocument]) -> None:
    fields = {field.alias or name for name, field in document.model_fields.items()}
    assert set(typing.get_type_hints(typed)) == fields


def test_it_is_light() -> None:
    code = "import meot.client, sys; print({'onnxruntime', 'faiss', 'numpy', 'fastapi', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
