"""Why something cannot be is said in the page's own language, wherever a person can meet it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from string import Formatter

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from tests.service.conftest import jpeg
from tests.service.office import client_of, send, work

import meot
from meot import taxonomy
from meot.answers.listing.outgoing import Written
from meot.catalogue import tables
from meot.catalogue.jobs import MOST_DEATHS, Jobs
from meot.errors import QueryError
from meot.service import texts
from meot.service.sell.reasons import group_reasons
from meot.service.sell.work import DRAFT
from meot.service.web.job_reasons import tell_job
from meot.service.web.reasons import tell
from meot.service.web.voice import Voice
from meot.wiring import Shop

SOURCE = Path(meot.__file__).parent
BEHIND_PAGES = (
    *("answers/filters.py", "answers/paging.py", "answers/search.py", "answers/listing", "answers/trends"),
    *("answers/closet", "catalogue/export", "service"),
)
FOR_PROGRAMS_ALONE = ("service/api", "service/manage/teaching.py", "service/app.py")
"""What no page asks; and the check of an address, whose fault a page tells as a search that cannot be answered."""
SENTENCES = texts.load().sentences
KOREAN = Voice(language="ko", texts=texts.load(), taxonomy=taxonomy.load())


def raised() -> Iterator[tuple[str, ast.Call]]:
    """(where, call) of every question that is refused by what stands behind pages."""
    for root in BEHIND_PAGES:
        place = SOURCE / root
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            if not file.relative_to(SOURCE).as_posix().startswith(FOR_PROGRAMS_ALONE):
                for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "QueryError":
                        yield f"{file.name}:{node.lineno}", node


def names_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_refusal_behind_a_page_has_a_sentence_with_what_it_names() -> None:
    found = list(raised())
    assert len(found) > 40
    for where, call in found:
        assert len(call.args) == 2, f"{where}: no key of a sentence in [reason]"
        if isinstance(call.args[1], ast.Attribute):  # one that is told on, see selling.read_facts
            continue
        assert isinstance(call.args[1], ast.Constant), where
        key = f"reason.{call.args[1].value!s}"
        assert key in SENTENCES, f"{where}: {key}"
        told = {each.arg for each in call.keywords}
        for each in (key, f"{key}_near") if "near" in told else (key,):
            assert names_in(SENTENCES[each]["ko"]) <= told, f"{where}: {each}"


def test_every_reason_is_met_somewhere() -> None:
    keys = {call.args[1].value for _, call in raised() if isinstance(call.args[1], ast.Constant)}
    keys |= {"no_text", "no_header"}  # of a table, before anything of it is read
    kept = {key.removeprefix("reason.") for key in SENTENCES if key.startswith("reason.")}
    assert {key.removesuffix("_near") for key in kept} == keys


def test_an_error_without_a_sentence_is_told_as_it_is() -> None:
    assert tell(QueryError("something new; mend it"), KOREAN) == "something new; mend it"


@pytest.fixture
def seller(shop: Shop) -> TestClient:
    client = client_of(shop, "mina")
    client.headers["Accept-Language"] = "ko"
    return client


def alerts(page: str) -> str:
    """What a page reads out at once, as plain text."""
    found = re.findall(r'<p class="[^"]*" role="alert">(.*?)</p>', page, re.S)
    return unescape(re.sub(r"<[^>]+>", "", " ".join(found)))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("product,price\nA12,for free\n", "표.csv 2번째 줄: 가격: 39,000처럼 숫자로 적어 주세요 (지금 ‘for free’)."),
        ("product,price\nA12,0\n", "가격: 0보다 큰 값으로 적어 주세요 (지금 ‘0’)."),
        ("product,colour\nA12,nvy\n", "색: 알 수 없는 값 ‘nvy’, 가장 가까운 값은 ‘남색’."),
        ("product,category\nA12,셔스\n", "종류: 알 수 없는 값 ‘셔스’, 가장 가까운 값은 ‘셔츠’."),
        ("product,category\nA12,우주복선체\n", "종류: 알 수 없는 값 ‘우주복선체’."),
        ("product,gender\nA12,boys\n", "성별: ‘boys’ 대신 다음 중 하나로 적어 주세요 - 여성, 남성, 남녀공용."),
        ("product,availability\nA12,soon\n", "재고: ‘soon’ 대신 다음 중 하나로 적어 주세요 - 재고 있음, 품절,"),
        ("product,link\nA12,shop\n", "상품 페이지: https:// 또는 http://로 시작하는 주소로"),
        ("product,title\n,Shirt\n", "표.csv 2번째 줄: 상품 칸이 비어 있습니다."),
        ("product,title\nA12,Shirt,more\n", "표.csv 2번째 줄: 줄이 깨졌거나 칸 수가 머리글과 다릅니다."),
        ("title\nShirt\n", "표.csv: 상품(사진 폴더나 사진 이름) 열이 없습니다. 지금 있는 열: title."),
        ("\n", "표.csv: 상품(사진 폴더나 사진 이름) 열이 없습니다."),
        ("product,price\nA12,1\n" + "x" * (1 << 20), "표.csv: 표는 1MB까지 됩니다."),
    ],
)
def test_a_wrong_table_is_explained_in_korean(seller: TestClient, table: str, said: str) -> None:
    answer = seller.post("/sell/photos", files=[("facts", ("표.csv", table.encode(), "text/csv"))])
    assert answer.status_code == 422
    assert said in alerts(answer.text)
    assert "받은 것이 없습니다" in answer.text


def test_a_table_in_another_encoding_is_explained_in_korean(seller: TestClient) -> None:
    data = b"product,title\nA12,\xff\xff\xff\xff\n"
    answer = seller.post("/sell/photos", files=[("facts", ("표.csv", data, "text/csv"))])
    assert "표.csv: UTF-8, UTF-16, CP949 글자로 된 파일이 아닙니다." in alerts(answer.text)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("by=shape", "무엇으로 셀까요: 알 수 없는 값 ‘shape’"),
        ("since=soon", "부터: 2016, 2016-06, 2016-06-01처럼 적어 주세요 (지금 ‘soon’)."),
        ("since=2020&until=2019", "시작(2020)이 끝(2019)보다 늦습니다."),
        ("every=decade", "기간: ‘decade’ 대신 다음 중 하나로 적어 주세요 - 월, 분기, 계절, 반기, 연도,"),
        ("dates=born", "날짜: ‘born’ 대신 다음 중 하나로 적어 주세요 -"),
        ("category=shrt", "종류: 알 수 없는 값 ‘shrt’, 가장 가까운 값은 ‘"),
        ("within=category", "이름과 값으로 적어 주세요. 예: pattern=stripe"),
        ("category=shirt&within=category%3Dcoat", "종류: ‘코트’, ‘셔츠’ 가운데 하나만"),
        ("by=" + "a," * 20, "한 번에 12가지까지 셉니다 (지금 20가지)."),
    ],
)
def test_trends_that_cannot_be_told_are_explained_in_korean(client: TestClient, asked: str, said: str) -> None:
    page = client.get(f"/trends?{asked}", headers={"Accept-Language": "ko"})
    assert page.status_code == 422
    assert said in alerts(page.text)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("q=shirt&colour=nvy", "색: 알 수 없는 값 ‘nvy’, 가장 가까운 값은 ‘남색’."),
        ("q=...", "글자나 숫자가 든 말로 찾아 주세요 (지금 ‘...’)."),
        ("q=shirt&component=stripe", "이름과 값으로 적어 주세요. 예: pattern=stripe (지금 ‘stripe’)."),
        ("q=shirt&after=x", "이어지는 결과의 주소가 아닙니다."),
    ],
)
def test_a_search_that_cannot_be_answered_says_why_in_korean(client: TestClient, asked: str, said: str) -> None:
    page = client.get(f"/?{asked}", headers={"Accept-Language": "ko"})
    assert page.status_code == 400
    assert "찾을 말과 필터를 확인해 주세요" in page.text
    assert f"<p>{said}" in unescape(page.text)


def test_listings_that_cannot_go_out_are_explained_in_korean(shop: Shop, seller: TestClient) -> None:
    send(seller, {"A12.jpg": jpeg()})
    work(shop)
    page = seller.get("/sell/export?to=shopify&photos_at=ftp://x")
    assert "사진을 올려 둘 주소: https:// 또는 http://로 시작하는" in alerts(page.text)
    number = seller.get("/api/v1/drafts").json()["drafts"][0]["number"]
    seller.patch(f"/api/v1/drafts/{number}", json={"fields": {"title": "T" * 300, "price": "10 USD"}})
    for to, said in (("shopify", "상품명: 300자, 255자까지 됩니다"), ("naver", "가격은 원 단위의 정수여야 합니다")):
        page = seller.get(f"/sell/export?to={to}&photos_at=https://cdn.example")
        assert said in page.text
        assert not re.search(r'<td lang="en">', page.text)


def test_a_photo_that_is_gone_is_no_path_on_a_page() -> None:
    left = (("A12", "/srv/drafts/7/A12.jpg: not found; check the path"),)
    [(said, products)] = group_reasons(Written(text="", count=0, left=left), KOREAN)
    assert (said, products) == ("사진을 읽을 수 없습니다. 다시 보내 주세요", ["A12"])


def test_a_job_that_failed_says_why_in_korean(shop: Shop, seller: TestClient) -> None:
    send(seller, {"A12.jpg": jpeg()})
    for photo in Path(shop.catalogue.place.beside("drafts")).rglob("*.jpg"):
        photo.unlink()
    work(shop)
    page = seller.get("/sell").text
    assert "사진이 남아 있지 않습니다. 다시 보내 주세요." in page
    assert "the photos of this job" not in page


def test_the_reasons_of_jobs_are_those_that_are_kept(shop: Shop) -> None:
    jobs = Jobs(database=shop.catalogue.database)
    job = jobs.add(DRAFT, {"photos": [], "way": "auto"}, person=None)
    with shop.catalogue.database.writing() as connection:
        connection.execute(update(tables.jobs).values(state="running", beat_at=0.0, attempts=MOST_DEATHS))
    assert jobs.take() is None
    [failed] = [each for each in jobs.all(most=5) if each.key == job]
    assert tell_job(failed.reason, KOREAN) == ("여러 번 중단되었습니다. 다시 시작해 주세요.", "")
