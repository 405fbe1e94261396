"""The tables' rows of products and garments, gathered into the arrays of attributes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, select

from meot.catalogue.attributes import Attributes, GarmentColumns, ProductColumns, Vocabularies, is_told
from meot.catalogue.find import blocks, changes
from meot.catalogue.tables import garments, lessons, photos, product_photos, products
from meot.catalogue.vocabulary import Vocabulary, gender
from meot.taxonomy import Names

STANDS_FOR_THE_PRODUCT = 0.6
"""Who asks for trousers does not want the T-shirt whose model happens to wear some: a garment of a product photo
answers for the product when it is at least this share of the photo's main garment."""
_AT_ONCE = 10_000
_FULL_ABOVE = 0.3
"""From this share of changed products on, everything is read anew: one scan is faster than asking for each."""
_ID = re.compile(r'"id": "([^"]*)"')


def follow(connection: Connection, before: Attributes | None) -> Attributes:
    """The attributes of the catalogue's present state; of what did not change ``before`` is taken."""
    changed = changes(connection, -1 if before is None else before.generation)
    if before is not None and changed.generation == before.generation:
        return before
    if before is not None and before.generation > changed.generation:
        before = None  # of a later state than this one, which was put back from a copy
    if before is None or len(changed.numbers) > _FULL_ABOVE * max(len(before), 1):
        return read(connection, None, changed.generation, Vocabularies() if before is None else before.vocabularies)
    some = read(connection, changed.numbers, changed.generation, before.vocabularies)
    return before.followed(some, np.array(changed.gone, np.int64))


def read(
    connection: Connection, numbers: Sequence[int] | None, generation: int, vocabularies: Vocabularies
) -> Attributes:
    """The attributes of the products with these numbers, ascending; of all that live when None."""
    return Attributes(
        generation=generation,
        products=_products(_rows(connection, _of_products(), numbers), vocabularies),
        garments=_garments(_rows(connection, _of_garments(), numbers), vocabularies),
        vocabularies=vocabularies,
        taught=taught(connection),
    )


def taught(connection: Connection) -> dict[tuple[str, str], dict[str, Names]]:
    """(kind, question) -> id -> names of what people taught, the last word on a name counting."""
    found: dict[tuple[str, str], dict[str, Names]] = {}
    for row in connection.execute(select(lessons).order_by(lessons.c.number)):
        names = found.setdefault((row.kind, row.question), {}).setdefault(row.name, {})
        names.update(json.loads(row.names))
    return found


def _rows(connection: Connection, query: Select[Any], numbers: Sequence[int] | None) -> Iterable[Any]:
    if numbers is None:
        yield from connection.execute(query.execution_options(yield_per=_AT_ONCE))
        return
    for block in blocks(numbers):
        yield from connection.execute(query.where(products.c.number.in_(block)))


def _of_products() -> Select[Any]:
    p = products.c
    query = select(p.number, p.price, p.source, p.gender)
    return query.where(p.retired.is_(None)).order_by(p.number)


def _of_garments() -> Select[Any]:
    main = garments.alias("main")
    g = garments.c
    return (
        select(
            products.c.number,
            g.key,
            photos.c.models,
            photos.c.worn,
            g.region,
            g.category,
            photos.c.style,
            g.colours,
            g.components,
        )
        .join(product_photos, product_photos.c.product == products.c.number)
        .join(photos, photos.c.key == product_photos.c.photo)
        .join(garments, g.photo == photos.c.key)
        .join(main, (main.c.photo == photos.c.key) & (main.c.place == 0))
        .where(products.c.retired.is_(None), g.area >= STANDS_FOR_THE_PRODUCT * main.c.area)
        .order_by(products.c.number, product_photos.c.place, g.place)
    )


def _products(rows: Iterable[Any], said: Vocabularies) -> ProductColumns:
    table = [
        (
            number,
            np.nan if price is None else price,
            _number(said.source, source),
            _number(said.gender, gender(of)),
        )
        for number, price, source, of in rows
    ]
    return ProductColumns(
        number=np.array([row[0] for row in table], np.int64),
        price=np.array([row[1] for row in table], np.float64),
        source=np.array([row[2] for row in table], np.int32),
        gender=np.array([row[3] for row in table], np.int32),
    )


def _number(said: Vocabulary, text: str) -> int:
    return said.number(text) if text else -1


def _garments(rows: Iterable[Any], said: Vocabularies) -> GarmentColumns:
    table: list[tuple[int, ...]] = []
    answers: dict[str, dict[int, int]] = {}
    for number, key, models, worn, region, category, style, colours, components in rows:
        for question, answer in json.loads(components).items():
            if is_told(answer["sure"], answer["score"]):
                of = said.answers.get(question)
                if of is None:
                    of = said.answers[question] = Vocabulary()
                answers.setdefault(question, {})[len(table)] = of.number(answer["id"])
        table.append(
            (
                number,
                key,
                said.models.number(models or ""),
                bool(worn),
                said.region.number(region),
                said.category.number(category),
                _style(style, said),
                _bits(colours, said),
            )
        )
    columns = np.array(table, np.int64).reshape(-1, 8).T
    number, key, models, worn, region, category, style, colours = columns
    return GarmentColumns(
        product=number.copy(),
        garment=key.copy(),
        models=models.astype(np.int16),
        worn=worn.astype(np.bool_),
        region=region.astype(np.int16),
        category=category.astype(np.int16),
        style=style.astype(np.int16),
        colours=colours.astype(np.uint64),
        answers={question: _column(found, len(table)) for question, found in answers.items()},
    )


def _column(found: dict[int, int], count: int) -> Any:
    column = np.full(count, -1, np.int16)
    column[list(found)] = list(found.values())
    return column


def _style(stored: str | None, said: Vocabularies) -> int:
    if stored is None:
        return -1
    style = json.loads(stored)
    return said.style.number(style["id"]) if is_told(style.get("sure", False), style["score"]) else -1


def _bits(colours: str, said: Vocabularies) -> int:
    bits = 0
    for id in _ID.findall(colours):
        place = said.colour.number(id)
        bits |= 1 << place if place < 64 else 0
    return bits
