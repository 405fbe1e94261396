"""Filters: are their values known, and which products and garments do they let through."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from meot.catalogue.attributes import Attributes
from meot.catalogue.vocabulary import GENDERS, gender
from meot.errors import QueryError
from meot.labels.lessons import CATEGORY, COMPONENT, STYLE
from meot.taxonomy import Names, Taxonomy
from meot.types import Filters

Row = tuple[str, Iterable[str]]
"""An id and the other names it is known by."""
Tests = dict[str, NDArray[np.bool_]]
"""Filter -> whom it lets through: (P,) products for those of :data:`OF_PRODUCTS`, else (R,) garments."""
OF_PRODUCTS = ("gender", "source", "price")
_WORN_ALIKE = ("upper", "outer")
"""Regions searched together: what is an overshirt to one shop is a shirt to the next."""


def check(filters: Filters, taxonomy: Taxonomy, attributes: Attributes) -> Filters:
    """The filters with names in any language turned into ids ("셔츠" -> "shirt"), classes that were taught too.

    QueryError for an unknown value, naming the nearest known one, for an unknown question about components, and for
    prices that are no numbers, negative, or the wrong way round.
    """
    check_prices(filters)
    known = {name: list(rows) for name, rows in _rows(taxonomy, attributes).items()}
    return Filters(
        region=_known("region", filters.region, known["region"]),
        category=_known("category", filters.category, known["category"]),
        colour=_known("colour", filters.colour, known["colour"]),
        style=_known("style", filters.style, known["style"]),
        gender=_known("gender", filters.gender and gender(filters.gender), known["gender"]),
        source=_source(_known("source", filters.source, known["source"]), attributes),
        components=_components(filters.components, taxonomy, attributes),
        min_price=filters.min_price,
        max_price=filters.max_price,
    )


def check_prices(filters: Filters) -> None:
    """QueryError for prices that are no numbers, negative, or the wrong way round; told["name"] says which."""
    low, high = filters.min_price, filters.max_price
    for name, price in (("min_price", low), ("max_price", high)):
        if price is not None and (not math.isfinite(price) or price < 0):
            said = f"{name} must be a number of 0 or more, got {price:.15g}; change it"
            raise QueryError(said, "below_zero", name=name, got=f"{price:.15g}")
    if low is not None and high is not None and low > high:
        said = f"min_price must be at most max_price, got {low:g} and {high:g}; swap them"
        raise QueryError(said, "prices_crossed", name="min_price", low=f"{low:,.15g}", high=f"{high:,.15g}")


def read_price(name: str, text: str) -> float | None:
    """A price as somebody typed it, 39,000 too; None for nothing. QueryError in their own signs for what is none."""
    typed = text.strip()
    if not typed:
        return None
    try:
        price = float(typed.replace(",", ""))
    except ValueError:
        said = f"{name} must be a number, got {typed[:40]!r}; change it"
        raise QueryError(said, "no_number", name=name, got=typed) from None
    if price < 0:
        said = f"{name} must be a number of 0 or more, got {typed[:40]!r}; change it"
        raise QueryError(said, "below_zero", name=name, got=typed)
    if not math.isfinite(price):
        said = f"{name} must be a number such as 39000, got {typed[:40]!r}; change it"
        raise QueryError(said, "no_price", name=name, got=typed)
    return price


def parse_components(said: Iterable[str]) -> dict[str, str]:
    """Question -> answer of texts like "pattern=stripe", several with commas between. QueryError for another form."""
    found: dict[str, str] = {}
    for part in (part.strip() for text in said for part in text.split(",")):
        question, is_one, answer = part.partition("=")
        if part and not (is_one and question.strip() and answer.strip()):
            raise QueryError(
                f"a component must be like pattern=stripe, got {part[:40]!r}; change it", "no_pair", got=part
            )
        if part:
            found[question.strip()] = answer.strip()
    return found


def _rows(taxonomy: Taxonomy, attributes: Attributes) -> dict[str, Iterable[Row]]:
    said = attributes.vocabularies
    taught = attributes.taught
    return {
        "region": ((r.id, r.names.values()) for r in taxonomy.regions if r.garment),
        "category": _with_taught(taxonomy.categories, taught.get((CATEGORY, ""), {}), said.category.texts),
        "colour": ((c.id, (*c.names.values(), *c.also)) for c in taxonomy.colours),
        "style": _with_taught(taxonomy.styles, taught.get((STYLE, ""), {}), said.style.texts),
        "gender": ((id, GENDERS.get(id, ())) for id in dict.fromkeys((*GENDERS, *said.gender.texts))),
        "source": ((plain_source(id), (id,)) for id in said.source.texts),
    }


def plain_source(source: str) -> str:
    """A source's name; of a file only its last part, for its folders are nobody's business."""
    return source if "://" in source else PurePath(source).name


def _source(name: str | None, attributes: Attributes) -> str | None:
    return next((id for id in attributes.vocabularies.source.texts if name in (id, plain_source(id))), None)


def _with_taught(shipped: Iterable[object], taught: Mapping[str, Names], seen: Iterable[str]) -> list[Row]:
    """The taxonomy's values, those people taught, and ids that stand in the catalogue without a name."""
    rows: dict[str, list[str]] = {}
    for value in shipped:
        rows[value.id] = [*value.names.values()]  # type: ignore[attr-defined]
    for id, names in taught.items():
        rows.setdefault(id, []).extend(names.values())
    for id in seen:
        rows.setdefault(id, [])
    return list(rows.items())


def _components(asked: Mapping[str, str], taxonomy: Taxonomy, attributes: Attributes) -> dict[str, str]:
    shipped = {c.id: c for c in taxonomy.components}
    own = [question for kind, question in attributes.taught if kind == COMPONENT]
    questions = [
        (id, shipped[id].names.values() if id in shipped else ())
        for id in dict.fromkeys((*shipped, *attributes.vocabularies.answers, *own))
    ]
    found: dict[str, str] = {}
    for said, value in asked.items():
        question = str(_known("component", said, questions))
        seen = attributes.vocabularies.answers.get(question)
        values = shipped[question].values if question in shipped else ()
        rows = _with_taught(values, attributes.taught.get((COMPONENT, question), {}), seen.texts if seen else ())
        more = {v.id: v.alone.values() for v in values}
        rows = [(id, (*names, *more.get(id, ()))) for id, names in rows]
        found[question] = str(_known(question, value, rows))
    return found


def _plain(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "").replace(" ", "")


def _known(what: str, value: str | None, rows: Iterable[Row]) -> str | None:
    if value is None:
        return None
    ids: dict[str, str] = {}
    for id, names in rows:
        for name in (id, *names):
            ids.setdefault(_plain(name), id)
    if _plain(value) in ids:
        return ids[_plain(value)]
    near = difflib.get_close_matches(_plain(value), ids, n=1, cutoff=0.5)
    known = ", ".join(list(dict.fromkeys(ids.values()))[:50])
    advice = f"did you mean {ids[near[0]]}?" if near else f"known are {known}" if known else "the catalogue has none"
    raise QueryError(
        f"unknown {what} {value!r}; {advice}", "unknown", name=what, got=value, near=ids[near[0]] if near else ""
    )


def regions_like(region: str) -> tuple[str, ...]:
    """The regions whose garments can stand for one of ``region``: upper and outer together, others alone."""
    return _WORN_ALIKE if region in _WORN_ALIKE else (region,)


def asks_about(filters: Filters, region: str, taxonomy: Taxonomy, attributes: Attributes) -> bool:
    """Whether a query garment of ``region`` can have answers: the filters may ask for other garments only."""
    if filters.region is not None:
        return filters.region in regions_like(region)
    if filters.category is None:
        return True
    shipped = {c.id: c.region for c in taxonomy.categories}
    if filters.category in shipped:
        return shipped[filters.category] in regions_like(region)
    of = attributes.garments.category == attributes.vocabularies.category.find(filters.category)
    places = np.unique(attributes.garments.region[of])  # a taught class stands wherever it was seen
    return any(attributes.vocabularies.region.texts[place] in regions_like(region) for place in places)


def tests(attributes: Attributes, filters: Filters) -> Tests:
    """What each filter that asks for something lets through."""
    said, garments, products = attributes.vocabularies, attributes.garments, attributes.products
    found: Tests = {}
    if filters.region is not None:
        found["region"] = garments.region == said.region.find(filters.region)
    if filters.category is not None:
        found["category"] = garments.category == said.category.find(filters.category)
    if filters.colour is not None:
        found["colour"] = (garments.colours >> np.uint64(said.colour.find(filters.colour))) & np.uint64(1) == 1
    if filters.style is not None:
        found["style"] = garments.style == said.style.find(filters.style)
    for question, answer in filters.components.items():
        found[component_test(question)] = _answers(attributes, question, answer)
    if filters.gender is not None:
        found["gender"] = products.gender == _place(said.gender.find(filters.gender))
    if filters.source is not None:
        found["source"] = products.source == _place(said.source.find(filters.source))
    if filters.min_price is not None or filters.max_price is not None:  # an unknown price is NaN and passes no bound
        low, high = filters.min_price or 0.0, math.inf if filters.max_price is None else filters.max_price
        found["price"] = (products.price >= low) & (products.price <= high)
    return found


def component_test(question: str) -> str:
    """What the test of a component is called."""
    return f"{COMPONENT} {question}"


def _place(number: int) -> int:
    """A number no entry has where the text has none: -1 would be those that say nothing."""
    return number if number >= 0 else -2


def _answers(attributes: Attributes, question: str, answer: str) -> NDArray[np.bool_]:
    column, said = attributes.garments.answers.get(question), attributes.vocabularies.answers.get(question)
    if column is None or said is None:
        return np.zeros(len(attributes.garments.garment), np.bool_)
    return np.asarray(column == _place(said.find(answer)))


def garments_through(attributes: Attributes, wanted: Tests, *, but: str = "") -> NDArray[np.bool_]:
    """(R,) the garments that pass every test except the one called ``but``, their products' tests too."""
    through = np.ones(len(attributes.garments.garment), np.bool_)
    whole = np.ones(len(attributes), np.bool_)
    for name, passes in wanted.items():
        if name != but:
            target = whole if name in OF_PRODUCTS else through
            target &= passes
    return through if whole.all() else through & whole[attributes.place]


def products_through(attributes: Attributes, wanted: Tests, *, but: str = "") -> NDArray[np.bool_]:
    """(P,) the products that pass: one garment must be all that is asked of garments."""
    through = np.ones(len(attributes), np.bool_)
    if any(name not in OF_PRODUCTS and name != but for name in wanted):
        through[:] = False
        through[attributes.place[garments_through(attributes, wanted, but=but)]] = True
    for name in OF_PRODUCTS:
        if name in wanted and name != but:
            through &= wanted[name]
    return through
