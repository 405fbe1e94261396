"""The pages: find, the garments of a photo, a product; and the pictures on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from meot.answers.results import Answer, GarmentResults
from meot.errors import QueryError
from meot.service import fields, pictures, questions, uploads
from meot.service.accounts.visitor import check_origin
from meot.service.desk import Desk
from meot.service.problems import NoPhotoError, NoProductError
from meot.service.texts import LANGUAGES
from meot.service.web import selling, views
from meot.service.web.narrowing import narrow
from meot.service.web.render import COOKIE, SCHEME, SCHEMES, Renderer
from meot.types import Filters

if TYPE_CHECKING:
    from meot.wiring import Shop

_A_YEAR = 365 * 24 * 3600
Number = Annotated[int, Path(ge=0, le=2**62)]


class Pages:
    """The pages of a shop."""

    def __init__(self, *, shop: Shop, desk: Desk, renderer: Renderer, drawn: pictures.ProductPictures) -> None:
        self._shop, self._desk, self._renderer, self._drawn = shop, desk, renderer, drawn

    def build_router(self) -> APIRouter:
        """All routes; none is part of the API's description."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/", self.show_find, methods=["GET", "HEAD"])
        router.add_api_route("/look", self.take_photo, methods=["POST"])
        router.add_api_route("/look/link", self.take_link, methods=["POST"])
        router.add_api_route("/look/{key}", self.show_look, methods=["GET"])
        router.add_api_route("/look/{key}/photo", self.show_photo, methods=["GET"])
        router.add_api_route("/product/{number}", self.show_product, methods=["GET"])
        router.add_api_route("/photo/{number}", self.show_picture, methods=["GET", "HEAD"])
        router.add_api_route("/language/{code}", self.set_language, methods=["GET"])
        router.add_api_route("/scheme/{code}", self.set_scheme, methods=["GET"])
        return router

    def show_find(self, request: Request) -> HTMLResponse:
        """The start page, or what words and filters find."""
        asked = request.query_params
        wanted = views.read_slice(asked)
        filters, wrong = questions.read_filters_of_page(asked)
        if not wanted.words and filters == Filters() and wrong is None:
            return self._render_start(request)
        search = self._shop.search
        if wanted.words:
            found = search.by_words(wanted.words, filters, wanted.limit, after=wanted.after, facets=True)
        else:
            found = search.by_filters(filters, wanted.limit, after=wanted.after, facets=True)
        return self._renderer.render(
            request,
            "words.html",
            _status(wrong),
            said=wanted.words,
            corrected=found.corrected or {},
            **self._answered(request, "/", {"q": wanted.words}, filters, found, None if wanted.words else "", wrong),
        )

    def _render_start(self, request: Request) -> HTMLResponse:
        catalogue = self._shop.catalogue
        count = catalogue.counts()["products"]
        some = views.some_products(catalogue.products(views.spread(count)))
        sales = selling.sales_of(catalogue, some)
        return self._renderer.render(request, "find.html", count=count, some=some, sales=sales)

    def _answered(
        self,
        request: Request,
        path: str,
        kept: dict[str, object],
        filters: Filters,
        found: Answer | GarmentResults,
        words: str | None = None,
        wrong: questions.WrongPrices | None = None,
    ) -> dict[str, Any]:
        """What every page with results shows: the products with who sells them, filters, and the way on.

        kept: what of the question stays whatever is filtered. words: said beside a photo, None where that cannot be.
        wrong: prices that are left out.
        """
        voice = self._renderer.voice_for(request)
        around = {**kept, **views.as_asked(filters)} | ({"q": words} if words else {})
        return {
            "matches": found.matches,
            "sales": selling.sales_of(self._shop.catalogue, found.matches),
            "count": found.facets.products if found.facets else len(found.matches),
            "narrowing": narrow(voice, filters, found.facets, path, kept, words, wrong),
            "onward": views.Onward(path, around, found.next, "after" not in request.query_params),
            "nothing_similar": found.nothing_similar,
        }

    async def take_photo(self, request: Request) -> Response:
        """Keep the photo and go to its page, which can be reloaded."""
        key = await self._desk.keep(await uploads.receive(request, self._renderer.most_megabytes))
        return RedirectResponse(f"/look/{key}", 303)

    async def take_link(self, request: Request) -> Response:
        """Fetch the photo that the visitor names, then as :meth:`take_photo`."""
        check_origin(request, strict=False)  # no other site shall have this one fetch things
        link = (await fields.read_fields(request)).get("link", "").strip()
        if not link:
            raise NoPhotoError("expected an address in the form's field link, got none; give one")
        return RedirectResponse(f"/look/{await self._desk.keep(await self._desk.fetch(link))}", 303)

    async def show_look(self, request: Request, key: str) -> HTMLResponse:
        """The photo with its garments outlined, and what is like the chosen one."""
        asked = request.query_params
        wanted, (filters, wrong) = views.read_slice(asked), questions.read_filters_of_page(asked)
        kept = await self._desk.find_kept(key, filters, wanted)
        garments = views.outline(kept)
        chosen = questions.read_number(asked, "garment", default=1, least=1, most=max(1, len(garments)))
        found = next((r for r in kept.answer.results if r.garment_number == chosen - 1), None)
        answered = await run_in_threadpool(
            self._answered,
            request,
            f"/look/{key}",
            {"garment": chosen},
            filters,
            found or Answer(),
            wanted.words,
            wrong,
        )
        response = self._renderer.render(
            request,
            "look.html",
            _status(wrong),
            key=key,
            kept=kept,
            garments=garments,
            chosen=chosen,
            asked_about=found is not None,
            **answered,
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def show_photo(self, key: str) -> Response:
        """A visitor's kept photo."""
        headers = {"Cache-Control": "private, max-age=600"}
        return Response(self._desk.show(key), media_type="image/jpeg", headers=headers)

    def show_product(self, request: Request, number: Number) -> HTMLResponse:
        """A product and what is like it."""
        catalogue = self._shop.catalogue
        product = catalogue.products([number]).get(number)
        if product is None:
            raise NoProductError(f"no product has number {number}; search for another")
        asked = request.query_params
        wanted, (filters, wrong) = views.read_slice(asked), questions.read_filters_of_page(asked)
        found = self._shop.search.like(number, filters, wanted.limit, after=wanted.after, facets=True)
        offers = catalogue.offers(number)
        return self._renderer.render(
            request,
            "product.html",
            _status(wrong),
            number=number,
            product=product,
            sale=selling.best_of(product, offers),
            offers=offers,
            shops={offer.seller: selling.shop_of(offer.seller, offer.link, product.source) for offer in offers},
            history=selling.history_of(catalogue.price_history(number), offers, product.currency),
            garments=[stored.garment for stored in catalogue.garments_of(number)],
            **self._answered(request, f"/product/{number}", {}, filters, found, wrong=wrong),
        )

    def show_picture(self, request: Request, number: Number) -> Response:
        """A product's small picture; a placeholder and status 404 when it has none."""
        path = self._shop.catalogue.photo_path(number)
        stamp = None if path is None else self._drawn.stamp(path)
        if path is None or stamp is None:
            return _no_picture()
        headers = {"ETag": f'"{stamp}"', "Cache-Control": "public, max-age=3600"}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        jpeg = self._drawn.draw(path, stamp)
        return _no_picture() if jpeg is None else Response(jpeg, media_type="image/jpeg", headers=headers)

    def set_language(self, code: str, to: Annotated[str, Query(max_length=2000)] = "/") -> Response:
        """Remember the visitor's language and go back to where they were."""
        if code not in LANGUAGES:
            said = f"language must be one of {', '.join(LANGUAGES)}, got {code[:20]!r}; choose one"
            raise QueryError(said, "none_of", name="language", known=tuple(LANGUAGES), got=code)
        response = RedirectResponse(to if views.is_own_address(to) else "/", 303)
        response.set_cookie(COOKIE, code, max_age=_A_YEAR, samesite="lax", httponly=True)
        return response

    def set_scheme(self, code: str, to: Annotated[str, Query(max_length=2000)] = "/") -> Response:
        """Remember whether the visitor wants light or dark pages ("auto": as the device says), and go back."""
        if code not in ("auto", *SCHEMES):
            said = f"scheme must be one of auto, {', '.join(SCHEMES)}, got {code[:20]!r}; choose one"
            raise QueryError(said, "none_of", name="scheme", known=("auto", *SCHEMES), got=code)
        response = RedirectResponse(to if views.is_own_address(to) else "/", 303)
        response.set_cookie(SCHEME, code, max_age=_A_YEAR, samesite="lax", httponly=True)
        return response


def _status(wrong: questions.WrongPrices | None) -> int:
    return 200 if wrong is None else 400


def _no_picture() -> Response:
    return Response(views.PLACEHOLDER, 404, {"Cache-Control": "no-cache"}, media_type="image/svg+xml")
