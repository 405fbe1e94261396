from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from tests.answers.cases import Shown, Sold, build_attributes

from meot.answers import facets as faceting
from meot.answers import filters as filtering
from meot.answers.facets import Base
from meot.catalogue.attributes import Attributes
from meot.types import Filters

_JEANS = Shown("jeans", "lower", ("blue",))
_SHOP = [
    Sold(1, (Shown(colours=("navy", "white")), _JEANS), 10.0, "female", "a"),
    Sold(2, (Shown(answers={"pattern": "stripe"}), Shown()), 20.0, "male", "b"),
    Sold(3, (Shown("coat", "outer", ("black",)),), None, "", "b"),
    Sold(4, (), 5.0, "female", "a"),
    Sold(7, (_JEANS, Shown("jeans", "lower", ("black",), style="casual")), 30.0, "unisex", "b"),
]


def all_of(attributes: Attributes) -> Base:
    return Base(products=np.ones(len(attributes), np.bool_))


def counted(filters: Filters, base: Base | None = None) -> faceting.Facets:
    attributes = build_attributes(_SHOP)
    return faceting.count(attributes, filtering.tests(attributes, filters), base or all_of(attributes))


def test_without_filters_each_product_counts_once_a_value() -> None:
    found = counted(Filters())
    assert found.products == 5
    assert dict(found.category) == {"jeans": 2, "shirt": 2, "coat": 1}
    assert dict(found.region) == {"upper": 2, "lower": 2, "outer": 1}
    assert dict(found.colour) == {"navy": 2, "blue": 2, "black": 2, "white": 1}
    assert dict(found.gender) == {"female": 2, "male": 1, "unisex": 1}
    assert dict(found.source) == {"b": 3, "a": 2}
    assert dict(found.style) == {"casual": 1}
    assert {question: dict(counts) for question, counts in found.components.items()} == {"pattern": {"stripe": 1}}
    assert (found.min_price, found.max_price, found.unpriced) == (5.0, 30.0, 1)


def test_a_filter_is_left_out_of_its_own_counts_only() -> None:
    found = counted(Filters(category="shirt"))
    assert found.products == 2
    assert dict(found.category) == {"jeans": 2, "shirt": 2, "coat": 1}
    assert dict(found.colour) == {"navy": 2, "white": 1}  # of the shirts, not of the jeans beside one
    assert dict(found.source) == {"a": 1, "b": 1}


def test_filters_together() -> None:
    found = counted(Filters(category="jeans", colour="black", max_price=40))
    assert found.products == 1
    assert dict(found.colour) == {"blue": 2, "black": 1}
    assert dict(found.category) == {"jeans": 1}  # what else is black: the coat has no price
    assert (found.min_price, found.max_price, found.unpriced) == (30.0, 30.0, 0)


def test_only_what_the_answer_holds_is_counted() -> None:
    attributes = build_attributes(_SHOP)
    base = Base(products=np.isin(attributes.products.number, [3, 4]))
    assert dict(counted(Filters(), base).category) == {"coat": 1}
    through = Base(products=np.ones(5, np.bool_), garments=attributes.garments.category == 18)
    assert counted(Filters(), through).products == int(through.garments.any()) * 2  # type: ignore[union-attr]


def test_an_empty_catalogue_has_no_facets() -> None:
    attributes = build_attributes([])
    found = faceting.count(attributes, filtering.tests(attributes, Filters()), all_of(attributes))
    assert (found.products, dict(found.category), found.min_price) == (0, {}, None)
    assert found.as_json()["price"] == {"min": None, "max": None, "unpriced": 0}


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_those_of_a_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kinds = [
        ("shirt", "upper"),
        ("coat", "outer"),
        ("jeans", "lower"),
        *((f"own_{i}", "upper") for i in range(70 * (seed % 2))),
    ]
    colours = ["navy", "red", "white"]
    shop = [
        Sold(
            number,
            tuple(
                Shown(*kinds[rng.integers(len(kinds))], (colours[rng.integers(3)],)) for _ in range(rng.integers(0, 4))
            ),
            float(rng.integers(1, 9)),
        )
        for number in range(1, 60)
    ]
    attributes = build_attributes(shop)
    found = faceting.count(
        attributes, filtering.tests(attributes, Filters(colour="red", min_price=3)), all_of(attributes)
    )
    expected = Counter(
        category
        for product in shop
        if product.price is not None and product.price >= 3
        for category in {shown.category for shown in product.garments if "red" in shown.colours}
    )
    assert dict(found.category) == dict(expected)
