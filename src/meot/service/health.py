"""Probes for whoever runs the service: whether it lives, whether it can answer, and what it counts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from meot.catalogue.complaints import UnreachableError
from meot.errors import CatalogueError, MeotError
from meot.service import metrics as counting
from meot.service.accounts.visitor import Visitors
from meot.service.problems import NotAllowedError, SignInError

if TYPE_CHECKING:
    from meot.service.metrics import Metrics
    from meot.wiring import Shop

_PATIENCE_S = 2.0


class Readiness:
    """Whether a shop can answer. The index is brought up to the catalogue in a thread, so that no visitor waits."""

    def __init__(self, *, shop: Shop) -> None:
        self._shop = shop
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._fault: str | None = "the index is being made"

    def prepare(self) -> None:
        """Begin, unless that was done or is going on; a fault of before is tried again."""
        with self._lock:
            if self._fault is not None and (self._thread is None or not self._thread.is_alive()):
                self._fault = "the index is being made"
                self._thread = threading.Thread(target=self._prepare, name="meot-prepare", daemon=True)
                self._thread.start()

    def wait(self, seconds: float) -> None:
        """Return when the index is made, or after some time."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def reasons(self) -> list[str]:
        """Why it cannot answer, in words that tell nothing of the inside; [] when it can."""
        found = []
        try:
            self._shop.catalogue.generation()
        except UnreachableError:
            found.append("the database's server does not answer")
        except (CatalogueError, SQLAlchemyError):
            found.append("the database cannot be read")
        if not found:
            found += self._unread()
        if not found:
            self.prepare()
            self.wait(_PATIENCE_S)
            if self._fault is not None:
                found.append(self._fault)
        return found

    def _unread(self) -> list[str]:
        """Why no photo can be read; asked when the database answers, because what was taught stands there."""
        try:
            return [] if dict(self._shop.reader.models) else ["no models are loaded"]
        except (MeotError, SQLAlchemyError):
            return ["the models cannot be loaded"]

    def _prepare(self) -> None:
        try:
            self._shop.search.prepare()
        except (MeotError, SQLAlchemyError):
            self._fault = "the index cannot be made from the database"
        else:
            self._fault = None


class Probes:
    """``/healthz``, ``/readyz`` and ``/metrics``. shown: who may see the metrics: "local" is who administers, too."""

    def __init__(self, *, readiness: Readiness, metrics: Metrics, visitors: Visitors, shown: str) -> None:
        self._readiness, self._metrics, self._visitors, self._shown = readiness, metrics, visitors, shown

    def build_router(self) -> APIRouter:
        """All routes; none is part of the API's description."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/healthz", self.tell_alive, methods=["GET", "HEAD"], response_model=None)
        router.add_api_route("/readyz", self.tell_ready, methods=["GET", "HEAD"], response_model=None)
        if self._shown != "off":
            router.add_api_route("/metrics", self.tell_metrics, methods=["GET"], response_model=None)
        return router

    async def tell_alive(self) -> Response:
        """Whether the process answers at all."""
        return PlainTextResponse("alive\n", headers={"Cache-Control": "no-store"})

    def tell_ready(self) -> Response:
        """Whether it can answer questions; 503 with the reasons when not."""
        reasons = self._readiness.reasons()
        status, headers = (503, {"Retry-After": "5"}) if reasons else (200, {})
        said = {"ready": not reasons, "reasons": reasons}
        return JSONResponse(said, status, {"Cache-Control": "no-store", **headers})

    def tell_metrics(self, request: Request) -> Response:
        """What is counted; 401 or 403 in plain words, not the page to sign in at, for a program that may not see it."""
        if self._shown != "public":
            try:
                self._visitors.person(request, "admin")
            except (SignInError, NotAllowedError) as error:
                said = f"{error}; send `Authorization: Bearer` and an administrator's token with the scope read\n"
                status = 401 if isinstance(error, SignInError) else 403
                return PlainTextResponse(said, status, {"Cache-Control": "no-store", "WWW-Authenticate": "Bearer"})
        return Response(self._metrics.render(), media_type=counting.CONTENT_TYPE, headers={"Cache-Control": "no-store"})
