"""The pages of selling: photos and drafts, the review queue, listings as files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from meot import taxonomy
from meot.answers.listing.answer import DETAILS
from meot.answers.listing.desk import of_stored
from meot.answers.listing.draft import FAILED, REVIEW, SURE
from meot.answers.listing.outgoing import tell
from meot.catalogue.export import registry
from meot.errors import QueryError
from meot.service.fields import read_fields
from meot.service.sell.handing import answer_file, answer_photo, export, receive
from meot.service.sell.reasons import group_reasons
from meot.service.sell.selling import WAYS, Selling
from meot.service.sell.views import LOOKS, NOTICE, OFFER, Drawn, read_corrections
from meot.service.sell.work import DRAFT
from meot.service.web.render import Renderer, build_address

if TYPE_CHECKING:
    from meot.catalogue.jobs import Job, Jobs
    from meot.catalogue.people import Person
    from meot.catalogue.store import Catalogue
    from meot.service.accounts.visitor import Visitors
    from meot.service.batch import Refused
    from meot.service.pictures import ProductPictures

STATES = (REVIEW, SURE, FAILED)
_A_PAGE = 50
_SHOWN_JOBS = 3
Key = Annotated[int, InPath(ge=0, le=2**62)]
Place = Annotated[int, InPath(ge=0, le=1000)]


class SellPages:
    """Everything below ``/sell``; for sellers, each of whom sees their own."""

    def __init__(
        self,
        *,
        selling: Selling,
        catalogue: Catalogue,
        jobs: Jobs,
        visitors: Visitors,
        renderer: Renderer,
        drawn: ProductPictures,
    ) -> None:
        self._selling, self._catalogue, self._jobs = selling, catalogue, jobs
        self._visitors, self._renderer, self._drawn = visitors, renderer, drawn
        self._taxonomy = taxonomy.load()
        self._decoding = asyncio.Semaphore(2)

    def build_router(self) -> APIRouter:
        """All routes; none is part of the API's description."""
        router = APIRouter(include_in_schema=False)
        shown: dict[str, Callable[..., object]] = {
            "/sell": self.show_list,
            "/sell/review": self.begin_review,
            "/sell/drafts/{key}": self.show_draft,
            "/sell/drafts/{key}/photo/{place}": self.show_photo,
            "/sell/export": self.show_export,
            "/sell/export/file": self.send_file,
        }
        done: dict[str, Callable[..., object]] = {
            "/sell/photos": self.take_photos,
            "/sell/drafts/{key}": self.save,
            "/sell/drafts/{key}/delete": self.delete,
        }
        for address, show in shown.items():
            router.add_api_route(address, show, methods=["GET"], response_model=None)
        for address, do in done.items():
            router.add_api_route(address, do, methods=["POST"], response_model=None)
        return router

    # -- photos and drafts

    def show_list(
        self, request: Request, state: str = "", page: Annotated[int, Query(ge=1, le=10_000)] = 1
    ) -> Response:
        """The form for photos, what is being worked on, and the drafts."""
        return self._list(request, self._person(request), state, page)

    def _list(
        self, request: Request, person: Person, state: str = "", page: int = 1, refused: tuple[Refused, ...] = ()
    ) -> Response:
        if state not in ("", *STATES):
            raise QueryError(f"state must be one of {', '.join(STATES)}, got {state[:20]!r}; choose one")
        drafts = self._selling.drafts(person)
        keys = drafts.keys(state or None)
        shown = drafts.at(keys[(page - 1) * _A_PAGE : page * _A_PAGE])
        told, counts = self._drawn_for(request), drafts.counts()
        return self._renderer.render(
            request,
            "sell.html",
            422 if refused else 200,
            rows=[told.row(key, of_stored(stored)) for key, stored in shown.items()],
            state=state,
            counts={each: counts.get(each, 0) for each in STATES},
            jobs=self._own_jobs(person),
            page=page,
            more=len(keys) > page * _A_PAGE,
            refused=refused,
            ways=WAYS,
        )

    def _own_jobs(self, person: Person) -> list[Job]:
        """The drafting that goes on, and the last one that ended."""
        mine = [job for job in self._jobs.all(person=person.key, most=20) if job.kind == DRAFT]
        active = [job for job in mine if job.state in ("waiting", "running")]
        return (active or mine[:1])[:_SHOWN_JOBS]

    async def take_photos(self, request: Request) -> Response:
        """Keep the photos and have them drafted."""
        person = self._person(request)
        names, sent = await receive(request, self._selling, person, self._renderer.most_megabytes, self._decoding)
        if not names:
            return await run_in_threadpool(self._list, request, person, "", 1, sent.refused)
        refused = [{"name": each.name, "key": each.key} for each in sent.refused]
        way = sent.fields.get("way", WAYS[0])
        await run_in_threadpool(self._selling.begin, person, names, way, refused)
        return RedirectResponse("/sell", 303)

    # -- one draft, and the queue

    def begin_review(self, request: Request) -> Response:
        """To the first draft that is open."""
        open_ = self._selling.drafts(self._person(request)).keys(REVIEW)
        return RedirectResponse(f"/sell/drafts/{open_[0]}" if open_ else "/sell", 303)

    def show_draft(self, request: Request, key: Key) -> Response:
        """A draft with its photos, and everything that can be said of it."""
        return self._draft(request, self._person(request), key)

    def _draft(self, request: Request, person: Person, key: int, fault: str = "") -> Response:
        draft, told = self._selling.draft(person, key), self._drawn_for(request)
        say = self._renderer.voice_for(request)
        fields = told.fields(draft)
        told_fields = [field for field in fields if field.name in LOOKS and not field.is_open]
        return self._renderer.render(
            request,
            "draft.html",
            422 if fault else 200,
            key=key,
            row=told.row(key, draft),
            draft=draft,
            open_fields=[field for field in fields if field.is_open],
            looks=[field for field in told_fields if field.value or field.name not in DETAILS],
            more=[field for field in told_fields if not field.value and field.name in DETAILS],
            offer=[field for field in fields if field.name in OFFER and not field.is_open],
            notice=[field for field in fields if field.name in NOTICE and not field.is_open],
            queue=self._selling.place(person, key),
            told=tell(draft, None, say.language, self._taxonomy),
            fault=fault,
        )

    async def save(self, request: Request, key: Key) -> Response:
        """Keep what was said of a draft; on to the next one that is open, when that was asked for."""
        person = self._person(request)
        posted = await read_fields(request)

        def keep() -> Response:
            after = self._selling.place(person, key).after
            try:
                said = read_corrections(self._selling.draft(person, key), posted)
                self._selling.correct(person, key, said)
            except QueryError as error:
                return self._draft(request, person, key, fault=str(error))
            if posted.get("go") != "next":
                return RedirectResponse(f"/sell/drafts/{key}", 303)
            return RedirectResponse("/sell" if after is None else f"/sell/drafts/{after}", 303)

        return await run_in_threadpool(keep)

    def delete(self, request: Request, key: Key) -> Response:
        """Delete a draft with its photos."""
        self._selling.remove(self._person(request), key)
        return RedirectResponse("/sell", 303)

    def show_photo(self, request: Request, key: Key, place: Place, small: bool = False) -> Response:
        """A photo of a draft; with ``small`` one for a list."""
        path = self._selling.photo(self._person(request), key, place)
        return answer_photo(request, path, self._drawn, small=small)

    # -- listings

    def show_export(self, request: Request) -> Response:
        """What would go out in a format, and what would be left out and why."""
        person, asked = self._person(request), request.query_params
        to, language = asked.get("to", ""), asked.get("language", self._renderer.voice_for(request).language)
        at = asked.get("photos_at", "").strip()
        written, fault = None, ""
        if to:
            try:
                written = export(self._selling, person, to, language, at)
            except QueryError as error:
                fault = str(error)
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
        return answer_file(export(self._selling, self._person(request), to, language, photos_at.strip()), to)

    def _person(self, request: Request) -> Person:
        return self._visitors.person(request, "seller")

    def _drawn_for(self, request: Request) -> Drawn:
        taught = {lesson.name: lesson.names for lesson in self._catalogue.lessons()[1] if lesson.kind == "category"}
        return Drawn(say=self._renderer.voice_for(request), taxonomy=self._taxonomy, taught=taught)
