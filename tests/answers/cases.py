"""Attributes without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from meot.catalogue.attributes import Attributes, GarmentColumns, ProductColumns, Vocabularies


class Shown(NamedTuple):
    """A garment that a product shows."""

    category: str = "shirt"
    region: str = "upper"
    colours: tuple[str, ...] = ("navy",)
    answers: Mapping[str, str] = {}
    style: str = ""


class Sold(NamedTuple):
    """A product and its garments."""

    number: int
    garments: tuple[Shown, ...] = (Shown(),)
    price: float | None = None
    gender: str = ""
    source: str = "test"


def build_attributes(sold: Sequence[Sold]) -> Attributes:
    """The attributes of products in the order of their numbers; garments are numbered from 100."""
    said = Vocabularies()
    shown = [(product.number, garment) for product in sold for garment in product.garments]
    questions = {question for _, garment in shown for question in garment.answers}
    products = ProductColumns(
        number=np.array([p.number for p in sold], np.int64),
        price=np.array([np.nan if p.price is None else p.price for p in sold], np.float64),
        source=np.array([said.source.number(p.source) for p in sold], np.int32),
        gender=np.array([said.gender.number(p.gender) if p.gender else -1 for p in sold], np.int32),
    )
    garments = GarmentColumns(
        product=np.array([number for number, _ in shown], np.int64),
        garment=np.arange(100, 100 + len(shown)),
        models=np.zeros(len(shown), np.int16),
        worn=np.zeros(len(shown), np.bool_),
        region=np.array([said.region.number(g.region) for _, g in shown], np.int16),
        category=np.array([said.category.number(g.category) for _, g in shown], np.int16),
        style=np.array([said.style.number(g.style) if g.style else -1 for _, g in shown], np.int16),
        colours=np.array([sum(1 << said.colour.find(c) for c in g.colours) for _, g in shown], np.uint64),
        answers={
            question: np.array(
                [said.answers[question].number(g.answers[question]) if question in g.answers else -1 for _, g in shown],
                np.int16,
            )
            for question in questions
        },
    )
    return Attributes(generation=1, products=products, garments=garments, vocabularies=said)
