"""Questions to the catalogue's tables; each takes an open connection, so that several see the same state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    Connection,
    exists,
    select,
)

from meot.catalogue import rows
from meot.catalogue.tables import garments, meta, photos, product_photos, products
from meot.types import Product

_AT_ONCE = 500
"""Numbers asked for in one statement; databases limit how many values one may hold."""


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


def vectors_of(connection: Connection, keys: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Keys (B,) int64 and vectors (B, D) float32 of those of these garments that there are, in their order."""
    found: dict[int, bytes] = {}
    for block in blocks(keys):
        rows_of = connection.execute(select(garments.c.key, garments.c.vector).where(garments.c.key.in_(block)))
        found.update((key, vector) for key, vector in rows_of)
    there = [key for key in keys if key in found]
    return np.array(there, np.int64), rows.as_vectors([found[key] for key in there])


def fingerprint(connection: Connection) -> str:
    """What tells this catalogue from another: its first product, and when that came in; "" when there is none."""
    p = products.c
    first = connection.execute(select(p.number, p.source, p.id, p.first_seen).order_by(p.number).limit(1)).first()
    return "" if first is None else hashlib.sha256(repr(tuple(first)).encode()).hexdigest()[:16]


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


def read_with(connection: Connection) -> list[dict[str, str]]:
    """The sets of models that photos were read with, part -> name."""
    return [json.loads(models) for models in connection.scalars(select(photos.c.models).distinct()) if models]
