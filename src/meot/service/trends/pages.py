"""The page of trends: a question, a chart and a table for each answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from meot import taxonomy
from meot.answers.trends import enough, report, table
from meot.answers.trends.report import Trend, Trends
from meot.errors import QueryError
from meot.service.trends.asking import BY, DATES, PERIODS, Asking, read_question
from meot.service.trends.chart import Chart, draw, drawn_values, mark
from meot.service.web.reasons import tell
from meot.service.web.render import build_address

if TYPE_CHECKING:
    from meot.service.web.render import Renderer

_MOST_ROWS = 12
_MOST_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Row:
    """A value in the table. hue: of its line, None where it has none. way: which way it goes, in words; kind: the same
    for the stylesheet. change: points a year with their bounds, None without. cells: (share, low, high, count, of) a
    period, shares None where there are too few.
    """

    name: str
    hue: int | None
    way: str
    kind: str
    change: tuple[float, float, float] | None
    cells: tuple[tuple[float | None, float, float, int, int], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to one question. has_shares: whether any is told. heads: of the periods' columns. more: values left
    out of it.
    """

    trend: Trend
    head: str
    unsure: str
    chart: Chart | None
    has_shares: bool
    heads: list[str]
    earlier: int
    rows: tuple[Row, ...]
    more: int
    reason: str


class TrendPages:
    """``/trends``; for everybody, for it tells of the catalogue only."""

    def __init__(self, *, asking: Asking, renderer: Renderer) -> None:
        self._asking, self._renderer = asking, renderer
        self._taxonomy = taxonomy.load()

    def build_router(self) -> APIRouter:
        """All routes; none is part of the API's description."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/trends", self.show, methods=["GET"], response_model=None)
        return router

    def show(self, request: Request) -> Response:
        """The question, and what the catalogue answers."""
        asked = dict(request.query_params)
        say = self._renderer.voice_for(request)
        fault, answer = "", None
        try:
            answer = self._asking.answer(read_question(asked))
        except QueryError as error:
            fault = tell(error, say)
        return self._renderer.render(
            request,
            "trends.html",
            422 if fault else 200,
            asked={"by": "category", **asked},
            told=[_tell(answer, each, say.language) for each in answer.trends] if answer is not None else [],
            answered=answer is not None,
            within=answer.within if answer is not None else {},
            fault=fault,
            by=BY,
            every=PERIODS,
            dates=DATES,
            least=enough.IN_PERIOD,
            shape=mark,
            json=build_address("/api/v1/trends", asked),
            csv=build_address("/api/v1/trends.csv", {**asked, "language": say.language}),
        )


def _tell(trends: Trends, trend: Trend, language: str) -> Told:
    lines = {value.id: hue for hue, value in enumerate(drawn_values(trend))}
    first = max(0, len(trend.periods) - _MOST_COLUMNS)
    rows = []
    for value in trend.values[:_MOST_ROWS]:
        course = value.course
        moves = course.trend in (report.RISING, report.FALLING) and course.change is not None
        change = (100 * (course.change or 0.0), 100 * (course.low or 0.0), 100 * (course.high or 0.0))
        cells = tuple(
            (share.share, share.low or 0.0, share.high or 0.0, share.count, period.sure)
            for share, period in zip(value.shares[first:], trend.periods[first:], strict=True)
        )
        way = table.verdict(trend, value, language)
        rows.append(
            Row(value.names[language], lines.get(value.id), way, course.trend, change if moves else None, cells)
        )
    return Told(
        trend=trend,
        head=table.head(trend, language),
        unsure=table.unsure(trends, trend, language),
        chart=draw(trend, language),
        has_shares=bool(lines),
        heads=[f"#{period.names[language]}" for period in trend.periods[first:]],
        earlier=first,
        rows=tuple(rows),
        more=max(0, len(trend.values) - _MOST_ROWS),
        reason=trend.reason.get(language, "") if trend.reason else "",
    )
