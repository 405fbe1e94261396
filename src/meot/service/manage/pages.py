"""The pages of managing, and the buttons that steer jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from meot.catalogue.passwords import AccountError
from meot.catalogue.people import ROLES, Person
from meot.catalogue.roles import DemotedError
from meot.catalogue.taught import LessonError
from meot.service.fields import read_fields
from meot.service.manage.jobs import Steering
from meot.service.manage.overview import Overview
from meot.service.web.views import is_own_address

if TYPE_CHECKING:
    from meot.catalogue.feeds import Feeds
    from meot.catalogue.people import People
    from meot.service.accounts.visitor import Visitors
    from meot.service.web.render import Renderer

Key = Annotated[int, InPath(ge=0, le=2**62)]
PARTS = ("sources", "jobs", "models", "taught", "people")


class ManagePages:
    """Everything below ``/manage``, for administrators; and ``/jobs``, where everybody steers their own."""

    def __init__(
        self,
        *,
        overview: Overview,
        steering: Steering,
        feeds: Feeds,
        people: People,
        visitors: Visitors,
        renderer: Renderer,
    ) -> None:
        self._overview, self._steering, self._feeds = overview, steering, feeds
        self._people, self._visitors, self._renderer = people, visitors, renderer

    def build_router(self) -> APIRouter:
        """All routes; none is part of the API's description."""
        router = APIRouter(include_in_schema=False)
        shown: dict[str, Callable[..., object]] = {
            "/manage": self.show_overview,
            "/manage/sources": self.show_sources,
            "/manage/jobs": self.show_jobs,
            "/manage/models": self.show_models,
            "/manage/taught": self.show_taught,
            "/manage/people": self.show_people,
        }
        done: dict[str, Callable[..., object]] = {
            "/manage/jobs": self.begin_job,
            "/manage/taught/undo": self.undo_lesson,
            "/manage/people/{key}/role": self.set_role,
            "/jobs/{key}/cancel": self.cancel_job,
            "/jobs/{key}/retry": self.retry_job,
        }
        for address, show in shown.items():
            router.add_api_route(address, show, methods=["GET"], response_model=None)
        for address, do in done.items():
            router.add_api_route(address, do, methods=["POST"], response_model=None)
        return router

    def show_overview(self, request: Request) -> Response:
        """Counts, the index, corrections, and the jobs that go on."""
        person = self._admin(request)
        jobs = self._steering.all(person, everybodys=True, most=200)
        return self._render(
            request,
            "",
            counts=self._overview.counts(),
            index=self._overview.index(),
            reading=self._overview.reading(),
            corrections=self._overview.corrections(),
            jobs=[job for job in jobs if job.state in ("waiting", "running")][:5],
            failed=sum(job.state == "failed" for job in jobs),
        )

    def show_sources(self, request: Request) -> Response:
        """Where products come from, and how fresh they are."""
        self._admin(request)
        return self._render(request, "sources", standings=self._feeds.standings(), jobs=())

    def show_jobs(self, request: Request) -> Response:
        """The last hundred jobs of everybody."""
        person = self._admin(request)
        names = {each.key: each.name for each in self._people.all()}
        return self._render(request, "jobs", jobs=self._steering.all(person, everybodys=True), names=names)

    def show_models(self, request: Request) -> Response:
        """The model files and what their cards tell."""
        self._admin(request)
        return self._render(request, "models", models=self._overview.models(), jobs=())

    def show_taught(self, request: Request) -> Response:
        """What was taught."""
        self._admin(request)
        return self._taught(request)

    def _taught(self, request: Request, fault: str = "") -> Response:
        return self._render(request, "taught", lessons=self._overview.lessons(), fault=fault, jobs=())

    def show_people(self, request: Request) -> Response:
        """Who there is, and what each may."""
        return self._shown_people(request, self._admin(request))

    def _shown_people(self, request: Request, me: Person, fault: str = "") -> Response:
        everybody = self._people.all()
        return self._render(request, "people", people=everybody, roles=ROLES, me=me, fault=fault, jobs=())

    async def begin_job(self, request: Request) -> Response:
        """Have a source refreshed, or the index looked after."""
        person = self._admin(request)
        posted = await read_fields(request)
        kind, source = posted.get("kind", ""), posted.get("source", "")
        await run_in_threadpool(self._steering.begin, person, kind, source)
        return RedirectResponse("/manage/jobs", 303)

    async def cancel_job(self, request: Request, key: Key) -> Response:
        """Stop a job."""
        return await self._steer(request, key, self._steering.cancel)

    async def retry_job(self, request: Request, key: Key) -> Response:
        """Let a job be tried again."""
        return await self._steer(request, key, self._steering.retry)

    async def _steer(self, request: Request, key: int, do: Callable[[Person, int], object]) -> Response:
        person = self._visitors.person(request)
        to = (await read_fields(request)).get("to", "")
        await run_in_threadpool(do, person, key)
        return RedirectResponse(to if is_own_address(to) else "/", 303)

    def undo_lesson(self, request: Request) -> Response:
        """Take back the last lesson."""
        self._admin(request)
        if not self._overview.lessons():
            return self._taught(request, fault="nothing")
        try:
            self._overview.undo_lesson()
        except LessonError:  # another administrator was faster
            return self._taught(request, fault="nothing")
        return RedirectResponse("/manage/taught", 303)

    async def set_role(self, request: Request, key: Key) -> Response:
        """Give a person another role; not oneself, so that there is always somebody who can."""
        me = self._admin(request)
        role = (await read_fields(request)).get("role", "")

        def give() -> Response:
            if key == me.key:
                return self._shown_people(request, me, fault="self")
            person = next((each for each in self._people.all() if each.key == key), None)
            try:
                if person is None:
                    raise AccountError("nobody has that number; see the list", "nobody")
                self._people.set_role(person, role, by=me)
            except DemotedError:
                raise
            except AccountError as error:
                return self._shown_people(request, me, fault=error.kind)
            return RedirectResponse("/manage/people", 303)

        return await run_in_threadpool(give)

    def _admin(self, request: Request) -> Person:
        return self._visitors.person(request, "admin")

    def _render(self, request: Request, part: str, **values: object) -> Response:
        say = self._renderer.voice_for(request)
        ways = [("/manage", say("manage.overview"), not part)]
        ways += [(f"/manage/{each}", say(f"manage.{each}"), each == part) for each in PARTS]
        status = 422 if values.get("fault") else 200
        return self._renderer.render(request, f"manage{'_' if part else ''}{part}.html", status, parts=ways, **values)
