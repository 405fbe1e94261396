from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError


def make(path: Path) -> Path:
    Catalogue.open(path, create=True).close()
    return path


def write_sql(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def refuse(path: Path, message: str, *, create: bool = True) -> None:
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(CatalogueError, match=message):
        Catalogue.open(path, create=create)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_an_absent_catalogue_is_made_only_when_asked(tmp_path: Path) -> None:
    refuse(tmp_path / "shop.db", "no catalogue here; make one with `meot catalogue add", create=False)
    assert not (tmp_path / "shop.db").exists()
    make(tmp_path / "shop.db")
    with Catalogue.open(f"sqlite:///{tmp_path / 'shop.db'}", create=False) as catalogue:
        assert catalogue.counts() == {"products": 0, "photos": 0, "garments": 0, "read": 0, "failed": 0}


def test_another_version_is_refused_with_both_versions_named(tmp_path: Path) -> None:
    path = make(tmp_path / "shop.db")
    write_sql(path, "UPDATE meta SET value = '99' WHERE name = 'schema'")
    refuse(path, "expected a catalogue of version 2 at most, got version 99; use the meot that made it")


@pytest.mark.parametrize("content", [b"id,title\n1,shirt\n", b"\x00" * 5000, b"\xff\xd8\xff\xe0 a photo"])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "shop.db").write_bytes(content)
    refuse(tmp_path / "shop.db", "expected a meot catalogue, got a file that is no database")


@pytest.mark.parametrize("statement", ["CREATE TABLE songs (name TEXT)", "CREATE TABLE meta (other TEXT)"])
def test_another_programs_database_is_refused(tmp_path: Path, statement: str) -> None:
    write_sql(tmp_path / "shop.db", statement)
    refuse(tmp_path / "shop.db", "got another program's database")


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "shop.db")
    path.write_bytes(path.read_bytes()[:100] + b"\x5a" * 8000)
    refuse(path, "damaged|no database")


def test_an_empty_file_becomes_a_catalogue(tmp_path: Path) -> None:
    (tmp_path / "shop.db").touch()
    refuse(tmp_path / "shop.db", "no catalogue here", create=False)
    make(tmp_path / "shop.db")


def test_a_folder_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    refuse(tmp_path, "got a folder")
    refuse(tmp_path / "none" / "shop.db", "its folder does not exist")


def test_other_addresses_are_refused_without_their_password() -> None:
    with pytest.raises(CatalogueError, match="got a mongodb address"):
        Catalogue.open("mongodb://localhost/shop", create=True)
    with pytest.raises(CatalogueError, match="cannot be read") as refused:
        Catalogue.open("postgresql://me:secret@localhost:port/shop", create=True)
    assert "secret" not in str(refused.value)
    with pytest.raises(CatalogueError, match=r"mysql://me:\*\*\*@localhost: expected an address with a database"):
        Catalogue.open("mysql://me:secret@localhost", create=True)


def test_a_writer_that_waits_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meot.catalogue.complaints.BUSY_SECONDS", 0.05)
    path = make(tmp_path / "shop.db")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Catalogue.open(path, create=False) as catalogue:
        with pytest.raises(CatalogueError, match="another program has been writing"):
            catalogue.put_failure(1, "why")
        assert catalogue.generation() == 0  # reading goes on
    other.close()
