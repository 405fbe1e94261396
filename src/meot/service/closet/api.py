"""What a person owns as JSON: ``/api/v1/closet``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from meot.service.api import forms, fresh
from meot.service.api.batches import refused_json
from meot.service.closet import documents
from meot.service.closet.owning import Owning
from meot.service.closet.pages import receive

if TYPE_CHECKING:
    from meot.service.accounts.visitor import Visitors
    from meot.service.closet.told import Telling

Number = Annotated[int, Path(ge=0, le=2**62, description="The photo's number in the closet.")]
Garment = Annotated[int, Path(ge=0, le=2**62, description="The garment's number in the closet.")]
Limit = Annotated[int, Query(ge=1, le=100, description="Most photos.")]
After = Annotated[int | None, Query(ge=0, le=2**62, description="The `next` of an answer, for the page behind it.")]
_OWN = {"Cache-Control": "private, no-cache"}


class ClosetApi:
    """What :class:`Owning` does, as JSON; each person sees their own."""

    def __init__(self, *, owning: Owning, telling: Telling, visitors: Visitors, most_megabytes: int) -> None:
        self._owning, self._telling, self._visitors = owning, telling, visitors
        self._most_megabytes, self._decoding = most_megabytes, asyncio.Semaphore(2)

    def build_router(self) -> APIRouter:
        """All routes, described for OpenAPI."""
        router = APIRouter(prefix="/closet", default_response_class=JSONResponse, tags=["closet"])
        router.add_api_route(
            "",
            self.list_photos,
            methods=["GET"],
            response_model=documents.ClosetDocument,
            summary="What the asker owns",
            **forms.for_people("shopper", tagged=True),
        )
        router.add_api_route(
            "",
            self.add_photos,
            methods=["POST"],
            status_code=202,
            response_model=documents.AddingDocument,
            summary="Add photos of what the asker owns",
            **forms.for_people("shopper", 413, 415, 422, **documents.ADD),
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
            "/photos/{number}/picture",
            self.show_photo,
            methods=["GET"],
            response_class=Response,
            summary="A photo of what the asker owns, small",
            **forms.picture("shopper"),
        )
        router.add_api_route(
            "/garments/{number}/picture",
            self.show_garment,
            methods=["GET"],
            response_class=Response,
            summary="A garment that the asker owns, cut from its photo",
            **forms.picture("shopper"),
        )
        router.add_api_route(
            "/duplicates",
            self.list_duplicates,
            methods=["GET"],
            response_model=documents.DuplicatesDocument,
            summary="Owned garments of which one would do",
            **forms.for_people("shopper", tagged=True),
        )
        return router

    def list_photos(self, request: Request, limit: Limit = 50, after: After = None) -> Response:
        """Photos with what was read from them, the newest first."""
        person = self._visitors.person(request)
        held = self._owning.hold(person, most=limit + 1, before=after)
        shown = list(held.shown.items())
        told = [self._telling.photo(photo, garments) for photo, garments in shown[:limit]]
        onward = shown[limit - 1][0].key if len(shown) > limit else None
        counts = {"count": held.photos, "most": self._owning.most, "owned": held.garments}
        return fresh.answer_own(request, person, {"photos": told, **counts, "next": onward})

    async def add_photos(self, request: Request) -> JSONResponse:
        """Photos laid out, on a hanger, or worn; of people only the main one's clothes are taken. A job reads them.

        The same photo comes in once. 409 when there is no room for any; the first one's problem when none can be taken.
        What of a ZIP turns out to be damaged stands in the job's result, as `refused`.
        """
        person = await run_in_threadpool(self._visitors.person, request)
        kept, sent = await receive(request, self._owning, person, self._most_megabytes, self._decoding)
        if sent.fault and not kept:
            raise sent.fault
        begun = await run_in_threadpool(self._owning.begin, person, kept, sent.remembered)
        told = {"job": begun.job, "taken": len(kept) - len(begun.left)}
        return JSONResponse({**told, "refused": refused_json(sent.refused, begun.left)}, 202, _OWN)

    def remove_photo(self, request: Request, number: Number) -> Response:
        """The copy, the garments, the vectors, and what was said of them."""
        self._owning.remove(self._visitors.person(request), number)
        return Response(status_code=204)

    def show_photo(self, request: Request, number: Number) -> Response:
        """At most 480 px, without the camera's notes."""
        return _picture(self._owning.picture(self._visitors.person(request), number))

    def show_garment(self, request: Request, number: Garment) -> Response:
        """At most 480 px, with a little around it."""
        return _picture(self._owning.crop(self._visitors.person(request), number))

    def list_duplicates(self, request: Request) -> Response:
        """Among the newest garments; those of one photo are never duplicates."""
        person = self._visitors.person(request)
        groups, whole = self._owning.duplicates(person)
        told = {"duplicates": [self._telling.alike(group) for group in groups], "whole": whole}
        return fresh.answer_own(request, person, told)


def _picture(jpeg: bytes) -> Response:
    headers = {"Cache-Control": "private, max-age=600", "Vary": fresh.OWN}
    return Response(jpeg, headers=headers, media_type="image/jpeg")
