"""One shop becomes one web application: JSON and pages over the same answers."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from meot.catalogue.jobs import Jobs
from meot.catalogue.people import People
from meot.catalogue.replies import Replies
from meot.errors import MeotError, QueryError
from meot.service import logs, problems, texts
from meot.service.accounts.going import sweep
from meot.service.accounts.pages import AccountPages
from meot.service.accounts.visitor import Visitors
from meot.service.api import described
from meot.service.api.guard import Guard
from meot.service.api.once import Once
from meot.service.api.pace import Buckets, LightBodies, Pace
from meot.service.api.people import PeopleApi
from meot.service.api.photo import Sent
from meot.service.api.reference import Reference
from meot.service.api.routes import Api
from meot.service.api.shared_buckets import SharedBuckets
from meot.service.api.taught import TaughtNames
from meot.service.closet.build import build_closet
from meot.service.desk import Desk
from meot.service.gate import Gate
from meot.service.headers import SECURITY, SecureHeaders
from meot.service.health import Probes, Readiness
from meot.service.jobs.kinds import build_kinds
from meot.service.jobs.worker import Worker
from meot.service.lifespan import build_lifespan
from meot.service.links import Links
from meot.service.metrics import Metrics
from meot.service.observed import REQUEST_ID, Observed, route_of
from meot.service.office import build_office
from meot.service.pictures import ProductPictures
from meot.service.shared_folder import clear_lessons
from meot.service.shared_shelf import SharedShelf
from meot.service.shelf import Shelf
from meot.service.web.pages import Pages
from meot.service.web.render import Renderer, build_address
from meot.settings import Settings

if TYPE_CHECKING:
    from meot.wiring import Shop

API = "/api/v1"
_LOG = logging.getLogger("meot.service")
_HALF_HOUR = 1800.0
_MEGABYTE = 1 << 20
_LOOKS: dict[str, Any] = {"most_count": 200, "most_bytes": 64 * _MEGABYTE, "seconds": _HALF_HOUR}


def create_app(
    shop: Shop,
    settings: Settings,
    *,
    works: bool = False,
    shared: Path | None = None,
    close: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The service of an open shop: pages at ``/``, JSON under ``/api/v1``; the shop stays the caller's to close.

    works: whether it also does the jobs, as ``settings`` say. shared: a folder that it shares with the other processes
    of a service of several. close: called when it has ended.
    """
    jobs = Jobs(database=shop.catalogue.database)
    metrics, readiness = Metrics(shop=shop, jobs=jobs), Readiness(shop=shop)
    count = settings.jobs if works else 0
    workers = [Worker(jobs=jobs, kinds=build_kinds(shop, settings)) for _ in range(count)]
    app = FastAPI(
        title="meot",
        version=metadata.version("meot"),
        summary="Reads clothes in photos and answers with similar products.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        lifespan=build_lifespan(readiness, workers, (clear_lessons, partial(sweep, shop.catalogue.database)), close),
    )
    gate = Gate(places=min(4, max(1, (os.cpu_count() or 1) // 2)), queue=16, watch=metrics.watch_gate)
    desk = Desk(
        shop=shop,
        gate=gate,
        shelf=Shelf(**_LOOKS) if shared is None else SharedShelf(folder=shared / "looks", **_LOOKS),
        links=Links(most_megabytes=settings.max_upload_mb),
    )
    taught = TaughtNames(catalogue=shop.catalogue)
    renderer = Renderer(
        texts=texts.load(),
        default_language=settings.language,
        most_megabytes=settings.max_upload_mb,
        accounts=settings.accounts,
        taught=taught.names,
    )
    people = People(database=shop.catalogue.database)
    visitors = Visitors(people=people, accounts=settings.accounts, key=people.signing_key())
    known = [Depends(visitors.of)]
    drawn = ProductPictures(shelf=Shelf(most_count=2000, most_bytes=32 * _MEGABYTE, seconds=24 * 3600.0))
    sent = Sent(desk=desk, most_megabytes=settings.max_upload_mb)
    app.include_router(Api(shop=shop, desk=desk, sent=sent, taught=taught).build_router(), prefix=API)
    app.include_router(Reference(app=app, renderer=renderer).build_router(), prefix=API)
    described.install(app, renderer.texts)
    pages = Pages(shop=shop, desk=desk, renderer=renderer, drawn=drawn)
    office = build_office(
        shop,
        settings,
        jobs=jobs,
        people=people,
        visitors=visitors,
        renderer=renderer,
        drawn=drawn,
    )
    closet = build_closet(
        shop,
        settings,
        jobs=jobs,
        desk=desk,
        gate=gate,
        visitors=visitors,
        renderer=renderer,
        drawn=drawn,
        sent=sent,
        taught=taught,
    )
    forget = (office.forget, closet.forget)
    who = PeopleApi(people=people, visitors=visitors, forget=forget)
    for router in (*office.api, *closet.api, who.build_router()):
        app.include_router(router, prefix=API, dependencies=[Depends(Guard(visitors=visitors))])
    account = AccountPages(people=people, visitors=visitors, renderer=renderer, signup=settings.signup, forget=forget)
    for router in (pages.build_router(), account.build_router(), *office.pages, *closet.pages):
        app.include_router(router, dependencies=known)
    probes = Probes(readiness=readiness, metrics=metrics, visitors=visitors, shown=settings.metrics)
    app.include_router(probes.build_router())
    static = resources.files("meot.service").joinpath("static")
    app.mount("/static", StaticFiles(directory=str(static)), name="static")
    explain = _explain_errors(app, renderer, visitors)
    app.add_middleware(LightBodies, explain=explain)
    app.add_middleware(Once, replies=Replies(database=shop.catalogue.database), visitors=visitors, explain=explain)
    if settings.rate:
        most = settings.rate
        buckets = Buckets(most=most) if shared is None else SharedBuckets(file=shared / "asked.db", most=most)
        app.add_middleware(Pace, buckets=buckets, visitors=visitors, explain=explain)
    app.add_middleware(SecureHeaders)
    app.add_middleware(Observed, observers=(logs.log_requests(addresses=settings.log_addresses), metrics.observe))
    return app


def _explain_errors(app: FastAPI, renderer: Renderer, visitors: Visitors) -> Callable[[Request, Exception], Response]:
    """Answer every error with a problem document under ``/api``, with a page elsewhere; how expected ones are."""

    def answer(request: Request, kind: problems.Kind, detail: str, error: Exception | None = None) -> Response:
        if request.url.path.startswith("/api/"):
            language = renderer.voice_for(request).language
            return problems.build_document(
                kind, detail, renderer.texts, language=language, megabytes=renderer.most_megabytes
            )
        if kind.status < 500:
            with suppress(MeotError):  # who sent it, for the head of the page; the problem itself is told in any case
                visitors.of(request)
        return renderer.render_problem(request, kind, error if kind.status < 500 else None)

    def expected(request: Request, error: Exception) -> Response:
        kind = problems.kind_of(error)
        asks_page = request.method == "GET" and not request.url.path.startswith("/api/")
        if kind.status == 401 and visitors.accounts and asks_page and "authorization" not in request.headers:
            return RedirectResponse(build_address("/signin", {"to": request.url.path}), 303)
        if kind.status >= 500:
            _LOG.warning("%s %s: %s", request.method, route_of(request.scope), error)
        return answer(request, kind, str(error), error)

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return expected(request, QueryError(_first_fault(error)))

    def other(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        key = problems.OTHER_STATUSES.get(error.status_code, "bad_question")
        unread = ": the body cannot be read; send it as this operation describes" if error.status_code == 400 else ""
        detail = f"{request.method} {request.url.path}{unread}"
        response = answer(request, problems.Kind(error.status_code, key), detail)
        response.headers.update(error.headers or {})
        return response

    def broken(request: Request, error: Exception) -> Response:
        response = answer(request, problems.KINDS[Exception], "")
        response.headers.update(SECURITY)  # this answer is made outside of all that wraps the others
        response.headers[REQUEST_ID] = request.state.request_id
        return response

    app.add_exception_handler(MeotError, expected)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, other)
    app.add_exception_handler(Exception, broken)
    return expected


def _first_fault(error: RequestValidationError) -> str:
    fault = error.errors()[0]
    got = f", got {str(fault['input'])[:40]!r}" if fault["type"] != "missing" else ""
    return f"{fault['loc'][-1]}: {fault['msg'].lower()}{got}; change it"
