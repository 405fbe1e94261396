"""Looks beside a closet as JSON: comparisons, what was said against them, and the shop's own looks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from meot import photos
from meot.service import questions, uploads
from meot.service.api import forms, fresh
from meot.service.closet import documents
from meot.service.closet.api import After
from meot.service.closet.compare_pages import read_budget
from meot.service.closet.comparing import Comparing
from meot.service.closet.owning import Owning
from meot.service.closet.standing import Outfits
from meot.service.closet.told import Telling, word_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from meot.service.accounts.visitor import Visitors
    from meot.service.api.photo import Sent
    from meot.service.web.render import Renderer
    from meot.types import Photo

Look = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="The look, as the list of looks names it.")]
Most = Annotated[int, Query(ge=1, le=100, description="Most looks.")]
Limit = Annotated[int, Query(ge=1, le=100, description="Most words.")]
_MOST_PEOPLE = 1000
_LOOK = "look"
_UNKEPT, _OWN = {"Cache-Control": "private, no-store"}, {"Cache-Control": "private, no-cache"}


class CompareApi:
    """What :class:`Comparing` and :class:`Outfits` do, as JSON; each person sees their own."""

    def __init__(
        self,
        *,
        owning: Owning,
        comparing: Comparing,
        outfits: Outfits,
        telling: Telling,
        sent: Sent,
        visitors: Visitors,
        renderer: Renderer,
    ) -> None:
        self._owning, self._comparing, self._outfits = owning, comparing, outfits
        self._telling, self._sent, self._visitors, self._renderer = telling, sent, visitors, renderer

    def build_router(self) -> APIRouter:
        """All routes, described for OpenAPI."""
        router = APIRouter(prefix="/closet", default_response_class=JSONResponse, tags=["closet"])
        photo = (404, 413, 415, 422)
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
            self.list_not_alike,
            methods=["GET"],
            response_model=documents.WordsDocument,
            summary="What the asker said is not alike",
            **forms.for_people("shopper", tagged=True),
        )
        router.add_api_route(
            "/not-alike",
            self.say_not_alike,
            methods=["POST"],
            status_code=201,
            response_model=documents.NotAlikeDocument,
            summary="Say that an owned garment is not like one of a look",
            **forms.for_people("shopper", *photo, **documents.NOT_ALIKE),
        )
        router.add_api_route(
            "/not-alike",
            self.undo_not_alike,
            methods=["DELETE"],
            response_model=documents.NotAlikeDocument,
            summary="Take back the last word of what is not alike",
            **forms.for_people("shopper", 404),
        )
        router.add_api_route(
            "/looks",
            self.list_looks,
            methods=["GET"],
            response_model=documents.LooksDocument,
            summary="The shop's looks by how much of them the asker owns",
            **forms.for_people("shopper", tagged=True),
        )
        router.add_api_route(
            "/looks/{look}/picture",
            self.show_look,
            methods=["GET"],
            response_class=Response,
            summary="A look of the shop's",
            **forms.picture("shopper"),
        )
        return router

    async def compare(self, request: Request) -> JSONResponse:
        """For each garment of the look: owned, close or missing, with reasons; products for what is missing."""
        person = await run_in_threadpool(self._visitors.person, request)
        upload = await self._sent.receive(request, instead=(_LOOK,))
        asked = {**request.query_params, **upload.fields}
        fitted = await self._comparing.compare(
            person,
            self._load(upload),
            number=questions.read_number(asked, "person", default=1, least=1, most=_MOST_PEOPLE),
            budget=read_budget(asked),
            wording=self._renderer.voice_for(request),
        )
        return JSONResponse(fitted.as_json(), headers=_UNKEPT)

    def list_not_alike(self, request: Request, limit: Limit = 50, after: After = None) -> Response:
        """The last word first."""
        person = self._visitors.person(request)
        said = [word for word in reversed(self._owning.not_alike(person)) if after is None or word.key < after]
        onward = said[limit - 1].key if len(said) > limit else None
        return fresh.answer_own(request, person, {"words": [word_json(word) for word in said[:limit]], "next": onward})

    async def say_not_alike(self, request: Request) -> JSONResponse:
        """It counts from the next comparison on: for that garment, and for those that look just like it."""
        person = await run_in_threadpool(self._visitors.person, request)
        upload = await self._sent.receive(request, instead=(_LOOK,))
        garment = questions.read_number(upload.fields, "garment", default=-1, least=0, most=_MOST_PEOPLE)
        owned = questions.read_number(upload.fields, "owned", default=-1, least=0, most=2**62)
        note = await self._comparing.say_not_alike(person, self._load(upload), garment + 1, owned)
        return JSONResponse({"note": note, "owned": owned}, 201, _OWN)

    def undo_not_alike(self, request: Request) -> JSONResponse:
        """The word that was taken back."""
        word = self._owning.undo_not_alike(self._visitors.person(request))
        return JSONResponse({"note": word.key, "owned": word.owned}, headers=_OWN)

    async def list_looks(self, request: Request, limit: Most = 12) -> Response:
        """Photos of the shop with people, two garments or more; and the purchases that would complete most of them."""
        person = await run_in_threadpool(self._visitors.person, request)
        voice = self._renderer.voice_for(request)
        stood = await self._comparing.work(lambda: self._outfits.stand(person, most=limit, wording=voice))
        return fresh.answer_own(request, person, await run_in_threadpool(self._telling.looks, stood))

    def show_look(self, request: Request, look: Look) -> Response:
        """At most 480 px."""
        self._visitors.person(request)
        headers = {"Cache-Control": "private, max-age=600", "Vary": fresh.OWN}
        return Response(self._outfits.picture(look), headers=headers, media_type="image/jpeg")

    def _load(self, upload: uploads.Upload) -> Callable[[], Photo]:
        """How the photo of a look is read; one of the shop's is found first. NotThereError when it has none such."""
        look = upload.fields.get(_LOOK, "").strip()
        if look and not upload.data:
            return lambda: photos.load(self._outfits.file(look))
        return partial(uploads.decode, upload)
