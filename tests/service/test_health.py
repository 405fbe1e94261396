from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from tests.builders import ColourReader
from tests.service.conftest import build_shop, jpeg

from meot.catalogue.complaints import UnreachableError
from meot.catalogue.jobs import Jobs
from meot.catalogue.people import People
from meot.errors import CatalogueError
from meot.service import create_app
from meot.settings import Settings
from meot.wiring import Shop

HERE = ("127.0.0.1", 50000)


class _Taught:
    """Models of a reader that was taught: it looks into the catalogue when it is asked for them."""

    def __init__(self, look: Callable[[], int]) -> None:
        self.keys = look


def local(shop: Shop, **settings: object) -> TestClient:
    return TestClient(create_app(shop, Settings(**settings)), base_url="http://localhost", client=HERE)  # type: ignore[arg-type]


def test_it_lives_and_is_ready(shop: Shop) -> None:
    client = local(shop)
    assert client.get("/healthz").text == "alive\n"
    assert client.get("/readyz").json() == {"ready": True, "reasons": []}
    assert client.head("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (UnreachableError("/srv/shop.db: away; start it"), "the database's server does not answer"),
        (CatalogueError("/srv/shop.db: damaged; restore it"), "the database cannot be read"),
    ],
)
def test_without_its_database_it_lives_but_is_not_ready(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, fault: Exception, reason: str
) -> None:
    def fail() -> int:
        raise fault

    client = local(shop)
    monkeypatch.setattr(shop.catalogue, "generation", fail)
    monkeypatch.setattr(type(shop.reader), "models", _Taught(fail))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "reasons": [reason]})
    assert answer.headers["retry-after"] == "5"
    assert client.get("/healthz").status_code == 200


def test_an_index_that_cannot_be_made_is_tried_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = [CatalogueError("/srv/shop.db: the disk cannot be read")]
    prepare = shop.search.prepare

    def once_broken() -> None:
        if faults:
            raise faults.pop()
        prepare()

    monkeypatch.setattr(shop.search, "prepare", once_broken)
    client = local(shop)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["the index cannot be made from the database"])
    assert client.get("/readyz").status_code == 200


def test_metrics_count_requests_photos_jobs_and_the_catalogue(shop: Shop) -> None:
    client = local(shop)
    Jobs(database=shop.catalogue.database).add("reindex", {})
    client.get("/api/v1/products/1")
    client.get("/api/v1/products/2")
    client.get("/api/v1/products/99")
    client.request("BREW", "/nothing/secret")
    client.post("/api/v1/looks", files={"photo": ("a.jpg", jpeg(), "image/jpeg")})
    client.get("/readyz")
    said = client.get("/metrics").text.splitlines()
    for line in (
        'meot_http_request_seconds_count{method="GET",route="/api/v1/products/{number}",status="200"} 2.0',
        'meot_http_request_seconds_count{method="GET",route="/api/v1/products/{number}",status="404"} 1.0',
        'meot_http_request_seconds_count{method="OTHER",route="(none)",status="404"} 1.0',
        'meot_photos_total{outcome="taken"} 1.0',
        "meot_photos_waiting 0.0",
        'meot_jobs{state="waiting"} 1.0',
        'meot_catalogue_rows{kind="products"} 5.0',
        f"meot_catalogue_generation {float(shop.catalogue.generation())}",
        "meot_index_vectors 5.0",
        "meot_database_up 1.0",
    ):
        assert line in said
    assert not any("secret" in line for line in said)


def test_refused_photos_are_counted(tmp_path: Path) -> None:
    shop = build_shop(tmp_path, ColourReader(delay=0.02))

    async def rush() -> str:
        transport = httpx.ASGITransport(app=create_app(shop, Settings(metrics="public")))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            files = {"photo": ("a.jpg", jpeg(), "image/jpeg")}
            answers = await asyncio.gather(*(client.post("/api/v1/looks", files=files) for _ in range(30)))
            busy = sum(answer.status_code == 503 for answer in answers)
            said = (await client.get("/metrics")).text
            assert f'meot_photos_total{{outcome="refused"}} {float(busy)}' in said
            return said

    said = asyncio.run(rush())
    shop.close()
    assert "meot_photos_waiting 0.0" in said


def test_metrics_tell_that_the_database_is_away(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> dict[str, int]:
        raise UnreachableError("away")

    monkeypatch.setattr(shop.catalogue, "counts", fail)
    assert "meot_database_up 0.0" in local(shop).get("/metrics").text


def test_metrics_are_for_who_administers(shop: Shop) -> None:
    far = TestClient(create_app(shop, Settings()), client=("203.0.113.9", 50000))
    assert far.get("/metrics").status_code == 401
    public = TestClient(create_app(shop, Settings(metrics="public")), client=("203.0.113.9", 50000))
    assert public.get("/metrics").status_code == 200
    assert local(shop, metrics="off").get("/metrics").status_code == 404


def test_with_accounts_a_token_of_an_administrator_opens_the_metrics(shop: Shop) -> None:
    people = People(database=shop.catalogue.database)
    admin = people.issue(
        people.add("mina", "correct horse battery", role="admin"), "api", lasts_s=60.0, scopes=("read",)
    )
    shopper = people.issue(people.add("jun", "correct horse battery"), "api", lasts_s=60.0, scopes=("read",))
    far = TestClient(create_app(shop, Settings(accounts=True)), client=("203.0.113.9", 50000))
    refused = far.get("/metrics", follow_redirects=False)  # a program would read a page as metrics
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert "send `Authorization: Bearer`" in refused.text
    assert far.get("/metrics", headers={"Authorization": f"Bearer {shopper}"}).status_code == 403
    assert far.get("/metrics", headers={"Authorization": f"Bearer {admin}"}).status_code == 200


def test_a_database_that_is_damaged_tells_no_path(tmp_path: Path) -> None:
    shop = build_shop(tmp_path)
    client = local(shop)
    with shop.catalogue.database.engine.begin() as connection:
        connection.execute(text("DROP TABLE meta"))
    answer = client.get("/readyz")
    assert answer.status_code in (500, 503)
    assert str(tmp_path) not in answer.text
    shop.close()
