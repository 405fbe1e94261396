"""Long work as rows of the database: waiting, then running in some worker, then done; nothing is lost when one dies."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, or_, select, update

from meot.catalogue.complaints import OwnerGoneError
from meot.catalogue.database import Database
from meot.catalogue.replies import made_before, note_made
from meot.catalogue.tables import jobs, people
from meot.errors import CatalogueError

BEAT_S = 4.0
"""How often a worker gives a sign of life while it works on a job."""
SILENT_S = 20.0
"""A running job whose worker gave no sign for so long has lost it, and another takes it up."""
MOST_ATTEMPTS = 3
MOST_DEATHS = 5
"""Attempts that end with their worker's death, which may be anything's fault; then it is thought to be the job's."""
STATES = ("waiting", "running", "done", "failed", "cancelled")
_WAIT_S = 5.0  # before a second attempt; four times longer before each further one


class JobGoneError(CatalogueError):
    """The job was cancelled, went with its person, or another worker took it up; stop working on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A piece of work. state: "waiting", "running", "done", "failed" or "cancelled". done, total: its progress.

    payload, result: JSON. reason: why it failed, or why the last attempt did. person: whose it is, None for nobody's.
    Times in seconds since 1970, None where that has not happened.
    """

    key: int
    kind: str
    payload: Mapping[str, Any]
    state: str
    person: int | None
    done: int
    total: int
    attempts: int
    result: Mapping[str, Any]
    reason: str
    created_at: float
    started_at: float | None
    finished_at: float | None


class Jobs:
    """The jobs of a database. Any number of processes may add, work and look at once.

    A library was looked for: procrastinate needs PostgreSQL, celery and dramatiq a broker. huey's SqlHuey runs on all
    three databases, through a second SQL library, but takes a job off before it is done, so that a worker's death loses
    it, and knows neither how far a job is nor whose.
    """

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def add(self, kind: str, payload: Mapping[str, Any], *, person: int | None = None, total: int = 0) -> int:
        """A new job; its key."""
        with self._database.writing() as connection:
            return put(connection, kind, payload, person=person, total=total)

    def find(self, key: int) -> Job:
        """The job with that key. CatalogueError when there is none."""
        with self._database.reading() as connection:
            return _find(connection, key)

    def all(self, *, person: int | None = None, most: int = 100, before: int | None = None) -> list[Job]:
        """The newest jobs, of one person when given. before: only those with lower keys."""
        wanted = [] if person is None else [jobs.c.person == person]
        wanted += [] if before is None else [jobs.c.key < before]
        query = select(jobs).where(*wanted).order_by(jobs.c.key.desc()).limit(most)
        with self._database.reading() as connection:
            return [_job(row) for row in connection.execute(query).mappings()]

    def take(self, kinds: tuple[str, ...] | None = None) -> Job | None:
        """The oldest job that waits, or that a silent worker lost, now running here; None when there is none."""
        now = time.time()
        waiting = (jobs.c.state == "waiting") & or_(jobs.c.not_before.is_(None), jobs.c.not_before <= now)
        lost = (jobs.c.state == "running") & (jobs.c.beat_at < now - SILENT_S)
        wanted: list[ColumnElement[bool]] = [waiting | lost]
        if kinds is not None:
            wanted.append(jobs.c.kind.in_(kinds))
        with self._database.writing() as connection:
            row = connection.execute(select(jobs).where(*wanted).order_by(jobs.c.key).limit(1)).mappings().first()
            if row is None:
                return None
            if row["state"] != "running" or row["attempts"] < MOST_DEATHS:
                values = {"state": "running", "started_at": now, "beat_at": now, "attempts": row["attempts"] + 1}
                connection.execute(update(jobs).where(jobs.c.key == row["key"]).values(values))
                return _find(connection, row["key"])
            _end(connection, row["key"], "failed", reason=f"its worker died {MOST_DEATHS} times; start it again")
        return self.take(kinds)  # the next one

    def beat(self, job: Job, done: int, total: int) -> None:
        """Say that the job goes on and how far it is. JobGoneError when it shall not."""
        with self._database.writing() as connection:
            self._check(connection, job)
            values = {"beat_at": time.time(), "done": done, "total": total}
            connection.execute(update(jobs).where(jobs.c.key == job.key).values(values))

    def finish(self, job: Job, result: Mapping[str, Any]) -> None:
        """Say that it is done. JobGoneError when it was cancelled or taken up by another meanwhile."""
        with self._database.writing() as connection:
            self._check(connection, job)
            _end(connection, job.key, "done", result=json.dumps(result, ensure_ascii=False))

    def fail(self, job: Job, reason: str, *, again: bool) -> None:
        """Say that the attempt failed; with ``again`` the job waits for another one, while there are some left."""
        with self._database.writing() as connection:
            self._check(connection, job)
            if not again or job.attempts >= MOST_ATTEMPTS:
                _end(connection, job.key, "failed", reason=reason)
                return
            later = time.time() + _WAIT_S * 4 ** (job.attempts - 1)
            values = {"state": "waiting", "reason": reason, "not_before": later, "beat_at": None}
            connection.execute(update(jobs).where(jobs.c.key == job.key).values(values))

    def give_back(self, job: Job) -> None:
        """Let another worker take it up now: this one stops. The attempt does not count. JobGoneError as above."""
        with self._database.writing() as connection:
            self._check(connection, job)
            fresh = {"state": "waiting", "attempts": job.attempts - 1, "not_before": None, "beat_at": None}
            connection.execute(update(jobs).where(jobs.c.key == job.key).values(fresh))

    def counts(self) -> dict[str, int]:
        """State -> how many jobs are in it, of the five that there are."""
        query = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        with self._database.reading() as connection:
            found = {state: int(count) for state, count in connection.execute(query)}
        return {state: found.get(state, 0) for state in STATES}

    def cancel(self, key: int) -> Job:
        """Stop a job that is not over; who works on it learns that with its next beat. The job as it is then."""
        with self._database.writing() as connection:
            if _find(connection, key).state in ("waiting", "running"):
                _end(connection, key, "cancelled")
            return _find(connection, key)

    def retry(self, key: int) -> Job:
        """Let a failed or cancelled job wait anew, its attempts counted from none; others stay as they are."""
        with self._database.writing() as connection:
            if _find(connection, key).state in ("failed", "cancelled"):
                fresh = {"state": "waiting", "attempts": 0, "reason": "", "not_before": None, "finished_at": None}
                connection.execute(update(jobs).where(jobs.c.key == key).values(fresh))
            return _find(connection, key)

    def forget(self, *, before: float) -> int:
        """Delete jobs that were over before a moment (seconds since 1970); how many."""
        with self._database.writing() as connection:
            return int(connection.execute(delete(jobs).where(jobs.c.finished_at < before)).rowcount)

    def _check(self, connection: Connection, job: Job) -> None:
        try:
            now = _find(connection, job.key)
        except CatalogueError as error:  # it went with its person
            raise JobGoneError(str(error)) from None
        if now.state != "running" or (now.attempts, now.started_at) != (job.attempts, job.started_at):
            raise JobGoneError(f"job {job.key} is {now.state} and no longer worked on here; leave it")


def put(connection: Connection, kind: str, payload: Mapping[str, Any], *, person: int | None, total: int) -> int:
    """A new job, within a transaction that may look at other things first; its key.

    A request that is sent again because its answer was lost made it already, see :mod:`meot.catalogue.replies`.
    OwnerGoneError when its person went.
    """
    known = made_before(connection, kind)
    if known is not None:
        return known
    if person is not None and connection.scalar(select(people.c.key).where(people.c.key == person)) is None:
        raise OwnerGoneError("whose job this would be is gone; sign in anew")
    values = {"kind": kind, "payload": json.dumps(payload, ensure_ascii=False), "person": person, "total": total}
    made = connection.execute(
        insert(jobs).values(**values, state="waiting", result="{}", reason="", created_at=time.time())
    ).inserted_primary_key
    assert made is not None  # every table here has one
    note_made(connection, kind, int(made[0]))
    return int(made[0])


def unfinished(connection: Connection, kind: str, person: int) -> list[Mapping[str, Any]]:
    """What the jobs of a kind that a person waits for were given."""
    wanted = (jobs.c.kind == kind, jobs.c.person == person, jobs.c.state.in_(("waiting", "running")))
    return [json.loads(payload) for payload in connection.scalars(select(jobs.c.payload).where(*wanted))]


def given(connection: Connection, key: int) -> Mapping[str, Any]:
    """What a job was given, within a transaction. CatalogueError when there is none."""
    return _find(connection, key).payload


def _find(connection: Connection, key: int) -> Job:
    row = connection.execute(select(jobs).where(jobs.c.key == key)).mappings().first()
    if row is None:
        raise CatalogueError(f"no job has number {key}; see the list of jobs")
    return _job(row)


def _job(row: RowMapping) -> Job:
    read = {name: row[name] for name in Job.__dataclass_fields__}
    return Job(**read | {name: json.loads(read[name]) for name in ("payload", "result")})


def _end(connection: Connection, key: int, state: str, *, reason: str = "", result: str = "{}") -> None:
    values = {"state": state, "reason": reason, "result": result, "finished_at": time.time(), "beat_at": None}
    connection.execute(update(jobs).where(jobs.c.key == key).values(values))
