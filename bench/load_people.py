"""Those who send photos to a service whose workers die: each insists until they are answered."""

from __future__ import annotations

import asyncio
import csv
import io
import random
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from meot.demo import draw_query

_AGAIN_S = 0.3
_SLOW_S = 0.2
_CHUNK = 4096
_PATIENCE_S = 60.0
_GIVEN_UP_S = 300.0
_LATER = (409, 429, 503)
Files = list[tuple[str, tuple[str, bytes, str]]]


@dataclass(slots=True)
class Told:
    """What a person was told is done. closet: hashes of photos. drafts: product -> photos. jobs: those it began."""

    closet: set[str] = field(default_factory=set)
    drafts: dict[str, int] = field(default_factory=dict)
    jobs: list[int] = field(default_factory=list)
    answered: int = 0
    cut: int = 0
    photos: int = 0
    faults: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Person:
    """pages: whether they use the pages, where nothing is sent under a key; else the API, with ``token``."""

    key: int
    name: str
    role: str
    token: str
    pages: bool
    told: Told
    cookie: str = ""

    async def sign_in(self, base: str, password: str) -> None:
        """Get a session for the pages."""
        async with httpx.AsyncClient(base_url=base, timeout=_PATIENCE_S) as client:
            answer = await client.post("/signin", data={"name": self.name, "password": password})
            self.cookie = f"session={answer.cookies['session']}"

    @property
    def headers(self) -> dict[str, str]:
        """What says who they are."""
        if self.pages:
            return {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin"}
        return {"Authorization": f"Bearer {self.token}"}


class Photos:
    """Photos of drawn clothes, each another one."""

    def __init__(self) -> None:
        self._drawn = [draw_query(seed=seed) for seed in range(3)]
        self._count = 0

    def another(self) -> bytes:
        """A photo as a phone sends it."""
        self._count += 1
        drawn = self._drawn[self._count % len(self._drawn)]
        data = io.BytesIO()
        Image.fromarray(np.roll(drawn, self._count, axis=1)).save(data, "JPEG", quality=90)
        return data.getvalue()


async def shopper(person: Person, base: str, photos: Photos, dice: random.Random, over: asyncio.Event) -> None:
    """Add to the closet, or make drafts, one photo or two at a time, some in a ZIP."""
    number = 0
    while not over.is_set():
        number += 1
        sent = [photos.another() for _ in range(dice.choice((1, 1, 2)))]
        product = f"{person.name}n{number}"
        named = {f"{product}_{place}.jpg": data for place, data in enumerate(sent)}
        files = files_of(named, packed=dice.random() < 0.3)
        pause = _SLOW_S if dice.random() < 0.3 else 0.0
        sells = person.role == "seller"
        to = {(False, False): "/api/v1/closet", (False, True): "/closet/photos"} | {
            (True, False): "/api/v1/drafts",
            (True, True): "/sell/photos",
        }
        answer = await insist(person, base, to[sells, person.pages], files=files, pause=pause)
        if answer.status_code not in (202, 303):
            person.told.faults[f"{answer.status_code} {answer.text[:200]}"] += 1
            continue
        person.told.photos += len(sent)
        if sells:
            person.told.drafts[product] = len(sent)
        else:
            person.told.closet.update(sha256(data).hexdigest() for data in sent)
        await asyncio.sleep(dice.uniform(0.1, 1.0))


def files_of(named: Mapping[str, bytes], *, packed: bool) -> Files:
    """Photos as a form's files, or all in a ZIP."""
    if not packed:
        return [("photo", (name, data, "image/jpeg")) for name, data in named.items()]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packing:
        for name, data in named.items():
            packing.writestr(name, data)
    return [("photo", ("photos.zip", written.getvalue(), "application/zip"))]


async def admin(person: Person, base: str, table: Path, over: asyncio.Event) -> None:
    """Raise prices, and have the source read again; at last once more, when nobody is killed any longer."""
    done = False
    while not done:
        done = over.is_set()
        raise_prices(table)
        answer = await insist(person, base, "/api/v1/jobs", wish={"kind": "refresh"})
        if answer.status_code != 202:
            person.told.faults[f"{answer.status_code} {answer.text[:200]}"] += 1
        await asyncio.sleep(2.0)


def raise_prices(table: Path) -> None:
    """Every price of a table, by one."""
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    aside = table.with_suffix(".part")
    with aside.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "price": str(float(row["price"]) + 1)} for row in rows)
    aside.replace(table)


async def insist(
    person: Person,
    base: str,
    to: str,
    *,
    files: Files | None = None,
    wish: dict[str, str] | None = None,
    pause: float = 0.0,
    key: str = "",
) -> httpx.Response:
    """Send a request until it is answered, under one ``key`` where the API is asked. pause: between its parts.

    TimeoutError when that takes minutes.
    """
    headers = person.headers | ({} if person.pages else {"Idempotency-Key": key or str(uuid.uuid4())})
    form, until, said = {"way": "name"} if files else None, time.monotonic() + _GIVEN_UP_S, "nothing"
    while time.monotonic() < until:
        try:
            async with httpx.AsyncClient(base_url=base, timeout=_PATIENCE_S, verify=False) as client:
                asked = client.build_request("POST", to, files=files, data=form, json=wish, headers=headers)
                content = _trickle(asked.read(), pause)
                answer = await client.post(to, content=content, headers=dict(asked.headers))
        except httpx.TransportError as error:
            person.told.cut, said = person.told.cut + 1, type(error).__name__
            await asyncio.sleep(_AGAIN_S)
            continue
        if answer.status_code in _LATER:
            said = answer.text
            await asyncio.sleep(_AGAIN_S)
            continue
        person.told.answered += 1
        if answer.status_code == 202 and not person.pages:
            told = answer.json()
            person.told.jobs.append(told["number"] if wish else told["job"])
        return answer
    raise TimeoutError(f"{to} was not answered; at last: {said}")


async def _trickle(body: bytes, pause: float) -> AsyncIterator[bytes]:
    for start in range(0, len(body), _CHUNK):
        yield body[start : start + _CHUNK]
        if pause:
            await asyncio.sleep(pause)
