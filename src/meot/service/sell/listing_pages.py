"""The page on which listings go out: what would be left out and why, and the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from meot.catalogue.export import registry
from meot.errors import QueryError
from meot.service.sell.handing import answer_file, export
from meot.service.sell.reasons import group_reasons
from meot.service.web.reasons import tell
from meot.service.web.render import build_address

if TYPE_CHECKING:
    from meot.service.accounts.visitor import Visitors
    from meot.service.sell.selling import Selling
    from meot.service.web.render import Renderer


class ListingPages:
    """``/sell/export``; for sellers, each of whom sees their own."""

    def __init__(self, *, selling: Selling, visitors: Visitors, renderer: Renderer) -> None:
        self._selling, self._visitors, self._renderer = selling, visitors, renderer

    def build_router(self) -> APIRouter:
        """All routes; none is part of the API's description."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/sell/export", self.show_export, methods=["GET"], response_model=None)
        router.add_api_route("/sell/export/file", self.send_file, methods=["GET"], response_model=None)
        return router

    def show_export(self, request: Request) -> Response:
        """What would go out in a format, and what would be left out and why."""
        person, asked = self._visitors.person(request, "seller"), request.query_params
        to, language = asked.get("to", ""), asked.get("language", self._renderer.voice_for(request).language)
        at = asked.get("photos_at", "").strip()
        written, fault = None, ""
        if to:
            try:
                written = export(self._selling, person, to, language, at)
            except QueryError as error:
                fault = tell(error, self._renderer.voice_for(request))
        return self._renderer.render(
            request,
            "export.html",
            422 if fault else 200,
            formats=registry.NAMES,
            to=to,
            language_of=language,
            photos_at=at,
            written=written,
            left=group_reasons(written, self._renderer.voice_for(request)) if written else [],
            fault=fault,
            count=sum(self._selling.drafts(person).counts().values()),
            file=build_address("/sell/export/file", {"to": to, "language": language, "photos_at": at}),
        )

    def send_file(self, request: Request, to: str, language: str = "en", photos_at: str = "") -> Response:
        """The listings as a file to keep."""
        person = self._visitors.person(request, "seller")
        return answer_file(export(self._selling, person, to, language, photos_at.strip()), to)
