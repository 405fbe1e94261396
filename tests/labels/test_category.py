from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from meot import taxonomy
from meot.labels import category

TERMS = taxonomy.load()
IDS = [c.id for c in TERMS.categories]


def scores(**given: float) -> NDArray[np.float64]:
    p = np.full(len(IDS), 1e-6)
    for id, score in given.items():
        p[IDS.index(id)] = score
    return np.asarray(p / p.sum(), np.float64)


def test_two_half_sure_siblings_beat_one_stranger() -> None:
    label = category.label(scores(jacket=0.31, coat=0.29, hoodie=0.4), TERMS, sure_from=0.5)
    assert label.id == "jacket"
    assert label.runner_up == "hoodie"
    assert not label.sure


def test_a_clear_winner_is_sure() -> None:
    label = category.label(scores(t_shirt=0.9, polo=0.1), TERMS, sure_from=0.8)
    assert (label.id, label.runner_up, label.sure) == ("t_shirt", "polo", True)
    assert sum(label.scores.values()) == pytest.approx(1)


def test_within_keeps_only_the_region() -> None:
    p = category.within(scores(t_shirt=0.5, jeans=0.5), ("lower",), TERMS)
    assert p[IDS.index("jeans")] > 0.99
    assert p.sum() == pytest.approx(1)


def test_within_a_region_nothing_spoke_for_is_undecided() -> None:
    p = category.within(np.zeros(len(IDS)), ("feet",), TERMS)
    assert p.max() == pytest.approx(1 / sum(c.region == "feet" for c in TERMS.categories))


def test_temperature_softens_but_keeps_the_order() -> None:
    logits = np.array([[2.0, 1.0, 0.0]], np.float32)
    cold, warm = category.probabilities(logits, 0.5), category.probabilities(logits, 2.0)
    assert cold[0, 0] > warm[0, 0] > warm[0, 1] > warm[0, 2]


@pytest.mark.parametrize(
    ("id", "sleeve", "expected"),
    [
        ("t_shirt", None, 1),
        ("jeans", None, 8),
        ("dress", None, None),
        ("dress", "long", 11),
        ("shirt", "short", 1),
        ("hat", None, None),
        ("shirt", None, None),
        ("dress", "none", 12),
    ],
)
def test_deepfashion2_follows_from_category_and_sleeve(id: str, sleeve: str | None, expected: int | None) -> None:
    assert category.deepfashion2(id, sleeve, TERMS) == expected


def test_a_temperature_keeps_the_order_and_the_sum() -> None:
    p = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
    surer, calmer = category.tempered(p, 0.5), category.tempered(p, 2.0)
    np.testing.assert_allclose(category.tempered(p, 1.0), p)
    np.testing.assert_allclose([surer.sum(-1), calmer.sum(-1)], 1.0)
    assert (surer.argmax(1) == p.argmax(1)).all()
    assert (surer.max(1) > p.max(1)).all()
    assert (calmer.max(1) < p.max(1)).all()
    assert np.isfinite(category.tempered(np.array([1.0, 0.0]), 0.3)).all()
