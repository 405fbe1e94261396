"""The pages of the closet: what one owns, duplicates, and the shop's outfits beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from meot.service import batch
from meot.service.api import fresh
from meot.service.closet.comparing import Comparing
from meot.service.closet.owning import MOST_COMPARED, Owning
from meot.service.closet.standing import Outfits

if TYPE_CHECKING:
    from meot.catalogue.people import Person
    from meot.service.accounts.visitor import Visitors
    from meot.service.batch import Batch, Refused
    from meot.service.uploads import Upload
    from meot.service.web.render import Renderer

A_PAGE = 48
_LOOKS = 12
Key = Annotated[int, InPath(ge=0, le=2**62)]
Before = Annotated[int | None, Query(ge=0, le=2**62)]
Hash = Annotated[str, InPath(pattern="^[0-9a-f]{64}$")]
_PRIVATE = {"Cache-Control": "private, max-age=600", "Vary": fresh.OWN}


class ClosetPages:
    """``/closet`` and what is shown of it; each person sees their own."""

    def __init__(
        self,
        *,
        owning: Owning,
        comparing: Comparing,
        outfits: Outfits,
        visitors: Visitors,
        renderer: Renderer,
    ) -> None:
        self._owning, self._comparing, self._outfits = owning, comparing, outfits
        self._visitors, self._renderer = visitors, renderer
        self._decoding = asyncio.Semaphore(2)

    def build_router(self) -> APIRouter:
        """All routes; none is part of the API's description."""
        router = APIRouter(include_in_schema=False)
        shown: dict[str, Callable[..., object]] = {
            "/closet": self.show_closet,
            "/closet/duplicates": self.show_duplicates,
            "/closet/looks": self.show_looks,
            "/closet/looks/{sha256}": self.show_outfit,
            "/closet/photos/{key}": self.show_photo,
            "/closet/garments/{key}": self.show_garment,
        }
        for address, show in shown.items():
            router.add_api_route(address, show, methods=["GET"], response_model=None)
        router.add_api_route("/closet/photos", self.take_photos, methods=["POST"], response_model=None)
        router.add_api_route("/closet/photos/{key}/remove", self.remove, methods=["POST"], response_model=None)
        return router

    def show_closet(self, request: Request, before: Before = None) -> Response:
        """The form for photos, what is being worked on, and what is owned."""
        return self._closet(request, self._visitors.person(request), before)

    def _closet(
        self, request: Request, person: Person, before: int | None = None, refused: tuple[Refused, ...] = ()
    ) -> Response:
        held = self._owning.hold(person, most=A_PAGE + 1, before=before)
        shown = list(held.shown.items())
        response = self._renderer.render(
            request,
            "closet.html",
            422 if refused else 200,
            held=held,
            shown=shown[:A_PAGE],
            next=shown[A_PAGE - 1][0].key if len(shown) > A_PAGE else None,
            first=before is None,
            jobs=self._owning.jobs_of(person),
            refused=refused,
        )
        return not_stored(response)

    async def take_photos(self, request: Request) -> Response:
        """Keep the photos and have them read."""
        person = await run_in_threadpool(self._visitors.person, request)
        kept, sent = await receive(request, self._owning, person, self._renderer.most_megabytes, self._decoding)
        if not kept:
            return await run_in_threadpool(self._closet, request, person, None, sent.refused)
        await run_in_threadpool(self._owning.begin, person, kept, sent.remembered)
        return RedirectResponse("/closet", 303)

    def remove(self, request: Request, key: Key) -> Response:
        """Delete a photo with all that was read from it."""
        self._owning.remove(self._visitors.person(request), key)
        return RedirectResponse("/closet", 303)

    def show_duplicates(self, request: Request) -> Response:
        """Garments of which one would do."""
        groups, whole = self._owning.duplicates(self._visitors.person(request))
        return not_stored(
            self._renderer.render(request, "closet_duplicates.html", groups=groups, whole=whole, most=MOST_COMPARED)
        )

    async def show_looks(self, request: Request) -> Response:
        """The shop's outfits by how much of them one owns, and what one purchase would complete."""
        person = await run_in_threadpool(self._visitors.person, request)
        voice = self._renderer.voice_for(request)
        found = await self._comparing.work(lambda: self._outfits.stand(person, most=_LOOKS, wording=voice))
        held = await run_in_threadpool(self._owning.hold, person, most=1)
        return not_stored(self._renderer.render(request, "closet_looks.html", found=found, held=held))

    # -- pictures

    def show_photo(self, request: Request, key: Key) -> Response:
        """A photo of what one owns."""
        picture = self._owning.picture(self._visitors.person(request), key)
        return Response(picture, headers=_PRIVATE, media_type="image/jpeg")

    def show_garment(self, request: Request, key: Key) -> Response:
        """A garment that one owns, cut from its photo."""
        picture = self._owning.crop(self._visitors.person(request), key)
        return Response(picture, headers=_PRIVATE, media_type="image/jpeg")

    def show_outfit(self, request: Request, sha256: Hash) -> Response:
        """A photo of the shop with people."""
        self._visitors.person(request)
        return Response(self._outfits.picture(sha256), headers=_PRIVATE, media_type="image/jpeg")


async def receive(
    request: Request, owning: Owning, person: Person, megabytes: int, decoding: asyncio.Semaphore
) -> tuple[list[dict[str, str]], Batch]:
    """Keep the photos of a form until they are read; their hashes and names, and the form.

    Few are decoded at once, and those of a ZIP not at all: a job does that, and nobody has to wait for it.
    """
    kept: list[dict[str, str]] = []

    async def take(upload: Upload) -> None:
        async with decoding:
            kept.append(await run_in_threadpool(owning.keep, person, upload))

    async def unpack(upload: Upload) -> None:
        kept.append(await run_in_threadpool(owning.keep_packed, person, upload))

    return kept, await batch.receive(request, megabytes, take, unpack=unpack)


def not_stored(response: Response) -> Response:
    """A page of one person's, which no cache keeps."""
    response.headers["Cache-Control"] = "no-store"
    return response
