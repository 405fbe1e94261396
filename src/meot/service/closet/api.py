"""The closet as JSON: ``/api/v1/closet``."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from meot.service import questions, uploads
from meot.service.api import forms
from meot.service.closet import documents
from meot.service.closet.compare_pages import read_budget
from meot.service.closet.comparing import Comparing
from meot.service.closet.owning import Owning
from meot.service.closet.pages import receive
from meot.service.problems import NotAPhotoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meot.catalogue.owned import OwnedPhoto
    from meot.catalogue.rows import StoredGarment
    from meot.service.accounts.visitor import Visitors
    from meot.service.web.render import Renderer

Number = Annotated[int, Path(ge=0, le=2**62, description="The photo's number in the closet.")]
Limit = Annotated[int, Query(ge=1, le=100, description="Most photos.")]
After = Annotated[int | None, Query(ge=0, le=2**62, description="The `next` of an answer, for the page behind it.")]
_MOST_PEOPLE = 1000
_OWN = {"Cache-Control": "private, no-store"}


class ClosetApi:
    """What :class:`Owning` and :class:`Comparing` do, as JSON; each person sees their own."""

    def __init__(self, *, owning: Owning, comparing: Comparing, visitors: Visitors, renderer: Renderer) -> None:
        self._owning, self._comparing, self._visitors, self._renderer = owning, comparing, visitors, renderer
        self._decoding = asyncio.Semaphore(2)

    def build_router(self) -> APIRouter:
        """All routes, described for OpenAPI."""
        router = APIRouter(prefix="/closet", default_response_class=JSONResponse, tags=["closet"])
        photo = (413, 415, 422)
        router.add_api_route(
            "",
            self.list_photos,
            methods=["GET"],
            response_model=documents.ClosetDocument,
            summary="What the asker owns",
            **forms.for_people("shopper"),
        )
        router.add_api_route(
            "",
            self.add_photos,
            methods=["POST"],
            status_code=202,
            response_model=documents.AddingDocument,
            summary="Add photos of what the asker owns",
            **forms.for_people("shopper", *photo, **documents.ADD),
        )
        router.add_api_route(
            "/photos/{number}",
            self.remove_photo,
            methods=["DELETE"],
            status_code=204,
            response_class=Response,
            summary="Remove a photo and all that was read from it",
            **forms.for_people("shopper", 404),
        )
        router.add_api_route(
            "/compare",
            self.compare,
            methods=["POST"],
            response_model=documents.ComparisonDocument,
            summary="A look beside what the asker owns, and what to buy",
            **forms.for_people("shopper", *photo, **documents.COMPARE),
        )
        router.add_api_route(
            "/not-alike",
            self.say_not_alike,
            methods=["POST"],
            status_code=201,
            response_model=documents.NotAlikeDocument,
            summary="Say that an owned garment is not like one of a look",
            **forms.for_people("shopper", 404, *photo, **documents.NOT_ALIKE),
        )
        router.add_api_route(
            "/not-alike",
            self.undo_not_alike,
            methods=["DELETE"],
            response_model=documents.NotAlikeDocument,
            summary="Take back the last word of what is not alike",
            **forms.for_people("shopper", 404),
        )
        return router

    def list_photos(self, request: Request, limit: Limit = 50, after: After = None) -> JSONResponse:
        """Photos with what was read from them, the newest first."""
        person = self._visitors.person(request)
        held = self._owning.hold(person, most=limit + 1, before=after)
        shown = list(held.shown.items())
        told = [_photo_json(photo, garments) for photo, garments in shown[:limit]]
        onward = shown[limit - 1][0].key if len(shown) > limit else None
        body = {"photos": told, "count": held.photos, "owned": held.garments, "next": onward}
        return JSONResponse(body, headers=_OWN)

    async def add_photos(self, request: Request) -> JSONResponse:
        """Photos laid out, on a hanger, or worn; of people only the main one's clothes are taken. A job reads them.

        The same photo comes in once. 415 when not one of them is a photo.
        """
        person = await run_in_threadpool(self._visitors.person, request)
        kept, sent = await receive(request, self._owning, person, self._renderer.most_megabytes, self._decoding)
        if not kept:
            raise NotAPhotoError(f"none of the files is a photo that can be taken ({sent.refused[0].reason})")
        refused = [{"name": each.name, "key": each.key} for each in sent.refused]
        job = await run_in_threadpool(self._owning.begin, person, kept, refused)
        told = [{"name": each.name, "type": f"urn:meot:problem:{each.key}"} for each in sent.refused]
        return JSONResponse({"job": job, "taken": len(kept), "refused": told}, 202, _OWN)

    def remove_photo(self, request: Request, number: Number) -> Response:
        """The copy, the garments, the vectors, and what was said of them."""
        self._owning.remove(self._visitors.person(request), number)
        return Response(status_code=204)

    async def compare(self, request: Request) -> JSONResponse:
        """For each garment of the look: owned, close or missing, with reasons; products for what is missing."""
        person = await run_in_threadpool(self._visitors.person, request)
        upload = await uploads.receive(request, self._renderer.most_megabytes)
        asked = {**request.query_params, **upload.fields}
        fitted = await self._comparing.compare(
            person,
            partial(uploads.decode, upload),
            number=questions.read_number(asked, "person", default=1, least=1, most=_MOST_PEOPLE),
            budget=read_budget(asked),
            wording=self._renderer.voice_for(request),
        )
        return JSONResponse(fitted.as_json(), headers=_OWN)

    async def say_not_alike(self, request: Request) -> JSONResponse:
        """It counts from the next comparison on: for that garment, and for those that look just like it."""
        person = await run_in_threadpool(self._visitors.person, request)
        upload = await uploads.receive(request, self._renderer.most_megabytes)
        garment = questions.read_number(upload.fields, "garment", default=-1, least=0, most=_MOST_PEOPLE)
        owned = questions.read_number(upload.fields, "owned", default=-1, least=0, most=2**62)
        note = await self._comparing.say_not_alike(person, partial(uploads.decode, upload), garment + 1, owned)
        return JSONResponse({"note": note, "owned": owned}, 201, _OWN)

    def undo_not_alike(self, request: Request) -> JSONResponse:
        """The word that was taken back."""
        word = self._owning.undo_not_alike(self._visitors.person(request))
        return JSONResponse({"note": word.key, "owned": word.owned}, headers=_OWN)


def _photo_json(photo: OwnedPhoto, garments: Sequence[StoredGarment]) -> dict[str, Any]:
    return {
        "photo": photo.key,
        "worn": photo.worn,
        "added_at": photo.added_at,
        "picture": f"/closet/photos/{photo.key}",
        "garments": [_garment_json(stored) for stored in garments],
    }


def _garment_json(stored: StoredGarment) -> dict[str, Any]:
    garment = stored.garment
    shades = sorted(garment.colours, key=lambda shade: -shade.share)
    return {
        "owned": stored.key,
        "region": garment.region,
        "category": {"id": garment.category.id, "sure": garment.category.sure},
        "colours": [shade.id for shade in shades],
        "components": {
            question: {"id": label.id, "score": round(label.score, 4), "sure": label.sure, "runner_up": label.runner_up}
            for question, label in garment.components.items()
        },
        "picture": f"/closet/garments/{stored.key}",
    }
