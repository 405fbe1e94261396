from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.data import drawn

from meot.data.sources import coco, guess
from meot.errors import DataError

pytest.importorskip("cv2")
pytestmark = pytest.mark.train


def _file(folder: Path, name: str = "annotations/instances_val2017.json", **changes: Any) -> Path:
    drawn.photo(folder / "images" / "가.jpg")
    record: dict[str, Any] = {
        "images": [{"id": 42, "file_name": "가.jpg", "height": 60, "width": 40}],
        "categories": [{"id": 90, "name": "sleeve"}, {"id": 7, "name": "shirt, blouse"}, {"id": 31, "name": "목걸이"}],
        "annotations": [{"id": 1, "image_id": 42, "category_id": 7, "bbox": [1.5, 2.0, 10.0, 20.25]}],
    }
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(record | changes, ensure_ascii=False), encoding="utf-8")
    return file


def test_ids_with_gaps_keep_their_names(tmp_path: Path) -> None:
    things = [{"id": i, "image_id": 42, "category_id": c, "bbox": [0, 0, 9, 9]} for i, c in enumerate((90, 7, 31))]
    table = coco.read(_file(tmp_path, annotations=things))
    assert [thing.label for thing in table.rows[0].objects] == ["sleeve", "shirt, blouse", "목걸이"]


def test_corner_and_size_become_corners_and_the_split_is_the_files(tmp_path: Path) -> None:
    _file(tmp_path)
    (row,) = coco.read(tmp_path).rows
    assert row.objects[0].box == (1.5, 2.0, 11.5, 22.25)
    assert (row.split, row.size, row.photo) == ("validation", (60, 40), tmp_path / "images" / "가.jpg")
    assert guess(tmp_path) == "coco"


def test_fashionpedias_attributes_come_by_id_and_doubles_by_what_is_over_them(tmp_path: Path) -> None:
    attributes = [
        {"id": 295, "name": "round", "supercategory": "neckline"},
        {"id": 300, "name": "round", "supercategory": "hem"},
        {"id": 12, "name": "floral", "supercategory": "pattern"},
    ]
    thing = {"id": 1, "image_id": 42, "category_id": 7, "bbox": [0, 0, 9, 9], "attribute_ids": [12, 295, 300]}
    table = coco.read(_file(tmp_path, attributes=attributes, annotations=[thing]))
    assert table.rows[0].objects[0].attributes == ("floral", "neckline/round", "hem/round")
    assert set(table.attributes) == {"floral", "neckline/round", "hem/round"}


def _read_mask(tmp_path: Path, segmentation: object) -> tuple[tuple[float, ...], ...]:
    thing = {"id": 1, "image_id": 42, "category_id": 7, "segmentation": segmentation, "iscrowd": 1}
    (found,) = coco.read(_file(tmp_path, annotations=[thing])).rows[0].objects
    assert found.crowd
    return found.polygons


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_run_length_masks_fill_to_the_same_pixels(tmp_path: Path, seed: int, compressed: bool) -> None:
    masks = pytest.importorskip("faster_coco_eval.core.mask")
    rng = np.random.default_rng(seed)
    blocks = rng.random((15, 10)) < 0.6  # with holes, diagonal touches and pieces of their own
    mask = np.kron(blocks, np.ones((4, 4))).astype(np.uint8)
    runs = masks.encode(np.asfortranarray(mask))
    if compressed:
        given: dict[str, object] = {"size": [60, 40], "counts": runs["counts"].decode()}
    else:
        flat = mask.flatten(order="F")
        turns = np.flatnonzero(np.diff(flat)) + 1
        counts = np.diff([0, *turns.tolist(), flat.size]).tolist()
        given = {"size": [60, 40], "counts": [0, *counts] if flat[0] else counts}
    polygons = _read_mask(tmp_path, given)
    filled = masks.decode(masks.merge(masks.frPyObjects([list(p) for p in polygons], 60, 40)))
    np.testing.assert_array_equal(filled, mask)


def test_a_ring_keeps_its_hole(tmp_path: Path) -> None:
    masks = pytest.importorskip("faster_coco_eval.core.mask")
    mask = np.zeros((60, 40), np.uint8)
    mask[10:40, 5:35] = 1
    mask[20:25, 10:30] = 0
    runs = masks.encode(np.asfortranarray(mask))
    polygons = _read_mask(tmp_path, {"size": [60, 40], "counts": runs["counts"].decode()})
    filled = masks.decode(masks.merge(masks.frPyObjects([list(p) for p in polygons], 60, 40)))
    assert int(filled.sum()) == int(mask.sum()) == 30 * 30 - 5 * 20


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"annotations": [{"id": 5, "image_id": 42, "category_id": 8}]}, "id 8 is used and not among 'categories'"),
        ({"annotations": [{"id": 5, "image_id": 9, "category_id": 7}]}, "image ids .'9'."),
        (
            {"annotations": [{"id": 5, "image_id": 42, "category_id": 7, "bbox": [1, 2, 3]}]},
            r"\(id 5\): bbox: expected 4",
        ),
        ({"annotations": [{"id": 5, "image_id": 42, "category_id": 7, "bbox": [1, 2, "x", 3]}]}, "expected a number"),
        ({"annotations": [{"id": 5, "image_id": 42, "category_id": [7]}]}, "expected an id"),
        ({"annotations": {"a": 1}}, "expected a list"),
        ({"annotations": [{"id": 5, "image_id": 42, "category_id": 7, "attribute_ids": 3}]}, "expected a list"),
        ({"annotations": [7]}, r"annotations\[0\]: expected names with values"),
        ({"images": [{"id": 1, "file_name": "../../etc/passwd"}], "annotations": []}, "leads out of"),
        ({"images": [{"id": 1, "file_name": "/etc/passwd"}], "annotations": []}, "leads out of"),
        ({"images": [{"id": 1, "file_name": "a\0b"}], "annotations": []}, "cannot be a file name"),
        ({"images": [{"id": 1, "file_name": "a" * 5000}], "annotations": []}, "cannot be a file name"),
        ({"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}], "annotations": []}, "there twice"),
        ({"categories": [{"id": 7, "name": "a"}, {"id": 7, "name": "b"}]}, "id 7 is there twice"),
        ({"categories": [{"id": 7, "name": ""}]}, "expected a name"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_item(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    file = _file(tmp_path, **changes)
    with pytest.raises(DataError, match=said) as error:
        coco.read(file)
    assert str(file) in str(error.value)


@pytest.mark.parametrize(
    "segmentation",
    [
        {"size": [60, 40], "counts": [5, 7]},
        {"size": [60, 40], "counts": "\x7f\x7f"},
        {"size": [60, 40], "counts": [-5, 2405]},
        {"size": [10**9, 10**9], "counts": [1]},
        {"size": [60], "counts": [1]},
        {"counts": [1]},
        {"size": [60, 40]},
    ],
)
def test_hostile_masks_are_said(tmp_path: Path, segmentation: object) -> None:
    with pytest.raises(DataError, match=r"annotations\[0\]"):
        _read_mask(tmp_path, segmentation)


def test_broken_json_is_said_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "instances.json"
    for text, said in (
        ('{"images": [],\n "annotations": [}', r"instances.json:2: broken JSON"),
        ("[" * 200_000, "cannot be read here"),
        ("[1]", "expected names with values, got list"),
        ('{"categories": []}', "expected COCO"),
        ('{"images": ' + "9" * 5000 + "}", "cannot be read here"),
    ):
        file.write_text(text)
        with pytest.raises(DataError, match=said):
            coco.read(file)
    file.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(DataError, match="UTF-8"):
        coco.read(file)


def test_reversed_boxes_and_nan_are_left_to_the_checker(tmp_path: Path) -> None:
    things = [{"id": 1, "image_id": 42, "category_id": 7, "bbox": [9, 9, -5, float("nan")]}]
    box = coco.read(_file(tmp_path, annotations=things)).rows[0].objects[0].box
    assert box is not None
    assert box[:3] == (9, 9, 4)


def test_splits_in_folders_of_their_own_become_one_table(tmp_path: Path) -> None:
    for split in ("train", "valid"):
        drawn.photo(tmp_path / split / "가.jpg")
        _file(tmp_path, f"{split}/_annotations.coco.json")
    rows = coco.read(tmp_path).rows
    assert [(row.split, row.photo.parent.name) for row in rows] == [("train", "train"), ("validation", "valid")]
