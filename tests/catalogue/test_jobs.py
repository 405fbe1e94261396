from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from meot.catalogue import jobs
from meot.catalogue.complaints import OwnerGoneError
from meot.catalogue.database import Database
from meot.catalogue.jobs import MOST_DEATHS, JobGoneError, Jobs
from meot.catalogue.people import People
from meot.catalogue.replies import Replies, Reply, UnderWayError, answering
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
    for _ in range(MOST_DEATHS):
        assert queue.take() is not None
    other = queue.add("read", {})
    taken = queue.take()
    assert taken is not None
    assert taken.key == other  # whoever meets it goes on with the next one at once
    assert queue.find(key).state == "failed"
    assert "its worker died" in queue.find(key).reason


def test_a_request_that_comes_again_finds_the_job_that_it_made_before_its_process_died(
    queue: Jobs, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database.open(where, create=False) as database:
        mina, answers = People(database=database).add("mina", None).key, Replies(database=database)
        assert answers.begin(mina, "k") is None
        with answering(mina, "k"):
            key = queue.add("read", {})
        with pytest.raises(UnderWayError):
            answers.begin(mina, "k")
        monkeypatch.setattr("meot.catalogue.replies.SILENT_S", -1.0)  # the process died: nobody says that it goes on
        assert answers.begin(mina, "k") == Reply("", 0, "")
        with answering(mina, "k"):
            assert queue.add("read", {}) == key
            assert queue.add("refresh", {}) != key
        answers.drop(mina, "k")  # the second attempt failed in the end, the job stands all the same
        assert answers.begin(mina, "k") == Reply("", 0, "")
        with answering(mina, "k"):
            assert queue.add("read", {}) == key
        answers.keep(mina, "k", Reply("r", 202, "{}"))
        with answering(mina, "k"), pytest.raises(UnderWayError, match="meanwhile"):
            queue.add("read", {})  # a process that only slept begins nothing after its request was answered
        assert queue.add("read", {}) != key  # nor is anything remembered without a key


def test_what_is_made_after_its_request_was_given_up_is_remembered(queue: Jobs, where: str) -> None:
    with Database.open(where, create=False) as database:
        mina, answers = People(database=database).add("mina", None).key, Replies(database=database)
        assert answers.begin(mina, "k") is None
        answers.drop(mina, "k")
        with answering(mina, "k"):
            key = queue.add("read", {})
        assert answers.begin(mina, "k") == Reply("", 0, "")
        with answering(mina, "k"):
            assert queue.add("read", {}) == key


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


def test_a_job_that_went_with_its_person_is_left(queue: Jobs, where: str) -> None:
    with Database.open(where, create=False) as database:
        people = People(database=database)
        mina = people.add("mina", None)
        queue.add("read", {}, person=mina.key)
        job = queue.take()
        assert job is not None
        people.delete(mina)
        with pytest.raises(JobGoneError):
            queue.beat(job, 1, 2)
        with pytest.raises(JobGoneError):
            queue.finish(job, {})
        with pytest.raises(JobGoneError):
            queue.fail(job, "", again=True)
        with pytest.raises(OwnerGoneError):
            queue.add("read", {}, person=mina.key)
    assert queue.all() == []
