from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import pytest
from tests.data.crawl.scenes import photo

from meot.data.crawl.collection import RECORDS, STATE, TABLE, Collection, alone
from meot.data.crawl.notes import Note
from meot.data.crawl.page import Picture
from meot.data.crawl.plan import Plan
from meot.data.duplicates import near
from meot.data.table import load
from meot.errors import DataError

PAGE = "https://shop.example/knit"


def plan(folder: Path, name: str = "knit", **options: object) -> Plan:
    return Plan(addresses=(PAGE,), folder=folder, name=name, **options)  # type: ignore[arg-type]


def picture(name: str, **more: object) -> Picture:
    return Picture(f"{PAGE}/{name}", PAGE, "img", **more)  # type: ignore[arg-type]


def records(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / RECORDS).read_text("utf-8").splitlines()[1:]]


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 px a side."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def test_a_photo_is_kept_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    collection = Collection(plan=plan(tmp_path, "니트", question="style"))
    note = Note("licence", "https://creativecommons.org/licenses/by/4.0/", "page")
    shown = picture("1.jpg", alt="조끼", caption="가을", item=f"{PAGE}/1", notes=(note,))
    data = photo(1)
    assert collection.keep(data, shown).outcome == "taken"
    [record] = records(tmp_path)
    file = tmp_path / str(record["photo"])
    assert file.read_bytes() == data
    assert file.name == f"{record['sha256']}.jpg"
    assert (record["image"], record["page"], record["alt"], record["caption"]) == (shown.address, PAGE, "조끼", "가을")
    assert record["notes"] == [list(note)]
    assert str(record["at"]).endswith("+00:00")
    [row] = load(collection.write_table()).rows
    assert (row.photo, row.labels, row.group, row.size) == (file, {"style": "니트"}, f"{PAGE}/1", (220, 240))


def test_nearly_the_same_photo_is_taken_once_whatever_its_class(tmp_path: Path) -> None:
    first = Collection(plan=plan(tmp_path))
    assert first.keep(photo(1), picture("1.jpg")).outcome == "taken"
    assert first.keep(photo(1), picture("2.jpg")).outcome == "duplicate"
    assert first.keep(photo(1, size=(600, 550), form="PNG"), picture("3.png")).outcome == "duplicate"
    other = Collection(plan=plan(tmp_path, "hat"))
    assert other.keep(photo(1, quality=40), picture("4.jpg")).outcome == "duplicate"
    assert other.keep(photo(2, form="WEBP"), picture("5.jpg")).outcome == "taken"
    assert [record["outcome"] for record in records(tmp_path)].count("duplicate") == 3
    assert records(tmp_path)[2]["of"] == records(tmp_path)[0]["sha256"]
    table = load(other.write_table())
    assert near(table) == ()
    assert [row.photo.suffix for row in table.rows] == [".webp", ".jpg"]


def test_many_photos_are_told_apart_as_all_with_all(tmp_path: Path) -> None:
    collection = Collection(plan=plan(tmp_path))
    outcomes = [collection.keep(photo(seed % 70), picture(f"{seed}.jpg")).outcome for seed in range(80)]
    assert outcomes == ["taken"] * 70 + ["duplicate"] * 10
    assert near(load(collection.write_table())) == ()


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (photo(1, size=(400, 199)), "small"),
        (photo(1, size=(1, 1), form="GIF"), "small"),
        (bomb(), "unreadable"),
        (photo(1)[:2000], "unreadable"),
        (b"<html>not here</html>", "unreadable"),
        (b"", "unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unreadable"),
    ],
)
def test_what_is_not_taken_leaves_no_file(data: bytes, outcome: str, tmp_path: Path) -> None:
    collection = Collection(plan=plan(tmp_path))
    assert collection.keep(data, picture("x.jpg")).outcome == outcome
    assert collection.settled(f"{PAGE}/x.jpg")
    assert list((tmp_path / "knit").iterdir()) == []
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [tmp_path / RECORDS]


def test_a_small_photo_is_asked_for_again_when_smaller_ones_will_do(tmp_path: Path) -> None:
    Collection(plan=plan(tmp_path)).keep(photo(1, size=(150, 150)), picture("x.jpg"))
    assert Collection(plan=plan(tmp_path)).settled(f"{PAGE}/x.jpg")
    assert not Collection(plan=plan(tmp_path, min_side=100)).settled(f"{PAGE}/x.jpg")


def test_moving_a_photo_corrects_its_class_and_deleting_takes_it_out(tmp_path: Path) -> None:
    collection = Collection(plan=plan(tmp_path, most=2))
    for seed in (1, 2):
        collection.keep(photo(seed), picture(f"{seed}.jpg"))
    assert collection.full
    moved, deleted = sorted((tmp_path / "knit").iterdir())
    (tmp_path / "cardigan").mkdir()
    moved.rename(tmp_path / "cardigan" / moved.name)
    lost = photo(1) if deleted.read_bytes() == photo(1) else photo(2)
    deleted.unlink()
    again = Collection(plan=plan(tmp_path, most=2))
    assert (again.count, again.full) == (0, False)
    assert again.keep(lost, picture("elsewhere.jpg")).outcome == "duplicate"
    table = load(again.write_table())
    assert [row.labels for row in table.rows] == [{"category": "cardigan"}]


def test_photos_of_no_class_lie_in_the_folder_itself(tmp_path: Path) -> None:
    collection = Collection(plan=plan(tmp_path, ""))
    collection.keep(photo(1), picture("1.jpg"))
    assert collection.count == 1
    assert load(collection.write_table()).rows[0].labels == {}


def test_a_line_cut_off_in_writing_is_taken_away(tmp_path: Path) -> None:
    collection = Collection(plan=plan(tmp_path))
    collection.keep(photo(1), picture("1.jpg"))
    whole = (tmp_path / RECORDS).read_bytes()
    (tmp_path / RECORDS).write_bytes(whole + b'{"outcome":"taken","ima')
    assert Collection(plan=plan(tmp_path)).count == 1
    assert (tmp_path / RECORDS).read_bytes() == whole


@pytest.mark.parametrize(
    "text", ['{"schema":"other/1"}\n', "photo,label\n", "[]\n", "\n", '{"schema":"meot.collected/1"}\n{}\n']
)
def test_a_file_of_someone_else_is_not_touched(text: str, tmp_path: Path) -> None:
    (tmp_path / RECORDS).write_text(text)
    with pytest.raises(DataError, match="mend it or collect elsewhere"):
        Collection(plan=plan(tmp_path))
    assert (tmp_path / RECORDS).read_text() == text


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(DataError, match="another run is collecting"), alone(tmp_path):
        pass
    with alone(tmp_path):
        assert (tmp_path / STATE).is_dir()
    assert not (tmp_path / TABLE).exists()
