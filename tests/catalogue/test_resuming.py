"""Killed at any moment and started again, an intake loses nothing, doubles nothing and reads nothing twice."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.builders import ColourReader, write_bad_photo, write_photo
from tests.catalogue.words.shelf import found_by

from meot.catalogue import intake
from meot.catalogue.store import Catalogue

_ROOT = Path(__file__).parents[2]
_SCRIPT = """
import sys
from pathlib import Path
from meot.catalogue import intake
from meot.catalogue.store import Catalogue
from tests.builders import ColourReader
database, source, log, delay = sys.argv[1:]
with Catalogue.open(database, create=True) as catalogue:
    intake.add(catalogue, ColourReader(delay=float(delay), log=Path(log)), Path(source))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for i in range(8):
        write_photo(folder / f"{i}.png", (30 * i, 10, 10), lower=(10, 10, 30 * i))
    write_photo(folder / "copy-of-3.png", (90, 10, 10), lower=(10, 10, 90))
    write_bad_photo(folder / "bad.jpg")
    return folder


def start(database: Path, source: Path, log: Path, delay: float) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-c", _SCRIPT, str(database), str(source), str(log), str(delay)]
    environment = os.environ | {"PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'src'}", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(arguments, env=environment, start_new_session=True)


def reads(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def wait_until(true: object, process: subprocess.Popen[bytes]) -> None:
    """Until ``true()`` holds; fails when the process ends before, or after a minute."""
    for _ in range(60_000):
        if true():  # type: ignore[operator]
            return
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.001)
    pytest.fail("it never came so far")


def contents(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in a catalogue but the count of changes and the times of this run."""
    of_run = {"changed", "first_seen", "seen", "at"}
    with sqlite3.connect(database) as connection:
        connection.row_factory = sqlite3.Row
        found = {}
        for table in ("products", "offers", "prices", "photos", "product_photos", "garments"):
            rows = connection.execute(f"SELECT rowid, * FROM {table} ORDER BY 1").fetchall()
            found[table] = [tuple(row[name] for name in row.keys() if name not in of_run) for row in rows]  # noqa: SIM118
        connection.row_factory = None
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    return found


def stored_hashes(database: Path) -> Iterator[str]:
    with sqlite3.connect(database) as connection:
        yield from (sha256 for (sha256,) in connection.execute("SELECT sha256 FROM photos WHERE models IS NOT NULL"))
    connection.close()


@pytest.mark.parametrize("moment", ["made", "first read", "fourth read", "between", "last read"])
def test_killed_and_started_again_equals_undisturbed(tmp_path: Path, source: Path, moment: str) -> None:
    with Catalogue.open(tmp_path / "undisturbed.db", create=True) as catalogue:
        whole = intake.add(catalogue, ColourReader(), source)
    database, log = tmp_path / "shop.db", tmp_path / "reads"
    process = start(database, source, log, delay=0.02)
    wanted = {"made": 0, "first read": 1, "fourth read": 4, "between": 4, "last read": 8}[moment]
    wait_until(lambda: len(reads(log)) >= wanted if wanted else database.exists(), process)
    if moment == "between":  # within the next photo's read, after the last one's transaction
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept = set(stored_hashes(database)) if reads(log) else set()
    before = len(reads(log))
    again = start(database, source, log, delay=0.0)
    assert again.wait(60) == 0
    assert contents(database) == contents(tmp_path / "undisturbed.db")
    assert kept.isdisjoint(reads(log)[before:])
    assert sorted(Counter(reads(log)).values(), reverse=True)[1:] == [1] * (whole.read - 1)


def test_killed_many_times_over_it_still_comes_to_the_end(tmp_path: Path, source: Path) -> None:
    with Catalogue.open(tmp_path / "undisturbed.db", create=True) as catalogue:
        intake.add(catalogue, ColourReader(), source)
    database, log = tmp_path / "shop.db", tmp_path / "reads"
    for upto in (2, 4, 6):
        process = start(database, source, log, delay=0.02)
        wait_until(lambda upto=upto: len(reads(log)) >= upto, process)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert start(database, source, log, delay=0.0).wait(60) == 0
    assert contents(database) == contents(tmp_path / "undisturbed.db")


def test_a_reader_sees_whole_products_while_another_process_writes(tmp_path: Path, source: Path) -> None:
    database, log = tmp_path / "shop.db", tmp_path / "reads"
    process = start(database, source, log, delay=0.05)
    wait_until(lambda: reads(log), process)
    seen: list[int] = []
    with Catalogue.open(database, create=False) as catalogue:
        while process.poll() is None:
            numbers = found_by(catalogue, "셔츠")
            assert all(len(catalogue.garments_of(number)) == 2 for number in numbers)
            seen.append(len(numbers))
            time.sleep(0.01)
        assert len(found_by(catalogue, "셔츠")) == 9
    assert process.returncode == 0
    assert seen == sorted(seen)
    assert len(set(seen)) > 2


def test_two_intakes_at_once_double_nothing(tmp_path: Path, source: Path) -> None:
    database = tmp_path / "shop.db"
    Catalogue.open(database, create=True).close()
    both = [start(database, source, tmp_path / f"reads-{i}", delay=0.01) for i in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    found = contents(database)
    assert (len(found["products"]), len(found["photos"]), len(found["garments"])) == (9, 8, 16)
