"""Drafts of listings as JSON: photos and facts in, corrections."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from meot import taxonomy
from meot.answers.listing.outgoing import tell
from meot.answers.listing.stored import of_stored
from meot.service.api import forms, fresh
from meot.service.api.batches import refused_json
from meot.service.problems import NoPhotoError
from meot.service.sell import documents
from meot.service.sell.documents import State
from meot.service.sell.handing import answer_photo, receive, receive_facts
from meot.service.sell.pages import STATES
from meot.service.sell.selling import WAYS, Selling

if TYPE_CHECKING:
    from meot.answers.listing.draft import Draft
    from meot.catalogue.drafts import StoredDraft
    from meot.catalogue.people import Person
    from meot.service.accounts.visitor import Visitors
    from meot.service.pictures import ProductPictures
    from meot.service.web.render import Renderer

Number = Annotated[int, Path(description="The draft's number.", ge=0, le=2**62, examples=[12])]
Place = Annotated[int, Path(ge=0, le=1000, description="From 0, the main photo.", examples=[0])]
_ROLE = "seller"


class SellApi:
    """``/drafts``; for sellers, each of whom sees their own."""

    def __init__(self, *, selling: Selling, visitors: Visitors, drawn: ProductPictures, renderer: Renderer) -> None:
        self._selling, self._visitors, self._drawn, self._renderer = selling, visitors, drawn, renderer
        self._taxonomy, self._decoding = taxonomy.load(), asyncio.Semaphore(2)

    def build_router(self) -> APIRouter:
        """All routes, described for OpenAPI."""
        router = APIRouter(prefix="/drafts", default_response_class=JSONResponse, tags=["drafts"])
        router.add_api_route(
            "",
            self.list_drafts,
            methods=["GET"],
            response_model=documents.DraftsDocument,
            summary="The asker's drafts",
            **forms.for_people(_ROLE, tagged=True),
        )
        router.add_api_route(
            "",
            self.add_photos,
            methods=["POST"],
            status_code=202,
            response_model=documents.TakenDocument,
            summary="Photos to be drafted",
            **forms.for_people(_ROLE, 413, 415, 422, **documents.PHOTOS),
        )
        router.add_api_route(
            "/facts",
            self.give_facts,
            methods=["POST"],
            response_model=documents.FilledDocument,
            summary="Lay a table of facts under the drafts that there are",
            **forms.for_people(_ROLE, 422, **documents.FACTS),
        )
        self._add_one(router)
        return router

    def _add_one(self, router: APIRouter) -> None:
        router.add_api_route(
            "/{number}",
            self.show_draft,
            methods=["GET"],
            response_model=documents.WholeDraftDocument,
            summary="One draft",
            **forms.for_people(_ROLE, 404, tagged=True),
        )
        router.add_api_route(
            "/{number}",
            self.correct_draft,
            methods=["PATCH"],
            response_model=documents.WholeDraftDocument,
            summary="Correct or complete a draft",
            **forms.for_people(_ROLE, 404, 412),
        )
        router.add_api_route(
            "/{number}",
            self.delete_draft,
            methods=["DELETE"],
            status_code=204,
            response_class=Response,
            summary="Delete a draft with its photos",
            **forms.for_people(_ROLE, 404, 412),
        )
        router.add_api_route(
            "/{number}/photos/{place}",
            self.show_photo,
            methods=["GET"],
            response_class=Response,
            summary="A photo of a draft",
            **forms.picture(_ROLE, tagged=True),
        )

    def list_drafts(
        self,
        request: Request,
        state: Annotated[State | None, Query(description="Only drafts in this state.")] = None,
        limit: Annotated[int, Query(ge=1, le=100, description="Most drafts.")] = 20,
        after: Annotated[int | None, Query(ge=0, le=2**62, description="The `next` of an answer.")] = None,
    ) -> Response:
        """The oldest first, with what is filled in and what is open."""
        person = self._person(request)
        drafts, room = self._selling.drafts(person), self._selling.room
        keys = [key for key in drafts.keys(state) if after is None or key > after]
        shown = [_json(key, of_stored(stored)) for key, stored in drafts.at(keys[:limit]).items()]
        counts = drafts.counts()
        told = {
            "drafts": shown,
            "counts": {each: counts.get(each, 0) for each in STATES},
            "photos": room.count(person.key),
            "most": room.most,
            "next": keys[limit - 1] if len(keys) > limit else None,
        }
        return fresh.answer_own(request, person, told)

    async def add_photos(self, request: Request) -> JSONResponse:
        """Photos of products in a form's field ``photo``; their names tell which show one product.

        ``facts``: a CSV with a column ``product``. What is no photo is refused by itself, and so is what there is no
        room for; 409 when that is all. The drafts are there when the job is done; what of a ZIP turned out to be
        damaged stands in its result, as `refused`.
        """
        person = await run_in_threadpool(self._person, request)
        names, packed, facts, sent = await receive(
            request, self._selling, person, self._renderer.most_megabytes, self._decoding
        )
        if not names and not packed:
            alone = "expected photos beside the facts, got none; add some, or send facts alone to /drafts/facts"
            raise sent.fault or NoPhotoError(alone)
        way = sent.fields.get("way", WAYS[0])
        begin = partial(self._selling.begin, person, names, way, sent.remembered, facts, packed=packed)
        begun = await run_in_threadpool(begin)
        told = {"job": begun.job, "taken": sent.taken - len(begun.left)}
        return JSONResponse({**told, "refused": refused_json(sent.refused, begun.left)}, 202)

    async def give_facts(self, request: Request) -> JSONResponse:
        """A CSV with a column ``product`` in a form's field ``facts``; corrections still win over it."""
        person = await run_in_threadpool(self._person, request)
        facts = await receive_facts(request, self._selling)
        filled = await run_in_threadpool(self._selling.give, person, facts)
        return JSONResponse({"products": len(facts), "filled": filled})

    def show_draft(self, request: Request, number: Number) -> Response:
        """With its texts in both languages, its ids elsewhere, and what would still be asked."""
        person = self._person(request)
        return fresh.answer_own(request, person, self._whole(request, number, self._selling.draft(person, number)))

    def correct_draft(self, request: Request, number: Number, wish: documents.CorrectionsDocument) -> Response:
        """What is said here wins over every photo, now and when photos are read again."""
        person = self._person(request)
        seen = self._seen(request, person, number)
        after = self._selling.correct(person, number, wish.fields, seen=seen)
        return fresh.own(person, self._whole(request, number, after))

    def delete_draft(self, request: Request, number: Number) -> Response:
        """The draft and its photos are gone for good."""
        person = self._person(request)
        self._selling.remove(person, number, seen=self._seen(request, person, number))
        return Response(status_code=204)

    def show_photo(
        self,
        request: Request,
        number: Number,
        place: Place,
        small: Annotated[bool, Query(description="At most 480 px.")] = False,
    ) -> Response:
        """The clean copy that is kept, a JPEG."""
        path = self._selling.photo(self._person(request), number, place)
        return answer_photo(request, path, self._drawn, small=small)

    def _seen(self, request: Request, person: Person, number: int) -> StoredDraft | None:
        """What a change insists on, None where it does not. ChangedMeanwhileError when the draft is not so."""
        if "if-match" not in request.headers:
            return None
        stored = self._selling.stored(person, number)
        told = self._whole(request, number, of_stored(stored))
        fresh.check_unchanged(request, fresh.own(person, told).headers["etag"])
        return stored

    def _whole(self, request: Request, number: int, draft: Draft) -> dict[str, Any]:
        told = tell(draft, None, self._renderer.voice_for(request).language, self._taxonomy)
        return {**told, **_json(number, draft)}

    def _person(self, request: Request) -> Person:
        return self._visitors.person(request, _ROLE)


def _json(number: int, draft: Draft) -> dict[str, Any]:
    """A draft without paths of the server's files."""
    photos = [f"/api/v1/drafts/{number}/photos/{place}" for place in range(len(draft.photos))]
    return {"number": number, **draft.as_json(), "photos": photos}
