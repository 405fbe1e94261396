"""Questions to the catalogue's tables; each takes an open connection, so that several see the same state."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Float,
    Integer,
    RowMapping,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from meot import taxonomy
from meot.catalogue import rows, words
from meot.catalogue.senses import Senses
from meot.catalogue.tables import garments, meta, photos, product_photos, products
from meot.types import Filters, Match, Product

_AT_ONCE = 500
"""Numbers asked for in one statement; databases limit how many values one may hold."""


_STANDS_FOR_THE_PRODUCT = 0.6
"""Who asks for trousers does not want the T-shirt whose model happens to wear some: a garment of a product photo
answers for the product when it is at least this share of the photo's main garment."""


def blocks(values: Sequence[int]) -> list[list[int]]:
    """Values in groups that one statement can name."""
    return [[int(v) for v in values[i : i + _AT_ONCE]] for i in range(0, len(values), _AT_ONCE)]


def generation(connection: Connection) -> int:
    """The number that grows with every change."""
    return int(connection.scalar(select(meta.c.value).where(meta.c.name == "generation")) or 0)


def products_by_number(connection: Connection, numbers: Sequence[int]) -> dict[int, Product]:
    """Number -> product of those that exist."""
    found: dict[int, Product] = {}
    for block in blocks(numbers):
        for row in connection.execute(select(products).where(products.c.number.in_(block))).mappings():
            found[row["number"]] = rows.as_product(row)
    return found


def garments_by_key(connection: Connection, keys: Sequence[int]) -> dict[int, rows.StoredGarment]:
    """Key -> garment of those that exist."""
    found: dict[int, rows.StoredGarment] = {}
    for block in blocks(keys):
        for row in connection.execute(select(garments).where(garments.c.key.in_(block))).mappings():
            found[row["key"]] = rows.as_garment(row)
    return found


def garments_of(connection: Connection, number: int) -> list[rows.StoredGarment]:
    """The garments of a product's photos, main photo first, most prominent first."""
    query = (
        select(garments)
        .join(product_photos, product_photos.c.photo == garments.c.photo)
        .where(product_photos.c.product == number)
        .order_by(product_photos.c.place, garments.c.place)
    )
    return [rows.as_garment(row) for row in connection.execute(query).mappings()]


def comparable(connection: Connection, models: Mapping[str, str]) -> list[str]:
    """The stored sets of models whose vectors are those of ``models``: lessons change answers, never vectors."""
    wanted = rows.without_taught(models)
    return [rows.models_key(other) for other in read_with(connection) if rows.without_taught(other) == wanted]


class Changes(NamedTuple):
    """generation: the state these were taken from. numbers: products that are other ones; gone: that were retired."""

    generation: int
    numbers: tuple[int, ...]
    gone: tuple[int, ...]


def changes(connection: Connection, after: int) -> Changes:
    """The products that changed since state ``after``; all that live since -1."""
    found = connection.execute(
        select(products.c.number, products.c.retired).where(products.c.changed > after).order_by(products.c.number)
    ).all()
    return Changes(
        generation(connection),
        tuple(number for number, retired in found if retired is None),
        tuple(number for number, retired in found if retired is not None),
    )


def vector_block(
    connection: Connection, models: Sequence[str], after: int, most: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Keys (B,) int64 and vectors (B, D) float32 of at most ``most`` garments above key ``after``, ascending.

    Only of these sets of models, and of photos that a living product shows.
    """
    shown = exists().where(
        product_photos.c.photo == garments.c.photo,
        products.c.number == product_photos.c.product,
        products.c.retired.is_(None),
    )
    found = connection.execute(
        select(garments.c.key, garments.c.vector)
        .join(photos, garments.c.photo == photos.c.key)
        .where(garments.c.key > after, photos.c.models.in_(models), shown)
        .order_by(garments.c.key)
        .limit(most)
    ).all()
    return np.array([key for key, _ in found], np.int64), rows.as_vectors([blob for _, blob in found])


def vectors(connection: Connection, models: Sequence[str] | None, after: int) -> rows.Vectors:
    """The vectors of garments above key ``after`` and every garment's attributes; of these sets of models if given."""
    wanted = () if models is None else (photos.c.models.in_(models),)
    of_photo = garments.c.photo == photos.c.key
    columns = (garments.c.key, garments.c.region, garments.c.category, garments.c.colours)
    described = connection.execute(select(*columns).join(photos, of_photo).where(*wanted).order_by(garments.c.key))
    main = garments.alias("main")
    links = connection.execute(
        select(garments.c.key, products.c.number, products.c.price)
        .join(photos, of_photo)
        .join(main, (main.c.photo == garments.c.photo) & (main.c.place == 0))
        .join(product_photos, product_photos.c.photo == garments.c.photo)
        .join(products, products.c.number == product_photos.c.product)
        .where(*wanted, garments.c.area >= _STANDS_FOR_THE_PRODUCT * main.c.area, products.c.retired.is_(None))
        .order_by(garments.c.key, products.c.number)
    )
    attributes = rows.as_attributes(
        ((k, r, c, s) for k, r, c, s in described), ((g, p, price) for g, p, price in links), taxonomy.load()
    )
    query = select(garments.c.vector).join(photos, of_photo).where(garments.c.key > after, *wanted)
    blobs = list(connection.scalars(query.order_by(garments.c.key)))
    keys = attributes.garments[attributes.garments > after]
    return rows.Vectors(keys, rows.as_vectors(blobs), attributes, generation(connection))


def read_with(connection: Connection) -> list[dict[str, str]]:
    """The sets of models that photos were read with, part -> name."""
    return [json.loads(models) for models in connection.scalars(select(photos.c.models).distinct()) if models]


def _garment_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """What one garment must be for the filters."""
    wanted: list[ColumnElement[bool]] = []
    pairs: list[tuple[Column[str], str | None]] = [
        (garments.c.region, filters.region),
        (garments.c.category, filters.category),
    ]
    wanted += [column == value for column, value in pairs if value is not None]
    if filters.colour is not None:  # ids are quoted in the stored JSON, and nothing else in it can be an id
        wanted.append(garments.c.colours.contains(f'"{filters.colour}"', autoescape=True))
    return wanted


def _product_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [products.c.retired.is_(None)]
    if filters.min_price is not None:
        wanted.append(products.c.price >= filters.min_price)
    if filters.max_price is not None:
        wanted.append(products.c.price <= filters.max_price)
    of_garment = _garment_conditions(filters)
    if of_garment:
        shown = product_photos.join(garments, garments.c.photo == product_photos.c.photo)
        own = product_photos.c.product == products.c.number
        wanted.append(exists().select_from(shown).where(own, *of_garment))
    return wanted


def _shows_what_is_meant(senses: Senses) -> ColumnElement[bool]:
    """Whether one garment of the product has both the colour and the kind that were said.

    Words alone would find a red shirt over navy jeans when asked for a navy shirt.
    """
    if not senses.is_of_one_garment:
        return literal(False)
    shown = product_photos.join(garments, garments.c.photo == product_photos.c.photo)
    kind = garments.c.category.in_(senses.categories) | garments.c.region.in_(senses.regions)
    colour = or_(*(garments.c.colours.contains(f'"{id}"', autoescape=True) for id in sorted(senses.colours)))
    return exists().select_from(shown).where(product_photos.c.product == products.c.number, kind, colour)


def by_words(
    connection: Connection, question: str, senses: Senses, filters: Filters, limit: int, offset: int
) -> list[Match]:
    """The products that answer a question of :func:`meot.catalogue.words.question`, best first.

    Those come first whose title alone answers, then those with one garment of the colour and kind that were said;
    within that it is the word ranking that counts. The score says both, as a share of the best there could be.
    """
    hits = words.ranking(question).columns(number=BigInteger(), rank=Float(53), titled=Integer()).cte("hits")
    best = min(connection.scalar(select(func.min(hits.c.rank))) or 0.0, -1e-12)
    tier = (2 * hits.c.titled + cast(_shows_what_is_meant(senses), Integer)).label("tier")
    found = (
        connection.execute(
            select(products, hits.c.rank, tier)
            .join(hits, hits.c.number == products.c.number)
            .where(*_product_conditions(filters))
            .order_by(tier.desc(), hits.c.rank, products.c.number)
            .limit(limit)
            .offset(offset)
        )
        .mappings()
        .all()
    )
    most = 4 if senses.is_of_one_garment else 3
    matches = []
    for row in found:
        share = min(1.0, max(0.0, row["rank"] / best))
        matches.append(_match(connection, row, (row["tier"] + share) / most, filters))
    return matches


def _match(connection: Connection, row: RowMapping, score: float, filters: Filters) -> Match:
    """The match of a product's row, with the most prominent of its garments that the filters let through."""
    number = int(row["number"])
    garment = connection.execute(
        select(garments.c.region, garments.c.category, garments.c.colours)
        .join(product_photos, product_photos.c.photo == garments.c.photo)
        .where(product_photos.c.product == number, *_garment_conditions(filters))
        .order_by(product_photos.c.place, garments.c.place)
        .limit(1)
    ).first()
    product = rows.as_product(row)
    if garment is None:
        return Match(number=number, product=product, score=score)
    region, category, colours = garment
    return Match(
        number=number, product=product, score=score, region=region, category=category, colours=rows.colour_ids(colours)
    )
