"""Shopping lists."""

from __future__ import annotations

from itertools import product as every

import numpy as np
import pytest
from tests.answers.closet.owner import shirt, trousers
from tests.builders import BLACK, NAVY, RED, build_product

from meot import taxonomy
from meot.answers.closet.comparison import Part
from meot.answers.closet.shopping import Suggestion, choose, rank, shop
from meot.answers.closet.similarity import load_scale
from meot.answers.wording import Wording
from meot.catalogue.rows import StoredGarment
from meot.types import Garment, Match

WORDING = Wording(language="en", taxonomy=taxonomy.load())


def suggest(number: int, similarity: float, price: float | None, currency: str = "KRW") -> Suggestion:
    product = build_product(str(number), f"product {number}", price=price, currency=currency)
    return Suggestion(Match(number=number, product=product, score=similarity), similarity, ())


class Shelf:
    """Product number -> the garments of its photos."""

    def __init__(self, held: dict[int, list[Garment]]) -> None:
        self.held = held

    def garments_of(self, number: int) -> list[StoredGarment]:
        return [StoredGarment(i, number, garment) for i, garment in enumerate(self.held[number])]


def match(number: int, price: float | None) -> Match:
    return Match(number=number, product=build_product(str(number), "x", price=price), score=0.5)


def test_products_are_sorted_by_similarity_then_price_and_unfit_ones_left_out() -> None:
    shelf = Shelf({1: [shirt(NAVY)], 2: [shirt(NAVY)], 3: [shirt(NAVY)], 4: [trousers(NAVY)], 5: [], 6: [shirt(RED)]})
    prices = {1: 30.0, 2: None, 3: 20.0, 4: 1.0, 5: 1.0, 6: 1.0}
    found = rank(shirt(NAVY), [match(n, p) for n, p in prices.items()], shelf, scale=load_scale(), wording=WORDING)
    assert [each.match.number for each in found] == [3, 1, 2]
    assert found[0].reasons[0].text == "same category (shirt)"


def test_a_product_is_judged_by_the_garment_that_fits() -> None:
    shelf = Shelf({1: [trousers(RED), shirt(BLACK), shirt(NAVY)]})
    (found,) = rank(shirt(NAVY), [match(1, 5.0)], shelf, scale=load_scale(), wording=WORDING)
    assert found.similarity > 0.95


def best_by_trying(options: list[list[Suggestion]], budget: float) -> tuple[int, float]:
    """(worth in hundredths, -cost) of the best combination, by trying all."""
    found = (0, 0.0)
    for picks in every(*[[None, *row] for row in options]):
        chosen = [each for each in picks if each is not None and each.match.product.price is not None]
        if len(chosen) < sum(each is not None for each in picks):
            continue
        cost = sum(each.match.product.price or 0 for each in chosen)
        if cost <= budget:
            found = max(found, (sum(max(1, round(100 * each.similarity)) for each in chosen), -cost))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_the_budget_buys_the_best_combination(seed: int) -> None:
    rng = np.random.default_rng(seed)
    options = [
        [suggest(10 * i + j, float(rng.uniform(0.3, 1)), float(rng.integers(10, 90))) for j in range(4)]
        for i in range(4)
    ]
    options[0][0] = suggest(99, 0.99, None)
    chosen = [each for each in choose(options, 120.0, "KRW") if each is not None]
    cost = sum(each.match.product.price or 0 for each in chosen)
    worth = sum(max(1, round(100 * each.similarity)) for each in chosen)
    assert (worth, -cost) == best_by_trying(options, 120.0)


def parts(count: int) -> list[Part]:
    return [Part(i, shirt(NAVY), "missing", ()) for i in range(count)]


def test_products_without_price_or_in_another_currency_are_listed_but_not_chosen() -> None:
    found = {
        0: (suggest(1, 0.99, None), suggest(2, 0.98, 5.0, "USD"), suggest(3, 0.9, 100.0)),
        1: (suggest(4, 0.8, 50.0),),
    }
    bought = shop(parts(3), found, budget=160.0)
    assert [None if w.chosen is None else w.chosen.match.number for w in bought.wishes] == [3, 4, None]
    assert (bought.total, bought.currency) == (150.0, "KRW")
    assert len(bought.wishes[0].suggestions) == 3
    said = bought.as_json()
    assert said["wishes"][0]["products"][0]["price"] is None
    assert said["wishes"][2] == {"garment": 2, "chosen": None, "products": []}


def test_a_budget_that_buys_nothing_and_none_at_all() -> None:
    found = {0: (suggest(1, 0.9, 100.0),)}
    assert shop(parts(1), found, budget=99.0).wishes[0].chosen is None
    assert shop(parts(1), found, budget=0.0).total == 0
    assert shop(parts(1), found, budget=None).total is None
    assert shop((), {}, budget=10.0).wishes == ()
