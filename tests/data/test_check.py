from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image
from tests.data import drawn

from meot.data.check import Finding, check
from meot.data.mend import mend
from meot.data.table import Object, Row, Table, save

NAN = float("nan")


def _table(folder: Path, **changes: object) -> Table:
    """Two photos a split with an upper garment each, and nothing to find."""
    rows = tuple(
        Row(
            photo=drawn.photo(folder / f"{i}.jpg"),
            split="train" if i < 2 else "validation",
            objects=(Object(label="윗옷", box=(1.0, 2.0, 30.0, 40.0)),),
            labels={"style": "dandy"},
            group=f"sender {i}",
            size=(60, 40),
        )
        for i in range(4)
    )
    rows = (replace(rows[0], **changes), *rows[1:])  # type: ignore[arg-type]
    return Table(
        rows=rows,
        classes=("윗옷",),
        questions={"style": ("dandy",)},
        attributes=("floral",),
        mask_names={0: "null", 3: "bag"},
    )


def _object(box: tuple[float, float, float, float] | None = None, *outlines: tuple[float, ...]) -> tuple[Object, ...]:
    return (Object(label="윗옷", box=box, polygons=outlines),)


def _one(found: list[Finding]) -> Finding:
    assert len(found) == 1, found
    return found[0]


def test_a_sound_table_has_no_findings(tmp_path: Path) -> None:
    assert check(_table(tmp_path)) == []


@pytest.mark.parametrize(
    ("objects", "level", "said"),
    [
        (_object((30, 2, 1, 40)), "error", "box 30, 2, 1, 40 is reversed"),
        (_object((1, 2, 1, 40)), "error", "has no area"),
        (_object((1, 2, 30, 61)), "error", "stands out of the photo of 40x60 px"),
        (_object((-1, 2, 30, 40)), "error", "stands out"),
        (_object((1, 2, 41, 40)), "error", "stands out"),
        (_object((1, 2, NAN, 40)), "error", "no number"),
        (_object((1, 2, float("inf"), 40)), "error", "no number"),
        (_object((1, 2, 9, 9), (1, 2, 3, 4)), "error", "a polygon of 4 numbers"),
        (_object((1, 2, 9, 9), ()), "error", "a polygon of 0 numbers"),
        (_object((1, 2, 9, 9), (1, 2, 3, 4, 5, 6, 7)), "error", "a polygon of 7 numbers"),
        (_object((1, 2, 9, 9), (1, 2, 3, 4, 5, NAN)), "error", "a polygon with a point that is no number"),
        (_object((1, 2, 9, 9), (1, 2, 1, 4, 1, 6)), "error", "a polygon without area"),
        (_object((1, 2, 9, 9), (1, 2, 3, 4, 99, 6)), "warning", "a polygon stands out"),
        (_object(None), "warning", "has no place"),
    ],
)
def test_places_are_judged(tmp_path: Path, objects: tuple[Object, ...], level: str, said: str) -> None:
    found = _one(check(_table(tmp_path, objects=objects), read_photos=False, file=Path("t.jsonl")))
    assert (found.level, said in found.what, found.where) == (level, True, "t.jsonl:2 (0.jpg)")


def test_a_box_may_stand_out_by_rounding(tmp_path: Path) -> None:
    assert check(_table(tmp_path, objects=_object((-0.3, 0, 40.4, 60.001)))) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"objects": (Object(label="웃옷", box=(1, 2, 3, 4)),)}, "unknown class '웃옷'; did you mean '윗옷'?"),
        ({"labels": {"stile": "dandy"}}, "unknown question 'stile'; did you mean 'style'?"),
        ({"labels": {"style": "dandi"}}, "unknown answer to 'style', 'dandi'; did you mean 'dandy'?"),
        (
            {"objects": (Object(label="윗옷", box=(1, 2, 3, 4), attributes=("florall",)),)},
            "unknown attribute 'florall'; did you mean 'floral'?",
        ),
    ],
)
def test_unknown_names_come_with_the_nearest(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    assert said in [found.what for found in check(_table(tmp_path, **changes)) if found.level == "error"]


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-700])


def _bomb(file: Path) -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Path.unlink, "the photo is missing"),
        (_cut, "damaged, cut off or none"),
        (lambda file: file.write_bytes(b""), "damaged, cut off or none"),
        (lambda file: file.write_bytes(b"<svg/>"), "no JPEG, PNG"),
        (_bomb, "too many pixels"),
        (lambda file: Image.new("RGB", (40, 61)).save(file), "the photo is 40x61 px, the table says 40x60 px"),
    ],
)
def test_photos_are_read(tmp_path: Path, damage: Callable[[Path], object], said: str) -> None:
    table = _table(tmp_path)
    damage(table.rows[0].photo)
    found = _one(check(table))
    assert found.level == "error"
    assert said in found.what


def test_a_photo_that_the_camera_turned_is_warned_of(tmp_path: Path) -> None:
    table = _table(tmp_path)
    notes = Image.Exif()
    notes[0x0112] = 6
    with Image.open(table.rows[0].photo) as image:
        image.load()
        image.save(table.rows[0].photo, exif=notes)
    assert "turn this photo" in _one(check(table)).what


@pytest.mark.parametrize(
    ("size", "value", "mode", "said"),
    [
        ((60, 40), 3, "L", ""),
        ((60, 41), 3, "L", "the mask is 41x60 px, the photo 40x60 px"),
        ((60, 40), 4, "L", "mask values without a name: 4"),
        ((60, 40), 3, "P", "a palette"),
        ((60, 40), 3, "RGB", "colours"),
    ],
)
def test_masks_are_read(tmp_path: Path, size: tuple[int, int], value: int, mode: str, said: str) -> None:
    mask = drawn.mask(tmp_path / "mask.png", value, size)
    with Image.open(mask) as image:
        image.convert(mode).save(mask)
    found = check(_table(tmp_path, mask=mask))
    assert not found if not said else said in _one(found).what


def test_a_missing_mask_is_an_error_without_reading_too(tmp_path: Path) -> None:
    found = _one(check(_table(tmp_path, mask=tmp_path / "gone.png"), read_photos=False))
    assert "the mask is missing" in found.what


def test_one_photo_twice_and_one_picture_twice(tmp_path: Path) -> None:
    table = _table(tmp_path)
    (tmp_path / "x").mkdir()
    twice = replace(table.rows[0], photo=tmp_path / "x" / ".." / "0.jpg", split="validation")
    found = [f for f in check(table.having((*table.rows, replace(twice, group="")))) if f.level == "error"]
    assert "2 times" in found[0].what
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(table.rows[0].photo.read_bytes())
    same = replace(table.rows[0], photo=copy)
    assert _one(check(table.having((*table.rows, same)))).level == "warning"
    found = check(table.having((*table.rows, replace(same, split="validation", group=""))))
    assert (_one(found).level, "in another split" in found[0].what) == ("error", True)
    other = replace(table, questions={"style": ("dandy", "preppy")})
    rows = (*table.rows, replace(same, labels={"style": "preppy"}))
    assert any("with other labels" in f.what and f.level == "error" for f in check(other.having(rows)))


def test_a_group_in_two_splits_is_an_error(tmp_path: Path) -> None:
    found = _one(check(_table(tmp_path, group="sender 2")))
    assert (found.level, "group 'sender 2' is in validation and train" in found.what) == ("error", True)


def test_poor_classes_and_classes_missing_from_a_split_are_warned_of(tmp_path: Path) -> None:
    table = _table(tmp_path, labels={"style": "preppy"})
    found = check(replace(table, questions={"style": ("dandy", "preppy", "rock")}))
    assert {(f.level, f.what) for f in found} == {
        ("warning", "style 'preppy' has one photo only"),
        ("warning", "style 'rock' has no photo"),
        ("warning", "style 'preppy' is not in validation"),
    }


def test_empty_and_half_split_tables_names_twice_and_bare_photos(tmp_path: Path) -> None:
    assert _one(check(Table())).what == "has no photo"
    assert "1 photos have no split" in _one(check(_table(tmp_path, split=None))).what
    table = replace(_table(tmp_path), attributes=("floral", "floral"))
    assert _one(check(table)).what == "attribute 'floral' is listed 2 times"
    bare = _table(tmp_path, objects=(), labels={})
    assert "nothing is known" in check(bare)[0].what


def test_mending_cuts_swaps_and_leaves_out_and_says_so(tmp_path: Path) -> None:
    boxes = [(30, 40, 1, 2), (-5, -5, 50, 70), (1, 2, 1, 9), (1, 2, NAN, 9), (50, 2, 60, 9), (1, 2, 9, 9)]
    objects = tuple(Object(label="윗옷", box=box) for box in boxes)
    outlined = Object(label="윗옷", box=(NAN, 0, 1, 1), polygons=((1, 1, 50, 1, 9, 9), (1, 2)))
    table, done = mend(_table(tmp_path, objects=(*objects, outlined)))
    assert [thing.box for thing in table.rows[0].objects] == [
        (1.0, 2.0, 30.0, 40.0),
        (0.0, 0.0, 40.0, 60.0),
        (1.0, 2.0, 9.0, 9.0),
        (1.0, 1.0, 40.0, 9.0),
    ]
    assert table.rows[0].objects[-1].polygons == ((1.0, 1.0, 40.0, 1.0, 9.0, 9.0),)
    assert len(done) == 7
    assert check(table) == []
    assert mend(table) == (table, [])


def test_the_command_mends_and_its_status_tells_of_errors(tmp_path: Path) -> None:
    from meot.cli.data.check import command

    file = save(_table(tmp_path, objects=_object((30, 40, 1, 2))), tmp_path / "t.jsonl")
    run = CliRunner().invoke(command, [str(file)], standalone_mode=False)
    assert run.return_value == 1
    assert f"error: {file}:2 (0.jpg): object 1 (윗옷): box 30, 40, 1, 2 is reversed" in run.output
    mended = tmp_path / "m.jsonl"
    run = CliRunner().invoke(command, [str(file), "--mend", str(mended), "--json"], standalone_mode=False)
    assert run.return_value == 0
    assert json.loads(run.output)["findings"] == []
    assert len(json.loads(run.output)["mended"]) == 1


def test_import_and_export_commands_go_there_and_back(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    from meot.cli.data.export import command as export
    from meot.cli.data.import_ import command as import_

    table = save(drawn.table(tmp_path), tmp_path / "t.jsonl")
    out, again = tmp_path / "coco", tmp_path / "again.jsonl"
    run = CliRunner()
    assert run.invoke(export, ["coco", str(table), "--out", str(out)]).exit_code == 0
    shown = run.invoke(import_, ["auto", str(out), "--out", str(again), "--json"])
    assert json.loads(shown.output)["splits"] == {"train": 3, "validation": 1, "test": 2}
    lossy = run.invoke(export, ["yolo", str(again), "--out", str(tmp_path / "yolo"), "--lossy"])
    assert "left out, because yolo cannot carry it: the group of 3 photos" in lossy.stderr
    refused = run.invoke(export, ["yolo", str(again), "--out", str(tmp_path / "other")])
    assert "--lossy" in str(refused.exception)
