"""What administrators see of the shop, teach it, and say of its people, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from meot.catalogue.passwords import AccountError
from meot.catalogue.taught import LessonError
from meot.service.api import forms, fresh
from meot.service.api.batches import refused_json
from meot.service.batch import Refused
from meot.service.manage import documents
from meot.service.manage.overview import ModelFile, Overview
from meot.service.manage.teaching import Teaching
from meot.service.problems import NotThereError

if TYPE_CHECKING:
    from meot.catalogue.jobs import Jobs
    from meot.catalogue.people import People, Person
    from meot.labels.lessons import Lesson
    from meot.service.accounts.visitor import Visitors

Number = Annotated[int, Path(ge=0, le=2**62, description="The person's number.")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
After = Annotated[int | None, Query(ge=0, le=2**62, description="The `next` of an answer.")]
_ROLE = "admin"
_UNKEPT = {"Cache-Control": "private, no-cache"}


class ShopApi:
    """``/overview``, ``/models``, ``/lessons`` and ``/people``; for administrators."""

    def __init__(
        self,
        *,
        overview: Overview,
        teaching: Teaching,
        jobs: Jobs,
        people: People,
        visitors: Visitors,
        most_megabytes: int,
    ) -> None:
        self._overview, self._teaching, self._jobs = overview, teaching, jobs
        self._people, self._visitors, self._most_megabytes = people, visitors, most_megabytes

    def build_router(self) -> APIRouter:
        """All routes, described for OpenAPI."""
        router = APIRouter(default_response_class=JSONResponse, tags=["shop"])
        router.add_api_route(
            "/overview",
            self.tell_overview,
            methods=["GET"],
            response_model=documents.OverviewDocument,
            summary="Counts, the index, what reads photos, corrections and jobs",
            **forms.for_people(_ROLE, tagged=True),
        )
        router.add_api_route(
            "/models",
            self.list_models,
            methods=["GET"],
            response_model=documents.ModelsDocument,
            summary="The model files and their cards",
            **forms.for_people(_ROLE, tagged=True),
        )
        self._add_lessons(router)
        router.add_api_route(
            "/people",
            self.list_people,
            methods=["GET"],
            response_model=documents.PeopleDocument,
            summary="Who there is, and what each may",
            **forms.for_people(_ROLE, tagged=True),
        )
        router.add_api_route(
            "/people/{number}",
            self.set_role,
            methods=["PATCH"],
            response_model=documents.PersonDocument,
            summary="Give a person another role",
            **forms.for_people(_ROLE, 404, 422),
        )
        return router

    def _add_lessons(self, router: APIRouter) -> None:
        router.add_api_route(
            "/lessons",
            self.list_lessons,
            methods=["GET"],
            response_model=documents.LessonsDocument,
            summary="What was taught",
            **forms.for_people(_ROLE, tagged=True),
        )
        router.add_api_route(
            "/lessons",
            self.teach,
            methods=["POST"],
            status_code=201,
            response_model=documents.LearnedDocument,
            summary="Teach a class, or correct one, by photos",
            **forms.for_people(_ROLE, 413, 415, 422, 503, **documents.LESSON),
        )
        router.add_api_route(
            "/lessons",
            self.undo_lesson,
            methods=["DELETE"],
            response_model=documents.LessonDocument,
            summary="Take back the last lesson",
            **forms.for_people(_ROLE, 404),
        )

    def tell_overview(self, request: Request) -> Response:
        """Of the whole shop; of corrections only the fields, never what was said."""
        told = {
            "counts": dict(self._overview.counts()),
            "index": dict(self._overview.index()),
            "models": dict(self._overview.reading()),
            "corrections": dict(self._overview.corrections()),
            "jobs": self._jobs.counts(),
        }
        return fresh.answer_own(request, self._admin(request), told)

    def list_models(self, request: Request) -> Response:
        """One's own first, then those that came with meot."""
        told = {"models": [_model(each) for each in self._overview.models()]}
        return fresh.answer_own(request, self._admin(request), told)

    def list_lessons(self, request: Request, limit: Limit = 50, after: After = None) -> Response:
        """The last one first; that one is taken back first, too."""
        lessons = [each for each in self._overview.lessons() if after is None or each.number < after]
        onward = lessons[limit - 1].number if len(lessons) > limit else None
        told = {"lessons": [_lesson(each) for each in lessons[:limit]], "next": onward}
        return fresh.answer_own(request, self._admin(request), told)

    async def teach(self, request: Request) -> JSONResponse:
        """It counts from the next photo on, for everybody. The photos are not kept. See docs/teaching.md.

        They are read before this answers, one after the other and one lesson after the other: hundreds take minutes. A
        third lesson that would have to wait is answered 503.
        """
        learned = await self._teaching.learn(request, self._most_megabytes)
        about, gathered = learned.about, learned.gathered
        refused = [*learned.sent.refused, *(Refused(name, "photo_damaged", why) for name, why in learned.refused)]
        told = {
            "lesson": _lesson(learned.lesson),
            "new": about.new,
            "near": about.near,
            "known": len(gathered.examples) - len(learned.lesson.examples),
            "repeated": gathered.repeated,
            "refused": refused_json(refused, ()),
        }
        return JSONResponse(told, 201, _UNKEPT)

    def undo_lesson(self, request: Request) -> JSONResponse:
        """The lesson that was taken back; its photos in the catalogue are read again."""
        self._admin(request)
        try:
            return JSONResponse(_lesson(self._overview.undo_lesson()), headers=_UNKEPT)
        except LessonError:
            raise NotThereError("nothing is taught here, so there is nothing to take back") from None

    def list_people(self, request: Request, limit: Limit = 50, after: After = None) -> Response:
        """In the order they came in."""
        everybody = sorted(self._people.all(), key=lambda each: each.key)
        behind = [each for each in everybody if after is None or each.key > after]
        onward = behind[limit - 1].key if len(behind) > limit else None
        told = {"people": [_person(each) for each in behind[:limit]], "next": onward}
        return fresh.answer_own(request, self._admin(request), told)

    def set_role(self, request: Request, number: Number, wish: documents.RoleWish) -> JSONResponse:
        """Not to oneself, so that there is always somebody who can."""
        me = self._admin(request)
        if number == me.key:
            raise AccountError("nobody changes a role of their own; ask another administrator", "self")
        found = {each.key: each for each in self._people.all()}
        if number not in found:
            raise NotThereError(f"nobody has number {number}; see the list of people")
        self._people.set_role(found[number], wish.role, by=me)
        return JSONResponse(_person(found[number]) | {"role": wish.role}, headers=_UNKEPT)

    def _admin(self, request: Request) -> Person:
        return self._visitors.person(request, _ROLE)


def _model(file: ModelFile) -> dict[str, Any]:
    card = file.card
    told = {"name": card.name, "label": card.label, "task": card.task, "size": file.size}
    told |= {"shipped": file.shipped, "used": file.used, "licence": card.licence, "command": card.command}
    lists = {"trained_on": list(card.trained_on), "started_from": card.started_from, "measured": dict(card.measured)}
    return told | lists


def _lesson(lesson: Lesson) -> dict[str, Any]:
    """The lesson with its class named in every language."""
    named = {"en": lesson.name, "ko": lesson.name} | dict(lesson.names) if lesson.names else None
    return lesson.as_json() | {"names": named}


def _person(person: Person) -> dict[str, Any]:
    return {"number": person.key, "name": person.name, "role": person.role, "created_at": person.created_at}
