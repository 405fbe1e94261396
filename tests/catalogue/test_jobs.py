from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from meot.catalogue import jobs
from meot.catalogue.database import Database
from meot.catalogue.jobs import MOST_ATTEMPTS, JobGoneError, Jobs
from meot.errors import CatalogueError


@pytest.fixture
def queue(where: str) -> Iterator[Jobs]:
    with Database.open(where, create=False) as database:
        yield Jobs(database=database)


def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every worker that runs counts as dead."""
    monkeypatch.setattr(jobs, "SILENT_S", -1.0)


def test_a_job_is_worked_on_once_and_keeps_what_came_of_it(queue: Jobs) -> None:
    key = queue.add("read", {"photos": ["셔츠.jpg"]}, total=3)
    job = queue.take()
    assert job is not None
    assert (job.key, job.state, job.payload, job.attempts) == (key, "running", {"photos": ["셔츠.jpg"]}, 1)
    assert queue.take() is None
    queue.beat(job, 2, 3)
    assert (queue.find(key).done, queue.find(key).total) == (2, 3)
    queue.finish(job, {"read": 3})
    over = queue.find(key)
    assert (over.state, over.result) == ("done", {"read": 3})
    assert over.finished_at is not None
    assert queue.take() is None


def test_jobs_come_in_order_and_by_kind(queue: Jobs) -> None:
    first, second = queue.add("read", {}), queue.add("refresh", {})
    taken = queue.take(("refresh",))
    assert taken is not None
    assert taken.key == second
    assert [job.key for job in queue.all()] == [second, first]
    with pytest.raises(CatalogueError, match="no job has number 99"):
        queue.find(99)


def test_many_workers_take_each_job_once(queue: Jobs) -> None:
    keys = [queue.add("read", {}) for _ in range(12)]

    def work(_: int) -> list[int]:
        found = []
        while (job := queue.take()) is not None:
            found.append(job.key)
            queue.finish(job, {})
        return found

    with ThreadPoolExecutor(4) as pool:
        taken = [key for found in pool.map(work, range(4)) for key in found]
    assert sorted(taken) == keys


def test_a_dead_workers_job_is_taken_up_by_another(queue: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    key = queue.add("read", {})
    dead = queue.take()
    assert dead is not None
    assert queue.take() is None
    silent(monkeypatch)
    again = queue.take()
    assert again is not None
    assert (again.key, again.attempts) == (key, 2)
    with pytest.raises(JobGoneError, match="no longer worked on here"):
        queue.finish(dead, {})  # it was only slow
    queue.finish(again, {})


def test_a_job_that_kills_its_workers_is_given_up(queue: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    key = queue.add("read", {})
    silent(monkeypatch)
    for _ in range(MOST_ATTEMPTS):
        assert queue.take() is not None
    assert queue.take() is None
    assert queue.find(key).state == "failed"
    assert "its worker died" in queue.find(key).reason


def test_a_failed_attempt_waits_and_is_tried_again(queue: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    key = queue.add("refresh", {})
    job = queue.take()
    assert job is not None
    queue.fail(job, "the host does not answer", again=True)
    assert (queue.find(key).state, queue.find(key).reason) == ("waiting", "the host does not answer")
    assert queue.take() is None  # not yet
    now = time.time()
    monkeypatch.setattr("meot.catalogue.jobs.time.time", lambda: now + 3600)
    job = queue.take()
    assert job is not None
    queue.fail(job, "no such feed", again=False)
    assert queue.find(key).state == "failed"
    assert queue.retry(key).state == "waiting"
    job = queue.take()
    assert job is not None
    assert job.attempts == 1


def test_a_cancelled_job_stops_at_its_next_sign(queue: Jobs) -> None:
    key = queue.add("read", {})
    job = queue.take()
    assert job is not None
    assert queue.cancel(key).state == "cancelled"
    with pytest.raises(JobGoneError, match="is cancelled"):
        queue.beat(job, 1, 2)
    assert queue.take() is None
    assert queue.forget(before=time.time() + 1) == 1
    assert queue.all() == []
