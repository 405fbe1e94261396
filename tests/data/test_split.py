from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from meot.data.split import split_table
from meot.data.table import Object, Row, Split, Table
from meot.errors import DataError

SHARES: dict[Split, float] = {"validation": 0.2, "test": 0.2}


def table(labels: list[str], groups: list[str] | None = None, splits: list[Split | None] | None = None) -> Table:
    rows = [
        Row(
            photo=Path(f"{i}.jpg"),
            labels={"category": label},
            group=groups[i] if groups else "",
            split=splits[i] if splits else None,
        )
        for i, label in enumerate(labels)
    ]
    return Table(rows=tuple(rows), questions={"category": tuple(sorted(set(labels)))})


def shared(table: Table, *, seed: int = 0, question: str | None = None, keep: bool = False) -> Table:
    return split_table(table, shares=SHARES, seed=seed, question=question, keep=keep, distance=None)


def test_classes_are_spread_evenly() -> None:
    split = shared(table(["a"] * 100 + ["b"] * 30 + ["c"] * 10))
    found = Counter((row.split, row.labels["category"]) for row in split.rows)
    assert found == {
        ("train", "a"): 60, ("validation", "a"): 20, ("test", "a"): 20,
        ("train", "b"): 18, ("validation", "b"): 6, ("test", "b"): 6,
        ("train", "c"): 6, ("validation", "c"): 2, ("test", "c"): 2,
    }  # fmt: skip


def test_groups_stay_together_and_shares_come_near() -> None:
    rng = np.random.default_rng(0)
    groups = [f"g{n}" for n in rng.zipf(1.6, 600) % 80]
    labels = [str(n) for n in rng.zipf(1.5, 600) % 6]
    split = shared(table(labels, groups))
    of_group: dict[str, set[str | None]] = {}
    for row in split.rows:
        of_group.setdefault(row.group, set()).add(row.split)
    assert all(len(splits) == 1 for splits in of_group.values())
    counts = Counter(row.split for row in split.rows)
    assert abs(counts["train"] / 600 - 0.6) < 0.05


def test_a_rare_class_is_in_every_split_when_it_has_the_groups() -> None:
    for seed in range(5):
        split = shared(table(["a"] * 97 + ["rare"] * 3), seed=seed)
        assert sorted(str(r.split) for r in split.rows if r.labels["category"] == "rare") == [
            "test", "train", "validation",
        ]  # fmt: skip


def test_two_of_a_class_are_learned_and_validated() -> None:
    split = shared(table(["a"] * 50 + ["rare"] * 2))
    assert {r.split for r in split.rows if r.labels["category"] == "rare"} == {"train", "validation"}


def test_objects_count_too() -> None:
    rows = [
        Row(photo=Path(f"{i}.jpg"), objects=(Object(label="hat" if i < 3 else "shirt", box=(0, 0, 1, 1)),))
        for i in range(30)
    ]
    split = shared(Table(rows=tuple(rows), classes=("hat", "shirt")), question="class")
    assert {row.split for row in split.rows[:3]} == {"train", "validation", "test"}


def test_the_seed_decides() -> None:
    whole = table(["a"] * 60 + ["b"] * 40)
    assert shared(whole, seed=1) == shared(whole, seed=1)
    assert shared(whole, seed=1) != shared(whole, seed=2)


def test_near_duplicates_stay_together(tmp_path: Path) -> None:
    rows = []
    for i in range(12):
        pixels = np.random.default_rng(i // 2).integers(0, 256, (6, 5, 3)).astype(np.uint8)
        photo = tmp_path / f"{i}.jpg"
        Image.fromarray(pixels).resize((100, 120), Image.Resampling.BICUBIC).save(photo, quality=60 + 30 * (i % 2))
        rows.append(Row(photo=photo))
    split = split_table(Table(rows=tuple(rows)), shares={"validation": 0.34})
    pairs = [(split.rows[i].split, split.rows[i + 1].split) for i in range(0, 12, 2)]
    assert all(a == b for a, b in pairs)
    assert Counter(a for a, _ in pairs) == {"train": 4, "validation": 2}


def test_kept_rows_stay_and_their_group_follows() -> None:
    splits: list[Split | None] = ["test", "train", *[None] * 18]
    split = shared(table(["a"] * 20, ["x", "y", "x", "y", *map(str, range(16))], splits), keep=True)
    assert [row.split for row in split.rows[:4]] == ["test", "train", "test", "train"]
    assert Counter(row.split for row in split.rows) == {"train": 12, "validation": 4, "test": 4}


def test_without_keep_a_split_nobody_asks_for_is_left_alone() -> None:
    splits: list[Split | None] = [*["test"] * 4, *["train"] * 16]  # type: ignore[list-item]
    split = split_table(table(["a"] * 20, splits=splits), shares={"validation": 0.25}, distance=None)
    assert [row.split for row in split.rows[:4]] == ["test"] * 4
    assert Counter(row.split for row in split.rows[4:])["validation"] in (4, 5)


def test_a_class_of_one_cannot_be_split_when_it_is_asked_for() -> None:
    whole = table(["a"] * 20 + ["only"])
    with pytest.raises(DataError, match=r"category .only. has a single group .1 photo., which cannot be both"):
        shared(whole, question="category")
    assert shared(whole).rows[-1].split == "train"


@pytest.mark.parametrize(
    ("shares", "message"),
    [({"validation": 0.6, "test": 0.4}, "leave none to learn"), ({"validation": 1.5}, "expected a number from 0 to 1")],
)
def test_bad_shares_are_said(shares: dict[Split, float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        split_table(table(["a"] * 5), shares=shares, distance=None)


def test_one_group_cannot_be_split() -> None:
    with pytest.raises(DataError, match=r"validation split would be empty: 5 photos are 1 group"):
        split_table(table(["a"] * 5, ["x"] * 5), shares={"validation": 0.2}, distance=None)


def test_an_empty_table_and_an_unknown_question_are_said() -> None:
    with pytest.raises(DataError, match="no row to split"):
        shared(Table())
    with pytest.raises(DataError, match="did you mean 'category'"):
        shared(table(["a"] * 5), question="categorie")


def test_oversampled_rows_are_refused() -> None:
    rows = (*table(["a"] * 5).rows, Row(photo=Path("new.jpg"), source="oversampled:mine"))
    with pytest.raises(DataError, match=r"new\.jpg: was made by oversampling; split first"):
        split_table(Table(rows=rows), shares=SHARES, distance=None)
