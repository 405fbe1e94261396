"""What every format must keep: write, read, and the same names, boxes and photos are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.data import drawn

from meot.data import sources
from meot.data.sources.outgoing import LossWarning
from meot.data.table import Object, Row, Table, load, save
from meot.errors import DataError

pytest.importorskip("cv2")
pytestmark = pytest.mark.train

Change = Callable[[Row], Row]


def _things(row: Row, **changes: object) -> Row:
    return replace(row, objects=tuple(replace(thing, **changes) for thing in row.objects))  # type: ignore[arg-type]


def _boxed(row: Row) -> Row:
    return _things(replace(row, labels={}, tags=(), group="", mask=None), labels={}, attributes=(), crowd=False)


def _yolo(row: Row) -> Row:
    return _things(_boxed(row), polygons=())


def _csv(row: Row) -> Row:
    return _things(replace(row, mask=None), polygons=(), crowd=False)


def _labelme(row: Row) -> Row:
    return _things(replace(row, mask=None), crowd=False)


def _folders(row: Row) -> Row:
    return Row(photo=row.photo, split=row.split, labels={"무늬": "check" if row.objects else "dot"})


def _ccp(row: Row) -> Row:
    return replace(row, photo=row.photo, objects=(), labels={}, group=row.group or "g", tags=("hair", "바지"))


def _clothing(row: Row) -> Row:
    labels = {"category": "긴 치마" if row.objects else "T-Shirt", "kids": "no"}
    return replace(row, objects=(), tags=(), labels=labels, group=f"sender-{row.group}" if row.group else "")


def _deepfashion2(row: Row) -> Row:
    named = {"티셔츠": "short sleeve top", "no": "sling dress", "007": "vest", "T-Shirt": "skirt"}
    things = [
        replace(thing, label=named.get(thing.label, thing.label), labels={"scale": "large", "style": "3"})
        for thing in _boxed(row).objects
    ]
    return replace(_boxed(row), objects=tuple(things), labels={"source": "shop"}, group=f"pair-{len(row.group)}")


CHANGES: dict[str, Change] = {
    "coco": lambda row: row,
    "yolo": _yolo,
    "csv": _csv,
    "labelme": _labelme,
    "folders": _folders,
    "yolo-cls": _folders,
    "ccp": _ccp,
    "clothing": _clothing,
    "deepfashion2": _deepfashion2,
}
"""Format -> a row of what it carries. Formats that are only read are not here."""


def _table(folder: Path, form: str) -> Table:
    table = drawn.table(folder)
    rows = [CHANGES[form](row) for row in table.rows]
    if form in ("ccp", "clothing"):
        rows = [row for row in rows if row.photo.suffix == ".jpg"]
    table = replace(table, rows=tuple(rows))
    if form in ("folders", "yolo-cls"):
        table = replace(table, questions={"무늬": ("check", "dot")})
    return replace(table, mask_names={0: "null", 3: "가방"}) if form == "ccp" else table


def _key(row: Row) -> bytes:
    return row.photo.read_bytes()


def _same(one: Object, other: Object) -> None:
    assert (one.label, dict(one.labels), one.crowd) == (other.label, dict(other.labels), other.crowd)
    assert sorted(one.attributes) == sorted(other.attributes)
    assert (one.box is None) == (other.box is None)
    if one.box and other.box:
        assert other.box == pytest.approx(one.box, abs=0.01)
    assert [pytest.approx(outline, abs=0.01) for outline in one.polygons] == list(other.polygons)


@pytest.mark.parametrize("form", CHANGES)
def test_a_round_trip_changes_nothing(form: str, tmp_path: Path) -> None:
    table = _table(tmp_path, form)
    options = {"question": "무늬"} if form in ("folders", "yolo-cls") else {}
    folder = sources.write(table, tmp_path / "new" / "out", form, **options)
    back = sources.read(folder, form, **options)
    assert len(back.rows) == len(table.rows)
    found = {_key(row): row for row in back.rows}
    for row in table.rows:
        other = found[_key(row)]
        assert (other.split, dict(other.labels)) == (row.split, dict(row.labels))
        assert (other.group, sorted(other.tags)) == (row.group, sorted(row.tags))
        assert len(other.objects) == len(row.objects)
        for one, two in zip(row.objects, other.objects, strict=True):
            _same(one, two)
        assert (row.mask is None) == (other.mask is None)
        if row.mask and other.mask:
            assert other.mask.read_bytes() == row.mask.read_bytes()


@pytest.mark.parametrize("form", CHANGES)
def test_the_format_is_guessed(form: str, tmp_path: Path) -> None:
    folder = sources.write(_table(tmp_path, form), tmp_path / "out", form)
    assert sources.guess(folder) == form.removesuffix("-cls").replace("yolo", "yolo" if form == "yolo" else "folders")
    assert len(sources.read(folder).rows) == len(_table(tmp_path, form).rows)


@pytest.mark.parametrize("form", ["coco", "yolo", "labelme"])
def test_numbers_of_classes_stay_with_their_names(form: str, tmp_path: Path) -> None:
    folder = sources.write(_table(tmp_path, form), tmp_path / "out", form)
    assert sources.read(folder, form).classes == drawn.CLASSES


@pytest.mark.parametrize("form", [form for form in CHANGES if form != "coco"])
def test_a_loss_is_refused_unless_agreed_to(form: str, tmp_path: Path) -> None:
    table = _table(tmp_path, form)
    first = replace(table.rows[0], mask=drawn.mask(tmp_path / "mask.png", 3), tags=("y",), labels={"무늬": "dot"})
    thing = Object(label=drawn.CLASSES[1], box=(0.0, 0.0, 9.0, 9.0), crowd=True)
    table = replace(table, rows=(replace(first, objects=(thing,)), *table.rows[1:]))
    options = {"question": "무늬"} if form in ("folders", "yolo-cls") else {}
    with pytest.raises(DataError, match=r"cannot carry .*lossy"):
        sources.write(table, tmp_path / "out", form, **options)
    assert not (tmp_path / "out").exists()
    with pytest.warns(LossWarning, match="left out"):
        sources.write(table, tmp_path / "out", form, lossy=True, **options)
    assert sources.read(tmp_path / "out", form).rows


@pytest.mark.parametrize("form", CHANGES)
def test_a_folder_in_use_and_a_broken_photo_leave_nothing_behind(form: str, tmp_path: Path) -> None:
    table = _table(tmp_path, form)
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match="not empty"):
        sources.write(table, tmp_path / "used", form)
    table.rows[-1].photo.write_bytes(b"no photo")
    with pytest.raises(DataError, match="expected a photo"):
        sources.write(table, tmp_path / "out", form)
    assert [p.name for p in (tmp_path / "used").iterdir()] == ["mine.txt"]
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "drawn") == ["used"]


@pytest.mark.parametrize("form", ["coco", "yolo", "labelme", "csv", "deepfashion2"])
def test_an_unknown_class_names_the_nearest(form: str, tmp_path: Path) -> None:
    table = _table(tmp_path, form)
    rows = tuple(_things(row, label="long slieve top") if row.objects else row for row in table.rows)
    with pytest.raises(DataError, match=r"unknown name 'long slieve top'; did you mean 'long sleeve top'"):
        sources.write(replace(table, rows=rows), tmp_path / "out", form)


@pytest.mark.parametrize("form", ["folders", "csv", "coco", "labelme", "deepfashion2", "ccp"])
def test_photos_without_a_split_stay_so(form: str, tmp_path: Path) -> None:
    table = _table(tmp_path, form)
    table = replace(table, rows=tuple(replace(row, split=None) for row in table.rows))
    back = sources.read(sources.write(table, tmp_path / "out", form), form)
    assert {row.split for row in back.rows} == {None}


@pytest.mark.parametrize("form", ["folders", "yolo", "csv", "coco", "labelme", "ccp"])
def test_names_that_readers_pass_over_are_made_plain(form: str, tmp_path: Path) -> None:
    table = _table(tmp_path, form)
    first = table.rows[0]
    names = (".hidden.jpg", " blank .jpg", "new\nline.jpg", "ONE.JPG", "one.jpg", "한 글.jpeg")
    rows = tuple(replace(first, photo=drawn.photo(tmp_path / "odd" / name)) for name in names)
    back = sources.read(sources.write(table.having(rows), tmp_path / "out", form), form)
    assert {_key(row) for row in back.rows} == {_key(row) for row in rows}
    assert all(len(row.objects) == len(first.objects) for row in back.rows)


def test_a_photo_without_a_photos_suffix_is_refused(tmp_path: Path) -> None:
    table = _table(tmp_path, "coco")
    bare = table.rows[0].photo.rename(tmp_path / "bare")
    with pytest.raises(DataError, match="must end in"):
        sources.write(table.having((replace(table.rows[0], photo=bare),)), tmp_path / "out", "coco")


def test_an_import_is_the_same_table_after_saving(tmp_path: Path) -> None:
    folder = sources.write(drawn.table(tmp_path), tmp_path / "out", "coco")
    table = sources.read(folder)
    again = load(save(table, tmp_path / "table.jsonl"))
    assert [(row.split, row.objects, row.labels, row.size) for row in again.rows] == [
        (row.split, row.objects, row.labels, row.size) for row in table.rows
    ]
    assert (again.classes, again.questions, again.mask_names) == (table.classes, table.questions, table.mask_names)


def test_every_format_goes_both_ways_or_says_that_it_does_not(tmp_path: Path) -> None:
    for form in sources.FORMATS.keys() - CHANGES.keys():
        with pytest.raises(DataError, match="only read"):
            sources.write(drawn.table(tmp_path), tmp_path / "out", form)


def test_unknown_formats_options_and_places_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="did you mean 'labelme'"):
        sources.read(tmp_path, "labelm")
    with pytest.raises(DataError, match="without 'question'; it takes photos"):
        sources.read(tmp_path, "coco", question="x")
    with pytest.raises(DataError, match="no such file"):
        sources.read(tmp_path / "gone")
    with pytest.raises(DataError, match="the folder is empty"):
        sources.read(tmp_path)
    (tmp_path / "notes.txt").write_text("nothing of use")
    with pytest.raises(DataError, match="no known format"):
        sources.read(tmp_path)
    with pytest.raises(DataError, match="no photo"):
        sources.write(Table(), tmp_path / "out", "coco")
