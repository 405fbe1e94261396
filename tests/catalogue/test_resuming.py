"""Killed at any moment and started again, an intake loses nothing, doubles nothing and reads nothing twice."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
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
import os, signal, sys
from pathlib import Path
from meot.catalogue import intake
from meot.catalogue.store import Catalogue
from tests.builders import ColourReader
database, source, log, moment = sys.argv[1:]

def stop(now):
    if now == moment:
        os.kill(os.getpid(), signal.SIGSTOP)

class Stopping(ColourReader):
    def read(self, photo):
        stop(f"before read {len(self.reads) + 1}")
        look = super().read(photo)
        stop(f"after read {len(self.reads)}")
        return look

with Catalogue.open(database, create=True) as catalogue:
    stop("made")
    intake.add(catalogue, Stopping(log=Path(log)), Path(source))
"""
_WATCHED = """
import sys, time
from pathlib import Path
from meot.catalogue import intake
from meot.catalogue.store import Catalogue
from tests.builders import ColourReader
database, source, looks = sys.argv[1:]

def count():
    return Path(looks).stat().st_size

class Watched(ColourReader):
    def read(self, photo):  # once somebody has had a whole look since the last one
        begun = count()
        while count() < begun + 2:
            time.sleep(0.001)
        return super().read(photo)

with Catalogue.open(database, create=True) as catalogue:
    intake.add(catalogue, Watched(), Path(source))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for i in range(8):
        write_photo(folder / f"{i}.png", (30 * i, 10, 10), lower=(10, 10, 30 * i))
    write_photo(folder / "copy-of-3.png", (90, 10, 10), lower=(10, 10, 90))
    write_bad_photo(folder / "bad.jpg")
    return folder


def start(database: Path, source: Path, log: Path, moment: str = "", script: str = _SCRIPT) -> subprocess.Popen[bytes]:
    """An intake in a process of its own; moment: at which it stops, to be killed there."""
    arguments = [sys.executable, "-c", script, str(database), str(source), str(log), *([moment] * (script is _SCRIPT))]
    environment = os.environ | {"PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'src'}", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(arguments, env=environment, start_new_session=True)


def reads(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that stops itself."""
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), "it ended before it could be killed"
    process.kill()
    assert process.wait() == -signal.SIGKILL


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


@pytest.mark.parametrize("moment", ["made", "after read 1", "after read 4", "before read 5", "after read 8"])
def test_killed_and_started_again_equals_undisturbed(tmp_path: Path, source: Path, moment: str) -> None:
    with Catalogue.open(tmp_path / "undisturbed.db", create=True) as catalogue:
        whole = intake.add(catalogue, ColourReader(), source)
    database, log = tmp_path / "shop.db", tmp_path / "reads"
    kill(start(database, source, log, moment))
    kept = set(stored_hashes(database)) if reads(log) else set()
    before = len(reads(log))
    assert start(database, source, log).wait(120) == 0
    assert contents(database) == contents(tmp_path / "undisturbed.db")
    assert kept.isdisjoint(reads(log)[before:])
    assert sorted(Counter(reads(log)).values(), reverse=True)[1:] == [1] * (whole.read - 1)


def test_killed_many_times_over_it_still_comes_to_the_end(tmp_path: Path, source: Path) -> None:
    with Catalogue.open(tmp_path / "undisturbed.db", create=True) as catalogue:
        intake.add(catalogue, ColourReader(), source)
    database, log = tmp_path / "shop.db", tmp_path / "reads"
    for moment in ("after read 2", "before read 3", "after read 3"):
        kill(start(database, source, log, moment))
    assert start(database, source, log).wait(120) == 0
    assert contents(database) == contents(tmp_path / "undisturbed.db")


def test_a_reader_sees_whole_products_while_another_process_writes(tmp_path: Path, source: Path) -> None:
    database, looks = tmp_path / "shop.db", tmp_path / "looks"
    Catalogue.open(database, create=True).close()
    looks.touch()
    process = start(database, source, looks, script=_WATCHED)
    seen: list[int] = []
    with Catalogue.open(database, create=False) as catalogue:
        while process.poll() is None:
            numbers = found_by(catalogue, "셔츠")
            assert all(len(catalogue.garments_of(number)) == 2 for number in numbers)
            seen.append(len(numbers))
            with looks.open("ab") as written:
                written.write(b".")
        assert len(found_by(catalogue, "셔츠")) == 9
    assert process.returncode == 0
    assert seen == sorted(seen)
    assert len(set(seen)) > 2


def test_two_intakes_at_once_double_nothing(tmp_path: Path, source: Path) -> None:
    database = tmp_path / "shop.db"
    Catalogue.open(database, create=True).close()
    both = [start(database, source, tmp_path / f"reads-{i}") for i in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    found = contents(database)
    assert (len(found["products"]), len(found["photos"]), len(found["garments"])) == (9, 8, 16)
