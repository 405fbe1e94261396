from __future__ import annotations

from string import Formatter

import pytest
from fastapi.testclient import TestClient
from tests.builders import build_garment, build_product

from meot import taxonomy
from meot.service import problems, texts
from meot.service.texts import choose_language
from meot.service.web.money import format_price
from meot.service.web.views import is_own_address
from meot.service.web.voice import Voice, with_article


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        (None, "fr,en;q=0.5,ko;q=0.7", "ko"),
        (None, "de", "en"),
        (None, "", "en"),
        (None, "ko;q=zero", "en"),
        ("en", "ko", "en"),
        ("xx", "ko", "ko"),
    ],
)
def test_the_visitors_language(cookie: str | None, accepted: str, language: str) -> None:
    assert choose_language(cookie, accepted, "en") == language


def test_every_sentence_says_the_same_in_each_language() -> None:
    def names(sentence: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(sentence) if name}

    for key, said in texts.load().sentences.items():
        assert set(said) == set(texts.LANGUAGES), key
        assert names(said["en"]) == names(said["ko"]), key
        assert all(said.values()), key


def test_every_problem_has_a_sentence() -> None:
    keys = {kind.key for kind in problems.KINDS.values()} | set(problems.OTHER_STATUSES.values())
    assert {f"problem.{key}" for key in keys} <= set(texts.load().sentences)


def test_the_switch_is_remembered(client: TestClient) -> None:
    answer = client.get("/language/ko", params={"to": "/?q=shirt"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=shirt")
    page = client.get("/")
    assert page.headers["content-language"] == "ko"
    assert '<html lang="ko">' in page.text
    assert client.get("/language/xx").status_code == 400


@pytest.mark.parametrize(
    ("to", "own"),
    [
        ("/", True),
        ("/look/a?garment=2", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("https://evil.example", False),
        ("/\t/evil.example", False),
        ("", False),
    ],
)
def test_the_switch_leads_nowhere_else(client: TestClient, to: str, own: bool) -> None:
    assert is_own_address(to) is own
    answer = client.get("/language/ko", params={"to": to}, follow_redirects=False)
    assert answer.headers["location"] == (to if own else "/")


@pytest.mark.parametrize(
    ("price", "currency", "language", "said"),
    [
        (39000.0, "KRW", "ko", "39,000원"),
        (39000.0, "KRW", "en", "₩39,000"),
        (12.5, "USD", "en", "$12.50"),
        (12.5, "EUR", "ko", "€12.50"),
        (7.0, "CHF", "en", "7.00 CHF"),
    ],
)
def test_prices(price: float, currency: str, language: str, said: str) -> None:
    assert format_price(price, currency, language) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Shirt", "a shirt"),
        ("Dress", "a dress"),
        ("Jeans", "jeans"),
        ("Swimwear", "swimwear"),
        ("Jewellery", "jewellery"),
        ("T-shirt", "a T-shirt"),
        ("Overall", "an overall"),
    ],
)
def test_names_within_a_sentence(name: str, said: str) -> None:
    assert with_article(name) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "maybe a shirt, or a blouse, navy, 90 %, person 2"),
        ("ko", "아마도 셔츠, 아니면 블라우스, 남색, 90%, 2번째 사람"),
    ],
)
def test_a_garment_in_one_line(language: str, said: str) -> None:
    voice = Voice(language=language, texts=texts.load(), taxonomy=taxonomy.load())
    assert voice.describe(build_garment((28, 34, 62), sure=False, person=1)) == said


def test_an_unknown_price_is_not_invented() -> None:
    voice = Voice(language="en", texts=texts.load(), taxonomy=taxonomy.load())
    assert voice.price(build_product("1", "shirt")) == "Price not stated"
