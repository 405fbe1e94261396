"""Batches of m items with k photos, and what they do with odd items."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra")

from meot.errors import DataError
from meot.training.metric.sampling import ItemBatches

pytestmark = pytest.mark.train
TABLE = Path("own.jsonl")


def batches(groups: list[int], *, items: int, photos: int = 2, sides: list[int] | None = None) -> ItemBatches:
    return ItemBatches(
        np.array(groups),
        items=items,
        photos=photos,
        seed=1,
        sides=None if sides is None else np.array(sides),
        table=TABLE,
    )


def test_a_batch_has_m_items_with_k_different_photos() -> None:
    groups = np.repeat(np.arange(9), 5)
    made = batches(groups.tolist(), items=4, photos=3)
    shown = list(made(0))
    assert len(shown) == made.steps == 2
    for batch in shown:
        assert len(set(batch.tolist())) == 12
        assert (groups[batch].reshape(4, 3) == groups[batch].reshape(4, 3)[:, :1]).all()
    seen = Counter(g for batch in shown for g in set(groups[batch].tolist()))
    assert set(seen.values()) == {1}


def test_epochs_differ_and_come_again() -> None:
    made = batches(np.repeat(np.arange(8), 2).tolist(), items=4)
    again = batches(np.repeat(np.arange(8), 2).tolist(), items=4)
    assert not np.array_equal(next(made(0)), next(made(1)))
    assert [b.tolist() for b in made(3)] == [b.tolist() for b in again(3)]


def test_an_item_with_one_photo_shows_it_twice() -> None:
    made = batches([0, 1, 1, 2, 2], items=3)
    (batch,) = made(0)
    assert Counter(batch.tolist())[0] == 2
    assert len(batch) == 6


def test_fewer_items_than_asked_for_make_one_batch_of_all() -> None:
    (batch,) = batches([0, 0, 1, 1], items=64)(0)
    assert sorted(batch.tolist()) == [0, 1, 2, 3]


def test_a_worn_photo_comes_first_and_a_product_shot_second() -> None:
    sides = [0, 0, 1, 1] * 6
    groups = np.repeat(np.arange(6), 4)
    for batch in batches(groups.tolist(), items=3, photos=3, sides=sides)(2):
        assert (np.array(sides)[batch].reshape(3, 3)[:, :2] == [1, 0]).all()
        assert len(set(batch.tolist())) == 9


@pytest.mark.parametrize(
    ("groups", "words"), [([0, 0, 0], "1 item"), ([0, 1, 2], "no item has two photos"), ([], "0 item")]
)
def test_what_cannot_be_learned_from_is_an_error(groups: list[int], words: str) -> None:
    with pytest.raises(DataError, match=words) as error:
        batches(groups, items=2)
    assert "own.jsonl" in str(error.value)


def test_batches_without_positives_are_refused() -> None:
    with pytest.raises(DataError, match="at least 2 items of 2 photos"):
        batches([0, 0, 1, 1], items=2, photos=1)
