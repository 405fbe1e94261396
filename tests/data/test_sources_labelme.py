from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.data import drawn

from meot.data.sources import labelme
from meot.data.table import Object, Row, Table
from meot.errors import DataError


def _shape(label: str, points: list[list[Any]], **more: Any) -> dict[str, Any]:
    return {"label": label, "points": points, "shape_type": "polygon", "group_id": None, "flags": {}} | more


def _file(folder: Path, *shapes: Any, name: str = "사진.json", **more: Any) -> Path:
    drawn.photo(folder / "사진.jpg")
    record = {"imagePath": "사진.jpg", "imageHeight": 60, "imageWidth": 40, "shapes": list(shapes)} | more
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return file


def test_shapes_become_objects(tmp_path: Path) -> None:
    triangle = [[1.0, 2.0], [9.0, 2.0], [5.0, 8.0]]
    _file(
        tmp_path,
        _shape("소매", triangle),
        _shape("big box", [[30, 40], [10, 20]], shape_type="rectangle"),
        _shape("button", [[10, 10], [13, 14]], shape_type="circle"),
        _shape("shirt", triangle, group_id=3, flags={"collar=band": True, "new": True, "old": False}),
        _shape("shirt", [[20, 20], [30, 20], [30, 30]], group_id=3),
    )
    row = labelme.read(tmp_path).rows[0]
    sleeve, box, button, shirt = row.objects
    assert (sleeve.label, sleeve.polygons) == ("소매", ((1.0, 2.0, 9.0, 2.0, 5.0, 8.0),))
    assert sleeve.box == (1.0, 2.0, 9.0, 8.0)
    assert box.box == (10.0, 20.0, 30.0, 40.0)
    assert button.box == (5.0, 5.0, 15.0, 15.0)
    assert (len(shirt.polygons), shirt.box) == (2, (1.0, 2.0, 30.0, 30.0))
    assert (dict(shirt.labels), shirt.attributes) == ({"collar": "band"}, ("new",))
    assert row.size == (60, 40)


def test_a_group_of_boxes_stays_several_objects(tmp_path: Path) -> None:
    boxes = [_shape("shoe", [[x, 0], [x + 5, 5]], shape_type="rectangle", group_id=1) for x in (0, 20)]
    assert len(labelme.read(_file(tmp_path, *boxes)).rows[0].objects) == 2


@pytest.mark.parametrize(
    "name", ["..\\elsewhere\\사진.jpg", "C:\\Users\\me\\사진.jpg", "../../../../사진.jpg", "/x/사진.jpg"]
)
def test_the_path_of_another_machine_falls_back_to_the_photo_beside(tmp_path: Path, name: str) -> None:
    (row,) = labelme.read(_file(tmp_path, imagePath=name)).rows
    assert row.photo == tmp_path / "사진.jpg"


@pytest.mark.parametrize(
    ("shapes", "more", "said"),
    [
        ([_shape("", [[1, 2]])], {}, r"shapes\[0\]: label: expected a name"),
        ([_shape("a", [[1, 2, 3]])], {}, r"shapes\[0\]: points: expected 2 numbers, got 3"),
        ([_shape("a", [[1, "x"]])], {}, "expected a number"),
        ([_shape("a", [[1, None]])], {}, "expected a number, got None"),
        (["x"], {}, r"shapes\[0\]: expected names"),
        ([], {"imageHeight": "tall"}, "imageHeight: expected a number"),
        ([], {"imagePath": "../../../../etc/passwd"}, "leads out of"),
        ([], {"shapes": None}, "expected a list"),
    ],
)
def test_broken_files_are_said(tmp_path: Path, shapes: list[Any], more: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        labelme.read(_file(tmp_path, *shapes, **more))


def test_other_json_and_an_empty_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no labelme files"):
        labelme.read(tmp_path)
    (tmp_path / "x.json").write_text('{"version": 1}')
    with pytest.raises(DataError, match="expected labelme with 'shapes'"):
        labelme.read(tmp_path)


def test_a_name_that_would_change_is_refused(tmp_path: Path) -> None:
    thing = Object(label="a", box=(0.0, 0.0, 9.0, 9.0), attributes=("a=b",))
    table = Table(rows=(Row(photo=drawn.photo(tmp_path / "a.jpg"), objects=(thing,)),), classes=("a",))
    with pytest.raises(DataError, match="'a=b', which has a '='"):
        labelme.write(table, tmp_path / "out")
