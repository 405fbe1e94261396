"""The pages of comparing: a look's photo, its verdicts, the shopping list, and what is said against them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from meot import photos
from meot.errors import QueryError
from meot.service import questions, uploads
from meot.service.accounts.visitor import check_origin
from meot.service.closet.comparing import Comparing, Fitted
from meot.service.closet.owning import Owning
from meot.service.closet.pages import Hash, not_stored
from meot.service.closet.standing import Outfits
from meot.service.fields import read_fields
from meot.service.problems import NoPhotoError
from meot.service.web.reasons import tell
from meot.service.web.render import build_address
from meot.service.web.views import place_numbers

if TYPE_CHECKING:
    from meot.service.accounts.visitor import Visitors
    from meot.service.desk import Desk
    from meot.service.web.render import Renderer
    from meot.types import Photo

MOST_BUDGET = 1e12
_MOST_PEOPLE = 1000
_HIGHEST = 2**62


class ComparePages:
    """``/closet/compare``: photos are kept on the desk's shelf for a while, as those that one searches with."""

    def __init__(
        self,
        *,
        owning: Owning,
        comparing: Comparing,
        outfits: Outfits,
        desk: Desk,
        visitors: Visitors,
        renderer: Renderer,
    ) -> None:
        self._owning, self._comparing, self._outfits = owning, comparing, outfits
        self._desk, self._visitors, self._renderer = desk, visitors, renderer

    def build_router(self) -> APIRouter:
        """All routes; none is part of the API's description."""
        router = APIRouter(include_in_schema=False)
        done: dict[str, Callable[..., object]] = {
            "/closet/compare": self.take_photo,
            "/closet/compare/link": self.take_link,
            "/closet/looks/{sha256}/compare": self.take_outfit,
            "/closet/compare/{key}/not-alike": self.say_not_alike,
            "/closet/compare/{key}/alike": self.undo_not_alike,
        }
        router.add_api_route("/closet/compare", self.show_form, methods=["GET"], response_model=None)
        router.add_api_route("/closet/compare/{key}", self.show_comparison, methods=["GET"], response_model=None)
        for address, do in done.items():
            router.add_api_route(address, do, methods=["POST"], response_model=None)
        return router

    # -- a look comes in

    def show_form(self, request: Request) -> Response:
        """The form for a look's photo."""
        held = self._owning.hold(self._visitors.person(request), most=1)
        return not_stored(self._renderer.render(request, "closet_compare.html", held=held))

    async def take_photo(self, request: Request) -> Response:
        """Keep the photo and go to its comparison."""
        await run_in_threadpool(self._visitors.person, request)
        return _to(await self._desk.keep(await uploads.receive(request, self._renderer.most_megabytes)))

    async def take_link(self, request: Request) -> Response:
        """Fetch the photo that the person names, then as :meth:`take_photo`."""
        check_origin(request, strict=False)
        await run_in_threadpool(self._visitors.person, request)
        link = (await read_fields(request)).get("link", "").strip()
        if not link:
            raise NoPhotoError("expected an address in the form's field link, got none; give one")
        return _to(await self._desk.keep(await self._desk.fetch(link)))

    async def take_outfit(self, request: Request, sha256: Hash) -> Response:
        """A photo of the shop as the look."""
        await run_in_threadpool(self._visitors.person, request)

        def load() -> uploads.Upload:
            file = self._outfits.file(sha256)
            return uploads.Upload(photos.contents(file), file.name, {})

        return _to(await self._desk.keep(await run_in_threadpool(load)))

    # -- the verdicts

    async def show_comparison(self, request: Request, key: str) -> Response:
        """Each garment: owned, close or missing, and why; the shopping list."""
        person = await run_in_threadpool(self._visitors.person, request)
        asked = request.query_params
        number = questions.read_number(asked, "person", default=1, least=1, most=_MOST_PEOPLE)
        say, wrong_budget, budget = self._renderer.voice_for(request), "", None
        try:
            budget = read_budget(asked)
        except QueryError as error:  # the comparison stays, and the field says what is wrong with it
            wrong_budget = say("closet_shop.wrong", reason=tell(error, say))
        fitted = await self._comparing.compare(
            person,
            self._kept(key),
            number=number,
            budget=budget,
            wording=say,
            empty=True,
        )
        response = self._renderer.render(
            request,
            "closet_comparison.html",
            400 if wrong_budget else 200,
            key=key,
            fitted=fitted,
            found=fitted.found,
            marks=_marks(fitted),
            person=number,
            wrong_budget=wrong_budget,
            budget=asked.get("budget", "").strip(),
            counts=Counter(part.verdict for part in fitted.found.parts) if fitted.found else Counter(),
        )
        return not_stored(response)

    async def say_not_alike(self, request: Request, key: str) -> Response:
        """Note that an owned garment is not like one of the look, and compare anew."""
        person = await run_in_threadpool(self._visitors.person, request)
        said = await read_fields(request)
        garment = questions.read_number(said, "garment", default=0, least=1, most=_MOST_PEOPLE)
        owned = questions.read_number(said, "owned", default=-1, least=0, most=_HIGHEST)
        await self._comparing.say_not_alike(person, self._kept(key), garment, owned)
        return _to(key, said, f"garment-{garment}")

    async def undo_not_alike(self, request: Request, key: str) -> Response:
        """Take the last word back, and compare anew."""
        person = await run_in_threadpool(self._visitors.person, request)
        said = await read_fields(request)
        await run_in_threadpool(self._owning.undo_not_alike, person)
        return _to(key, said)

    def _kept(self, key: str) -> Callable[[], Photo]:
        """LookGoneError at once when the photo is no longer kept."""
        return partial(photos.decode, self._desk.show(key))


def read_budget(asked: Mapping[str, str]) -> float | None:
    """What a shopping list may cost; None where nothing is said. QueryError for anything but an amount."""
    said = asked.get("budget", "").strip()
    if not said:
        return None
    try:
        budget = float(said.replace(",", ""))
    except ValueError:
        budget = -1.0
    if not 0 <= budget <= MOST_BUDGET:
        wrong = f"budget must be an amount from 0 on, got {said[:20]!r}; change it"
        raise QueryError(wrong, "below_zero", name="budget", got=said)
    return budget


def _marks(fitted: Fitted) -> list[tuple[float, float]]:
    """Where the number of each compared garment stands on the photo."""
    shown = fitted.look.photo
    return (
        place_numbers([part.garment.box for part in fitted.found.parts], shown.width, shown.height)
        if fitted.found
        else []
    )


def _to(key: str, said: Mapping[str, str] | None = None, part: str = "") -> Response:
    """To a look's comparison, as it was asked for."""
    kept = {name: (said or {}).get(name, "") for name in ("person", "budget")}
    address = build_address(f"/closet/compare/{key}", kept)
    return RedirectResponse(f"{address}#{part}" if part else address, 303)
