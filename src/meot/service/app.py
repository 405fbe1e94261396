"""One shop becomes one web application: JSON and pages over the same answers."""

from __future__ import annotations

import logging
import os
from importlib import metadata, resources
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from meot.catalogue.people import People
from meot.errors import MeotError, QueryError
from meot.service import problems, texts
from meot.service.accounts.pages import AccountPages
from meot.service.accounts.visitor import Visitors
from meot.service.api.routes import Api
from meot.service.desk import Desk
from meot.service.gate import Gate
from meot.service.headers import SECURITY, SecureHeaders
from meot.service.pictures import ProductPictures
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


def create_app(shop: Shop, settings: Settings) -> FastAPI:
    """The service of an open shop: pages at ``/``, JSON under ``/api/v1``; the shop stays the caller's to close."""
    app = FastAPI(
        title="meot",
        version=metadata.version("meot"),
        summary="Reads clothes in photos and answers with similar products.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
    )
    desk = Desk(
        shop=shop,
        gate=Gate(places=min(4, max(1, (os.cpu_count() or 1) // 2)), queue=16),
        shelf=Shelf(most_count=200, most_bytes=64 * _MEGABYTE, seconds=_HALF_HOUR),
    )
    renderer = Renderer(
        texts=texts.load(),
        default_language=settings.language,
        most_megabytes=settings.max_upload_mb,
        accounts=settings.accounts,
    )
    people = People(database=shop.catalogue.database)
    visitors = Visitors(people=people, accounts=settings.accounts, key=people.signing_key())
    known = [Depends(visitors.of)]
    drawn = ProductPictures(shelf=Shelf(most_count=2000, most_bytes=32 * _MEGABYTE, seconds=24 * 3600.0))
    app.include_router(Api(shop=shop, desk=desk, most_megabytes=settings.max_upload_mb).build_router(), prefix=API)
    pages = Pages(shop=shop, desk=desk, renderer=renderer, drawn=drawn)
    account = AccountPages(people=people, visitors=visitors, renderer=renderer, signup=settings.signup)
    for router in (pages.build_router(), account.build_router()):
        app.include_router(router, dependencies=known)
    static = resources.files("meot.service").joinpath("static")
    app.mount("/static", StaticFiles(directory=str(static)), name="static")
    app.add_middleware(SecureHeaders)
    _explain_errors(app, renderer, accounts=settings.accounts)
    return app


def _explain_errors(app: FastAPI, renderer: Renderer, *, accounts: bool) -> None:
    """Answer every error with a problem document under ``/api``, with a page elsewhere."""

    def answer(request: Request, kind: problems.Kind, detail: str) -> Response:
        if request.url.path.startswith("/api/"):
            return problems.build_document(kind, detail, renderer.texts)
        return renderer.render_problem(request, kind)

    def expected(request: Request, error: Exception) -> Response:
        kind = problems.kind_of(error)
        asks_page = request.method == "GET" and not request.url.path.startswith("/api/")
        if kind.status == 401 and accounts and asks_page and "authorization" not in request.headers:
            return RedirectResponse(build_address("/signin", {"to": request.url.path}), 303)
        if kind.status >= 500:
            _LOG.warning("%s %s: %s", request.method, request.url.path, error)
        return answer(request, kind, str(error))

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return expected(request, QueryError(_first_fault(error)))

    def other(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        key = problems.OTHER_STATUSES.get(error.status_code, "bad_question")
        response = answer(request, problems.Kind(error.status_code, key), f"{request.method} {request.url.path}")
        response.headers.update(error.headers or {})
        return response

    def broken(request: Request, error: Exception) -> Response:
        response = answer(request, problems.KINDS[Exception], "")
        response.headers.update(SECURITY)  # this answer is made outside of all that wraps the others
        return response

    app.add_exception_handler(MeotError, expected)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, other)
    app.add_exception_handler(Exception, broken)


def _first_fault(error: RequestValidationError) -> str:
    fault = error.errors()[0]
    got = f", got {str(fault['input'])[:40]!r}" if fault["type"] != "missing" else ""
    return f"{fault['loc'][-1]}: {fault['msg'].lower()}{got}; change it"
