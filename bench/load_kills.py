"""A service whose workers are killed (kill -9) again and again while people send photos and start jobs.

Two workers answer. People add photos to closets and make drafts, through the API and through the pages, some of them
over a slow line; an administrator has prices read again. A request that is cut off is sent again, through the API under
its Idempotency-Key, until it is answered. At the end everything that was answered must be there, once, and whole.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.load_checks import faults_of
from bench.load_people import Person, Photos, Told, admin, shopper
from bench.serving import MEOT, Service, serving
from bench.table import show
from meot.catalogue.database import Database
from meot.catalogue.jobs import Jobs
from meot.catalogue.people import SCOPES, People
from meot.demo import draw_catalogue

_PASSWORD = "a good long one"
_SETTLED_S = 180.0
_PAUSE_S = (1.0, 4.0)


def make(where: str, folder: Path) -> Path:
    """A small catalogue with a source that can be read again; the source's table."""
    table = draw_catalogue(folder / "feed", count=4)
    settings = {**os.environ, "MEOT_DATA": str(folder)}
    subprocess.run(
        [*MEOT, "catalogue", "add", str(table), "--into", where], check=True, capture_output=True, env=settings
    )
    return table


def invite(database: Database, count: int) -> list[Person]:
    """An administrator, and so many who send photos: to closets and for drafts, through the API and the pages."""
    people, invited = People(database=database), []
    for number in range(count + 1):
        role = "admin" if number == 0 else ("shopper", "seller")[number % 2]
        name = f"{role}{number}"
        known = people.add(name, _PASSWORD, role=role)
        token = people.issue(known, "api", lasts_s=None, scopes=SCOPES)
        invited.append(Person(known.key, name, role, token, pages=number % 4 in (2, 3), told=Told()))
    return invited


async def kill(service: Service, kills: int, workers: int, dice: random.Random) -> None:
    """Kill one of the workers, whichever, each time that all are there."""
    for _ in range(kills):
        await asyncio.sleep(dice.uniform(*_PAUSE_S))
        while len(alive := service.workers()) < workers:
            await asyncio.sleep(0.1)
        os.kill(dice.choice(alive), signal.SIGKILL)


async def live(service: Service, people: Sequence[Person], table: Path, kills: int, workers: int, seed: int) -> None:
    """Everybody at once, until so many workers were killed and what was begun is answered."""
    over, photos, dice = asyncio.Event(), Photos(), random.Random(seed)
    await asyncio.gather(*(person.sign_in(service.base, _PASSWORD) for person in people))
    tasks = [asyncio.create_task(admin(people[0], service.base, table, over))]
    for person in people[1:]:
        tasks.append(asyncio.create_task(shopper(person, service.base, photos, random.Random(dice.random()), over)))
    try:
        await kill(service, kills, workers, dice)
    finally:
        over.set()
    await asyncio.gather(*tasks)


def settle(jobs: Jobs) -> None:
    """Return when no job waits or runs, or when for some minutes none was over."""
    left, until = -1, 0.0
    while (open_ := sum(jobs.counts()[state] for state in ("waiting", "running"))) and (
        open_ != left or time.monotonic() < until
    ):
        if open_ != left:
            left, until = open_, time.monotonic() + _SETTLED_S
        time.sleep(0.2)


def run(
    where: str,
    folder: Path,
    *,
    kills: int,
    people: int = 4,
    workers: int = 2,
    seed: int = 0,
    command: Sequence[str] = MEOT,
    settings: Mapping[str, str] | None = None,
) -> tuple[dict[str, object], list[str]]:
    """Kill workers of a service of the empty catalogue at ``where``; what happened, and what is wrong afterwards.

    folder: for what lies beside the database. command: what starts the service, see :func:`bench.serving.serving`.
    """
    table = make(where, folder)
    told = {"MEOT_ACCOUNTS": "true", "MEOT_RATE": "0", "MEOT_DATA": str(folder), **(settings or {})}
    with Database.open(where, create=False, data=folder) as database:
        invited, jobs = invite(database, people), Jobs(database=database)
        with serving(where, workers=workers, settings=told, command=command) as service:
            began = time.monotonic()
            asyncio.run(live(service, invited, table, kills, workers, seed))
            seconds = time.monotonic() - began
            settle(jobs)
            wrong = faults_of(service.base, database, invited, table)
            status = service.stop()
        counts = jobs.counts()
    if status:
        wrong.append(f"the service ended with {status}")
    row: dict[str, object] = {"kills": kills, "seconds": seconds, "requests": sum(p.told.answered for p in invited)}
    row |= {"cut off": sum(p.told.cut for p in invited), "photos": sum(p.told.photos for p in invited)}
    return row | {"jobs done": counts["done"], "wrong": len(wrong)}, wrong


def main() -> None:
    """Print what happened, and everything that is wrong; the exit status is 1 when something is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", help="address of an empty database of a server; a file when left out")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="meot-kills-") as folder:
        where = options.database or f"{folder}/shop.db"
        row, wrong = run(where, Path(folder), kills=options.kills, people=options.people, seed=options.seed)
    show(
        f"workers killed under load, {where.partition(':')[0] if options.database else 'sqlite'}",
        [row],
        as_json=options.json,
    )
    print(*wrong, sep="\n")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
