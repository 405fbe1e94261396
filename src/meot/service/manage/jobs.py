"""Jobs as people may see and steer them: each their own, administrators all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from meot.catalogue.complaints import UnreachableError
from meot.catalogue.feeds import Feeds
from meot.catalogue.jobs import Job, Jobs
from meot.errors import CatalogueError, QueryError, nearest
from meot.service.next_steps import for_programs
from meot.service.problems import NotThereError

if TYPE_CHECKING:
    from meot.catalogue.people import Person

REFRESH, REINDEX, COMPACT = "refresh", "reindex", "compact"
KINDS = (REFRESH, REINDEX, COMPACT)
"""What an administrator may have done."""


class Steering:
    """The jobs of a database, as a person may see them."""

    def __init__(self, *, jobs: Jobs, feeds: Feeds) -> None:
        self._jobs, self._feeds = jobs, feeds

    def all(self, person: Person, *, everybodys: bool = False, most: int = 100, before: int | None = None) -> list[Job]:
        """The newest jobs of a person; with ``everybodys`` those of all, for an administrator.

        before: only those with lower numbers.
        """
        whose = None if everybodys and person.may("admin") else person.key
        return self._jobs.all(person=whose, most=most, before=before)

    def find(self, person: Person, key: int) -> Job:
        """One job. NotThereError when there is none, or it is another person's."""
        try:
            job = self._jobs.find(key)
        except UnreachableError:
            raise
        except CatalogueError:
            job = None
        if job is None or not (job.person == person.key or person.may("admin")):
            raise NotThereError(f"no job of yours has number {key}; see the list of jobs")
        return job

    def cancel(self, person: Person, key: int) -> Job:
        """Stop a job that is not over. NotThereError as :meth:`find`."""
        return self._jobs.cancel(self.find(person, key).key)

    def retry(self, person: Person, key: int) -> Job:
        """Let a failed or cancelled job wait anew. NotThereError as :meth:`find`."""
        return self._jobs.retry(self.find(person, key).key)

    def begin(self, person: Person, kind: str, source: str = "") -> Job:
        """A new job of :data:`KINDS`; one of that kind and source that waits already is not added twice.

        QueryError for another kind, NotThereError for a source that there is not. source: "" refreshes all.
        """
        if kind not in KINDS:
            said = f"no job of this kind can be asked for: {kind[:40]!r}; {nearest(kind, KINDS)}"
            raise QueryError(said, "none_of", name="kind", known=KINDS, got=kind)
        if source:
            self._check(source)
        payload: dict[str, Any] = {"sources": [source]} if kind == REFRESH and source else {}
        for job in self._jobs.all(most=200):
            if job.kind == kind and job.state == "waiting" and job.payload == payload:
                return job
        return self._jobs.find(self._jobs.add(kind, payload, person=person.key))

    def forget(self, source: str) -> int:
        """Read a source no more; how many products leave all answers with it. NotThereError when there is none such."""
        self._check(source)
        return self._feeds.forget(source)

    def _check(self, source: str) -> None:
        if source not in {feed.name for feed in self._feeds.all()}:
            raise NotThereError(f"no source is called {source[:80]!r}; see the list of sources")


def as_json(job: Job) -> dict[str, Any]:
    """A job as the API tells it; not what it was given, which may name photos."""
    names = ("kind", "state", "done", "total", "attempts", "created_at", "started_at", "finished_at")
    told = {"number": job.key, **{name: getattr(job, name) for name in names}, "reason": for_programs(job.reason)}
    return told | {"result": _result(job.result)}


def _result(result: Mapping[str, Any]) -> dict[str, Any]:
    """What came of a job; of a refresh why a source was left as it was."""
    if "sources" not in result:
        return dict(result)
    told = [dict(one) | {"refused": for_programs(one["refused"])} for one in result["sources"]]
    return dict(result) | {"sources": told}
