"""What must be there after workers were killed: everything that was answered, once, and whole."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from sqlalchemy import select

from bench.load_people import Person
from meot.catalogue.closet import Closet
from meot.catalogue.database import Database
from meot.catalogue.jobs import Jobs
from meot.catalogue.tables import jobs

_MOST = 100_000


def faults_of(base: str, database: Database, people: Sequence[Person], table: Path) -> list[str]:
    """Everything that is wrong, a sentence each; asked of the service, the database and the folders beside it."""
    wrong = [f"{person.name}: {fault}" for person in people for fault in person.told.faults]
    wrong += _jobs(database, people)
    wrong += _files(database)
    with httpx.Client(base_url=base, timeout=60.0) as client:
        for person in people:
            client.headers["Authorization"] = f"Bearer {person.token}"
            if person.role == "seller":
                wrong += _drafts(client, database, person)
            else:
                wrong += _closet(client, database, person)
        wrong += _prices(client, table)
    return wrong


def _jobs(database: Database, people: Sequence[Person]) -> Iterator[str]:
    there = Jobs(database=database).all(most=_MOST)
    for job in there:
        if job.state != "done":
            yield f"job {job.key} ({job.kind}) is {job.state} after {job.attempts} attempts: {job.reason}"
        elif job.result.get("failed") and job.kind == "closet add":
            yield f"job {job.key} left photos out: {job.result['failed']}"
    known = {job.key for job in there}
    for person in people:
        yield from (f"{person.name}: job {lost} is lost" for lost in set(person.told.jobs) - known)
        mine = sum(job.person == person.key for job in there)
        if not person.pages and mine != len(set(person.told.jobs)):
            yield f"{person.name}: {len(set(person.told.jobs))} jobs were told of, {mine} are there"


def _closet(client: httpx.Client, database: Database, person: Person) -> Iterator[str]:
    closet = Closet(database=database, person=person.name)
    photos = closet.photos()
    yield from _once(person, "photo", Counter(photo.sha256 for photo in photos), person.told.closet)
    listed = [each["photo"] for each in _pages(client, "/api/v1/closet", "photos")]
    if listed != sorted((photo.key for photo in photos), reverse=True):
        yield f"{person.name}: the closet lists {len(listed)} photos, the database has {len(photos)}"
    copies = {file.name for file in closet.file(str(person.key)).glob("*.jpg")}
    if copies != {f"{sha256}.jpg" for sha256 in person.told.closet}:
        yield f"{person.name}: {len(copies)} copies lie beside {len(photos)} photos"


def _drafts(client: httpx.Client, database: Database, person: Person) -> Iterator[str]:
    drafts = list(_pages(client, "/api/v1/drafts", "drafts"))
    yield from _once(person, "draft", Counter(draft["product"] for draft in drafts), set(person.told.drafts))
    for draft in drafts:
        if len(draft["photos"]) != person.told.drafts.get(draft["product"]):
            yield f"{person.name}: draft {draft['product']} has {len(draft['photos'])} photos"
        for photo in draft["photos"]:
            if not _is_whole(client.get(photo).content):
                yield f"{person.name}: {photo} is no photo"
    kept = list((database.place.beside("drafts") / str(person.key)).glob("*.jpg"))
    if len(kept) != sum(person.told.drafts.values()):
        yield f"{person.name}: {len(kept)} photos are kept, {sum(person.told.drafts.values())} were sent"


def _once(person: Person, what: str, there: Counter[str], told: set[str]) -> Iterator[str]:
    yield from (f"{person.name}: {what} {name} is lost" for name in told - set(there))
    yield from (f"{person.name}: {what} {name} was never answered" for name in set(there) - told)
    yield from (f"{person.name}: {what} {name} is there {count} times" for name, count in there.items() if count > 1)


def _files(database: Database) -> Iterator[str]:
    """What a killed process had begun may lie there under a name of its own, and goes later; nothing else is half.

    So may what a job had read that was written down as done when its process died.
    """
    read = _read(database)
    for folder in ("closet", "drafts"):
        for file in sorted(database.place.beside(folder).rglob("*")):
            if not file.is_file() or file.suffix in (".part", ".copied") or file.stem in read:
                continue
            if not _is_whole(file.read_bytes()):
                yield f"{file} is half a photo"
            if file.parent.name == "new":
                yield f"{file} still waits to be read"


def _read(database: Database) -> set[str]:
    """What the files are called that jobs were given which are done."""
    with database.reading() as connection:
        given = [json.loads(text) for text in connection.scalars(select(jobs.c.payload).where(jobs.c.state == "done"))]
    photos = (each for payload in given for each in (*payload.get("photos", ()), *payload.get("packed", ())))
    return {each.get("sha256") or each["file"] for each in photos if not isinstance(each, str)}


def _is_whole(data: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    except (OSError, SyntaxError):
        return False
    return True


def _prices(client: httpx.Client, table: Path) -> Iterator[str]:
    with table.open(encoding="utf-8", newline="") as lines:
        wanted = sorted(float(row["price"]) for row in csv.DictReader(lines))
    there = sorted(client.get(f"/api/v1/products/{number}").json()["price"] for number in range(1, len(wanted) + 1))
    if there != wanted:
        yield f"prices are {there}, the source says {wanted}"


def _pages(client: httpx.Client, path: str, items: str) -> Iterator[Any]:
    after = None
    while True:
        page = client.get(path, params={"limit": 100} | ({} if after is None else {"after": after})).json()
        yield from page[items]
        after = page["next"]
        if after is None:
            return
