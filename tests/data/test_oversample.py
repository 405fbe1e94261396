from __future__ import annotations

import errno
from pathlib import Path

import cv2
import numpy as np
import pytest

from meot.data import cropping, oversample
from meot.data.images import read_ids, read_rgb
from meot.data.oversample import Oversampling
from meot.data.sources.outlines import area
from meot.data.split import split_table
from meot.data.stats import count
from meot.data.table import Object, Row, Split, Table, load
from meot.errors import DataError

pytestmark = pytest.mark.train


def table(folder: Path, labels: list[str], splits: list[Split] | None = None) -> Table:
    """Photos with a red garment, its mask, its box and its outline, each in another place."""
    rows = []
    for i, label in enumerate(labels):
        rng = np.random.default_rng(i)
        mask = np.zeros((90, 120), np.uint8)
        x, y = int(rng.integers(10, 50)), int(rng.integers(10, 40))
        mask[y : y + 40, x : x + 50] = 7
        image = np.full((90, 120, 3), 40, np.uint8)
        image[mask > 0] = (200, 20, 30)
        photo, ids = folder / f"{i}.png", folder / f"{i}-mask.png"
        cv2.imwrite(str(photo), image[..., ::-1])
        cv2.imwrite(str(ids), mask)
        box = (float(x), float(y), x + 50.0, y + 40.0)
        outline = (box[0], box[1], box[2], box[1], box[2], box[3], box[0], box[3])
        rows.append(
            Row(
                photo=photo,
                source="drawn",
                split=splits[i] if splits else "train",
                labels={"category": label},
                tags=("something",),
                objects=(Object(label=label, box=box, polygons=(outline,), labels={"collar": label}),),
                mask=ids,
                group=f"g{i}" if i else "",
            )
        )
    names = tuple(sorted(set(labels)))
    return Table(rows=tuple(rows), classes=names, questions={"category": names, "collar": names})


@pytest.mark.parametrize("question", ["category", "class", "collar"])
def test_every_class_reaches_the_floor(question: str, tmp_path: Path) -> None:
    whole = table(tmp_path, ["a"] * 6 + ["b"] * 2 + ["c"])
    made = oversample.oversample(whole, Oversampling(question=question, at_least=5), tmp_path / "out")
    assert count(made.rows, question) == {"a": 6, "b": 5, "c": 5}
    assert load(tmp_path / "out" / "table.jsonl").rows[9:] == made.rows[9:]


def test_the_poorest_gain_so_many(tmp_path: Path) -> None:
    whole = table(tmp_path, ["a"] * 6 + ["b"] * 2 + ["c"])
    made = oversample.oversample(whole, Oversampling(question="category", add=4, poorest=1), tmp_path / "out")
    assert count(made.rows, "category") == {"a": 6, "b": 2, "c": 5}


def test_boxes_outlines_and_masks_move_with_the_photo(tmp_path: Path) -> None:
    plan = Oversampling(question="category", add=12, poorest=1, rotate=40, crop=0.6)
    made = oversample.oversample(table(tmp_path, ["a"]), plan, tmp_path / "out")
    turned = 0
    for row in made.rows[1:]:
        image, ids = read_rgb(row.photo), read_ids(row.mask, row.photo)
        assert row.size == image.shape[:2] == ids.shape
        assert set(np.unique(ids)) <= {0, 7}
        red = image[..., 0] > 120
        assert (red == (ids == 7)).mean() > 0.97
        [thing] = row.objects
        assert thing.box is not None
        drawn = np.zeros(ids.shape, np.uint8)
        for outline in thing.polygons:
            cv2.fillPoly(drawn, [np.array(outline).reshape(-1, 2).round().astype(np.int32)], 1)
        assert (red == (drawn > 0)).mean() > 0.95
        ys, xs = np.nonzero(ids)
        assert np.abs(np.array(thing.box) - (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)).max() <= 2
        turned += thing.box[2] - thing.box[0] > 52
    assert turned > 3


def test_a_copy_says_where_it_comes_from_and_stays_with_it(tmp_path: Path) -> None:
    made = oversample.oversample(
        table(tmp_path, ["a"] * 3 + ["b"]), Oversampling(question="category", at_least=3), tmp_path / "out"
    )
    copy = made.rows[-1]
    assert (copy.source, copy.group, copy.split, copy.tags) == ("oversampled:drawn", "g3", "train", ())
    assert made.rows[0].group  # a row without a group gets one of its own
    with pytest.raises(DataError, match="made by oversampling"):
        split_table(made, shares={"validation": 0.2}, distance=None)


def test_only_training_photos_are_copied(tmp_path: Path) -> None:
    splits: list[Split] = ["train", "validation", "test", "train", "train"]
    whole = table(tmp_path, ["b", "b", "b", "a", "a"], splits)
    plan = Oversampling(question="category", at_least=2)
    made = oversample.oversample(whole, plan, tmp_path / "out")
    assert [row.split for row in made.rows[5:]] == ["train"]
    leaking = oversample.oversample_every_split_as_the_paper_does(whole, plan, tmp_path / "leaking")
    assert [row.split for row in leaking.rows[5:]] == ["train", "validation", "test"]


def test_a_killed_run_leaves_no_table_and_goes_on_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table(tmp_path, ["a"] * 4 + ["b"] * 2)
    plan = Oversampling(question="category", at_least=8, seed=3)
    undisturbed = oversample.oversample(whole, plan, tmp_path / "one")
    write, written = oversample._write_aside, []

    def killed(file: Path, data: bytes) -> None:
        written.append(file)
        if len(written) == 7:
            raise KeyboardInterrupt
        write(file, data)

    monkeypatch.setattr(oversample, "_write_aside", killed)
    with pytest.raises(KeyboardInterrupt):
        oversample.oversample(whole, plan, tmp_path / "two")
    assert not (tmp_path / "two" / "table.jsonl").exists()
    resumed = oversample.oversample(whole, plan, tmp_path / "two")
    assert [(r.photo.name, r.objects, r.size) for r in resumed.rows] == [
        (r.photo.name, r.objects, r.size) for r in undisturbed.rows
    ]
    for row, other in zip(resumed.rows, undisturbed.rows, strict=True):
        assert row.photo.read_bytes() == other.photo.read_bytes()
    drawn = len(written)
    assert len(oversample.oversample(whole, plan, tmp_path / "two").rows) == len(resumed.rows)
    assert len(written) == drawn


def test_another_run_s_folder_is_not_mixed_up(tmp_path: Path) -> None:
    whole = table(tmp_path, ["a"] * 2 + ["b"])
    oversample.oversample(whole, Oversampling(question="category", at_least=2), tmp_path / "out")
    with pytest.raises(DataError, match="other settings; name another folder"):
        oversample.oversample(whole, Oversampling(question="category", at_least=3), tmp_path / "out")


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(file))

    monkeypatch.setattr(oversample, "_write_aside", full)
    with pytest.raises(DataError, match=r"No space left on device.*run it again: it goes on where it was"):
        oversample.oversample(table(tmp_path, ["a", "b"]), Oversampling(question="category", add=1), tmp_path / "out")


def test_what_is_cut_off_is_dropped_and_what_is_half_there_is_clipped() -> None:
    matrix = np.array([[1.0, 0, -50], [0, 1, 0]])
    half = cropping.move(Object(label="x", box=(40, 0, 60, 10)), matrix, (100, 100), 0.5)
    assert half == Object(label="x", box=(0.0, 0.0, 10.0, 10.0))
    assert cropping.move(Object(label="x", box=(40, 0, 60, 10)), matrix, (100, 100), 0.6) is None
    assert cropping.move(Object(label="x", box=(0, 0, 40, 10)), matrix, (100, 100), 0.0, always=True) is None
    unplaced = Object(label="x", attributes=("soft",))
    assert cropping.move(unplaced, matrix, (100, 100), 1.0) is unplaced


def test_clipping_agrees_with_pixels() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        around = np.sort(rng.uniform(0, 2 * np.pi, 7))
        points = np.stack([np.cos(around), np.sin(around)], 1) * rng.uniform(20, 60) + rng.uniform(0, 80, 2)
        canvas = np.zeros((300, 300), np.uint8)
        cv2.fillPoly(canvas, [(points + 100).round().astype(np.int32)], 1)
        kept = cropping.clip(points, (70, 90))
        assert area(kept.ravel().tolist()) == pytest.approx(canvas[100:170, 100:190].sum(), abs=260)


@pytest.mark.parametrize("aim", [{}, {"at_least": 5, "add": 5}, {"at_least": 0}, {"add": 5, "poorest": 0}])
def test_an_unclear_aim_is_said(aim: dict[str, int]) -> None:
    with pytest.raises(DataError, match=r"one aim|expected 1 or more"):
        Oversampling(question="category", **aim)


def test_bad_tables_are_said(tmp_path: Path) -> None:
    plan = Oversampling(question="category", at_least=2)
    with pytest.raises(DataError, match="did you mean 'category'"):
        oversample.oversample(table(tmp_path, ["a"]), Oversampling(question="categroy", at_least=2), tmp_path / "o")
    with pytest.raises(DataError, match="no training row"):
        oversample.oversample(table(tmp_path, ["a"], ["test"]), plan, tmp_path / "o")
    outside = Row(
        photo=tmp_path / "0.png", split="train", objects=(Object(label="a", box=(500, 500, 600, 600)),), group="g"
    )
    far = Table(rows=(outside,), classes=("a",))
    with pytest.raises(DataError, match=r"0\.png: no 'a' lies inside the photo"):
        oversample.oversample(far, Oversampling(question="class", at_least=2), tmp_path / "far")
