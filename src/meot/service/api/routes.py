"""The routes under ``/api/v1``."""

from __future__ import annotations

from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from meot import taxonomy
from meot.service import questions
from meot.service.api import documents, forms, fresh, product_documents
from meot.service.api.asked import MOST, Sliced, Wanted
from meot.service.api.photo import Sent
from meot.service.api.products import facets_json, match_json, prices_json, product_json
from meot.service.api.taught import TaughtNames
from meot.service.desk import Desk
from meot.service.problems import NoProductError
from meot.types import Product

if TYPE_CHECKING:
    from meot.answers.results import Answer
    from meot.wiring import Shop

Number = Annotated[int, Path(description="The product's number in this catalogue.", ge=0, le=2**62)]


class Api:
    """The answers of a shop as JSON, in the contract that the command line prints too."""

    def __init__(self, *, shop: Shop, desk: Desk, sent: Sent, taught: TaughtNames) -> None:
        self._shop, self._desk, self._sent, self._taught = shop, desk, sent, taught

    def build_router(self) -> APIRouter:
        """All routes, described for OpenAPI."""
        router = APIRouter(default_response_class=JSONResponse, responses=forms.problems(400, 503))
        photo = forms.problems(413, 415, 422)
        router.add_api_route(
            "/looks",
            self.read_look,
            methods=["POST"],
            response_model=documents.LookDocument,
            tags=["photos"],
            summary="Read a photo",
            responses=photo,
            openapi_extra=forms.PHOTO,
        )
        router.add_api_route(
            "/search/photo",
            self.search_photo,
            methods=["POST"],
            response_model=product_documents.PhotoSearchDocument,
            tags=["search"],
            summary="Products like the garments of a photo",
            responses=photo,
            openapi_extra=forms.PHOTO_SEARCH,
        )
        router.add_api_route(
            "/search",
            self.search_words,
            methods=["GET"],
            response_model=product_documents.MatchesDocument,
            tags=["search"],
            summary="Products by words, in Korean or English, or by filters alone",
            responses=forms.NOT_CHANGED,
        )
        router.add_api_route(
            "/products/{number}",
            self.show_product,
            methods=["GET"],
            response_model=product_documents.ProductDocument,
            tags=["products"],
            summary="One product and what was read from its photos",
            responses=forms.problems(404) | forms.NOT_CHANGED,
        )
        router.add_api_route(
            "/products/{number}/similar",
            self.find_similar,
            methods=["GET"],
            tags=["products"],
            response_model=product_documents.MatchesDocument,
            summary="Products like this one",
            responses=forms.problems(404) | forms.NOT_CHANGED,
        )
        router.add_api_route(
            "/products/{number}/prices",
            self.tell_prices,
            methods=["GET"],
            tags=["products"],
            response_model=product_documents.HistoryDocument,
            summary="What was asked for a product since it was first seen",
            responses=forms.problems(404) | forms.NOT_CHANGED,
        )
        router.add_api_route(
            "/taxonomy",
            self.show_taxonomy,
            methods=["GET"],
            response_model=dict[str, Any],
            tags=["service"],
            summary="Regions, categories, components, styles and colours",
            responses=forms.NOT_CHANGED,
        )
        router.add_api_route(
            "/health",
            self.tell_health,
            methods=["GET"],
            response_model=documents.HealthDocument,
            tags=["service"],
            summary="Whether the service can answer",
        )
        return router

    async def read_look(
        self,
        request: Request,
        scores: Annotated[bool, Query(description="Add every category's score.")] = False,
        vector: Annotated[bool, Query(description="Add each garment's vector.")] = False,
    ) -> JSONResponse:
        """Garments of the photo with categories, details and colours, the main person's first; the outfit's style."""
        look = await self._desk.read(await self._sent.receive(request))
        return JSONResponse(look.as_json(scores=scores, vector=vector))

    async def search_photo(self, request: Request) -> JSONResponse:
        """For each garment of the photo the most similar products; filters may stand in the form or the address."""
        upload = await self._sent.receive(request)
        asked = {**request.query_params, **upload.fields}
        answer = await self._desk.find(upload, questions.read_filters(asked), questions.read_slice(asked, most=MOST))
        look = answer.look.as_json(scores=questions.read_switch(asked, "scores"))
        results = [
            {
                **found.as_json(answer.look),
                "matches": [match_json(match) for match in found.matches],
                **facets_json(found.facets),
            }
            for found in answer.results
        ]
        return JSONResponse({"look": look, "results": results, "cut": answer.cut})

    def search_words(
        self,
        request: Request,
        wanted: Wanted,
        sliced: Sliced,
        q: Annotated[
            str | None, Query(max_length=200, description="Words; parts of words too.", examples=["남색 셔츠"])
        ] = None,
    ) -> Response:
        """Products that hold all the words, or whose garments' categories and colours do; best first.

        Without words, those that pass the filters; the newest first.
        """
        find = self._shop.search
        search = find.by_filters if q is None else partial(find.by_words, q)
        return fresh.answer(
            request,
            self._tag(),
            lambda: _answer(search(wanted, sliced.limit, sliced.offset, after=sliced.after, facets=sliced.facets)),
        )

    def show_product(self, request: Request, number: Number) -> Response:
        """The product of that number."""
        catalogue, product = self._shop.catalogue, self._find(number)
        stored, offers = catalogue.garments_of(number), catalogue.offers(number)
        told = product_json(number, product, stored, offers, self._taught)
        return fresh.answer_as_it_is(request, JSONResponse(told))  # a price is seen anew without any change

    def find_similar(self, request: Request, number: Number, wanted: Wanted, sliced: Sliced) -> Response:
        """Products like the main garment of that product; none when nothing was read from its photo."""
        self._find(number)
        search = self._shop.search.like
        return fresh.answer(
            request,
            self._tag(),
            lambda: _answer(
                search(number, wanted, sliced.limit, sliced.offset, after=sliced.after, facets=sliced.facets)
            ),
        )

    def tell_prices(self, request: Request, number: Number) -> Response:
        """A line whenever a seller's price or stock changed, the newest first."""
        self._find(number)
        told = prices_json(self._shop.catalogue.price_history(number))
        return fresh.answer_as_it_is(request, JSONResponse(told))

    def _find(self, number: int) -> Product:
        product = self._shop.catalogue.products([number]).get(number)
        if product is None:
            raise NoProductError(f"no product has number {number}; take a number from a search")
        return product

    def _tag(self) -> str:
        return fresh.build_tag(self._shop.catalogue.generation(), self._shop.reader.models)

    def show_taxonomy(self, request: Request) -> Response:
        """The vocabulary that every answer speaks, in both languages; ``taught``: the classes that this shop added."""
        told = {**taxonomy.load().as_json(), "taught": self._taught.classes()}
        return fresh.answer_as_it_is(request, JSONResponse(told))

    def tell_health(self) -> JSONResponse:
        """Counts of the catalogue and the models in use; 503 when the catalogue cannot be read."""
        catalogue = self._shop.catalogue
        return JSONResponse(
            {
                "status": "ok",
                "version": metadata.version("meot"),
                "generation": catalogue.generation(),
                "counts": catalogue.counts(),
                "models": dict(self._shop.reader.models),
            }
        )


def _answer(found: Answer) -> JSONResponse:
    matches = {"matches": [match_json(match) for match in found.matches]}
    return JSONResponse(found.as_json() | matches | facets_json(found.facets))
