from __future__ import annotations

from pathlib import Path

import pytest
from tests.data import drawn

from meot.data.sources import guess, yolo
from meot.data.table import Object, Row, Table
from meot.errors import DataError

pytest.importorskip("yaml")
pytestmark = pytest.mark.train


def _set(folder: Path, lines: str, names: str = "names: [치마, 'long dress', no]") -> Path:
    drawn.photo(folder / "images" / "train" / "a b.jpg", (100, 200))
    label = folder / "labels" / "train" / "a b.txt"
    label.parent.mkdir(parents=True, exist_ok=True)
    label.write_text(lines, encoding="utf-8")
    (folder / "data.yaml").write_text(f"train: images/train\n{names}\n", encoding="utf-8")
    return folder


def test_a_centre_and_size_become_corners_of_the_named_class(tmp_path: Path) -> None:
    table = yolo.read(_set(tmp_path, "2 0.5 0.5 0.25 0.5\n0 0.1 0.2 0.1 0.2\n"))
    no, skirt = table.rows[0].objects
    assert (no.label, skirt.label) == ("no", "치마")
    assert no.box == pytest.approx((75, 25, 125, 75))
    assert skirt.box == pytest.approx((10, 10, 30, 30))


@pytest.mark.parametrize(
    "names", ["names: {0: 치마, 1: long dress, 2: no}", "names:\n  2: no\n  0: 치마\n  1: long dress"]
)
def test_names_by_number_are_in_the_order_of_the_numbers(tmp_path: Path, names: str) -> None:
    assert yolo.read(_set(tmp_path, "", names)).classes == ("치마", "long dress", "no")


def test_outlines_become_polygons_and_back(tmp_path: Path) -> None:
    row = yolo.read(_set(tmp_path, "1 0.1 0.1 0.5 0.1 0.5 0.9\n")).rows[0]
    (thing,) = row.objects
    assert thing.polygons[0] == pytest.approx((20, 10, 100, 10, 100, 90))
    assert thing.box == pytest.approx((20, 10, 100, 90))
    folder = yolo.write(Table(rows=(row,), classes=("치마", "long dress")), tmp_path / "out", outlines=True)
    assert yolo.read(folder).rows[0].objects[0].polygons[0] == pytest.approx(thing.polygons[0], abs=0.01)


def test_a_box_unlike_its_outline_is_not_lost_unsaid(tmp_path: Path) -> None:
    photo = drawn.photo(tmp_path / "a.jpg")
    thing = Object(label="a", box=(0.0, 0.0, 30.0, 30.0), polygons=((1.0, 1.0, 9.0, 1.0, 9.0, 9.0),))
    table = Table(rows=(Row(photo=photo, split="train", objects=(thing,)),), classes=("a",))
    with pytest.raises(DataError, match="the box of 1 objects whose box is not the one around the polygon"):
        yolo.write(table, tmp_path / "out", outlines=True)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("0 0.5 0.5 0.5 0.5\n3 0.5 0.5 0.5 0.5", r"a b.txt:2: class 3, but names has 0 to 2"),
        ("-1 0.5 0.5 0.5 0.5", "class -1"),
        ("0 0.5 0.5", "a b.txt:1: expected 'class cx cy w h'"),
        ("0 a b c d", "expected a number, got 'a'"),
        ("0.5 0.5 0.5 0.5 0.5", "expected a whole number"),
        ("nan 0.5 0.5 0.5 0.5", "expected a whole number"),
    ],
)
def test_broken_label_lines_are_said(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        yolo.read(_set(tmp_path, lines))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("names: [a, a]", "'a' twice"),
        ("names: {0: a, 2: b}", "without a gap"),
        ("names: [a, [b]]", "expected a name"),
        ("names: [a\nx: }", r"data.yaml:\d+: broken YAML"),
        ("nams: [a]", "expected a list"),
        ("val: nowhere\nnames: [a]", "is not there"),
    ],
)
def test_a_broken_data_yaml_is_said(tmp_path: Path, names: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        yolo.read(_set(tmp_path, "", names))


def test_labels_without_a_photo_are_kept_for_the_checker(tmp_path: Path) -> None:
    _set(tmp_path, "")
    (tmp_path / "labels" / "train" / "gone.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    rows = yolo.read(tmp_path).rows
    assert [(row.photo.name, row.photo.exists()) for row in rows] == [("a b.jpg", True), ("gone.jpg", False)]


def test_lists_of_photos_and_classes_txt_are_read(tmp_path: Path) -> None:
    _set(tmp_path, "0 0.5 0.5 0.5 0.5")
    (tmp_path / "list.txt").write_text("./images/train/a b.jpg\n")
    (tmp_path / "data.yaml").write_text("val: list.txt\nnames: [치마]\n", encoding="utf-8")
    (row,) = yolo.read(tmp_path).rows
    assert (row.split, row.objects[0].label) == ("validation", "치마")
    (tmp_path / "data.yaml").unlink()
    (tmp_path / "classes.txt").write_text("바지\n", encoding="utf-8")
    assert guess(tmp_path) == "yolo"
    assert yolo.read(tmp_path).rows[0].objects[0].label == "바지"


def test_photos_without_a_split_are_refused(tmp_path: Path) -> None:
    table = Table(rows=(Row(photo=drawn.photo(tmp_path / "a.jpg")),))
    with pytest.raises(DataError, match="meot data split"):
        yolo.write(table, tmp_path / "out")
