"""A worker: takes jobs one behind the other, says that it lives, and gives back what it cannot end."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from meot.catalogue.complaints import UnreachableError
from meot.catalogue.jobs import BEAT_S, Job, JobGoneError, Jobs
from meot.errors import CatalogueError, MeotError

_LOG = logging.getLogger("meot.jobs")
_AWAY_S = 5.0
_TELL_S = 0.5
_NICENESS = 10


class Tell(Protocol):
    """How a kind says how far it is: ``tell(done, total)``, as often as it likes.

    JobGoneError when it shall end: the job was cancelled, or this worker stops and another one takes it up.
    """

    def __call__(self, done: int, total: int) -> None:
        """Say it."""


Work = Callable[[Job, Tell], Mapping[str, Any]]
"""What a kind does with a job; returns its result, JSON. It may be run again after a death, so it goes on where it was
or does the same once more. MeotError: the job failed; UnreachableError: it is tried again later."""


class Ended(dict[str, Any]):
    """A result, and what is let go of when it is written down; until then another attempt may need it."""

    def __init__(self, result: Mapping[str, Any], let_go: Callable[[], None]) -> None:
        super().__init__(result)
        self.let_go = let_go


class WorkerStoppedError(JobGoneError):
    """This worker stops; another one takes the job up."""


class Worker:
    """Does the jobs of ``kinds`` (name -> work) in a thread of its own, from :meth:`start` to :meth:`stop`.

    poll_s: between looks when there is nothing to do. beat_s: between signs of life while a job is worked on; well
    below :data:`meot.catalogue.jobs.SILENT_S`.
    """

    def __init__(self, *, jobs: Jobs, kinds: Mapping[str, Work], poll_s: float = 1.0, beat_s: float = BEAT_S) -> None:
        self._jobs, self._kinds, self._poll_s, self._beat_s = jobs, dict(kinds), poll_s, beat_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._task: _Task | None = None

    def start(self, *, once: bool = False) -> None:
        """Begin; with ``once`` only until no job waits."""
        self._thread = threading.Thread(target=self._run, args=(once,), name="meot-jobs", daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        """Whether it works, or waits for work."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self, once: bool) -> None:
        """Answers of the same process come first: the thread is nice."""
        with suppress(AttributeError, OSError):  # threads have a niceness of their own on Linux only
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while not self._stopping.is_set():
            try:
                if not self.work_once():
                    if once:
                        return
                    self._stopping.wait(self._poll_s)
            except CatalogueError as error:
                _LOG.warning("jobs wait: %s", error)
                self._stopping.wait(_AWAY_S)

    def work_once(self) -> bool:
        """Take one job and do it; False when none waits. CatalogueError when the database cannot be asked."""
        job = self._jobs.take(tuple(self._kinds))
        if job is None:
            return False
        task = self._task = _Task(jobs=self._jobs, job=job, stopping=self._stopping)
        _LOG.info("job %d (%s) begins, attempt %d", job.key, job.kind, job.attempts)
        began, ended = time.monotonic(), threading.Event()
        beats = threading.Thread(target=self._beat, args=(task, ended), name="meot-beat", daemon=True)
        beats.start()
        try:
            said = self._do(task)
        finally:
            ended.set()
            beats.join()
            self._task = None
        _LOG.info("job %d (%s) %s after %.1f s", job.key, job.kind, said, time.monotonic() - began)
        return True

    def stop_soon(self) -> None:
        """Take no further job, and let the present one end with its next sign."""
        self._stopping.set()

    def stop(self, *, grace_s: float = 3.0) -> None:
        """Stop; a job that does not end within ``grace_s`` seconds is given back as it is."""
        self.stop_soon()
        if self._thread is None:
            return
        self._thread.join(grace_s)
        task = self._task
        if self._thread.is_alive() and task is not None:
            with suppress(CatalogueError):
                self._jobs.give_back(task.job)

    def _do(self, task: _Task) -> str:
        """Do a job and write down how it ended; that in a word."""
        job = task.job
        try:
            result = self._kinds[job.kind](job, task.tell)
            self._jobs.finish(job, result)
            if isinstance(result, Ended):
                result.let_go()
        except WorkerStoppedError:
            self._jobs.give_back(job)
            return "given back"
        except JobGoneError:
            return "left"
        except UnreachableError as error:
            return self._fail(job, str(error), again=True)
        except MeotError as error:
            return self._fail(job, str(error), again=False)
        except Exception:
            _LOG.exception("job %d (%s) met a fault of ours", job.key, job.kind)
            return self._fail(job, "a fault of ours, which the service's log tells; report it", again=False)
        return "is done"

    def _fail(self, job: Job, reason: str, *, again: bool) -> str:
        try:
            self._jobs.fail(job, reason, again=again)
        except JobGoneError:
            return "left"
        return "failed"

    def _beat(self, task: _Task, ended: threading.Event) -> None:
        """Say that the job goes on, however long its work is silent."""
        while not ended.wait(self._beat_s):
            try:
                task.beat()
            except JobGoneError:
                return
            except CatalogueError as error:
                _LOG.warning("job %d gives no sign: %s", task.job.key, error)


class _Task:
    """A job that is worked on, and how far it is."""

    def __init__(self, *, jobs: Jobs, job: Job, stopping: threading.Event) -> None:
        self._jobs, self.job, self._stopping = jobs, job, stopping
        self._done, self._total, self._told = job.done, job.total, 0.0
        self._gone: JobGoneError | None = None

    def tell(self, done: int, total: int) -> None:
        """See :class:`Tell`. The database hears of it twice a second at most, and of the end."""
        self._done, self._total = done, total
        if self._gone is not None:
            raise self._gone
        if self._stopping.is_set():
            raise WorkerStoppedError("this worker stops; leave the job to another one")
        now = time.monotonic()
        if now - self._told >= _TELL_S or done >= total > 0:
            self._told = now
            with suppress(UnreachableError):  # the work may well go on without the news
                self.beat()

    def beat(self) -> None:
        """Tell the database now."""
        try:
            self._jobs.beat(self.job, self._done, self._total)
        except JobGoneError as error:
            self._gone = error
            raise
