from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.catalogue import servers

from meot.catalogue.database import Database
from meot.catalogue.jobs import Jobs

WORK = """
import sys, time
from pathlib import Path
from meot.catalogue import jobs
from meot.catalogue.database import Database
from meot.cli.work import work
from meot.service.jobs.worker import Worker

jobs.SILENT_S, jobs.MOST_ATTEMPTS, jobs.MOST_DEATHS = 0.4, 1000, 1000  # a slow worker is taken for a dead one
folder = Path(sys.argv[2])

def draw(job, tell):
    for step in range(4):
        tell(step, 4)
        time.sleep(0.01)
    (folder / str(job.key)).write_text(str(job.payload["number"]))
    return {"number": job.payload["number"]}

def sleep(job, tell):
    (folder / "begun").touch()
    while True:
        tell(0, 1)
        time.sleep(0.01)

class Ready(Worker):
    def start(self, *, once=False):  # from now on it hears signals
        (folder / f"ready{sys.argv[3]}").touch()
        super().start(once=once)

with Database.open(sys.argv[1], create=False) as database:
    worker = Ready(jobs=jobs.Jobs(database=database), kinds={"draw": draw, "sleep": sleep}, poll_s=0.02, beat_s=0.1)
    work(worker, once=False)
"""
KILLS = int(os.environ.get("MEOT_TEST_KILLS", "3"))


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty catalogue, on each database in turn."""
    with servers.catalogue(request.param, tmp_path, "killing") as address:
        yield address


def start(where: str, folder: Path, number: int) -> subprocess.Popen[str]:
    ready = folder / f"ready{number}"
    arguments = [sys.executable, "-c", WORK, where, str(folder), str(number)]
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 120
    while not ready.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end, "it did not start"
        time.sleep(0.01)
    return process


def test_kill_9_of_workers_loses_no_job(where: str, tmp_path: Path) -> None:
    chance = random.Random(7)
    with Database.open(where, create=False) as database:
        queue = Jobs(database=database)
        keys = {queue.add("draw", {"number": number}): number for number in range(20 * KILLS)}
        started = 2
        workers = [start(where, tmp_path, number) for number in range(started)]
        try:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.05, 0.4))
                victim = workers.pop(chance.randrange(len(workers)))
                victim.send_signal(signal.SIGKILL)
                victim.communicate()
                workers.append(start(where, tmp_path, started))
                started += 1
            end = time.monotonic() + 120 + 5 * KILLS
            while queue.counts()["done"] < len(keys) and time.monotonic() < end:
                time.sleep(0.05)
        finally:
            for worker in workers:
                worker.terminate()
            said = [worker.communicate(timeout=120)[1] for worker in workers]
        assert queue.counts() == {"waiting": 0, "running": 0, "done": len(keys), "failed": 0, "cancelled": 0}, said
        assert {key: queue.find(key).result["number"] for key in keys} == keys
        assert {key: int((tmp_path / str(key)).read_text()) for key in keys} == keys
        assert [worker.returncode for worker in workers] == [0] * len(workers)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_asked_to_stop_gives_its_job_back(tmp_path: Path, how: signal.Signals) -> None:
    with Database.open(tmp_path / "shop.db", create=True) as database:
        queue = Jobs(database=database)
        key = queue.add("sleep", {})
        worker = start(str(tmp_path / "shop.db"), tmp_path, 0)
        end = time.monotonic() + 120
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < end, "it did not begin"
            time.sleep(0.01)
        worker.send_signal(how)
        assert worker.communicate(timeout=120)[1] == "meot: stopped\n"
        assert worker.returncode == 0
        assert (queue.find(key).state, queue.find(key).attempts) == ("waiting", 0)
