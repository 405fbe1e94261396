from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.builders import NAVY, build_product, write_photo

from meot.catalogue import database
from meot.catalogue.place import Place
from meot.catalogue.store import Catalogue
from meot.catalogue.tables import SCHEMA_VERSION, metadata
from meot.errors import CatalogueError

OLD = sorted(Path(__file__).with_name("old").glob("version_*.sql"))
_OPENING = "import sys; from meot.catalogue.store import Catalogue; Catalogue.open(sys.argv[1], create=False).close()"


def restore(dump: Path, into: Path) -> Path:
    """The catalogue that an earlier version wrote."""
    connection = sqlite3.connect(into)
    connection.executescript(dump.read_text(encoding="utf-8"))
    connection.close()
    return into


def dumped(file: Path) -> list[str]:
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    lines = sorted(connection.iterdump())  # tables are made in any order
    connection.close()
    return lines


def test_there_is_a_file_of_every_version_before() -> None:
    assert [file.stem for file in OLD] == [f"version_{number}" for number in range(1, SCHEMA_VERSION)]


@pytest.mark.parametrize("dump", OLD, ids=lambda file: file.stem)
def test_an_old_catalogue_opens_with_everything_in_it(tmp_path: Path, dump: Path) -> None:
    with Catalogue.open(restore(dump, tmp_path / "shop.db"), create=False) as catalogue:
        assert catalogue.counts() == {"products": 4, "photos": 4, "garments": 6, "read": 3, "failed": 0}
        shirt, skirt = catalogue.product(1), catalogue.product(4)
        assert (shirt.title, shirt.price, shirt.link) == ("Navy oxford shirt", 19900.0, "https://shop.example/a")
        assert (skirt.title, skirt.price, skirt.availability) == ("Unread skirt", None, "")
        assert [(o.price, o.seen) for o in catalogue.offers(1)] == [(19900.0, None)]
        assert not catalogue.offers(4)
        assert not catalogue.price_history(1)
        assert [g.garment.category.id for g in catalogue.garments_of(1)] == ["shirt", "jeans"]
        assert [lesson.name for lesson in catalogue.lessons()[1]] == ["kimono"]
        assert catalogue.changes(-1).numbers == (1, 2, 3, 4)
        [(keys, vectors)] = catalogue.vector_blocks(catalogue.read_with()[0])
        assert keys.tolist() == [1, 2, 3, 4, 5, 6]
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
        assert catalogue.put_product(build_product("e", "new"), [write_photo(tmp_path / "e.png", NAVY)]) == 5


@pytest.mark.parametrize("dump", OLD, ids=lambda file: file.stem)
def test_an_upgraded_catalogue_has_the_tables_of_a_new_one(tmp_path: Path, dump: Path) -> None:
    file = restore(dump, tmp_path / "shop.db")
    Catalogue.open(file, create=False).close()
    engine = database.open_engine(Place.of(file), create=False)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == str(SCHEMA_VERSION)
    engine.dispose()
    once = dumped(file)
    Catalogue.open(file, create=False).close()
    assert dumped(file) == once


def test_a_new_catalogue_says_its_version(where: str) -> None:
    engine = database.open_engine(Place.of(where), create=False)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_an_upgrade_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = restore(OLD[0], tmp_path / "shop.db")
    before = dumped(file)
    monkeypatch.setattr("meot.catalogue.migrate.SCHEMA_VERSION", 99)
    with pytest.raises(Exception, match="99"):
        Catalogue.open(file, create=False)
    assert dumped(file) == before


def test_several_programs_that_open_an_old_catalogue_upgrade_it_once(tmp_path: Path) -> None:
    file = restore(OLD[0], tmp_path / "shop.db")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Catalogue.open(file, create=False).close(), range(8)))
    with Catalogue.open(file, create=False) as catalogue:
        assert [offer.price for offer in catalogue.offers(1)] == [19900.0]


def test_an_old_catalogue_that_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meot.catalogue.complaints.BUSY_SECONDS", 0.05)
    file = restore(OLD[0], tmp_path / "shop.db")
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(CatalogueError, match="another program has been writing"):
            Catalogue.open(file, create=False)
    finally:
        connection.close()


def test_killed_at_any_moment_it_is_the_old_or_the_new(tmp_path: Path) -> None:
    new = restore(OLD[0], tmp_path / "new.db")
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", _OPENING, new], check=True)
    lasts = time.monotonic() - began
    old, new_lines = dumped(restore(OLD[0], tmp_path / "old.db")), dumped(new)
    moments = np.random.default_rng(0).uniform(0.3, 1.05, int(os.environ.get("MEOT_TEST_KILLS", "6"))) * lasts
    for number, moment in enumerate(moments):
        file = restore(OLD[0], tmp_path / f"{number}.db")
        process = subprocess.Popen([sys.executable, "-c", _OPENING, file])
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert dumped(file) in (old, new_lines)
        Catalogue.open(file, create=False).close()
        assert dumped(file) == new_lines
