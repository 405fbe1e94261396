"""What becomes of photos and jobs when the processes that answer are killed (kill -9)."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from bench.load_kills import invite, run, settle
from bench.load_people import Files, Person, Photos, files_of, insist
from bench.serving import Service, serving
from tests.catalogue import servers
from tests.service.dying import MOMENTS

from meot.catalogue.closet import Closet
from meot.catalogue.database import Database
from meot.catalogue.drafts import Drafts
from meot.catalogue.jobs import Jobs

KILLS = int(os.environ.get("MEOT_TEST_KILLS", "2"))
ROOT = Path(__file__).parents[2]
DYING = (sys.executable, "-W", "ignore", str(Path(__file__).with_name("dying.py")))
PATHS = {"PYTHONPATH": os.pathsep.join([str(ROOT), *(path for path in sys.path if path)])}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_kill_9_of_workers_under_load_loses_no_photo_and_no_job(kind: str, tmp_path: Path) -> None:
    with servers.catalogue(kind, tmp_path, "meot_under_load") as where:
        happened, wrong = run(where, tmp_path, kills=KILLS, people=4, command=DYING, settings=PATHS)
    assert wrong == [], happened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def database(folder: Path) -> Iterator[Database]:
    with Database.open(folder / "shop.db", create=True) as database:
        yield database


@pytest.fixture(scope="module")
def people(database: Database) -> dict[str, Person]:
    """A shopper and a seller who use the API."""
    return {person.role: person for person in invite(database, 5) if not person.pages}


@pytest.fixture(scope="module")
def service(folder: Path, database: Database) -> Iterator[Service]:
    (folder / "moments").mkdir()
    (folder / "tmp").mkdir()
    settings = {"MEOT_ACCOUNTS": "true", "MEOT_TEST_MOMENTS": str(folder / "moments"), "TMPDIR": str(folder / "tmp")}
    where = str(folder / "shop.db")
    with serving(where, workers=2, settings=PATHS | settings, command=DYING) as service:
        yield service


PHOTOS = Photos()


def file_of(name: str, *, packed: bool = False) -> Files:
    return files_of({f"{name}.jpg": PHOTOS.another()}, packed=packed)


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_sent_again_under_its_key_is_done_once_whenever_the_process_died(
    service: Service, database: Database, people: dict[str, Person], folder: Path, moment: str
) -> None:
    shoppers = ("a closet's photo is half kept", "the answer is kept", "the job is to be over")
    role = "shopper" if moment in shoppers else "seller"
    person, jobs = people[role], Jobs(database=database)
    before = len(jobs.all(person=person.key)), len(things_of(database, person))
    armed = folder / "moments" / moment
    armed.touch()
    to = "/api/v1/closet" if role == "shopper" else "/api/v1/drafts"
    files = file_of(f"n{before[0]}", packed="ZIP" in moment)
    answer = asyncio.run(insist(person, service.base, to, files=files))
    settle(jobs)
    assert not armed.exists(), "nobody died"
    assert answer.status_code == 202
    mine = jobs.all(person=person.key)
    assert (mine[0].key, mine[0].state) == (answer.json()["job"], "done")
    assert (len(mine), len(things_of(database, person))) == (before[0] + 1, before[1] + 1)
    until(lambda: not half(folder))  # what a job has read goes just after it is done


def half(folder: Path) -> list[Path]:
    """Photos that are empty, or wait to be read."""
    photos = {file: size for file, size in sizes(folder).items() if file.suffix == ".jpg"}
    return [file for file, size in photos.items() if not size or file.parent.name == "new"]


def sizes(folder: Path) -> dict[Path, int]:
    """The files below a folder in which a service goes on meanwhile, and their bytes."""
    found = {}
    for place, _, names in os.walk(folder):
        for file in (Path(place) / name for name in names):
            with suppress(FileNotFoundError):
                found[file] = file.stat().st_size
    return found


def things_of(database: Database, person: Person) -> list[object]:
    """What came of a person's photos."""
    if person.role == "seller":
        return list(Drafts(database=database, person=person.key).all())
    return list(Closet(database=database, person=person.name).photos())


def test_a_photo_half_sent_when_the_process_died_leaves_nothing_and_may_be_sent_again(
    service: Service, database: Database, people: dict[str, Person], folder: Path
) -> None:
    person, jobs = people["shopper"], Jobs(database=database)
    before = len(jobs.all(person=person.key)), len(things_of(database, person))
    files = file_of("half")
    headers = person.headers | {"Idempotency-Key": "half"}
    asked = httpx.Request("POST", f"{service.base}/api/v1/closet", files=files, headers=headers)
    body = asked.read()
    head = "".join(f"{name}: {value}\r\n" for name, value in asked.headers.items())
    with socket.create_connection((urlsplit(service.base).hostname, urlsplit(service.base).port)) as line:
        line.sendall(f"POST /api/v1/closet HTTP/1.1\r\n{head}\r\n".encode() + body[: len(body) // 2])
        until(lambda: is_read(line))
        for worker in service.workers():
            os.kill(worker, signal.SIGKILL)
        line.settimeout(120)
        with suppress(ConnectionResetError):  # an orderly end says the same
            assert line.recv(1) == b""
    answer = asyncio.run(insist(person, service.base, "/api/v1/closet", files=files, key="half"))
    settle(jobs)
    assert answer.status_code == 202
    after = len(jobs.all(person=person.key)), len(things_of(database, person))
    assert after == (before[0] + 1, before[1] + 1)
    assert [file for file, size in sizes(folder / "tmp").items() if size > len(body) // 8] == []


def is_read(line: socket.socket) -> bool:
    """Whether a process of this machine has taken a connection and read all that came over it (Linux)."""
    ends = [line.getpeername()[1], line.getsockname()[1]]
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, here, there, _, queues, _, _, _, _, owner, *_ = row.split()
        if [int(end.rpartition(":")[2], 16) for end in (here, there)] == ends:
            return owner != "0" and queues.endswith(":00000000")
    return False


def test_workers_go_with_their_watcher_and_the_next_service_clears_up(folder: Path, tmp_path: Path) -> None:
    with Database.open(tmp_path / "shop.db", create=True):
        pass
    where = str(tmp_path / "shop.db")
    with serving(where, workers=2, settings=PATHS, command=DYING) as service:
        workers = service.workers()
        shared = shared_of(workers[0])
        photo = {"photo": ("a.jpg", PHOTOS.another(), "image/jpeg")}
        assert httpx.post(f"{service.base}/look", files=photo, timeout=120).status_code == 303
        service.process.kill()
        until(lambda: not any(is_alive(worker) for worker in workers))
    assert list((shared / "looks").iterdir())  # nobody was left to clear up
    with serving(where, workers=2, settings=PATHS, command=DYING) as service:
        assert not shared.exists()
        own = shared_of(service.workers()[0])
        assert own.is_dir()
        assert service.stop() == 0
    assert not own.exists()


def shared_of(worker: int) -> Path:
    """The folder that a process shares with the others of its service."""
    told = Path(f"/proc/{worker}/environ").read_text().split("\0")
    return Path(next(value.partition("=")[2] for value in told if value.startswith("MEOT_SHARED=")))


def is_alive(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def until(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_two_workers_count_together_who_asks_how_often(tmp_path: Path) -> None:
    with Database.open(tmp_path / "shop.db", create=True):
        pass
    stranger = {"X-Forwarded-For": "198.51.100.7", "Connection": "close"}
    settings = PATHS | {"MEOT_RATE": "3", "MEOT_TEST_NO_TIME": "1"}
    with serving(str(tmp_path / "shop.db"), workers=2, settings=settings, command=DYING) as service:
        first, second = service.workers()

        def ask(stopped: int, path: str = "/api/v1/health") -> int:
            """Ask while one of the two cannot answer; the watcher must not replace it."""
            for process in (service.process.pid, stopped):
                os.kill(process, signal.SIGSTOP)
            try:
                return httpx.get(f"{service.base}{path}", headers=stranger, timeout=120).status_code
            finally:
                for process in (stopped, service.process.pid):
                    os.kill(process, signal.SIGCONT)

        assert [ask(stopped, "/healthz") for stopped in (first, second)] == [200, 200]  # both are there by now
        assert [ask(stopped) for stopped in (first, second, first, second, first)] == [200, 200, 200, 429, 429]
