from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from tests.builders import ColourReader
from tests.service.conftest import build_shop, jpeg

from meot.errors import CatalogueError, MeotError
from meot.service import create_app
from meot.service.gate import Gate
from meot.service.problems import BusyError
from meot.service.shelf import Shelf
from meot.settings import Settings
from meot.types import Look, Photo


def test_the_gate_lets_some_in_lets_some_wait_and_refuses_the_rest() -> None:
    async def visit() -> list[str]:
        gate, leave, happened = Gate(places=1, queue=1), asyncio.Event(), []

        async def enter(name: str) -> None:
            try:
                async with gate.enter():
                    happened.append(f"{name} in")
                    await leave.wait()
            except BusyError:
                happened.append(f"{name} refused")

        visitors = [asyncio.create_task(enter(name)) for name in "abc"]
        await asyncio.sleep(0.01)
        leave.set()
        await asyncio.gather(*visitors)
        async with gate.enter():
            happened.append("d in")
        return happened

    assert asyncio.run(visit()) == ["a in", "c refused", "b in", "d in"]


def test_too_many_photos_at_once_are_told_when_to_come_again(tmp_path: Path) -> None:
    refusing = threading.Event()

    class Held(ColourReader):
        """Reads nothing before somebody was refused."""

        def read(self, photo: Photo) -> Look:
            assert refusing.wait(120)
            return super().read(photo)

    shop = build_shop(tmp_path, Held())

    async def rush() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=create_app(shop, Settings()))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:

            async def ask() -> httpx.Response:
                answer = await client.post("/api/v1/looks", files={"photo": ("a.jpg", jpeg(), "image/jpeg")})
                if answer.status_code == 503:
                    refusing.set()
                return answer

            return await asyncio.gather(*(ask() for _ in range(40)))

    answers = asyncio.run(rush())
    shop.close()
    assert {a.status_code for a in answers} == {200, 503}
    refused = next(a for a in answers if a.status_code == 503)
    assert refused.headers["retry-after"] == "5"
    assert refused.json()["type"] == "urn:meot:problem:busy"


class _Broken(ColourReader):
    def __init__(self, fault: Exception) -> None:
        super().__init__()
        self._fault = fault

    def read(self, photo: Photo) -> Look:
        raise self._fault


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (RuntimeError("secret at /srv/secret.py"), 500, "broken"),
        (MeotError("secret of a kind no one foresaw"), 500, "broken"),
        (CatalogueError("/srv/secret/shop.db: the disk is full"), 503, "catalogue_unavailable"),
    ],
)
def test_our_own_faults_tell_nothing_of_the_inside(tmp_path: Path, fault: Exception, status: int, kind: str) -> None:
    shop = build_shop(tmp_path, _Broken(fault))
    client = TestClient(create_app(shop, Settings()), raise_server_exceptions=False)
    files = {"photo": ("a.jpg", jpeg(), "image/jpeg")}
    answer = client.post("/api/v1/looks", files=files)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:meot:problem:{kind}")
    assert "secret" not in answer.text
    page = client.post("/look", files=files)
    assert page.status_code == status
    assert "secret" not in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    shop.close()


def test_the_shelf_is_bounded_in_count_bytes_and_time() -> None:
    now = [0.0]
    shelf = Shelf(most_count=2, most_bytes=10, seconds=60, clock=lambda: now[0])
    shelf.put("a", b"1234")
    shelf.put("b", b"1234")
    assert shelf.take("a") == b"1234"
    shelf.put("c", b"1234")  # b was unused for longest
    assert (shelf.take("a"), shelf.take("b"), len(shelf)) == (b"1234", None, 2)
    shelf.put("d", b"1234567890")
    assert (shelf.take("a"), shelf.take("d")) == (None, b"1234567890")
    shelf.put("e", b"larger than all")
    assert shelf.take("e") is None
    now[0] = 61.0
    assert (shelf.take("d"), len(shelf)) == (None, 0)
