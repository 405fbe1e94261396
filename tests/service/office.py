"""People of each role with a client of their own, and a worker, for tests of selling and managing."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.service.conftest import jpeg

from meot.catalogue.jobs import Jobs
from meot.catalogue.people import People
from meot.service import create_app
from meot.service.jobs.kinds import build_kinds
from meot.service.jobs.worker import Worker
from meot.settings import Settings
from meot.wiring import Shop

SETTINGS = Settings(accounts=True, max_upload_mb=1)


@lru_cache(maxsize=1)
def _app(shop: Shop) -> FastAPI:
    return create_app(shop, SETTINGS)


def client_of(shop: Shop, name: str = "", role: str = "seller") -> TestClient:
    """A client that sends a token of a person of that role; of nobody without a name."""
    headers = {"Accept-Language": "en"}
    if name:
        people = People(database=shop.catalogue.database)
        person = people.add(name, None, role=role)
        headers["Authorization"] = f"Bearer {people.issue(person, 'api', lasts_s=None, scopes=('read', 'write'))}"
    return TestClient(_app(shop), headers=headers, follow_redirects=False)


def work(shop: Shop) -> int:
    """Do every job that waits; how many those were."""
    worker = Worker(jobs=Jobs(database=shop.catalogue.database), kinds=build_kinds(shop, SETTINGS))
    done = 0
    while worker.work_once():
        done += 1
    return done


def send(client: TestClient, photos: dict[str, bytes] | None = None, to: str = "/sell/photos", **fields: str) -> Any:
    """Send photos (name -> file) as the page's form does."""
    named = photos or {"A12_1.jpg": jpeg(), "A12_2.jpg": jpeg(size=(128, 96)), "B7.jpg": jpeg((220, 45, 55))}
    return client.post(to, files=[("photo", (name, data, "image/jpeg")) for name, data in named.items()], data=fields)
