"""Products with what tells their time, and what their photos show; retired ones too, for their time does not end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from meot.catalogue import gather
from meot.catalogue.attributes import Attributes, Vocabularies
from meot.catalogue.gather import STANDS_FOR_THE_PRODUCT
from meot.catalogue.tables import garments, photos, product_photos, products
from meot.catalogue.vocabulary import Vocabulary, gender

_AT_ONCE = 10_000
_SAMPLE = 5_000
"""Garments that are looked at for the questions of a user's own encoder; ours stand in the taxonomy."""


class DatedProduct(NamedTuple):
    """A product's dates. season, released: as the source says them, "" when it does not. first_seen, seen, retired:
    seconds since 1970, None where nobody knows. gender: an id, see :func:`meot.catalogue.vocabulary.gender`.
    """

    number: int
    source: str
    gender: str
    season: str
    released: str
    first_seen: float | None
    seen: float | None
    retired: float | None


class DatedGarment(NamedTuple):
    """A garment that stands for a product. style, colours, components: JSON as stored; style None where there is none.

    sure: whether the category is.
    """

    product: int
    region: str
    category: str
    sure: bool
    style: str | None
    colours: str
    components: str


def read_products(connection: Connection) -> Iterator[DatedProduct]:
    """All products by number, in bounded memory."""
    p = products.c
    query = select(p.number, p.source, p.gender, p.season, p.released, p.first_seen, p.seen, p.retired)
    rows = connection.execute(query.order_by(p.number).execution_options(yield_per=_AT_ONCE))
    for number, source, sex, *dates in rows:
        yield DatedProduct(number, source, gender(sex), *dates)


def read_garments(connection: Connection) -> Iterator[DatedGarment]:
    """The garments that stand for products, by number, the main photo's most prominent first, in bounded memory.

    Those that cover at least :data:`meot.catalogue.gather.STANDS_FOR_THE_PRODUCT` of their photo's main garment.
    """
    main, g = garments.alias("main"), garments.c
    query = (
        select(product_photos.c.product, g.region, g.category, g.sure, photos.c.style, g.colours, g.components)
        .select_from(product_photos)
        .join(photos, photos.c.key == product_photos.c.photo)
        .join(garments, g.photo == photos.c.key)
        .join(main, (main.c.photo == photos.c.key) & (main.c.place == 0))
        .where(g.area >= STANDS_FOR_THE_PRODUCT * main.c.area)
        .order_by(product_photos.c.product, product_photos.c.place, g.place)
    )
    yield from map(DatedGarment._make, connection.execute(query.execution_options(yield_per=_AT_ONCE)))


def known(connection: Connection) -> Attributes:
    """What may be asked about, as attributes of no product: what was taught, the sources, a user's own questions."""
    said = Vocabularies()
    empty = gather.read(connection, (), 0, said)
    for source in connection.scalars(select(products.c.source).distinct().order_by(products.c.source)):
        said.source.number(source)
    g = garments.c
    for category, components in connection.execute(
        select(g.category, g.components).order_by(g.key.desc()).limit(_SAMPLE)
    ):
        said.category.number(category)
        for question, answer in json.loads(components).items():
            said.answers.setdefault(question, Vocabulary()).number(answer["id"])
    return empty
