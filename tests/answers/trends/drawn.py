"""Drawn products for tests of trends: dates and answers without photos."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from meot import taxonomy
from meot.answers.trends.ask import Question, measure
from meot.answers.trends.names import Askable
from meot.answers.trends.observe import observe
from meot.answers.trends.report import Trends
from meot.answers.trends.timeline import Wanted
from meot.catalogue.attributes import Attributes, Vocabularies
from meot.catalogue.dated import DatedGarment, DatedProduct
from meot.catalogue.gather import _garments, _products
from meot.types import Filters

TODAY = date(2026, 11, 21)
Drawn = tuple[DatedProduct, tuple[DatedGarment, ...]]


def at(day: str) -> float:
    """Seconds since 1970 of a day, UTC."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


def product(number: int, **more: object) -> DatedProduct:
    values: dict[str, object] = {
        **{"number": number, "source": "test", "gender": "", "season": "", "released": ""},
        **{"first_seen": None, "seen": None, "retired": None},
        **more,
    }
    return DatedProduct(**values)  # type: ignore[arg-type]


def garment(number: int, **more: object) -> DatedGarment:
    """A garment of product ``number``; answers as pattern="stripe", unsure as pattern="stripe?"."""
    kept = {"region": "upper", "category": "shirt", "sure": True, "style": None, "colours": "[]"}
    values = {name: more.pop(name, value) for name, value in kept.items()}
    said = {
        name: {"id": str(id).rstrip("?"), "score": 0.9, "sure": not str(id).endswith("?")} for name, id in more.items()
    }
    return DatedGarment(product=number, components=json.dumps(said), **values)  # type: ignore[arg-type]


def dated(rows: Iterable[tuple[str, str, int]], **more: object) -> list[Drawn]:
    """Products of (release date, pattern, how many)."""
    found: list[Drawn] = []
    for released, pattern, count in rows:
        for _ in range(count):
            number = len(found) + 1
            found.append((product(number, released=released, **more), (garment(number, pattern=pattern),)))
    return found


def nothing() -> Attributes:
    """Attributes of no product."""
    said = Vocabularies()
    return Attributes(generation=0, products=_products([], said), garments=_garments([], said), vocabularies=said)


def trends(
    drawn: Sequence[Drawn],
    by: Sequence[str] = ("pattern",),
    *,
    filters: Filters | None = None,
    guesses: bool = False,
    **wanted: object,
) -> Trends:
    """The trends of drawn products."""
    question = Question(by=by, guesses=guesses, wanted=Wanted(today=TODAY, **wanted))  # type: ignore[arg-type]
    filters = Filters() if filters is None else filters
    observed = observe(
        [product for product, _ in drawn],
        (garment for _, garments in drawn for garment in garments),
        by=by,
        filters=filters,
        guesses=guesses,
    )
    return measure(observed, question, Askable(taxonomy=taxonomy.load(), known=nothing()), filters)
