"""Drafts of listings as JSON: photos in, corrections, listings out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from meot import taxonomy
from meot.answers.listing.desk import of_stored
from meot.answers.listing.outgoing import tell
from meot.service.api import forms
from meot.service.problems import NoPhotoError
from meot.service.sell import documents
from meot.service.sell.documents import State
from meot.service.sell.handing import answer_file, answer_photo, export, receive
from meot.service.sell.pages import STATES
from meot.service.sell.selling import WAYS, Selling
from meot.service.texts import LANGUAGES

if TYPE_CHECKING:
    from meot.answers.listing.draft import Draft
    from meot.catalogue.people import Person
    from meot.service.accounts.visitor import Visitors
    from meot.service.pictures import ProductPictures

To = Literal["shopify", "google", "google-table", "naver", "json-ld", "csv"]
Number = Annotated[int, Path(description="The draft's number.", ge=0, le=2**62, examples=[12])]
_FILE = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP, GIF, BMP or TIFF."}
PHOTOS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["photo"],
                    "properties": {
                        "photo": {"type": "array", "items": _FILE, "minItems": 1, "maxItems": 100},
                        "way": {
                            "type": "string",
                            "enum": list(WAYS),
                            "default": WAYS[0],
                            "description": "How photos are put together into products.",
                        },
                    },
                }
            }
        },
    }
}


class SellApi:
    """``/drafts``; for sellers, each of whom sees their own."""

    def __init__(self, *, selling: Selling, visitors: Visitors, drawn: ProductPictures, most_megabytes: int) -> None:
        self._selling, self._visitors, self._drawn = selling, visitors, drawn
        self._most_megabytes, self._taxonomy = most_megabytes, taxonomy.load()
        self._decoding = asyncio.Semaphore(2)

    def build_router(self) -> APIRouter:
        """All routes, described for OpenAPI."""
        router = APIRouter(default_response_class=JSONResponse, tags=["drafts"])
        router.add_api_route(
            "/drafts",
            self.list_drafts,
            methods=["GET"],
            response_model=documents.DraftsDocument,
            summary="The asker's drafts",
            **forms.for_people("seller"),
        )
        router.add_api_route(
            "/drafts",
            self.add_photos,
            methods=["POST"],
            status_code=202,
            response_model=documents.TakenDocument,
            summary="Photos to be drafted",
            **forms.for_people("seller", 413, 415, 422, **PHOTOS),
        )
        self._add_one(router)
        self._add_export(router)
        return router

    def _add_one(self, router: APIRouter) -> None:
        router.add_api_route(
            "/drafts/{number}",
            self.show_draft,
            methods=["GET"],
            response_model=documents.WholeDraftDocument,
            summary="One draft",
            **forms.for_people("seller", 404),
        )
        router.add_api_route(
            "/drafts/{number}",
            self.correct_draft,
            methods=["PATCH"],
            response_model=documents.WholeDraftDocument,
            summary="Correct or complete a draft",
            **forms.for_people("seller", 404),
        )
        router.add_api_route(
            "/drafts/{number}",
            self.delete_draft,
            methods=["DELETE"],
            status_code=204,
            response_class=Response,
            summary="Delete a draft with its photos",
            **forms.for_people("seller", 404),
        )
        described = forms.for_people("seller", 404)
        described["responses"][200] = {"description": "The photo.", "content": {"image/jpeg": {"schema": _FILE}}}
        router.add_api_route(
            "/drafts/{number}/photos/{place}",
            self.show_photo,
            methods=["GET"],
            response_class=Response,
            summary="A photo of a draft",
            **described,
        )

    def _add_export(self, router: APIRouter) -> None:
        described = forms.for_people("seller", 404)
        text = {"schema": {"type": "string"}}
        media = ("text/csv", "text/tab-separated-values", "application/xml", "application/json")
        described["responses"][200] = {
            "description": "The file. `X-Left-Out`: how many drafts are not in it.",
            "content": dict.fromkeys(media, text),
        }
        router.add_api_route(
            "/listings/{to}",
            self.write_listings,
            methods=["GET"],
            response_class=Response,
            summary="All drafts in a shop's format",
            **described,
        )

    def list_drafts(
        self,
        request: Request,
        state: Annotated[State | None, Query(description="Only drafts in this state.")] = None,
        limit: Annotated[int, Query(ge=1, le=100, description="Most drafts.")] = 20,
        after: Annotated[int | None, Query(ge=0, le=2**62, description="The `next` of an answer.")] = None,
    ) -> JSONResponse:
        """The oldest first, with what is filled in and what is open."""
        drafts = self._selling.drafts(self._person(request))
        keys = [key for key in drafts.keys(state) if after is None or key > after]
        shown = [_json(key, of_stored(stored)) for key, stored in drafts.at(keys[:limit]).items()]
        counts = drafts.counts()
        told = {"drafts": shown, "counts": {each: counts.get(each, 0) for each in STATES}}
        return _private({**told, "next": keys[limit - 1] if len(keys) > limit else None})

    async def add_photos(self, request: Request) -> JSONResponse:
        """Photos of products, up to 100 in a form's field ``photo``; their names tell which show one product.

        What is no photo is refused by itself. The drafts are there when the job is done.
        """
        person = await run_in_threadpool(self._person, request)
        names, sent = await receive(request, self._selling, person, self._most_megabytes, self._decoding)
        if not names:
            raise NoPhotoError(sent.refused[0].reason)
        refused = [{"name": each.name, "key": each.key} for each in sent.refused]
        way = sent.fields.get("way", WAYS[0])
        job = await run_in_threadpool(self._selling.begin, person, names, way, refused)
        told = [{"name": each.name, "reason": each.reason} for each in sent.refused]
        return JSONResponse({"job": job, "taken": sent.taken, "refused": told}, 202)

    def show_draft(self, request: Request, number: Number) -> JSONResponse:
        """With its texts in both languages, its ids elsewhere, and what would still be asked."""
        person = self._person(request)
        return _private(self._whole(request, number, self._selling.draft(person, number)))

    def correct_draft(self, request: Request, number: Number, wish: documents.CorrectionsDocument) -> JSONResponse:
        """What is said here wins over every photo, now and when photos are read again."""
        person = self._person(request)
        return _private(self._whole(request, number, self._selling.correct(person, number, wish.fields)))

    def delete_draft(self, request: Request, number: Number) -> Response:
        """The draft and its photos are gone for good."""
        self._selling.remove(self._person(request), number)
        return Response(status_code=204)

    def show_photo(
        self,
        request: Request,
        number: Number,
        place: Annotated[int, Path(ge=0, le=1000, description="From 0, the main photo.", examples=[0])],
        small: Annotated[bool, Query(description="At most 480 px.")] = False,
    ) -> Response:
        """The clean copy that is kept, a JPEG."""
        path = self._selling.photo(self._person(request), number, place)
        return answer_photo(request, path, self._drawn, small=small)

    def write_listings(
        self,
        request: Request,
        to: Annotated[To, Path(description="The format.", examples=["csv"])],
        language: Annotated[Literal["en", "ko"], Query(description="Of texts and category paths.")] = "en",
        photos_at: Annotated[
            str, Query(max_length=1000, description="Address below which the photos will lie.", examples=[""])
        ] = "",
    ) -> Response:
        """Each product is checked by the format's own rules; what breaks one is left out. 404 when nothing is left."""
        written = export(self._selling, self._person(request), to, language, photos_at.strip())
        response = answer_file(written, to)
        response.headers["X-Left-Out"] = str(len(written.left))
        return response

    def _whole(self, request: Request, number: int, draft: Draft) -> dict[str, Any]:
        accepted = request.headers.get("accept-language", "")[:2].lower()
        told = tell(draft, None, accepted if accepted in LANGUAGES else "en", self._taxonomy)
        return {**told, **_json(number, draft)}

    def _person(self, request: Request) -> Person:
        return self._visitors.person(request, "seller")


def _json(number: int, draft: Draft) -> dict[str, Any]:
    """A draft without paths of the server's files."""
    photos = [f"/api/v1/drafts/{number}/photos/{place}" for place in range(len(draft.photos))]
    return {"number": number, **draft.as_json(), "photos": photos}


def _private(told: dict[str, Any]) -> JSONResponse:
    return JSONResponse(told, headers={"Cache-Control": "private, no-cache"})
