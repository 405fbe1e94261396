"""What was typed into a draft and not taken is not lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient
from tests.service.conftest import build_shop, jpeg
from tests.service.office import client_of, send, work
from tests.service.test_sell import Doubter

from meot.wiring import Shop


@pytest.fixture
def seller(shop: Shop) -> TestClient:
    return client_of(shop, "mina")


def draft_of(shop: Shop, seller: TestClient) -> str:
    send(seller, {"A12.jpg": jpeg()})
    work(shop)
    return f"/sell/drafts/{seller.get('/api/v1/drafts').json()['drafts'][0]['number']}"


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of a draft's form as it stands."""
    form = re.search(r'<form class="draft-form".*?</form>', page, re.S)
    assert form is not None
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form.group()):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if said.get("type") not in ("radio", "checkbox") or tag.endswith(" checked>"):
            found.setdefault(said["name"], []).append(unescape(said.get("value", "")))
    for name, options in re.findall(r'<select [^>]*name="([^"]+)".*?>(.*?)</select>', form.group(), re.S):
        found[name] = re.findall(r'value="([^"]*)" selected', options) or [""]
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)".*?>(.*?)</textarea>', form.group(), re.S):
        found[name] = [unescape(text)]
    return {name: ";".join(values) for name, values in found.items()}


def test_a_form_that_is_sent_as_it_stands_changes_nothing(shop: Shop, seller: TestClient) -> None:
    draft = draft_of(shop, seller)
    seller.post(draft, data={**form_of(seller.get(draft).text), "description": "Two\r\nlines", "colour": "navy;white"})
    form = form_of(seller.get(draft).text)
    before = seller.get("/api/v1/drafts").json()["drafts"][0]["corrected"]
    assert before["colour"] == "navy;white"
    assert form["colour"] == "white;navy"  # as the page lays the colours out
    assert seller.post(draft, data=form).status_code == 303
    assert seller.get("/api/v1/drafts").json()["drafts"][0]["corrected"] == before
    other = seller.patch(f"/api/v1{draft.removeprefix('/sell')}", json={"fields": {"brand": "Atelier"}})
    assert other.status_code == 200
    page = seller.post(draft, data={**form, "description": form["description"].replace("\n", "\r\n")})
    assert page.status_code == 422
    assert "What you typed" not in page.text
    assert form_of(page.text)["brand"] == "Atelier"


def test_what_was_typed_stands_beside_what_is_there_now(shop: Shop, seller: TestClient) -> None:
    draft = draft_of(shop, seller)
    form = form_of(seller.get(draft).text)
    mine = {
        "material": "wool",
        "title": 'Shirt & "tie"',
        "description": "Soft",
        "gender": "female",
        "colour": "white;red",
    }
    theirs = {"material": "linen", "brand": "Atelier", "gender": "male"}
    assert seller.post(draft, data={**form, **theirs}).status_code == 303
    page = seller.post(draft, data={**form, **mine})
    assert page.status_code == 422
    assert "changed elsewhere since you opened it" in page.text
    assert "What you typed stands in its fields" in page.text
    again = form_of(page.text)
    assert {name: again.get(f"other:{name}") or again[name] for name in (*mine, "brand")} == {
        **mine,
        "brand": "Atelier",
    }
    assert "As you typed it, not saved; there now: linen" in page.text
    assert "there now: Men" in page.text
    assert seller.post(draft, data=again).status_code == 303
    said = seller.get("/api/v1/drafts").json()["drafts"][0]["corrected"]
    assert said == {**mine, "brand": "Atelier"}


def test_what_was_emptied_stays_empty(shop: Shop, seller: TestClient) -> None:
    draft = draft_of(shop, seller)
    seller.post(draft, data={**form_of(seller.get(draft).text), "material": "wool"})
    form = form_of(seller.get(draft).text)
    seller.post(draft, data={**form, "brand": "Atelier"})
    page = seller.post(draft, data={**form, "material": ""}).text
    assert form_of(page)["material"] == ""
    assert "there now: wool" in page


@pytest.mark.parametrize("said", ["blouse", "coat"])
def test_a_candidate_and_another_class_stay_chosen(tmp_path_factory: pytest.TempPathFactory, said: str) -> None:
    shop = build_shop(tmp_path_factory.mktemp("doubted"), Doubter())
    seller = client_of(shop, "mina")
    draft = draft_of(shop, seller)
    form = form_of(seller.get(draft).text)
    assert form["other:category"] == ""
    seller.post(draft, data={**form, "brand": "Atelier"})
    chosen = {"category": said} if said == "blouse" else {"other:category": said}
    again = form_of(seller.post(draft, data={**form, **chosen}).text)
    assert {name: again.get(name, "") for name in ("category", "other:category")} == {
        "category": "",
        "other:category": "",
        **chosen,
    }
    shop.close()


def test_a_value_that_cannot_be_stands_with_its_reason_and_the_rest_is_kept(shop: Shop, seller: TestClient) -> None:
    draft = draft_of(shop, seller)
    seller.headers["Accept-Language"] = "ko"
    page = seller.post(draft, data={**form_of(seller.get(draft).text), "price": "비쌈", "brand": "Atelier"})
    assert page.status_code == 422
    again = form_of(page.text)
    assert (again["price"], again["brand"]) == ("비쌈", "Atelier")
    wrong = re.search(r'<p class="field field-wrong">.*?</p>', page.text, re.S)
    assert wrong is not None
    assert 'name="price"' in wrong.group()
    assert "가격: 39,000처럼 숫자로 적어 주세요 (지금 ‘비쌈’)" in wrong.group()
    assert seller.get("/api/v1/drafts").json()["drafts"][0]["corrected"] == {}
