from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from meot.catalogue import jobs, tables
from meot.catalogue.complaints import LockedError, UnreachableError
from meot.catalogue.database import Database
from meot.catalogue.jobs import Job, JobGoneError, Jobs
from meot.errors import PhotoError
from meot.service.jobs.worker import Tell, Work, Worker


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Jobs]:
    with Database.open(tmp_path / "shop.db", create=True) as database:
        yield Jobs(database=database)


def build(queue: Jobs, work: Work) -> Worker:
    return Worker(jobs=queue, kinds={"read": work}, poll_s=0.01, beat_s=0.05)


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def beat_of(queue: Jobs, key: int) -> float:
    """When the job gave its last sign of life."""
    with queue._database.reading() as connection:
        return float(connection.scalar(select(tables.jobs.c.beat_at).where(tables.jobs.c.key == key)) or 0.0)


def test_it_does_the_jobs_of_its_kinds_and_leaves_others(queue: Jobs) -> None:
    def read(job: Job, tell: Tell) -> Mapping[str, Any]:
        tell(1, 2)
        tell(2, 2)
        return {"read": job.payload["photos"]}

    other, mine = queue.add("else", {}), queue.add("read", {"photos": 2})
    worker = build(queue, read)
    assert worker.work_once()
    assert not worker.work_once()
    done = queue.find(mine)
    assert (done.state, done.result, done.done, done.total) == ("done", {"read": 2}, 2, 2)
    assert queue.find(other).state == "waiting"


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (PhotoError("a.jpg is no photo; send another"), "failed", "a.jpg is no photo"),
        (UnreachableError("the host does not answer; try later"), "waiting", "does not answer"),
        (ZeroDivisionError("secret"), "failed", "a fault of ours"),
    ],
)
def test_a_failure_says_why_and_only_the_unreachable_is_tried_again(
    queue: Jobs, error: Exception, state: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    def read(_job: Job, _tell: Tell) -> Mapping[str, Any]:
        raise error

    key = queue.add("read", {})
    with caplog.at_level(logging.ERROR):
        assert build(queue, read).work_once()
    assert queue.find(key).state == state
    assert reason in queue.find(key).reason
    assert "secret" not in queue.find(key).reason
    assert bool(caplog.records) == isinstance(error, ZeroDivisionError)


def test_a_cancelled_job_ends_at_its_next_sign(queue: Jobs) -> None:
    seen: list[str] = []
    begun = threading.Event()

    def read(_job: Job, tell: Tell) -> Mapping[str, Any]:
        begun.set()
        try:
            while True:
                tell(1, 9)
                time.sleep(0.01)
        except JobGoneError:
            seen.append("ended")
            raise

    key = queue.add("read", {})
    worker = build(queue, read)
    worker.start()
    assert begun.wait(60)
    queue.cancel(key)
    until(lambda: seen == ["ended"])
    worker.stop()
    assert queue.find(key).state == "cancelled"


def test_a_stopping_worker_gives_its_job_back_at_once(queue: Jobs) -> None:
    begun = threading.Event()

    def read(_job: Job, tell: Tell) -> Mapping[str, Any]:
        begun.set()
        while True:
            tell(1, 9)
            time.sleep(0.01)

    first, second = queue.add("read", {}), queue.add("read", {})
    worker = build(queue, read)
    worker.start()
    assert begun.wait(60)
    worker.stop()
    assert (queue.find(first).state, queue.find(first).attempts) == ("waiting", 0)
    assert queue.find(second).state == "waiting"
    again = queue.take()
    assert again is not None
    assert again.key == first


def test_a_job_that_says_nothing_is_given_back_after_the_grace_and_cannot_end_it_later(queue: Jobs) -> None:
    begun, free = threading.Event(), threading.Event()

    def read(_job: Job, _tell: Tell) -> Mapping[str, Any]:
        begun.set()
        free.wait(60)
        return {"by": "the slow one"}

    key = queue.add("read", {})
    worker = build(queue, read)
    worker.start()
    assert begun.wait(60)
    worker.stop(grace_s=0.05)
    again = queue.take()
    assert again is not None
    assert (again.key, again.attempts) == (key, 1)
    free.set()
    until(lambda: not any(thread.name == "meot-jobs" for thread in threading.enumerate()))
    assert queue.find(key).state == "running"
    queue.finish(again, {"by": "the second"})
    assert queue.find(key).result == {"by": "the second"}


def test_a_silent_job_lives_on_by_its_heart_beat(queue: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, free = threading.Event(), threading.Event()

    def read(_job: Job, _tell: Tell) -> Mapping[str, Any]:
        begun.set()
        free.wait(60)
        return {}

    key = queue.add("read", {})
    worker = build(queue, read)
    worker.start()
    assert begun.wait(60)
    first = beat_of(queue, key)
    until(lambda: beat_of(queue, key) > first)
    now = (first + beat_of(queue, key)) / 2 + jobs.SILENT_S
    monkeypatch.setattr("meot.catalogue.jobs.time.time", lambda: now)
    assert queue.take() is None  # it would be lost by now had it given no sign since the first
    free.set()
    until(lambda: queue.find(key).state == "done")
    worker.stop()


def test_a_database_that_is_away_is_waited_for(queue: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, take = [0], queue.take

    def once_away(kinds: tuple[str, ...] | None = None) -> Job | None:
        taken[0] += 1
        if taken[0] == 1:
            raise UnreachableError("the server does not answer; start it")
        return take(kinds)

    monkeypatch.setattr(queue, "take", once_away)
    monkeypatch.setattr("meot.service.jobs.worker._AWAY_S", 0.01)
    key = queue.add("read", {})
    worker = build(queue, lambda _job, _tell: {})
    worker.start()
    until(lambda: queue.find(key).state == "done")
    worker.stop()


def test_a_job_that_met_a_lock_is_tried_again(queue: Jobs) -> None:
    def read(_job: Job, _tell: Tell) -> Mapping[str, Any]:
        raise LockedError("another program has been writing for 30 s; try again when it is done")

    key = queue.add("read", {})
    assert build(queue, read).work_once()
    assert (queue.find(key).state, queue.find(key).attempts) == ("waiting", 1)
