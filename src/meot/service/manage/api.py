"""Jobs and sources as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from meot.service.api import forms, fresh
from meot.service.manage import documents
from meot.service.manage.jobs import REFRESH, Steering, as_json

if TYPE_CHECKING:
    from meot.catalogue.feeds import Feeds, Standing
    from meot.catalogue.jobs import Job
    from meot.service.accounts.visitor import Visitors

Number = Annotated[int, Path(description="The job's number.", ge=0, le=2**62, examples=[7])]
_UNKEPT = {"Cache-Control": "private, no-cache"}


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
            response_model=documents.JobsDocument,
            summary="The asker's jobs",
            **forms.for_people("shopper", tagged=True),
        )
        router.add_api_route(
            "/jobs",
            self.begin_job,
            methods=["POST"],
            status_code=202,
            response_model=documents.JobDocument,
            summary="Have something done",
            **forms.for_people("admin", 404),
        )
        router.add_api_route(
            "/jobs/{number}",
            self.show_job,
            methods=["GET"],
            response_model=documents.JobDocument,
            summary="How far a job is",
            **forms.for_people("shopper", 404, tagged=True),
        )
        for name, do, summary in (
            ("cancel", self.cancel_job, "Stop a job"),
            ("retry", self.retry_job, "Try a failed or cancelled job again"),
        ):
            router.add_api_route(
                f"/jobs/{{number}}/{name}",
                do,
                methods=["POST"],
                response_model=documents.JobDocument,
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
            response_model=documents.SourcesDocument,
            tags=["sources"],
            summary="Where products come from, and how fresh they are",
            **forms.for_people("admin", tagged=True),
        )
        router.add_api_route(
            "/sources/refresh",
            self.refresh,
            methods=["POST"],
            status_code=202,
            response_model=documents.JobDocument,
            tags=["sources"],
            summary="Read sources again",
            **forms.for_people("admin", 404),
        )
        router.add_api_route(
            "/sources/forget",
            self.forget,
            methods=["POST"],
            response_model=documents.ForgottenDocument,
            tags=["sources"],
            summary="Read a source no more",
            **forms.for_people("admin", 404),
        )

    def list_jobs(
        self,
        request: Request,
        everybodys: Annotated[bool, Query(description="Those of all people, for an administrator.")] = False,
        limit: Annotated[int, Query(ge=1, le=100, description="Most jobs.")] = 20,
        after: Annotated[int | None, Query(ge=0, le=2**62, description="The `next` of an answer.")] = None,
    ) -> Response:
        """The newest first."""
        person = self._visitors.person(request)
        found = self._steering.all(person, everybodys=everybodys, most=limit + 1, before=after)
        more = found[limit - 1].key if len(found) > limit else None
        told = [as_json(job) for job in found[:limit]]
        return fresh.answer_own(request, person, {"jobs": told, "next": more})

    def begin_job(self, request: Request, wish: documents.JobWish) -> JSONResponse:
        """One that waits already is not begun twice."""
        person = self._visitors.person(request, "admin")
        return _told(self._steering.begin(person, wish.kind, wish.source), 202)

    def show_job(self, request: Request, number: Number) -> Response:
        """One's own; an administrator sees all."""
        person = self._visitors.person(request)
        return fresh.answer_own(request, person, as_json(self._steering.find(person, number)))

    def cancel_job(self, request: Request, number: Number) -> JSONResponse:
        """The job as it is then; one that is over stays as it is."""
        return _told(self._steering.cancel(self._visitors.person(request), number))

    def retry_job(self, request: Request, number: Number) -> JSONResponse:
        """The job as it is then; one that waits, runs or is done stays as it is."""
        return _told(self._steering.retry(self._visitors.person(request), number))

    def list_sources(self, request: Request) -> Response:
        """Every source with what there is of it."""
        person = self._visitors.person(request, "admin")
        return fresh.answer_own(request, person, {"sources": [_source(one) for one in self._feeds.standings()]})

    def refresh(self, request: Request, wish: documents.RefreshWish) -> JSONResponse:
        """Prices and texts are updated, new products added, those no longer named retired. The job that does it."""
        person = self._visitors.person(request, "admin")
        return _told(self._steering.begin(person, REFRESH, wish.source), 202)

    def forget(self, request: Request, wish: documents.ForgetWish) -> JSONResponse:
        """Its products leave all answers; their history stays, and comes back when the source is added again."""
        self._visitors.person(request, "admin")
        retired = self._steering.forget(wish.source)
        return JSONResponse({"source": wish.source, "retired": retired}, headers=_UNKEPT)


def _told(job: Job, status: int = 200) -> JSONResponse:
    return JSONResponse(as_json(job), status, _UNKEPT)


def _source(one: Standing) -> dict[str, Any]:
    feed = one.feed
    told: dict[str, Any] = {"name": feed.name, "address": feed.address, "format": feed.format}
    told |= {"products": one.products, "retired": one.retired, "oldest": one.oldest, "newest": one.newest}
    return {**told, "started": feed.started, "finished": feed.finished}
