from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.builders import NAVY, RED, WHITE, ColourReader, write_bad_photo, write_photo
from tests.catalogue.words.shelf import found_by

from meot.catalogue import intake
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError, PhotoError


def add(database: Path, source: Path, reader: ColourReader | None = None) -> intake.Summary:
    with Catalogue.open(database, create=True) as catalogue:
        return intake.add(catalogue, reader or ColourReader(), source)


def titles(database: Path) -> list[str]:
    with Catalogue.open(database, create=False) as catalogue:
        return [product.title for product in catalogue.products(range(1, 100)).values()]


def write_csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "products.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_a_folder_makes_each_photo_a_product(tmp_path: Path) -> None:
    write_photo(tmp_path / "in" / "셔츠" / "navy_oxford.png", NAVY)
    write_photo(tmp_path / "in" / "red.png", RED)
    summary = add(tmp_path / "shop.db", tmp_path / "in")
    assert (summary.added, summary.read, summary.skipped, summary.failed) == (2, 2, 0, [])
    with Catalogue.open(tmp_path / "shop.db", create=False) as catalogue:
        product = catalogue.product(2)
        assert (product.id, product.title, product.keyword) == ("셔츠/navy_oxford.png", "navy oxford", "셔츠")
        assert catalogue.photo_path(2) == tmp_path / "in" / "셔츠" / "navy_oxford.png"
        assert [g.garment.category.id for g in catalogue.garments_of(2)] == ["shirt"]


def test_adding_again_reads_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    for i in range(3):
        write_photo(tmp_path / "in" / f"{i}.png", (i, 0, 0))
    add(tmp_path / "shop.db", tmp_path / "in")
    reader = ColourReader()
    summary = add(tmp_path / "shop.db", tmp_path / "in", reader)
    assert (summary.added, summary.read, summary.skipped) == (0, 0, 3)
    assert reader.reads == []
    assert len(titles(tmp_path / "shop.db")) == 3


def test_a_photo_known_by_its_content_is_not_read_again_elsewhere(tmp_path: Path) -> None:
    write_photo(tmp_path / "a" / "1.png", NAVY)
    write_photo(tmp_path / "b" / "copy.png", NAVY)
    add(tmp_path / "shop.db", tmp_path / "a")
    reader = ColourReader()
    summary = add(tmp_path / "shop.db", tmp_path / "b", reader)
    assert (summary.added, summary.read, summary.skipped) == (1, 0, 1)
    assert reader.reads == []


def test_a_changed_photo_is_read_again(tmp_path: Path) -> None:
    path = write_photo(tmp_path / "in" / "1.png", NAVY)
    add(tmp_path / "shop.db", tmp_path / "in")
    write_photo(path, RED, lower=WHITE)
    assert add(tmp_path / "shop.db", tmp_path / "in").read == 1
    with Catalogue.open(tmp_path / "shop.db", create=False) as catalogue:
        assert [g.garment.colours[0].id for g in catalogue.garments_of(1)] == ["red", "white"]
        assert catalogue.counts()["products"] == 1


def test_other_models_read_everything_again_from_every_source(tmp_path: Path) -> None:
    write_photo(tmp_path / "a" / "1.png", NAVY)
    write_photo(tmp_path / "b" / "2.png", RED)
    for source in ("a", "b"):
        add(tmp_path / "shop.db", tmp_path / source)
    summary = add(tmp_path / "shop.db", tmp_path / "b", ColourReader(version="colour.2"))
    assert (summary.read, summary.failed) == (2, [])
    with Catalogue.open(tmp_path / "shop.db", create=False) as catalogue:
        assert catalogue.pending(ColourReader(version="colour.2").models) == []
        assert catalogue.counts()["garments"] == 2


def test_a_photo_gone_when_models_change_is_reported_once_and_keeps_its_reading(tmp_path: Path) -> None:
    write_photo(tmp_path / "a" / "1.png", NAVY)
    write_photo(tmp_path / "b" / "2.png", RED)
    for source in ("a", "b"):
        add(tmp_path / "shop.db", tmp_path / source)
    (tmp_path / "a" / "1.png").unlink()
    newer = ColourReader(version="colour.2")
    summary = add(tmp_path / "shop.db", tmp_path / "b", newer)
    assert [name for name, _ in summary.failed] == [str(tmp_path / "a" / "1.png")]
    assert add(tmp_path / "shop.db", tmp_path / "b", newer).failed == []
    with Catalogue.open(tmp_path / "shop.db", create=False) as catalogue:
        assert catalogue.counts()["failed"] == 1
        assert len(catalogue.garments_of(1)) == 1


def test_a_bad_photo_is_reported_and_the_rest_go_in(tmp_path: Path) -> None:
    write_photo(tmp_path / "in" / "1.png", NAVY)
    write_bad_photo(tmp_path / "in" / "2.jpg")
    write_photo(tmp_path / "in" / "3.png", RED)
    summary = add(tmp_path / "shop.db", tmp_path / "in")
    assert summary.added == 2
    [(name, reason)] = summary.failed
    assert name.endswith("2.jpg")
    assert "expected a photo" in reason
    assert titles(tmp_path / "shop.db") == ["1", "3"]


def test_a_photo_gone_bad_leaves_the_product_as_it_was(tmp_path: Path) -> None:
    write_photo(tmp_path / "in" / "1.png", NAVY)
    add(tmp_path / "shop.db", tmp_path / "in")
    write_bad_photo(tmp_path / "in" / "1.png")
    assert len(add(tmp_path / "shop.db", tmp_path / "in").failed) == 1
    with Catalogue.open(tmp_path / "shop.db", create=False) as catalogue:
        assert len(catalogue.garments_of(1)) == 1


def test_two_products_that_share_a_photo_both_stay(tmp_path: Path) -> None:
    write_photo(tmp_path / "shared.png", NAVY)
    file = write_csv(tmp_path, "id,title,price,image\n1,셔츠 세트 A,10000,shared.png\n2,셔츠 세트 B,20000,shared.png\n")
    reader = ColourReader()
    summary = add(tmp_path / "shop.db", file, reader)
    assert (summary.added, summary.read, summary.skipped) == (2, 1, 1)
    assert len(reader.reads) == 1
    with Catalogue.open(tmp_path / "shop.db", create=False) as catalogue:
        assert found_by(catalogue, "남색") == [1, 2]
        assert catalogue.attributes().garments.product.tolist() == [1, 2]


def test_a_changed_row_updates_its_product(tmp_path: Path) -> None:
    write_photo(tmp_path / "1.png", NAVY)
    add(tmp_path / "shop.db", write_csv(tmp_path, "id,title,price,image\n1,셔츠,10000,1.png\n"))
    summary = add(tmp_path / "shop.db", write_csv(tmp_path, "id,title,price,image\n1,블라우스,9000,1.png\n"))
    assert (summary.added, summary.read) == (1, 0)
    with Catalogue.open(tmp_path / "shop.db", create=False) as catalogue:
        assert (catalogue.product(1).title, catalogue.product(1).price) == ("블라우스", 9000)
        assert found_by(catalogue, "블라우스") == [1]


@pytest.mark.parametrize("name", ["nothing-here", "empty"])
def test_a_folder_without_photos_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PhotoError, match=name):
        add(tmp_path / "shop.db", tmp_path / name)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(CatalogueError, match="expected one of a folder of photos, "):
        add(tmp_path / "shop.db", tmp_path / "notes.txt")


def test_a_full_database_says_so_and_keeps_what_was_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(40):
        write_photo(tmp_path / "in" / f"{i:02}.png", (i, 0, 0))
    with Catalogue.open(tmp_path / "shop.db", create=True):
        pass
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.close()
    _limit_pages(monkeypatch, pages + 4)
    with pytest.raises(CatalogueError, match="disk is full; everything added before is safe"):
        add(tmp_path / "shop.db", tmp_path / "in")
    monkeypatch.undo()
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        before = connection.execute("SELECT count(*) FROM products").fetchone()[0]
    connection.close()
    assert 0 < before < 40
    summary = add(tmp_path / "shop.db", tmp_path / "in")
    assert (summary.added, summary.skipped, len(titles(tmp_path / "shop.db"))) == (40 - before, before, 40)


def _limit_pages(monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    """From now on SQLite itself answers as on a full disk when a database would grow past so many pages."""
    connect = sqlite3.dbapi2.connect

    def limited(*args: object, **kwargs: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **kwargs)  # type: ignore[call-overload]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(sqlite3.dbapi2, "connect", limited)
