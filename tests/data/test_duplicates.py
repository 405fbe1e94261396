from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from meot.data import duplicates
from meot.data.table import Row, Split, Table
from meot.errors import DataError


def scene(seed: int) -> Image.Image:
    """A photo of soft random blobs."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 5, 3)).astype(np.uint8)
    return Image.fromarray(small).resize((150, 180), Image.Resampling.BICUBIC)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """0 and 1: the same, smaller, darker and recompressed; 2: the same outline in other colours; 3..: others."""
    first = scene(0)
    first.save(tmp_path / "0.png")
    ImageEnhance.Brightness(first.resize((90, 108))).enhance(0.95).save(tmp_path / "1.jpg", quality=40)
    Image.merge("RGB", [first.convert("L")] * 3).save(tmp_path / "2.png")
    for i in range(3, 9):
        scene(i).save(tmp_path / f"{i}.png")
    return sorted(tmp_path.iterdir())


def test_near_duplicates_are_found_and_no_others(photos: list[Path]) -> None:
    table = Table(rows=tuple(Row(photo=photo) for photo in photos))
    assert duplicates.near(table) == ((0, 1),)
    assert (0, 2) in [pair[:1] + pair[-1:] for pair in duplicates.near(table, colour=255.0)]


def test_pairs_are_those_of_the_slow_way() -> None:
    rng = np.random.default_rng(1)
    hashes = rng.integers(0, 2**63, 40).astype(np.uint64)
    hashes = np.concatenate([hashes, hashes ^ np.uint64(1 << 9), hashes ^ np.uint64(0b1011)])
    colours = rng.integers(0, 256, (120, 192)).astype(np.uint8)
    colours[40:] = np.tile(colours[:40], (2, 1))
    found = duplicates.pairs(duplicates.Prints(hashes, colours), distance=3)
    slow = [
        (i, j)
        for i in range(120)
        for j in range(i + 1, 120)
        if int(hashes[i] ^ hashes[j]).bit_count() <= 3
        and np.abs(colours[i].astype(int) - colours[j].astype(int)).mean() <= duplicates.COLOUR
    ]
    assert sorted(map(tuple, found.tolist())) == slow
    assert len(slow) == 80


def test_pairs_reach_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_BLOCK", 4)
    hashes = np.array([1, 1 << 20, 1 << 40, 7 << 50, 9 << 30, 1], np.uint64)
    found = duplicates.pairs(duplicates.Prints(hashes, np.zeros((6, 192), np.uint8)), distance=0)
    assert found.tolist() == [[0, 5]]


def test_brightness_does_not_change_the_hash_and_plain_photos_have_none() -> None:
    grey = np.asarray(scene(3).convert("L").resize((32, 32)), np.uint8) // 2
    assert duplicates.hash_of(grey) == duplicates.hash_of((grey + 40).astype(np.uint8))
    assert duplicates.hash_of(np.full((32, 32), 90, np.uint8)) == 0


def test_leaks_across_splits(photos: list[Path]) -> None:
    splits: list[Split | None] = ["train", "validation", "train", "train", "test", None, "train", "train", "train"]
    groups = ["", "", "", "sender", "sender", "sender", "own", "own", ""]
    rows = [Row(photo=p, split=s, group=g) for p, s, g in zip(photos, splits, groups, strict=True)]
    found = duplicates.leaks(Table(rows=tuple(rows)))
    assert found == (
        duplicates.Leak("group", "sender", (3, 4, 5), ("test", "train")),
        duplicates.Leak("near-duplicate", "0.png", (0, 1), ("train", "validation")),
    )


def test_a_broken_photo_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"no photo")
    with pytest.raises(DataError, match=r"x\.jpg: expected a photo.*mend it or take it out"):
        duplicates.prints([tmp_path / "x.jpg"])


def test_no_photos_have_no_duplicates() -> None:
    assert duplicates.near(Table()) == ()


def test_keys_and_groups_join() -> None:
    keys = ["a", "", "a", "b", ""]
    assert list(duplicates.join_all(5, lambda i: keys[i], [(1, 3)])) == [(0, 2), (1, 3), (4,)]
