"""The pages: find, the garments of a photo, a product; and the pictures on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from meot.errors import QueryError
from meot.service import pictures, questions, uploads
from meot.service.desk import Desk
from meot.service.problems import NoProductError
from meot.service.questions import Slice
from meot.service.texts import LANGUAGES
from meot.service.web import views
from meot.service.web.render import COOKIE, Renderer
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
        router.add_api_route("/look/{key}", self.show_look, methods=["GET"])
        router.add_api_route("/look/{key}/photo", self.show_photo, methods=["GET"])
        router.add_api_route("/product/{number}", self.show_product, methods=["GET"])
        router.add_api_route("/photo/{number}", self.show_picture, methods=["GET", "HEAD"])
        router.add_api_route("/language/{code}", self.set_language, methods=["GET"])
        return router

    def show_find(self, request: Request) -> HTMLResponse:
        """The start page, or what words and filters find."""
        asked = request.query_params
        page, wanted = views.read_page(asked)
        filters = questions.read_filters(asked)
        said = asked.get("q", "").strip()[:200]
        words = said or views.words_for(filters)
        if not words:
            return self._render_start(request, filters_only=filters != Filters())
        found = self._shop.search.by_words(words, filters, wanted.limit + 1, wanted.offset)
        return self._renderer.render(
            request,
            "words.html",
            said=said,
            filters=filters,
            matches=found[: wanted.limit],
            pages=views.Pages("/", {"q": said, **views.as_asked(filters)}, page, len(found) > wanted.limit),
        )

    def _render_start(self, request: Request, *, filters_only: bool) -> HTMLResponse:
        catalogue = self._shop.catalogue
        count = catalogue.counts()["products"]
        some = views.some_products(catalogue.products(views.spread(count)))
        return self._renderer.render(request, "find.html", count=count, some=some, filters_only=filters_only)

    async def take_photo(self, request: Request) -> Response:
        """Keep the photo and go to its page, which can be reloaded."""
        key = await self._desk.keep(await uploads.receive(request, self._renderer.most_megabytes))
        return RedirectResponse(f"/look/{key}", 303)

    async def show_look(self, request: Request, key: str) -> HTMLResponse:
        """The photo with its garments outlined, and what is like the chosen one."""
        asked = request.query_params
        page, wanted = views.read_page(asked)
        filters = questions.read_filters(asked)
        kept = await self._desk.find_kept(key, filters, Slice(wanted.limit + 1, wanted.offset))
        garments = views.outline(kept)
        chosen = questions.read_number(asked, "garment", default=1, least=1, most=max(1, len(garments)))
        found = next((r for r in kept.answer.results if r.garment_number == chosen - 1), None)
        matches = found.matches if found else ()
        around = {"garment": chosen, **views.as_asked(filters)}
        response = self._renderer.render(
            request,
            "look.html",
            key=key,
            kept=kept,
            garments=garments,
            chosen=chosen,
            filters=filters,
            asked_about=found is not None,
            matches=matches[: wanted.limit],
            pages=views.Pages(f"/look/{key}", around, page, len(matches) > wanted.limit),
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
        page, wanted = views.read_page(asked)
        filters = questions.read_filters(asked)
        found = self._shop.search.like(number, filters, wanted.limit + 1, wanted.offset)
        return self._renderer.render(
            request,
            "product.html",
            number=number,
            product=product,
            filters=filters,
            matches=found[: wanted.limit],
            garments=[stored.garment for stored in catalogue.garments_of(number)],
            pages=views.Pages(f"/product/{number}", views.as_asked(filters), page, len(found) > wanted.limit),
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
            raise QueryError(f"language must be one of {', '.join(LANGUAGES)}, got {code[:20]!r}; choose one")
        response = RedirectResponse(to if views.is_own_address(to) else "/", 303)
        response.set_cookie(COOKIE, code, max_age=_A_YEAR, samesite="lax", httponly=True)
        return response


def _no_picture() -> Response:
    return Response(views.PLACEHOLDER, 404, {"Cache-Control": "no-cache"}, media_type="image/svg+xml")
