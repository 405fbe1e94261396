"""Trends as JSON and as CSV."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from meot.answers.trends import table
from meot.service.api import forms
from meot.service.api.fresh import answer_as_it_is
from meot.service.trends.asking import Asking, read_question

Every = Literal["month", "quarter", "season", "half", "year", "season_of_year"]
Dates = Literal["released", "season", "first_seen"]
_DATE = r"^\d{4}(-\d{1,2}(-\d{1,2})?)?$"


class TrendsDocument(BaseModel):
    """Shares over time. trends: one for each question, in the contract `meot.trends/1` (docs/trends.md)."""

    model_config = ConfigDict(extra="forbid")
    schema_: str = Field(alias="schema", examples=["meot.trends/1"])
    within: dict[str, str] = Field(examples=[{"category": "jeans"}])
    counting: Literal["new", "on_sale"]
    guesses_counted: bool
    trends: list[dict[str, Any]] = Field(examples=[[{"by": "pattern", "every": "year", "enough": True}]])


def _asked(
    by: Annotated[
        str, Query(max_length=200, description="What to count, several with commas.", examples=["pattern"])
    ] = "category",
    category: Annotated[
        str | None, Query(max_length=200, description="Only this category.", examples=["shirt"])
    ] = None,
    colour: Annotated[str | None, Query(max_length=200, description="Only this colour.", examples=["navy"])] = None,
    region: Annotated[str | None, Query(max_length=200, description="Only this region.", examples=["upper"])] = None,
    gender: Annotated[str | None, Query(max_length=200, description="Only for them.", examples=["female"])] = None,
    within: Annotated[
        str | None, Query(max_length=200, description="Further filters.", examples=["sleeve=long"])
    ] = None,
    since: Annotated[str | None, Query(pattern=_DATE, description="First period.", examples=["2016"])] = None,
    until: Annotated[str | None, Query(pattern=_DATE, description="Last period.", examples=["2026-06"])] = None,
    every: Annotated[Every | None, Query(description="Length of a period; chosen when left out.")] = None,
    dates: Annotated[Dates | None, Query(description="Which dates; chosen when left out.")] = None,
    on_sale: Annotated[bool, Query(description="Count a product as long as it was sold.")] = False,
    guesses: Annotated[bool, Query(description="Count unsure answers, too.")] = False,
) -> dict[str, str]:
    said = {"by": by, "category": category, "colour": colour, "region": region, "gender": gender, "within": within}
    said |= {"since": since, "until": until, "every": every, "dates": dates}
    switches = {"on_sale": str(on_sale).lower(), "guesses": str(guesses).lower()}
    return {name: text for name, text in said.items() if text} | switches


Asked = Annotated[dict[str, str], Depends(_asked)]


class TrendApi:
    """``/trends``; for everybody, for it tells of the catalogue only."""

    def __init__(self, *, asking: Asking) -> None:
        self._asking = asking

    def build_router(self) -> APIRouter:
        """All routes, described for OpenAPI."""
        router = APIRouter(default_response_class=JSONResponse, tags=["trends"])
        router.add_api_route(
            "/trends",
            self.tell,
            methods=["GET"],
            response_model=TrendsDocument,
            summary="What products show over time",
            responses=forms.NOT_CHANGED,
        )
        router.add_api_route(
            "/trends.csv",
            self.tell_csv,
            methods=["GET"],
            response_class=Response,
            summary="The same as a table",
            responses={200: {"description": "CSV.", "content": {"text/csv": {"schema": {"type": "string"}}}}},
        )
        return router

    def tell(self, request: Request, asked: Asked) -> Response:
        """Shares a period with 95 % intervals, and which values rise or fall; see docs/trends.md."""
        return answer_as_it_is(request, JSONResponse(self._asking.answer(read_question(asked)).as_json()))

    def tell_csv(self, asked: Asked, language: Annotated[Literal["en", "ko"], Query()] = "en") -> Response:
        """A line for each value in each period. Cells that a spreadsheet would run are made text."""
        text = table.write_csv(self._asking.answer(read_question(asked)), language)
        headers = {"Content-Disposition": 'attachment; filename="trends.csv"'}
        return Response(text.encode(), headers=headers, media_type="text/csv; charset=utf-8")
