"""The routes under ``/api/v1``."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from meot import taxonomy
from meot.answers import filters as filtering
from meot.service import questions, uploads
from meot.service.api import documents, forms, fresh
from meot.service.api.products import facets_json, match_json, product_json
from meot.service.desk import Desk
from meot.service.problems import NoProductError
from meot.service.questions import Slice
from meot.types import Filters

if TYPE_CHECKING:
    from meot.answers.results import Answer
    from meot.wiring import Shop

_MOST = 100
Number = Annotated[int, Path(description="The product's number in this catalogue.", ge=0, le=2**62)]


def _filters(
    region: Annotated[str | None, Query(description="Only garments of this region.", examples=["upper"])] = None,
    category: Annotated[str | None, Query(description="Only this category, id or name.", examples=["shirt"])] = None,
    colour: Annotated[str | None, Query(description="Only this colour, id or name.", examples=["navy"])] = None,
    component: Annotated[
        list[str] | None, Query(description="Only garments with this answer.", examples=[["pattern=stripe"]])
    ] = None,
    style: Annotated[str | None, Query(description="Only outfits of this style.", examples=["casual"])] = None,
    gender: Annotated[str | None, Query(description="Only for female, male or unisex.", examples=["female"])] = None,
    source: Annotated[str | None, Query(description="Only of this source.")] = None,
    min_price: Annotated[float | None, Query(description="Lowest price.")] = None,
    max_price: Annotated[float | None, Query(description="Highest price.", examples=[50000])] = None,
) -> Filters:
    return Filters(
        region=region or None,
        category=category or None,
        colour=colour or None,
        components=filtering.parse_components(component or ()),
        style=style or None,
        gender=gender or None,
        source=source or None,
        min_price=min_price,
        max_price=max_price,
    )


def _slice(
    limit: Annotated[int, Query(ge=1, le=_MOST, description="Most products.")] = 20,
    offset: Annotated[int, Query(ge=0, le=100_000, description="Products to pass over.")] = 0,
    after: Annotated[str | None, Query(description="The `next` of an answer, for the page behind it.")] = None,
    facets: Annotated[bool, Query(description="Count what the answer could be narrowed to.")] = False,
) -> Slice:
    return Slice(limit, offset, after=after or None, facets=facets)


Wanted = Annotated[Filters, Depends(_filters)]
Sliced = Annotated[Slice, Depends(_slice)]


class Api:
    """The answers of a shop as JSON, in the contract that the command line prints too."""

    def __init__(self, *, shop: Shop, desk: Desk, most_megabytes: int) -> None:
        self._shop, self._desk, self._most_megabytes = shop, desk, most_megabytes

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
            response_model=documents.PhotoSearchDocument,
            tags=["search"],
            summary="Products like the garments of a photo",
            responses=photo,
            openapi_extra=forms.PHOTO_SEARCH,
        )
        router.add_api_route(
            "/search",
            self.search_words,
            methods=["GET"],
            response_model=documents.MatchesDocument,
            tags=["search"],
            summary="Products by words, in Korean or English",
            responses=forms.NOT_CHANGED,
        )
        router.add_api_route(
            "/products/{number}",
            self.show_product,
            methods=["GET"],
            response_model=documents.ProductDocument,
            tags=["products"],
            summary="One product and what was read from its photos",
            responses=forms.problems(404) | forms.NOT_CHANGED,
        )
        router.add_api_route(
            "/products/{number}/similar",
            self.find_similar,
            methods=["GET"],
            tags=["products"],
            response_model=documents.MatchesDocument,
            summary="Products like this one",
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
        look = await self._desk.read(await uploads.receive(request, self._most_megabytes))
        return JSONResponse(look.as_json(scores=scores, vector=vector))

    async def search_photo(self, request: Request) -> JSONResponse:
        """For each garment of the photo the most similar products; filters may stand in the form or the address."""
        upload = await uploads.receive(request, self._most_megabytes)
        asked = {**request.query_params, **upload.fields}
        answer = await self._desk.find(upload, questions.read_filters(asked), questions.read_slice(asked, most=_MOST))
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
        q: Annotated[str, Query(max_length=200, description="Words; parts of words too.", examples=["남색 셔츠"])],
    ) -> Response:
        """Products that hold all the words, or whose garments' categories and colours do; best first."""
        search = self._shop.search.by_words
        return fresh.answer(
            request,
            self._tag(),
            lambda: _answer(search(q, wanted, sliced.limit, sliced.offset, after=sliced.after, facets=sliced.facets)),
        )

    def show_product(self, request: Request, number: Number) -> Response:
        """The product of that number."""
        catalogue = self._shop.catalogue
        product = catalogue.products([number]).get(number)
        if product is None:
            raise NoProductError(f"no product has number {number}; take a number from a search")
        told = product_json(number, product, catalogue.garments_of(number), catalogue.offers(number))
        return fresh.answer_as_it_is(request, JSONResponse(told))  # a price is seen anew without any change

    def find_similar(self, request: Request, number: Number, wanted: Wanted, sliced: Sliced) -> Response:
        """Products like the main garment of that product; none when nothing was read from its photo."""
        if number not in self._shop.catalogue.products([number]):
            raise NoProductError(f"no product has number {number}; take a number from a search")
        search = self._shop.search.like
        return fresh.answer(
            request,
            self._tag(),
            lambda: _answer(
                search(number, wanted, sliced.limit, sliced.offset, after=sliced.after, facets=sliced.facets)
            ),
        )

    def _tag(self) -> str:
        return fresh.build_tag(self._shop.catalogue.generation(), self._shop.reader.models)

    def show_taxonomy(self, request: Request) -> Response:
        """The vocabulary that every answer speaks."""
        return fresh.answer_as_it_is(request, JSONResponse(taxonomy.load().as_json()))

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
