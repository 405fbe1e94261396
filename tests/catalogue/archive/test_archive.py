from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from tests.builders import NAVY, RED, ColourReader, build_product, write_photo
from tests.catalogue import servers

from meot import photos
from meot.catalogue.archive import layout, read, write
from meot.catalogue.archive.keys import next_keys
from meot.catalogue.archive.layout import BackupError
from meot.catalogue.closet import Closet
from meot.catalogue.database import Database
from meot.catalogue.people import People
from meot.catalogue.store import Catalogue
from meot.catalogue.tables import SCHEMA_VERSION, drafts, examples, lessons, metadata

DRAFT = "빨간 " * 20 + "(1).png"


def fill(where: str | Path, folder: Path) -> None:
    """A catalogue with products, photos in and outside of its folder, a closet, an account, a gap in the numbers."""
    reader = ColourReader()
    with Catalogue.open(where, create=True, data=folder) as catalogue:
        inside = catalogue.place.beside("photos") / "aa" / "navy.png"
        catalogue.put_product(build_product("1", "남색 셔츠 \U0001f455 'x';--"), [write_photo(inside, NAVY)])
        catalogue.put_product(build_product("2", "Red\tshirt\n", price=None), [write_photo(folder / "red.png", RED)])
        catalogue.put_product(build_product("3", "Lost"), [write_photo(folder / "lost.png", (1, 2, 3))])
        for key, path in catalogue.pending(reader.models):
            catalogue.put_reading(key, reader.read(photos.load(path)))
        (folder / "lost.png").unlink()
        with catalogue.database.writing() as connection:
            row = {"taught_at": "", "kind": "style", "question": "", "name": "n", "names": "{}", "region": ""}
            lesson = connection.execute(insert(lessons).values(**row)).inserted_primary_key
            assert lesson is not None
            blob = {"lesson": lesson[0], "sha256": "", "region": "", "encoder": "", "features": bytes(range(256))}
            connection.execute(insert(examples).values(**blob))
        people = People(database=catalogue.database)
        people.signing_key()
        mina, gone = people.add("mina", "correct horse battery"), people.add("gone", "correct horse battery")
        people.issue(mina, "api", lasts_s=60.0, scopes=("read",))
        people.delete(gone)
        kept = write_photo(catalogue.place.beside("drafts") / "1" / DRAFT, RED)
        read_from = {"path": str(kept.absolute()), "name": "Rose: 2"}
        with catalogue.database.writing() as connection:
            texts = {"corrected": "{}", "fields": "{}", "product": "p", "state": "sure", "reason": "", "models": ""}
            texts["photos"] = json.dumps([read_from], ensure_ascii=False)
            connection.execute(insert(drafts).values(**texts, person=mina.key, created_at=0.0, updated_at=0.0))
        Closet(database=catalogue.database, person="mina").add(reader.read(photos.load(folder / "red.png")))


def everything(where: str | Path, folder: Path) -> dict[str, list[Any]]:
    """Every row of a catalogue; paths below its folders as such."""
    with Database.open(where, create=False, data=folder) as database, database.reading() as connection:
        found: dict[str, list[Any]] = {}
        here = str(database.place.beside("photos").absolute()).removesuffix(".photos")
        for table in layout.tables():
            rows = connection.execute(select(table).order_by(*table.primary_key.columns))
            found[table.name] = [
                tuple(v.replace(here, "<here>") if isinstance(v, str) else v for v in row) for row in rows
            ]
        found["next"] = sorted((k, v) for k, v in next_keys(connection).items() if k in ("people", "products"))
        return found


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """The file of a small catalogue."""
    home = tmp_path / "home"
    home.mkdir()
    fill(home / "shop.db", home)
    with Database.open(home / "shop.db", create=False) as database:
        write.write(database, tmp_path / "shop.tar.gz")
    return tmp_path / "shop.tar.gz"


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_catalogue_goes_to_a_server_and_back_whole(kind: str, backup: Path, tmp_path: Path) -> None:
    server = servers.find(kind)
    with server.database("archive") as address:
        data, back = tmp_path / "data", tmp_path / "back"
        data.mkdir()
        back.mkdir()
        read.restore(backup, address, data=data)
        with Database.open(address, create=False, data=data) as database:
            said = write.write(database, tmp_path / "again.tar.gz")
        assert said.missing == 1  # the lost one
        read.restore(tmp_path / "again.tar.gz", back / "shop.db")
        first, second, third = (
            everything(tmp_path / "home" / "shop.db", tmp_path),
            everything(address, data),
            everything(back / "shop.db", tmp_path),
        )
        assert second == third
        assert {name: rows for name, rows in first.items() if name not in ("photos", "products")} == {
            name: rows for name, rows in second.items() if name not in ("photos", "products")
        }
        assert first["next"] == [("people", 3), ("products", 4)]
        assert files(data / f"{address.rpartition('/')[2]}.photos") == files(back / "shop.photos")
        assert files(tmp_path / "home" / "shop.closet") == files(back / "shop.closet") != {}
        with Database.open(address, create=False, data=data) as database:
            assert People(database=database).add("jun", "correct horse battery").key == 3  # never a number again


def test_photos_come_with_it_wherever_they_lie(backup: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    read.restore(backup, new / "other.db")
    moved = new / "other.drafts" / "1" / DRAFT
    assert moved.is_file()
    with Database.open(new / "other.db", create=False) as database, database.reading() as connection:
        said = json.loads(str(connection.scalar(select(drafts.c.photos))))
    assert said == [{"path": str(moved.absolute()), "name": "Rose: 2"}]
    with Catalogue.open(new / "other.db", create=False) as catalogue:
        navy, red, lost = (catalogue.photo_path(number) for number in (1, 2, 3))
        assert navy == (new / "other.photos" / "aa" / "navy.png").absolute()
        assert red is not None
        assert red.is_relative_to(new / "other.photos")
        assert red.read_bytes() == (tmp_path / "home" / "red.png").read_bytes()
        assert lost is None
        assert catalogue.product(1).title == "남색 셔츠 \U0001f455 'x';--"


def test_without_photos_rows_alone_come(backup: Path, tmp_path: Path) -> None:
    with Database.open(tmp_path / "home" / "shop.db", create=False) as database:
        made = write.write(database, tmp_path / "rows.tar.gz", with_photos=False)
    assert (made.files, made.bytes < backup.stat().st_size) == (0, True)
    read.restore(tmp_path / "rows.tar.gz", tmp_path / "rows.db")
    assert not (tmp_path / "rows.photos").exists()


def test_a_backup_is_its_owners_alone_and_never_written_over(backup: Path, tmp_path: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    before = backup.read_bytes()
    with Database.open(tmp_path / "home" / "shop.db", create=False) as database:
        with pytest.raises(BackupError, match="expected the name of a new file"):
            write.write(database, backup)
        with pytest.raises(BackupError, match="cannot be written"):
            write.write(database, tmp_path / "no" / "folder.tar.gz")
    assert backup.read_bytes() == before


def test_what_others_write_meanwhile_is_all_in_it_or_not_at_all(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        catalogue.put_product(build_product("1", "First"), [])

        def meddle(_done: int, _total: int) -> None:
            if len(catalogue.numbers(9)) == 1:
                catalogue.put_product(build_product("2", "Second"), [])

        write.write(catalogue.database, tmp_path / "b.tar.gz", progress=meddle)
        assert len(catalogue.numbers(9)) == 2
    head = read.restore(tmp_path / "b.tar.gz", tmp_path / "new.db")
    with Catalogue.open(tmp_path / "new.db", create=False) as restored:
        assert (len(restored.numbers(9)), restored.generation(), head.rows["products"]) == (1, 1, 1)


def test_where_something_is_nothing_is_restored(backup: Path, tmp_path: Path) -> None:
    before = everything(tmp_path / "home" / "shop.db", tmp_path)
    with pytest.raises(BackupError, match="expected no such folder"):
        read.restore(backup, tmp_path / "home" / "shop.db")
    (tmp_path / "bare").mkdir()
    with Catalogue.open(tmp_path / "bare" / "shop.db", create=True) as catalogue:
        catalogue.put_product(build_product("1", "Mine"), [])
    with pytest.raises(BackupError, match="expected no catalogue yet"):
        read.restore(backup, tmp_path / "bare" / "shop.db")
    assert everything(tmp_path / "home" / "shop.db", tmp_path) == before
    assert sorted(p.name for p in (tmp_path / "bare").iterdir() if p.suffix not in (".db-shm", ".db-wal")) == [
        "shop.db"
    ]


KILLED = """
import sys
from pathlib import Path
from meot.catalogue.archive import write
from meot.catalogue.database import Database
with Database.open(sys.argv[1], create=False) as database:
    print("begins", flush=True)
    write.write(database, Path(sys.argv[2]))
"""


def test_a_killed_backup_leaves_no_half_file(backup: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    chance, moment = random.Random(3), 0.03
    for number in range(int(os.environ.get("MEOT_TEST_KILLS", "3"))):
        file = out / f"{number}.tar.gz"
        arguments = [sys.executable, "-c", KILLED, str(tmp_path / "home" / "shop.db"), str(file)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, moment))
            process.send_signal(signal.SIGKILL)
        if file.exists():
            read.check(file)
            file.unlink()
        assert list(out.iterdir()) == []


def says_the_same(content: bytes, whole: bytes) -> bool:
    """Whether it unpacks alike: of a few bits of a packed file nothing depends, those between two blocks."""
    try:
        return gzip.decompress(content) == gzip.decompress(whole)
    except (OSError, EOFError, zlib.error):
        return False


def test_a_backup_that_is_cut_off_or_damaged_is_refused(backup: Path, tmp_path: Path) -> None:
    whole, chance = backup.read_bytes(), random.Random(5)
    spots = [chance.randrange(len(whole)) for _ in range(25)]
    damaged = [whole[:spot] for spot in spots] + [
        whole[:spot] + bytes([whole[spot] ^ 1 << chance.randrange(8)]) + whole[spot + 1 :] for spot in spots
    ]
    damaged = [content for content in damaged if not says_the_same(content, whole)]
    assert len(damaged) > 45
    for content in [*damaged, b"", b"PK\x03\x04", whole[: len(whole) - 1]]:
        broken = tmp_path / "broken.tar.gz"
        broken.write_bytes(content)
        with pytest.raises(BackupError):
            read.restore(broken, tmp_path / "new.db")
    assert not list(tmp_path.glob("*new.*"))
    with pytest.raises(BackupError, match="no such file"):
        read.check(tmp_path / "none.tar.gz")


def test_a_restore_that_fails_midway_leaves_nothing(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _size: int, _stream: object) -> None:
        raise BackupError("no space")

    monkeypatch.setattr(read, "_put_file", full)
    (tmp_path / "new").mkdir()
    with pytest.raises(BackupError, match="no space"):
        read.restore(backup, tmp_path / "new" / "shop.db")
    assert list((tmp_path / "new").iterdir()) == []


# -- archives of ill will


@contextmanager
def forged(file: Path, head: Mapping[str, Any] | None = None) -> Iterator[Any]:
    """Writes an archive that has the right frame; ``put(name, data, **fields)`` adds a member."""
    sums: dict[str, str] = {}
    with gzip.open(file, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:

        def put(name: str, data: bytes = b"", **fields: Any) -> None:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for field, value in fields.items():
                setattr(info, field, value)
            tar.addfile(info, io.BytesIO(data) if info.isreg() else None)
            sums[name] = hashlib.sha256(data).hexdigest()

        said = layout.describe({}, schema=SCHEMA_VERSION, version="0.1.0", made=0.0, keys={})
        put(layout.HEAD, json.dumps(head if head is not None else said).encode())
        yield put
        put(layout.SUMS, json.dumps(sums).encode())


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("../../escaped.txt", {}),
        ("/tmp/escaped.txt", {}),
        ("photos/../../escaped.txt", {}),
        ("photos/./a.jpg", {}),
        ("photos/a\x00b.jpg", {}),
        ("photos//a.jpg", {}),
        ("photos/" + "a/" * 300 + "b.jpg", {}),
        ("photos/.ssh/authorized_keys", {}),
        ("tables/people/1.jsonl", {}),
        ("tables/secrets/000001.jsonl", {}),
        ("index/lock", {}),
        ("photos/link.jpg", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
        ("photos/link.jpg", {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"}),
        ("photos/device.jpg", {"type": tarfile.CHRTYPE}),
        ("photos/fifo.jpg", {"type": tarfile.FIFOTYPE}),
        ("photos/folder", {"type": tarfile.DIRTYPE}),
        ("photos/sparse.jpg", {"type": tarfile.GNUTYPE_SPARSE}),
        ("photos/a.jpg", {"pax_headers": {"comment": "x" * 100}}),
    ],
)
def test_members_that_no_backup_has_are_refused(tmp_path: Path, name: str, fields: dict[str, Any]) -> None:
    home = tmp_path / "deep" / "home"
    home.mkdir(parents=True)
    with forged(tmp_path / "evil.tar.gz") as put:
        put(name, b"" if fields else b"owned", **fields)
    with pytest.raises(BackupError):
        read.restore(tmp_path / "evil.tar.gz", home / "shop.db")
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")) == ["deep", "deep/home", "evil.tar.gz"]


def test_what_unpacks_to_far_more_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with forged(tmp_path / "bomb.tar.gz") as put:
        for number in range(5):
            put(f"photos/{number}.jpg", bytes(16 << 20))
    with pytest.raises(BackupError, match="far more"):
        read.restore(tmp_path / "bomb.tar.gz", tmp_path / "shop.db")


def test_a_table_block_that_is_too_large_is_not_taken_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "MOST_BLOCK_BYTES", 1000)
    with forged(tmp_path / "large.tar.gz") as put:
        put("tables/people/000001.jsonl", os.urandom(2000))
    with pytest.raises(BackupError, match="larger than any"):
        read.restore(tmp_path / "large.tar.gz", tmp_path / "shop.db")


PHOTO = ["key", "person", "sha256", "path", "models", "worn", "added_at"]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("people", [["key", "naem"], [1, "x"]]),
        ("people", [["key", "key"], [1, 1]]),
        ("people", [["key", "name", "created_at"], [1, "x"]]),
        ("people", [["key", "name", "created_at"], [1, {"a": 1}, 0.0]]),
        ("people", [["key", "name", "created_at"], 7]),
        ("people", ["key"]),
        ("people", [["key", "name"], [1, "x"]]),
        ("owned_photos", [PHOTO, [1, 1, "a", "../../etc/passwd", "m", False, 0.0]]),
        ("owned_photos", [PHOTO, [1, 99, "a", "1/a.jpg", "m", False, 0.0]]),  # of nobody
        ("photos", [["key", "sha256", "path", "size", "modified"], [1, "a", "meot:photos/../x", 1, 1]]),
        ("examples", [examples.c.keys(), [1, 1, "", "", "", "not base64"]]),
    ],
)
def test_rows_that_no_catalogue_has_are_refused(tmp_path: Path, table: str, rows: list[Any]) -> None:
    with forged(tmp_path / "evil.tar.gz") as put:
        put(f"tables/{table}/000001.jsonl", "\n".join(map(json.dumps, rows)).encode())
    with pytest.raises(BackupError):
        read.restore(tmp_path / "evil.tar.gz", tmp_path / "shop.db")
    assert not (tmp_path / "shop.db").exists()


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ({"format": 2}, "expected a backup made by"),
        ({"format": 1, "schema": 1, "meot": "0.0.9"}, "this meot has version"),
        ({"format": 1, "schema": SCHEMA_VERSION}, "first part is broken"),
        ([], "expected a backup"),
    ],
)
def test_another_kind_of_backup_is_named(tmp_path: Path, head: Any, says: str) -> None:
    with forged(tmp_path / "other.tar.gz", head):
        pass
    with pytest.raises(BackupError, match=says):
        read.check(tmp_path / "other.tar.gz")


def test_every_table_is_in_a_backup_but_the_counts_of_attempts() -> None:
    assert {table.name for table in layout.tables()} == set(metadata.tables) - {"attempts"}


def test_bytes_travel_as_text() -> None:
    row = [1, 2, "a", "upper", "e", b"\x00\xff"]
    sent = layout.to_json(examples, row)
    assert sent[-1] == base64.b64encode(b"\x00\xff").decode()
    assert list(layout.from_json(examples, examples.c.keys(), json.loads(json.dumps(sent))).values()) == row


def test_a_small_database_among_the_photos_is_copied_as_of_a_moment(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        (tmp_path / "shop.photos").mkdir()
        known = sqlite3.connect(tmp_path / "shop.photos" / "addresses.db")
        known.execute("PRAGMA journal_mode = WAL")
        known.execute("CREATE TABLE addresses (address TEXT)")
        known.execute("INSERT INTO addresses VALUES ('https://shop.example/1.jpg')")
        known.commit()
        write.write(catalogue.database, tmp_path / "b.tar.gz")
        known.close()
    read.restore(tmp_path / "b.tar.gz", tmp_path / "new.db")
    again = sqlite3.connect(tmp_path / "new.photos" / "addresses.db")
    assert again.execute("SELECT address FROM addresses").fetchall() == [("https://shop.example/1.jpg",)]
    again.close()
