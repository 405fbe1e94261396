"""Listings as files of a shop's format, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from meot.service.api import forms, fresh
from meot.service.next_steps import for_programs
from meot.service.sell import documents
from meot.service.sell.handing import answer_file, export
from meot.service.sell.selling import Selling

if TYPE_CHECKING:
    from meot.answers.listing.outgoing import Written
    from meot.catalogue.people import Person
    from meot.service.accounts.visitor import Visitors

To = Annotated[
    Literal["shopify", "google", "google-table", "naver", "json-ld", "csv"],
    Path(description="The format.", examples=["csv"]),
]
Language = Annotated[Literal["en", "ko"], Query(description="Of texts and category paths.")]
PhotosAt = Annotated[str, Query(max_length=1000, description="Address below which the photos will lie.", examples=[""])]
_MEDIA = ("text/csv", "text/tab-separated-values", "application/xml", "application/json")
_ROLE = "seller"


class ListingsApi:
    """``/listings``; for sellers, of whose own drafts they are made."""

    def __init__(self, *, selling: Selling, visitors: Visitors) -> None:
        self._selling, self._visitors = selling, visitors

    def build_router(self) -> APIRouter:
        """All routes, described for OpenAPI."""
        router = APIRouter(prefix="/listings", default_response_class=JSONResponse, tags=["drafts"])
        described = forms.for_people(_ROLE, 404)
        described["responses"][200] = {
            "description": "The file. `X-Left-Out`: how many drafts are not in it.",
            "content": {media: {"schema": {"type": "string"}} for media in _MEDIA},
        }
        router.add_api_route(
            "/{to}",
            self.write,
            methods=["GET"],
            response_class=Response,
            summary="All drafts in a shop's format",
            **described,
        )
        router.add_api_route(
            "/{to}/check",
            self.check,
            methods=["GET"],
            response_model=documents.CheckedDocument,
            summary="What would go out in a shop's format, and what would not, and why",
            **forms.for_people(_ROLE, tagged=True),
        )
        return router

    def write(self, request: Request, to: To, language: Language = "en", photos_at: PhotosAt = "") -> Response:
        """Each product is checked by the format's own rules; what breaks one is left out. 404 when nothing is left."""
        written = self._write(self._person(request), to, language, photos_at)
        response = answer_file(written, to)
        response.headers["X-Left-Out"] = str(len(written.left))
        return response

    def check(self, request: Request, to: To, language: Language = "en", photos_at: PhotosAt = "") -> Response:
        """By the format's own rules, before the file is asked for."""
        person = self._person(request)
        written = self._write(person, to, language, photos_at)
        left = [{"product": product, "reason": for_programs(reason)} for product, reason in written.left]
        return fresh.answer_own(request, person, {"count": written.count, "left_out": left})

    def _write(self, person: Person, to: str, language: str, photos_at: str) -> Written:
        return export(self._selling, person, to, language, photos_at.strip())

    def _person(self, request: Request) -> Person:
        return self._visitors.person(request, _ROLE)
