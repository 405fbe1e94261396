from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.builders import NAVY, RED, build_product
from tests.service.conftest import DetailReader, build_shop, jpeg
from tests.service.told import look, titles, words_of

from meot import taxonomy
from meot.service import create_app, texts
from meot.service.web.render import Renderer
from meot.service.web.views import Onward
from meot.service.web.voice import Voice
from meot.settings import Settings
from meot.types import Match
from meot.wiring import Shop


def test_a_card_says_whose_price_it_is_and_from_when(client: TestClient, shop: Shop) -> None:
    seen = shop.catalogue.offers(1)[0].seen
    assert seen is not None
    day = Voice(language="en", texts=texts.load(), taxonomy=taxonomy.load()).date(seen)
    assert f"₩39,000 shop.example as of {day}" in words_of(client.get("/?q=oxford").text)
    told = shop.catalogue.product(1)
    shop.catalogue.put_product(replace(told, price=35000.0, seller="Atelier"), [])
    assert "₩35,000 lowest of 2 shops, Atelier" in words_of(client.get("/?q=oxford").text)


def test_prices_of_before_are_drawn_and_listed(client: TestClient, shop: Shop) -> None:
    unchanged = client.get("/product/1").text
    assert "The same since" in unchanged
    assert 'id="history"' not in unchanged  # a heading of its own is for prices that changed
    told = shop.catalogue.product(1)
    for price in (45000.0, 30000.0):
        shop.catalogue.put_product(replace(told, price=price), [])
    page = client.get("/product/1").text
    assert 'class="price-line series-0" d="M' in page
    assert "Prices from ₩30,000 to ₩45,000" in page
    [table] = re.findall(r"<table.*?</table>", page, re.S)
    assert re.findall(r"₩[\d,]+", table) == ["₩30,000", "₩45,000", "₩39,000"]


def test_filters_tell_how_many_products_they_would_leave(client: TestClient) -> None:
    page = client.get("/?q=shirt").text
    assert re.search(r'<option value="navy">Navy \(1\)</option>', page)
    assert re.search(r'<a class="chip" href="/\?q=shirt&amp;colour=navy#results">.*?Navy <span class="count">1<', page)


def test_what_is_set_can_be_taken_away_one_by_one(client: TestClient) -> None:
    page = client.get("/?q=shirt&colour=navy&max_price=50000").text
    ways = re.findall(r'href="([^"]*)" aria-label="Remove: (.*?)"', page)
    assert ways == [
        ("/?q=shirt&amp;max_price=50000#results", "Navy"),
        ("/?q=shirt&amp;colour=navy#results", "up to 50,000"),
    ]
    assert '<option value="navy" selected>' in page
    assert re.search(r'class="taken-all" href="/\?q=shirt"', page)


@pytest.mark.parametrize(
    ("language", "said", "instead"),
    [
        ("en", "The lowest price, 90,000, is above the highest, 20,000: swap them.", "Until then prices are left out."),
        ("ko", "최저 가격(90,000)이 최고 가격(20,000)보다 높습니다. 서로 바꿔 주세요.", "가격을 빼고 찾습니다."),
    ],
)
@pytest.mark.parametrize("asked", ["/?q=shirt&", "/?category=shirt&", "/?", "/product/1?", "/look"])
def test_prices_the_wrong_way_round_are_said_beside_their_field(
    client: TestClient, asked: str, language: str, said: str, instead: str
) -> None:
    address = f"{look(client, jpeg())}?" if asked == "/look" else asked
    fields = "min_price=90000&max_price=20000"
    page = client.get(f"{address}colour=navy&{fields}", headers={"Accept-Language": language})
    assert page.status_code == 400
    field = re.search(r'<p class="field field-wrong">.*?</p>', page.text, re.S)
    assert field is not None
    assert 'name="min_price" type="number" value="90000"' in field.group()
    assert 'aria-invalid="true"' in field.group()
    assert said in field.group()
    assert instead in field.group()
    assert 'name="max_price" type="number" value="20000"' in page.text
    assert '<details class="filters" open>' in page.text
    assert '<option value="navy" selected>' in page.text
    assert titles(page.text) == titles(client.get(f"{address}colour=navy").text)


def test_a_price_that_is_no_number_is_said_beside_its_field(client: TestClient) -> None:
    page = client.get("/?q=shirt&max_price=cheap")
    assert page.status_code == 400
    assert "Price up to: expected a number, got “cheap”." in page.text
    assert "Price from: expected a number of 0 or more" in client.get("/?q=shirt&min_price=-1").text
    assert titles(page.text) == titles(client.get("/?q=shirt").text) != []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("-5", "Price up to: expected a number of 0 or more, got “-5”."),
        ("1e400", "Price up to: expected a number such as 39,000, got “1e400”."),
        ("nan", "Price up to: expected a number such as 39,000, got “nan”."),
    ],
)
def test_an_impossible_price_is_told_as_it_was_typed(client: TestClient, typed: str, said: str) -> None:
    page = client.get(f"/?q=shirt&max_price={typed}")
    field = re.search(r'<p class="field field-wrong">.*?</p>', page.text, re.S)
    assert page.status_code == 400
    assert field is not None
    assert said in field.group()
    assert f'value="{typed}"' in field.group()
    answer = client.get(f"/api/v1/search?q=shirt&max_price={typed}")
    form = client.post("/api/v1/search/photo", files={"photo": jpeg()}, data={"max_price": typed})
    for each in (answer, form):
        assert each.status_code == 400
        assert f"got '{typed}'; change it" in each.json()["detail"]


def test_several_details_may_be_asked_for_in_one_form(tmp_path: Path) -> None:
    shop = build_shop(tmp_path, DetailReader())
    with TestClient(create_app(shop, Settings()), headers={"Accept-Language": "en"}) as client:
        page = client.get("/?q=shirt&component=pattern%3Dstripe&component=sleeve%3Dlong&component=").text
    shop.close()
    assert titles(page)
    assert re.findall(r'aria-label="Remove: (.*?)"', page) == ["Striped", "Long sleeves"]


def test_a_photo_and_words_together(client: TestClient) -> None:
    place = look(client, jpeg(NAVY, RED))
    page = client.get(f"{place}?garment=1&q=in+red").text
    assert titles(page) == ["Red shirt"]
    assert "Remove: “in red”" in page
    assert "Nothing similar with these filters." in client.get(f"{place}?garment=1&q=spaceship").text


def test_the_next_results_are_others_and_the_first_can_be_gone_back_to(client: TestClient, shop: Shop) -> None:
    for number in range(30):
        shop.catalogue.put_product(build_product(f"more{number}", f"Plain parka {number}"), [])
    first = client.get("/?q=parka").text
    assert "30 products" in first
    [onward] = re.findall(r'data-more href="(.*?)#results"', first)
    second = client.get(onward.replace("&amp;", "&")).text
    assert len({*titles(first), *titles(second)}) == 30
    assert "data-more" not in second
    assert '<a class="button" href="/?q=parka#results">Back to the first</a>' in second


def test_a_slip_is_told(client: TestClient) -> None:
    assert "Shown for “oxford” instead of “oxfrod”." in client.get("/?q=oxfrod").text


def test_what_is_likely_the_same_stands_apart() -> None:
    renderer = Renderer(texts=texts.load(), default_language="en", most_megabytes=1)
    matches = [
        Match(number=n, product=build_product(str(n), f"Shirt {n}"), score=0.9, kind=kind)
        for n, kind in ((1, "same"), (2, "similar"))
    ]
    part = "{% from '_parts.html' import found %}{{ found(say, matches, {}, onward) }}"
    onward = Onward("/", {}, None, True)
    voice = Voice(language="en", texts=texts.load(), taxonomy=taxonomy.load())
    page = words_of(renderer.environment.from_string(part).render(say=voice, matches=matches, onward=onward))
    assert re.search("Likely the same item Shirt 1 .* Similar, but different Shirt 2", page)
