from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url
from tests.builders import NAVY, RED, ColourReader, write_bad_photo, write_photo
from tests.catalogue import servers

from meot import wiring
from meot.cli.catalogue import command
from meot.errors import CatalogueError, MeotError, PhotoError, SettingsError
from meot.types import Look, Photo


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> ColourReader:
    reader = ColourReader()
    monkeypatch.setattr(wiring, "build_reader", lambda settings: reader)
    return reader


@pytest.fixture
def photos(tmp_path: Path, reader: ColourReader) -> Path:
    write_photo(tmp_path / "in" / "1.png", NAVY)
    write_photo(tmp_path / "in" / "2.png", RED)
    return tmp_path / "in"


def add(source: Path, database: Path, *options: str) -> Result:
    return CliRunner().invoke(command, ["add", str(source), "--into", str(database), *options])


def test_adds_and_says_what_it_did(photos: Path, tmp_path: Path) -> None:
    result = add(photos, tmp_path / "shop.db")
    assert result.exit_code == 0
    assert "2 products added, 2 photos read, 0 known already, 0 failed" in result.stdout
    assert "2/2" in result.stderr  # the bar
    again = add(photos, tmp_path / "shop.db")
    assert "0 products added, 0 photos read, 2 known already, 0 failed" in again.stdout


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_the_password_of_an_address_is_not_printed(kind: str, photos: Path) -> None:
    with servers.catalogue(kind, photos, "meot_printed") as address:
        url = make_url(address)
        said = CliRunner().invoke(command, ["add", str(photos), "--into", address, "--json"])
        assert said.exit_code == 0
        if url.password is None and kind == "postgresql":  # one that lets everybody in takes any
            url = url.set(password="a-secret")
        result = CliRunner().invoke(command, ["add", str(photos), "--into", url.render_as_string(hide_password=False)])
        assert f"{url.render_as_string()}: 0 products added" in result.stdout
        assert url.password is None or f":{url.password}@" not in result.output


def test_a_bad_photo_is_reported_and_the_exit_status_is_1(photos: Path, tmp_path: Path) -> None:
    bad = write_bad_photo(photos / "bad.jpg")
    result = add(photos, tmp_path / "shop.db", "--json")
    assert result.exit_code == 1
    summary = json.loads(result.stdout)
    assert {name: summary[name] for name in ("added", "read", "skipped")} == {"added": 2, "read": 2, "skipped": 0}
    [failure] = summary["failed"]
    assert failure["name"] == str(bad)
    assert result.stderr.count(f"{bad}: expected a photo") == 1


def test_a_broken_row_is_reported_by_its_line(photos: Path, tmp_path: Path) -> None:
    (photos / "products.csv").write_text("id,title,price,image\n1,셔츠,10,1.png\n2,,10,2.png\n3,바지,10,none.png\n")
    result = add(photos / "products.csv", tmp_path / "shop.db")
    assert result.exit_code == 1
    assert "products.csv line 3: title is empty" in result.stderr
    assert "products.csv line 4: " in result.stderr
    assert "none.png: cannot be opened" in result.stderr


@pytest.mark.parametrize("kind", ["empty folder", "missing column", "no rows", "nothing"])
def test_an_unusable_source_makes_no_catalogue(tmp_path: Path, reader: ColourReader, kind: str) -> None:
    source = tmp_path / "source"
    if kind == "empty folder":
        source.mkdir()
    elif kind != "nothing":
        source = tmp_path / "products.csv"
        source.write_text("id,price,image\n" if kind == "missing column" else "id,title,image\n")
    result = add(source, tmp_path / "shop.db")
    assert isinstance(result.exception, PhotoError | CatalogueError)
    assert not (tmp_path / "shop.db").exists()


def test_a_catalogue_that_cannot_be_is_an_error_of_ours(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_text("no database, only text")
    assert isinstance(add(photos, tmp_path / "shop.db").exception, MeotError)
    assert (tmp_path / "shop.db").read_text() == "no database, only text"


def test_stopped_by_hand_it_goes_on_where_it_was(
    photos: Path, tmp_path: Path, reader: ColourReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, second = reader.read, hashlib.sha256(sorted(photos.iterdir())[1].read_bytes()).hexdigest()

    def stop_at_the_second(photo: Photo) -> Look:
        if photo.sha256 == second:
            raise KeyboardInterrupt
        return read(photo)

    monkeypatch.setattr(reader, "read", stop_at_the_second)
    result = add(photos, tmp_path / "shop.db")
    assert result.exit_code == 130
    assert "start the same command again" in result.stderr
    monkeypatch.undo()
    monkeypatch.setattr(wiring, "build_reader", lambda settings: reader)
    assert "1 products added, 1 photos read, 1 known already" in add(photos, tmp_path / "shop.db").stdout


def test_workers_that_cannot_be_are_refused_before_a_catalogue_is_made(photos: Path, tmp_path: Path) -> None:
    for workers, words in (
        ("0", "1 or more"),
        ("some", "scheduler's address"),
        ("http://here:80", "scheduler's address"),
    ):
        result = add(photos, tmp_path / "shop.db", "--workers", workers)
        assert isinstance(result.exception, SettingsError)
        assert words in str(result.exception)
    assert not (tmp_path / "shop.db").exists()
