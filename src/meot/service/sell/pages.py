"""The pages of selling: photos and drafts, and the review queue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from meot import taxonomy
from meot.answers.listing.answer import DETAILS
from meot.answers.listing.draft import FAILED, REVIEW, SURE
from meot.answers.listing.outgoing import tell
from meot.answers.listing.stored import of_stored
from meot.errors import MeotError, QueryError
from meot.service.fields import read_fields
from meot.service.problems import ChangedMeanwhileError
from meot.service.sell import retyping
from meot.service.sell.handing import answer_photo, receive
from meot.service.sell.selling import WAYS, Selling
from meot.service.sell.views import LOOKS, NOTICE, OFFER, Drawn, read_corrections
from meot.service.sell.work import DRAFT
from meot.service.web.reasons import tell as tell_reason
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
_NEWS_S = 600.0
Key = Annotated[int, InPath(ge=0, le=2**62)]
Count = Annotated[int | None, Query(ge=0, le=1_000_000)]
Place = Annotated[int, InPath(ge=0, le=1000)]


class SellPages:
    """``/sell`` and its drafts; for sellers, each of whom sees their own."""

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
        self,
        request: Request,
        state: str = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        filled: Count = None,
        told: Count = None,
    ) -> Response:
        """The form for photos, what is being worked on, and the drafts. filled, told: see :meth:`take_photos`."""
        both = (filled, told) if filled is not None and told is not None else None
        return self._list(request, self._person(request), state, page, filled=both)

    def _list(
        self,
        request: Request,
        person: Person,
        state: str = "",
        page: int = 1,
        *,
        refused: tuple[Refused, ...] = (),
        fault: str = "",
        filled: tuple[int, int] | None = None,
    ) -> Response:
        """filled: how many drafts a table of facts filled in, and of how many products it told."""
        if state not in ("", *STATES):
            said = f"state must be one of {', '.join(STATES)}, got {state[:20]!r}; choose one"
            raise QueryError(said, "none_of", name="state", known=STATES, got=state)
        drafts = self._selling.drafts(person)
        keys = drafts.keys(state or None)
        shown = drafts.at(keys[(page - 1) * _A_PAGE : page * _A_PAGE])
        told, counts = self._drawn_for(request), drafts.counts()
        return self._renderer.render(
            request,
            "sell.html",
            422 if refused or fault else 200,
            rows=[told.row(key, of_stored(stored)) for key, stored in shown.items()],
            state=state,
            counts={each: counts.get(each, 0) for each in STATES},
            jobs=self._own_jobs(person),
            page=page,
            more=len(keys) > page * _A_PAGE,
            refused=refused,
            fault=fault,
            filled=filled,
            ways=WAYS,
        )

    def _own_jobs(self, person: Person) -> list[Job]:
        """The drafting that goes on, else the last one when it ended some minutes ago, or did not end well."""
        mine = [job for job in self._jobs.all(person=person.key, most=20) if job.kind == DRAFT]
        active = [job for job in mine if job.state in ("waiting", "running")]
        since = time.time() - _NEWS_S
        news = [job for job in mine[:1] if job.state == "failed" or (job.finished_at or since) > since]
        return (active or news)[:_SHOWN_JOBS]

    async def take_photos(self, request: Request) -> Response:
        """Keep the photos and have them drafted, with the facts of a table; a table alone fills in what there is."""
        person = await run_in_threadpool(self._person, request)
        try:
            names, packed, facts, sent = await receive(
                request, self._selling, person, self._renderer.most_megabytes, self._decoding
            )
        except QueryError as error:
            fault = tell_reason(error, self._renderer.voice_for(request))
            return await run_in_threadpool(self._list, request, person, fault=fault)
        if sent.refused and not sent.taken:
            return await run_in_threadpool(self._list, request, person, refused=sent.refused)
        if not sent.taken:
            filled = await run_in_threadpool(self._selling.give, person, facts)
            return RedirectResponse(build_address("/sell", {"filled": filled, "told": len(facts)}), 303)
        way = sent.fields.get("way", WAYS[0])
        begin = partial(self._selling.begin, person, names, way, sent.remembered, facts, packed=packed)
        await run_in_threadpool(begin)
        return RedirectResponse("/sell", 303)

    # -- one draft, and the queue

    def begin_review(self, request: Request) -> Response:
        """To the first draft that is open."""
        open_ = self._selling.drafts(self._person(request)).keys(REVIEW)
        return RedirectResponse(f"/sell/drafts/{open_[0]}" if open_ else "/sell", 303)

    def show_draft(self, request: Request, key: Key) -> Response:
        """A draft with its photos, and everything that can be said of it."""
        return self._draft(request, self._person(request), key)

    def _draft(
        self,
        request: Request,
        person: Person,
        key: int,
        *,
        posted: Mapping[str, str] | None = None,
        wrong: MeotError | None = None,
    ) -> Response:
        """posted: a form that was not taken, and wrong: why; what was typed into it stands in the fields."""
        stored, told = self._selling.stored(person, key), self._drawn_for(request)
        draft, say = of_stored(stored), self._renderer.voice_for(request)
        changed = isinstance(wrong, ChangedMeanwhileError)
        typed = retyping.read_typed(draft, posted or {})
        fields = retyping.lay_over(told.fields(draft, also=typed), typed, wrong)
        told_fields = [field for field in fields if field.name in LOOKS and not field.is_open]
        return self._renderer.render(
            request,
            "draft.html",
            422 if wrong is not None else 200,
            key=key,
            seen=stored.mark,
            shown=retyping.write_shown(draft),
            row=told.row(key, draft),
            draft=draft,
            open_fields=[field for field in fields if field.is_open],
            looks=[field for field in told_fields if field.entered or field.name not in DETAILS],
            more=[field for field in told_fields if not field.entered and field.name in DETAILS],
            offer=[field for field in fields if field.name in OFFER and not field.is_open],
            notice=[field for field in fields if field.name in NOTICE and not field.is_open],
            queue=self._selling.place(person, key),
            told=tell(draft, None, say.language, self._taxonomy),
            fault="" if wrong is None else say("problem.changed_meanwhile") if changed else tell_reason(wrong, say),
            kept=bool(typed),
        )

    async def save(self, request: Request, key: Key) -> Response:
        """Keep what was said of a draft; on to the next one that is open, when that was asked for."""
        person = self._person(request)
        posted = await read_fields(request)

        def keep() -> Response:
            after = self._selling.place(person, key).after
            try:
                seen = self._selling.stored(person, key)
                if posted.get("seen", seen.mark) != seen.mark:  # another window was faster
                    raise ChangedMeanwhileError("this draft was changed elsewhere; look at it again, then save")
                said = read_corrections(of_stored(seen), posted)
                self._selling.correct(person, key, said, seen=seen)
            except (ChangedMeanwhileError, QueryError) as error:
                return self._draft(request, person, key, posted=posted, wrong=error)
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

    def _person(self, request: Request) -> Person:
        return self._visitors.person(request, "seller")

    def _drawn_for(self, request: Request) -> Drawn:
        taught = {lesson.name: lesson.names for lesson in self._catalogue.lessons()[1] if lesson.kind == "category"}
        return Drawn(say=self._renderer.voice_for(request), taxonomy=self._taxonomy, taught=taught)
