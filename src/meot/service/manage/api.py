"""Jobs and sources as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from meot.service.api import forms
from meot.service.manage.jobs import REFRESH, Steering, as_json

if TYPE_CHECKING:
    from meot.catalogue.feeds import Feeds, Standing
    from meot.catalogue.jobs import Job
    from meot.service.accounts.visitor import Visitors

Number = Annotated[int, Path(description="The job's number.", ge=0, le=2**62, examples=[7])]
_UNKEPT = {"Cache-Control": "private, no-cache"}


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class JobDocument(_Document):
    """Long work. done, total: how far it is; total 0 while nobody knows. Times: seconds since 1970."""

    number: int = Field(examples=[7])
    kind: str = Field(examples=["draft listings"])
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: int = Field(examples=[13])
    total: int = Field(examples=[23])
    attempts: int = Field(examples=[1])
    reason: str = Field(description="Why it failed, or why the last attempt did.")
    created_at: float = Field(examples=[1764000000.0])
    started_at: float | None = Field(examples=[1764000001.0])
    finished_at: float | None = Field(examples=[None])
    result: dict[str, Any] = Field(examples=[{"products": 12, "sure": 8, "review": 4, "failed": 0}])


class JobsDocument(_Document):
    """Jobs, the newest first."""

    jobs: list[JobDocument]
    next: int | None = Field(examples=[7], description="Give it as `after` for the page behind this; null at the end.")


class JobWish(_Document):
    """What is to be done. source: of "refresh", the name of one source; all when left out."""

    kind: Literal["refresh", "reindex", "compact"] = Field(examples=["refresh"])
    source: str = Field(default="", max_length=500, examples=["https://shop.example/feed.xml"])


class SourceDocument(_Document):
    """Where products come from. oldest, newest: when one of its living products was last seen, seconds since 1970."""

    name: str = Field(examples=["https://shop.example/feed.xml"])
    address: str = Field(examples=["https://shop.example/feed.xml"])
    format: str = Field(examples=["google"])
    products: int = Field(examples=[5400])
    retired: int = Field(examples=[120])
    oldest: float | None
    newest: float | None
    started: float | None = Field(description="When it was last begun to be read.")
    finished: float | None = Field(description="When it was last read to its end.")


class SourcesDocument(_Document):
    """All sources, in the order they came in."""

    sources: list[SourceDocument]


class RefreshWish(_Document):
    """Which source to read again; all when left out."""

    source: str = Field(default="", max_length=500, examples=["https://shop.example/feed.xml"])


class ManageApi:
    """``/jobs``, where everybody sees their own, and ``/sources``, for administrators."""

    def __init__(self, *, steering: Steering, feeds: Feeds, visitors: Visitors) -> None:
        self._steering, self._feeds, self._visitors = steering, feeds, visitors

    def build_router(self) -> APIRouter:
        """All routes, described for OpenAPI."""
        router = APIRouter(default_response_class=JSONResponse, tags=["jobs"])
        router.add_api_route(
            "/jobs",
            self.list_jobs,
            methods=["GET"],
            response_model=JobsDocument,
            summary="The asker's jobs",
            **forms.for_people("shopper"),
        )
        router.add_api_route(
            "/jobs",
            self.begin_job,
            methods=["POST"],
            status_code=202,
            response_model=JobDocument,
            summary="Have something done",
            **forms.for_people("admin", 404),
        )
        router.add_api_route(
            "/jobs/{number}",
            self.show_job,
            methods=["GET"],
            response_model=JobDocument,
            summary="How far a job is",
            **forms.for_people("shopper", 404),
        )
        for name, do, summary in (
            ("cancel", self.cancel_job, "Stop a job"),
            ("retry", self.retry_job, "Try a failed or cancelled job again"),
        ):
            router.add_api_route(
                f"/jobs/{{number}}/{name}",
                do,
                methods=["POST"],
                response_model=JobDocument,
                summary=summary,
                **forms.for_people("shopper", 404),
            )
        self._add_sources(router)
        return router

    def _add_sources(self, router: APIRouter) -> None:
        router.add_api_route(
            "/sources",
            self.list_sources,
            methods=["GET"],
            response_model=SourcesDocument,
            tags=["sources"],
            summary="Where products come from, and how fresh they are",
            **forms.for_people("admin"),
        )
        router.add_api_route(
            "/sources/refresh",
            self.refresh,
            methods=["POST"],
            status_code=202,
            response_model=JobDocument,
            tags=["sources"],
            summary="Read sources again",
            **forms.for_people("admin", 404),
        )

    def list_jobs(
        self,
        request: Request,
        everybodys: Annotated[bool, Query(description="Those of all people, for an administrator.")] = False,
        limit: Annotated[int, Query(ge=1, le=100, description="Most jobs.")] = 20,
        after: Annotated[int | None, Query(ge=0, le=2**62, description="The `next` of an answer.")] = None,
    ) -> JSONResponse:
        """The newest first."""
        person = self._visitors.person(request)
        found = self._steering.all(person, everybodys=everybodys, most=1000)
        behind = [job for job in found if after is None or job.key < after]
        more = behind[limit - 1].key if len(behind) > limit else None
        return JSONResponse({"jobs": [as_json(job) for job in behind[:limit]], "next": more}, headers=_UNKEPT)

    def begin_job(self, request: Request, wish: JobWish) -> JSONResponse:
        """One that waits already is not begun twice."""
        person = self._visitors.person(request, "admin")
        return _told(self._steering.begin(person, wish.kind, wish.source), 202)

    def show_job(self, request: Request, number: Number) -> JSONResponse:
        """One's own; an administrator sees all."""
        return _told(self._steering.find(self._visitors.person(request), number))

    def cancel_job(self, request: Request, number: Number) -> JSONResponse:
        """The job as it is then; one that is over stays as it is."""
        return _told(self._steering.cancel(self._visitors.person(request), number))

    def retry_job(self, request: Request, number: Number) -> JSONResponse:
        """The job as it is then; one that waits, runs or is done stays as it is."""
        return _told(self._steering.retry(self._visitors.person(request), number))

    def list_sources(self, request: Request) -> JSONResponse:
        """Every source with what there is of it."""
        self._visitors.person(request, "admin")
        return JSONResponse({"sources": [_source(one) for one in self._feeds.standings()]}, headers=_UNKEPT)

    def refresh(self, request: Request, wish: RefreshWish) -> JSONResponse:
        """Prices and texts are updated, new products added, those no longer named retired. The job that does it."""
        person = self._visitors.person(request, "admin")
        return _told(self._steering.begin(person, REFRESH, wish.source), 202)


def _told(job: Job, status: int = 200) -> JSONResponse:
    return JSONResponse(as_json(job), status, _UNKEPT)


def _source(one: Standing) -> dict[str, Any]:
    feed = one.feed
    told: dict[str, Any] = {"name": feed.name, "address": feed.address, "format": feed.format}
    told |= {"products": one.products, "retired": one.retired, "oldest": one.oldest, "newest": one.newest}
    return {**told, "started": feed.started, "finished": feed.finished}
