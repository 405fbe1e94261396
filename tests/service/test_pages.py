from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from tests.builders import NAVY, RED, ColourReader, build_product
from tests.service.conftest import EVIL, GUESSED_STYLE, SURE_STYLE, DetailReader, build_shop, jpeg
from tests.service.told import look, titles, words_of

from meot import photos
from meot.answers.search import Search
from meot.catalogue.store import Catalogue
from meot.index.exact import ExactIndex
from meot.service import create_app
from meot.service.web.views import place_numbers
from meot.settings import Settings
from meot.types import Box, Label, Look, Photo
from meot.wiring import Shop


def test_the_start_page_offers_photo_and_words(client: TestClient) -> None:
    page = client.get("/").text
    assert 'capture="environment"' in page
    assert 'name="q"' in page
    assert "5 products" in page
    assert '<a class="skip" href="#content">' in page


def test_an_empty_catalogue_says_how_to_fill_it(tmp_path: Path, shop: Shop) -> None:
    with Catalogue.open(tmp_path / "empty.db", create=True) as catalogue:
        empty = Shop(catalogue, shop.search, shop.reader)
        assert "meot catalogue add" in TestClient(create_app(empty, Settings())).get("/").text


def test_words_find_cards(client: TestClient) -> None:
    page = client.get("/?q=oxford").text
    assert titles(page) == ["Navy oxford shirt"]
    assert "₩39,000" in page
    assert 'href="https://shop.example/1"' in page


def test_filters_alone_are_a_question_too(client: TestClient) -> None:
    assert titles(client.get("/?colour=red").text) == ["Red shirt"]
    assert titles(client.get("/?q=&category=shirt&max_price=100").text) == ["Red shirt"]


def test_products_can_be_browsed_by_filters_without_a_word(client: TestClient) -> None:
    page = client.get("/?min_price=20000&max_price=30000").text
    assert titles(page) == ["조거팬츠"]
    assert "<h1" in page
    assert "from 20,000 · up to 30,000" in page
    assert 'name="min_price" type="number" value="20000"' in page
    assert 'name="q"' in page.split('class="filters"')[1]  # words can be added
    assert "No product passes these filters." in client.get("/?min_price=1e9").text
    start = client.get("/").text.split('class="filters"')[1]
    assert all(f'name="{name}"' in start for name in ("category", "colour", "min_price", "max_price"))


def test_nothing_found_is_said(client: TestClient) -> None:
    assert "Nothing found for these words." in client.get("/?q=spaceship").text


def test_what_a_shop_says_is_text_and_only_web_links_are_links(client: TestClient) -> None:
    for address in ("/?q=script", "/product/3"):
        page = client.get(address).text
        assert EVIL not in page
        assert "&lt;script&gt;" in page
        assert "javascript:" not in page
    assert "<b>" not in client.get("/?q=<b>x").text


def test_garments_are_outlined_with_names_and_the_main_one_is_chosen(client: TestClient) -> None:
    page = client.get(look(client, jpeg(NAVY, RED))).text
    names = re.findall(r'data-swap aria-label="(.*?)"( aria-current="true")?', page)
    assert sorted(names) == [("Jeans, red, 90 %", ""), ("Shirt, navy, 90 %", ' aria-current="true"')]
    assert titles(page)[0] == "Navy oxford shirt"


def test_numbers_stand_in_corners_clear_of_one_another() -> None:
    boxes = [Box(100, 100, 300, 500), Box(110, 110, 200, 300), Box(120, 90, 290, 480), Box(0, 0, 1000, 800)]
    placed = place_numbers(boxes, 1000, 800)
    assert placed[0] == pytest.approx((136.0, 136.0))
    assert all(0 < x < 1000 and 0 < y < 800 for x, y in placed)
    assert min(math.dist(one, other) for one, other in combinations(placed, 2)) >= 48  # as wide as a number


def test_a_number_is_above_every_outline(client: TestClient) -> None:
    page = client.get(look(client, jpeg(NAVY, RED))).text
    [photo] = re.findall(r'<svg class="outlined".*?</svg>', page, re.S)
    assert photo.rindex("<rect") < photo.index("<circle")
    tapped = re.findall(r'<a class="outline-number" href="(.*?)" tabindex="-1" aria-hidden="true" data-swap', photo)
    assert [href.split("?")[1] for href in tapped] == ["garment=1#results", "garment=2#results"]


class _OneName(ColourReader):
    """Sees a thing of which its place knows no other name."""

    def read(self, photo: Photo) -> Look:
        found = super().read(photo)
        named = [replace(each, category=Label("bag", 1.0, False)) for each in found.garments]
        return replace(found, garments=tuple(named))


def test_the_only_name_of_a_place_has_no_figure(tmp_path: Path) -> None:
    shop = build_shop(tmp_path, _OneName())
    client = TestClient(create_app(shop, Settings()), headers={"Accept-Language": "en"})
    place = look(client, jpeg(NAVY, RED))
    page = words_of(client.get(place).text)
    assert "maybe a bag" in page
    assert "The figure" not in page
    assert 'class="quiet">100 %' not in client.get(place).text
    shop.close()


def test_a_photo_of_one_garment_speaks_of_no_other(client: TestClient, tmp_path: Path) -> None:
    both = words_of(client.get(look(client, jpeg(NAVY, RED)) + "?garment=2").text)
    assert "Tap a garment" in both
    assert "Try another garment of the photo" in both
    (tmp_path / "jeans").mkdir()
    shop = build_shop(tmp_path / "jeans", ColourReader(halves=(("lower", "jeans"), ("upper", "shirt"))))
    alone = TestClient(create_app(shop, Settings()), headers={"Accept-Language": "en"})
    one = words_of(alone.get(look(alone, jpeg(NAVY))).text)
    shop.close()
    assert "The figure says how likely the name is right." in one
    assert "Nothing similar in this catalogue." in one
    assert "Tap a garment" not in one
    assert "another garment" not in one


def test_another_garment_can_be_tapped_and_the_page_reloaded(client: TestClient) -> None:
    place = look(client, jpeg(NAVY, RED))
    for _ in range(2):
        page = client.get(f"{place}?garment=2").text
        assert "Similar to: Jeans" in page
        assert "Nothing similar in this catalogue." in page


def test_filters_hold_on_a_look(client: TestClient) -> None:
    place = look(client, jpeg(NAVY, RED))
    assert titles(client.get(f"{place}?garment=1&colour=red").text) == ["Red shirt"]
    assert "The filters ask for other clothes" in client.get(f"{place}?garment=2&region=upper").text


def test_new_products_are_found_by_a_kept_photo_at_once(client: TestClient, shop: Shop, tmp_path: Path) -> None:
    place = look(client, jpeg((40, 130, 60)))
    path = tmp_path / "green.jpg"
    path.write_bytes(jpeg((40, 130, 60)))
    shop.catalogue.put_product(build_product("new", "Green shirt"), [path])
    for key, file in shop.catalogue.pending(shop.reader.models):
        if file == path:
            shop.catalogue.put_reading(key, shop.reader.read(photos.load(file)))
    assert titles(client.get(place).text)[0] == "Green shirt"


class _Nothing(ColourReader):
    def read(self, photo: Photo) -> Look:
        found = super().read(photo)
        return Look(photo=photo, garments=(), regions=found.regions, worn=False, models=self.models)


class _Unsure(ColourReader):
    def read(self, photo: Photo) -> Look:
        found = super().read(photo)
        guesses = tuple(replace(g, category=replace(g.category, sure=False)) for g in found.garments)
        return replace(found, garments=guesses)


def reading_with(shop: Shop, reader: ColourReader, language: str) -> TestClient:
    """The pages over the same catalogue with another reader."""
    search = Search(catalogue=shop.catalogue, index=ExactIndex(), reader=reader)
    return TestClient(create_app(replace(shop, search=search, reader=reader), Settings(language=language)))


@pytest.mark.parametrize(
    ("language", "said"), [("en", "No clothes found in this photo."), ("ko", "옷을 찾지 못했습니다")]
)
def test_no_clothes_found(shop: Shop, language: str, said: str) -> None:
    client = reading_with(shop, _Nothing(), language)
    assert said in client.get(look(client, jpeg())).text


@pytest.mark.parametrize(
    ("language", "said"), [("en", "maybe a shirt, or a blouse"), ("ko", "아마도 셔츠, 아니면 블라우스")]
)
def test_a_guess_is_shown_as_one(shop: Shop, language: str, said: str) -> None:
    client = reading_with(shop, _Unsure(), language)
    assert said in client.get(look(client, jpeg())).text


@pytest.mark.parametrize(
    ("language", "sure", "guess", "legend"),
    [
        ("en", "Striped", "Button-down collar ? (a guess)", "Dashed, with a question mark: a guess."),
        ("ko", "줄무늬", "버튼다운 칼라 ? (추측)", "점선과 물음표는 추측이라는 뜻입니다."),
    ],
)
def test_details_are_chips_and_a_guess_is_no_fact(
    shop: Shop, language: str, sure: str, guess: str, legend: str
) -> None:
    client = reading_with(shop, DetailReader(), language)
    page = client.get(look(client, jpeg(NAVY, RED))).text
    [garments] = re.findall(r'<ol class="garments".*?</ol>', page, re.S)
    assert re.findall(r'<span class="chip">(\w+)', garments)[0] == sure
    assert len(re.findall(r'<span class="chip guess">', garments)) == 1
    assert guess in words_of(garments)
    assert "damage" not in page.lower()
    assert legend in page


def test_a_garments_name_for_those_who_hear_it_has_its_details(shop: Shop) -> None:
    client = reading_with(shop, DetailReader(), "en")
    page = client.get(look(client, jpeg())).text
    assert 'aria-label="Shirt, navy, 90 %, striped, maybe button-down collar, long sleeves"' in page


def test_without_guesses_there_is_no_legend(shop: Shop) -> None:
    client = reading_with(shop, ColourReader(), "en")
    page = client.get(look(client, jpeg())).text
    assert "a guess" not in page
    assert 'class="style"' not in page


@pytest.mark.parametrize(
    ("language", "style", "said"),
    [
        ("en", SURE_STYLE, "Style of the outfit Rock chic 58 % or else feminine"),
        ("ko", SURE_STYLE, "전체 스타일 락시크 58% 아니면 페미닌"),
        ("en", replace(SURE_STYLE, runner_up=None), "Style of the outfit Rock chic 58 % The figure"),
        ("en", GUESSED_STYLE, "Style of the outfit ? Not sure maybe casual (34 %), or minimal (21 %)"),
        ("ko", GUESSED_STYLE, "전체 스타일 ? 확실하지 않음 아마도 캐주얼 (34%), 아니면 미니멀 (21%)"),
        ("en", replace(GUESSED_STYLE, runner_up=None), "? Not sure maybe casual (34 %) The figure"),
        ("en", replace(GUESSED_STYLE, scores={}), "maybe casual (34 %), or minimal The figure"),
        ("en", replace(SURE_STYLE, id="techno_goth", runner_up=None), "techno goth 58 %"),
    ],
)
def test_the_outfits_style_is_named_or_said_to_be_unsure(shop: Shop, language: str, style: Label, said: str) -> None:
    client = reading_with(shop, DetailReader(style=style, group=None), language)
    assert said in words_of(client.get(look(client, jpeg())).text)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Style of the outfit Urban 70 % maybe casual (34 %), or minimal (21 %)"),
        ("ko", "전체 스타일 어반 70% 아마도 캐주얼 (34%), 아니면 미니멀 (21%)"),
    ],
)
def test_a_sure_group_is_named_where_no_style_is_sure(shop: Shop, language: str, said: str) -> None:
    client = reading_with(shop, DetailReader(style=GUESSED_STYLE), language)
    assert said in words_of(client.get(look(client, jpeg())).text)


def test_a_product_page_shows_the_details_read_from_its_photo(tmp_path: Path) -> None:
    shop = build_shop(tmp_path, DetailReader())
    with TestClient(create_app(shop, Settings()), headers={"Accept-Language": "en"}) as client:
        said = words_of(client.get("/product/1").text)
    shop.close()
    assert "Striped , Button-down collar ? (a guess), Long sleeves" in said


def test_a_taught_name_of_ill_will_is_text(shop: Shop) -> None:
    details = {"pattern": Label(EVIL, 0.9, True), EVIL: Label("x", 0.9, False)}
    client = reading_with(
        shop, DetailReader(style=replace(SURE_STYLE, id=EVIL, runner_up=EVIL + "2"), details=details), "en"
    )
    page = client.get(look(client, jpeg())).text
    assert EVIL not in page
    assert "&lt;script&gt;" in page


def test_a_product_page_shows_what_is_like_it(client: TestClient) -> None:
    page = client.get("/product/2").text
    assert "<h1>Red shirt</h1>" in page
    assert "$12.50" in page
    assert "Red shirt" not in titles(page)
    assert len(titles(page)) == 4


@pytest.mark.parametrize("address", ["/product/99", "/look/never-was", "/look/never-was/photo", "/nowhere"])
def test_what_is_not_there_is_a_page_with_a_way_on(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert 'role="alert"' in answer.text
    assert "Back to the start page" in answer.text


@pytest.mark.parametrize("address", ["/?q=shirt&colour=nvy", "/?q=shirt&after=x", "/?q=...&x=1"])
def test_questions_that_cannot_be_answered(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert "check its words and filters" in answer.text


def test_a_garment_that_is_not_there(client: TestClient) -> None:
    assert client.get(f"{look(client, jpeg())}?garment=9").status_code == 400


def test_product_pictures_are_small_jpegs_that_are_not_sent_twice(client: TestClient) -> None:
    first = client.get("/photo/1")
    assert first.headers["content-type"] == "image/jpeg"
    assert max(Image.open(io.BytesIO(first.content)).size) <= 480
    again = client.get("/photo/1", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("number", [5, 99])
def test_a_missing_picture_is_a_placeholder(client: TestClient, number: int) -> None:
    answer = client.get(f"/photo/{number}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "image/svg+xml")


def test_a_product_file_that_is_no_photo_any_more(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "1.png").write_text("overwritten")
    assert client.get("/photo/1").status_code == 404


@pytest.mark.parametrize("address", ["/photo/../../etc/passwd", "/photo/%2e%2e%2fshop.db", "/static/../app.py"])
def test_paths_are_never_taken_from_a_request(client: TestClient, address: str) -> None:
    assert client.get(address).status_code in (400, 404)


def test_every_answer_bears_the_security_headers(client: TestClient) -> None:
    for address in ("/", "/nowhere", "/static/meot.css", "/api/v1/health", "/photo/1"):
        headers = client.get(address).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_hold_no_inline_script_or_style(client: TestClient) -> None:
    pages = [client.get(a).text for a in ("/", "/?q=shirt", "/product/1", look(client, jpeg()), "/nowhere")]
    for page in pages:
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=\"/static/)", page)
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//(?!shop\.example)", page)


def test_the_scheme_is_remembered(client: TestClient) -> None:
    answer = client.get("/scheme/dark", params={"to": "/?q=shirt"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=shirt")
    assert '<html lang="en" data-scheme="dark">' in client.get("/").text
    client.get("/scheme/auto")
    assert '<html lang="en">' in client.get("/").text
    assert client.get("/scheme/pink").status_code == 400
    assert client.get("/scheme/dark", params={"to": "//evil"}, follow_redirects=False).headers["location"] == "/"


def test_a_page_that_is_not_there_has_the_same_frame(shop: Shop) -> None:
    client = TestClient(create_app(shop, Settings()), base_url="http://localhost", client=("127.0.0.1", 1))
    assert 'class="account"' in client.get("/").text
    assert 'class="account"' in client.get("/nowhere").text


@pytest.mark.parametrize(
    ("page", "to"),
    [
        ("http://testserver/sell/drafts/6?from=queue", "/signin?to=%2Fsell%2Fdrafts%2F6"),
        ("https://elsewhere.example/evil", "/signin?to=%2F"),
        ("http://[", "/signin?to=%2F"),
        ("", "/signin?to=%2F"),
    ],
)
@pytest.mark.parametrize(("language", "said"), [("en", "You are not signed in"), ("ko", "로그인되어 있지 않거나")])
def test_a_form_sent_after_the_visit_ended_leads_to_the_sign_in(
    shop: Shop, page: str, to: str, language: str, said: str
) -> None:
    client = TestClient(create_app(shop, Settings(accounts=True)), headers={"Accept-Language": language})
    headers = {"sec-fetch-site": "same-origin", "referer": page}
    answer = client.post("/closet/photos/1/remove", headers=headers, follow_redirects=False)
    assert answer.status_code == 401
    assert said in answer.text
    assert f'<a class="button button-main" href="{to}">' in answer.text
