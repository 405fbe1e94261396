"""The facility location loss against exhaustive search and numbers worked out by hand."""

from __future__ import annotations

import itertools
import math

import pytest

pytest.importorskip("torch", reason="needs the train extra")

import torch

from meot.training.metric import facility
from meot.training.metric.facility import FacilityLocation, distances

pytestmark = pytest.mark.train
ITEMS = torch.tensor([0, 0, 1, 1, 2, 2, 2, 0])


def drawn(seed: int, count: int = 8) -> torch.Tensor:
    return torch.randn(count, 3, generator=torch.Generator().manual_seed(seed))


def clustered(apart: float) -> torch.Tensor:
    return torch.eye(3)[ITEMS] * apart + 0.01 * drawn(0)


def exhaustive(apart: torch.Tensor, items: torch.Tensor, gamma: float) -> float:
    """The best score of all sets of medoids, one set at a time, by the formula as the paper writes it."""
    best = -math.inf
    count = len(items)
    for chosen in itertools.combinations(range(count), len(set(items.tolist()))):
        rows = [{j: -1.0 if i == j else float(apart[i, j]) for j in chosen} for i in range(count)]
        near = [min(row, key=row.__getitem__) for row in rows]
        far = sum(float(apart[i, j]) for i, j in enumerate(near))
        best = max(best, -far + gamma * (1 - by_hand(near, items.tolist())))
    return best


def by_hand(first: list[int], second: list[int]) -> float:
    """I / sqrt(H H) from counts, term by term."""
    n = len(first)

    def entropy(of: list[object]) -> float:
        return -sum(of.count(v) / n * math.log(of.count(v) / n) for v in set(of))

    own, other = entropy(list(first)), entropy(list(second))
    if own == 0 or other == 0:
        return float(own == other)
    return (own + other - entropy(list(zip(first, second, strict=True)))) / math.sqrt(own * other)


def value(apart: torch.Tensor, medoids: torch.Tensor, gamma: float) -> float:
    return float(facility.augmented(apart, ITEMS, medoids[None], gamma)[0])


@pytest.mark.parametrize("gamma", [0.0, 1.0, 5.0])
@pytest.mark.parametrize("seed", range(6))
def test_refined_is_between_greedy_and_the_best_there_is(seed: int, gamma: float) -> None:
    apart = distances(drawn(seed))
    best = exhaustive(apart, ITEMS, gamma)
    start = facility.greedy(apart, ITEMS, gamma)
    refined = facility.refine(apart, ITEMS, start, gamma)
    assert len(set(start.tolist())) == len(set(refined.tolist())) == 3
    assert value(apart, start, gamma) <= value(apart, refined, gamma) + 1e-5
    assert value(apart, refined, gamma) <= best + 1e-4


@pytest.mark.parametrize("seed", range(12))
def test_greedy_reaches_its_bound(seed: int) -> None:
    apart = distances(drawn(seed))
    nothing = -8 * float(apart.max())  # the score of a medoid that is further from everything than anything is
    reached = float(facility.score(apart, facility.greedy(apart, ITEMS, 0.0))) - nothing
    assert reached >= (1 - 1 / math.e) * (exhaustive(apart, ITEMS, 0.0) - nothing)


@pytest.mark.parametrize("gamma", [0.0, 0.5])
def test_separated_clusters_are_solved_exactly(gamma: float) -> None:
    apart = distances(clustered(10.0))
    found = facility.refine(apart, ITEMS, facility.greedy(apart, ITEMS, gamma), gamma)
    assert value(apart, found, gamma) == pytest.approx(exhaustive(apart, ITEMS, gamma), abs=1e-4)
    assert set(ITEMS[found].tolist()) == {0, 1, 2}


def test_one_step_of_greedy_is_the_best_single_medoid() -> None:
    apart = distances(drawn(3))
    one = torch.zeros(8, dtype=torch.int64)
    assert int(facility.greedy(apart, one, 1.0)[0]) == int(apart.sum(0).argmin())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([0, 0, 1, 1], [1, 1, 0, 0]),
        ([0, 1, 0, 1], [0, 0, 1, 1]),
        ([0, 0, 0, 1], [0, 0, 1, 1]),
        ([0, 0, 0, 0], [0, 0, 1, 1]),
        ([0, 0, 0, 0], [2, 2, 2, 2]),
        ([0, 1, 2, 3], [0, 0, 1, 1]),
    ],
)
def test_nmi_is_as_calculated_by_hand(first: list[int], second: list[int]) -> None:
    found = facility.nmi(torch.tensor([first, second]), torch.tensor(second))
    assert found.tolist() == pytest.approx([by_hand(first, second), 1.0], abs=1e-5)


def test_nmi_of_a_known_case() -> None:
    # H = 1 bit against H = 0.8113 bits, 0.3113 bits in common
    found = facility.nmi(torch.tensor([[0, 0, 0, 1]]), torch.tensor([0, 0, 1, 1]))
    assert float(found[0]) == pytest.approx(0.3113 / math.sqrt(0.8113), abs=1e-3)


def test_true_score_takes_the_best_medoid_of_each_item() -> None:
    points = torch.tensor([[0.0], [1.0], [3.0], [10.0], [11.0]])
    assert float(facility.true_score(distances(points), torch.tensor([0, 0, 0, 1, 1]))) == pytest.approx(-4.0)


def test_loss_is_zero_when_the_items_lie_apart_and_not_when_they_are_mixed() -> None:
    loss = FacilityLocation(gamma=1.0)
    assert float(loss(clustered(10.0), ITEMS)) == 0.0
    assert float(loss(clustered(10.0)[torch.tensor([0, 2, 4, 1, 3, 5, 6, 7])], ITEMS)) > 0.5


def test_loss_agrees_with_its_formula() -> None:
    x = drawn(4)
    apart = distances(x)
    medoids = facility.refine(apart, ITEMS, facility.greedy(apart, ITEMS, 2.0), 2.0)
    expected = max(0.0, value(apart, medoids, 2.0) - float(facility.true_score(apart, ITEMS))) / 8
    assert float(FacilityLocation(gamma=2.0, rounds=5)(x, ITEMS)) == pytest.approx(expected, abs=1e-5)


def test_gradient_is_that_of_small_steps() -> None:
    x = drawn(5).double().requires_grad_()
    loss = FacilityLocation(gamma=1.0)
    loss(x, ITEMS).backward()
    assert x.grad is not None
    direction = torch.nn.functional.normalize(drawn(6).double(), dim=1)
    with torch.no_grad():
        step = 1e-3
        slope = (loss(x + step * direction, ITEMS) - loss(x - step * direction, ITEMS)) / (2 * step)
    assert float((x.grad * direction).sum()) == pytest.approx(float(slope), abs=2e-3)
    assert float(x.grad.abs().max()) > 0.01


def test_equal_photos_have_a_finite_gradient() -> None:
    x = torch.ones(8, 3, requires_grad=True)
    FacilityLocation(gamma=1.0)(x, ITEMS).backward()
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()


def test_steps_down_the_gradient_separate_the_items() -> None:
    x = drawn(7).requires_grad_()
    loss = FacilityLocation(gamma=2.0)
    before = float(loss(x, ITEMS).detach())
    optimiser = torch.optim.SGD([x], lr=0.5)
    for _ in range(200):
        optimiser.zero_grad()
        loss(x, ITEMS).backward()
        optimiser.step()
    assert before > 0.1
    assert float(loss(x, ITEMS).detach()) < 0.05


def test_large_batches_measure_the_same_distances() -> None:
    x = drawn(8, 80)
    assert torch.allclose(distances(x)[:40, :40], distances(x[:40]), atol=1e-3)


@pytest.mark.parametrize("items", [[0] * 8, list(range(8))])
def test_a_batch_without_positives_or_negatives_is_refused(items: list[int]) -> None:
    with pytest.raises(ValueError, match="expected 2 to 7 items among 8 photos"):
        FacilityLocation()(drawn(0), torch.tensor(items))
