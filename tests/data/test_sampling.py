from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from meot.data import sampling
from meot.errors import DataError

ANSWERS = np.array([0] * 90 + [1] * 9 + [2])


def drawn_share(weights: sampling.Weights) -> list[float]:
    total = [float(weights[c == ANSWERS].sum()) for c in range(3)]
    return [part / sum(total) for part in total]


def test_uniform_leaves_the_classes_as_they_are() -> None:
    assert drawn_share(sampling.uniform(ANSWERS)) == pytest.approx([0.9, 0.09, 0.01])


def test_square_root_draws_by_the_root_of_the_size() -> None:
    roots = np.sqrt([90, 9, 1])
    assert drawn_share(sampling.square_root(ANSWERS)) == pytest.approx(roots / roots.sum())


def test_class_balanced_goes_from_uniform_to_equal() -> None:
    assert drawn_share(sampling.class_balanced(ANSWERS, 0.0)) == pytest.approx([0.9, 0.09, 0.01])
    assert drawn_share(sampling.class_balanced(ANSWERS, 0.99999)) == pytest.approx([1 / 3] * 3, abs=1e-3)
    number = [(1 - 0.9**n) / (1 - 0.9) for n in (90, 9, 1)]
    expected = np.array([90, 9, 1]) / number
    assert drawn_share(sampling.class_balanced(ANSWERS, 0.9)) == pytest.approx(expected / expected.sum())


def test_repeat_factor_repeats_only_what_is_rare() -> None:
    factors = sampling.repeat_factor(ANSWERS, 0.09)
    assert factors[:99].tolist() == [1.0] * 99
    assert factors[99] == pytest.approx(3.0)  # sqrt(0.09 / 0.01)


def test_repeat_factor_of_sets_takes_the_rarest() -> None:
    rows = [[0], [0], [0, 1], [0, 0], []]
    factors = sampling.repeat_factor_of_sets(rows, 0.8)
    assert factors == pytest.approx([1, 1, 2, 1, 1])  # class 1 is in one of five rows: sqrt(0.8 / 0.2)


@pytest.mark.parametrize("how", list(sampling.STRATEGIES))
def test_unknown_answers_weigh_as_the_mean(how: str) -> None:
    answers = np.array([0, 0, 0, 1, -1, -1])
    weights = sampling.row_weights(answers, how)
    assert weights[4] == weights[5] == 1.0
    assert weights[3] >= weights[0] > 0
    assert sampling.row_weights(np.array([-1, -1]), how).tolist() == [1.0, 1.0]


def test_an_unknown_strategy_names_the_nearest() -> None:
    with pytest.raises(DataError, match="did you mean 'repeat_factor'"):
        sampling.row_weights(ANSWERS, "repeat_factors")
    with pytest.raises(DataError, match="did you mean 'balanced'"):
        sampling.class_weights([1, 2], "balance")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="expected 0 <= beta < 1"):
        sampling.class_balanced(ANSWERS, 1.0)


def test_draw_gives_each_row_its_due() -> None:
    rng = np.random.default_rng(0)
    even = sampling.draw(np.ones(50), 50, rng)
    assert sorted(even.tolist()) == list(range(50))
    assert even.tolist() != list(range(50))
    often = Counter(sampling.draw([1, 2, 0, 5], 80, rng).tolist())
    assert often == {0: 10, 1: 20, 3: 50}
    few = Counter(int(i) for _ in range(2000) for i in sampling.draw([1, 3], 1, rng))
    assert few[1] / 2000 == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [1, np.nan]])
def test_draw_refuses_weights_without_sense(weights: list[float]) -> None:
    with pytest.raises(DataError, match="finite, not negative"):
        sampling.draw(weights, 3, np.random.default_rng(0))


def test_repeated_rounds_by_chance() -> None:
    rng = np.random.default_rng(0)
    counts = sum((np.bincount(sampling.repeated([1.0, 2.5], rng), minlength=2) for _ in range(400)), np.zeros(2))
    assert counts[0] == 400
    assert counts[1] / 400 == pytest.approx(2.5, abs=0.1)


def test_class_weights_keep_the_mean_loss() -> None:
    counts = np.array([90, 9, 1, 0])
    for how in ("none", "balanced", "square_root", "effective"):
        weights = sampling.class_weights(counts, how)
        assert weights.dtype == np.float32
        assert (weights * counts).sum() / 100 == pytest.approx(1)
        assert weights[3] == 0
    assert sampling.class_weights(counts, "balanced")[:3] == pytest.approx(100 / 3 / np.array([90, 9, 1]))


def test_expected_counts_are_what_draws_give() -> None:
    rows = [[0]] * 8 + [[0, 1, 1]] + [[2]] + [[]]
    for how in sampling.STRATEGIES:
        rarest = np.array([0] * 8 + [1, 2, -1])
        drawn = np.zeros(3)
        for seed in range(300):
            for i in sampling.draw(sampling.row_weights(rarest, how), 11, np.random.default_rng(seed)):
                drawn += np.bincount(rows[i], minlength=3)
        assert drawn / 300 == pytest.approx(sampling.expected_counts(rows, how), abs=0.2)
