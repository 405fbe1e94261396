"""Photos read in threads and in other processes come in as if they were read one after the other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from tests.builders import NAVY, ColourReader, write_bad_photo, write_photo
from tests.catalogue.test_resuming import contents, kill, reads

from meot import cluster
from meot.catalogue import intake
from meot.catalogue.pool import Pool, Threads, in_order
from meot.catalogue.store import Catalogue
from meot.catalogue.workers import Workers
from meot.cluster import Cluster, ClusterError
from meot.types import Look, Photo

BuildPool = Callable[[ColourReader], Pool]


class Shared(Workers):
    """Leaves its cluster to the next test."""

    def close(self) -> None:
        pass


def on_workers(where: Cluster, reader: ColourReader, build: Callable[[], ColourReader] = ColourReader) -> Workers:
    return Shared(cluster=where, build=build, models=lambda: reader.models, expected=reader.models)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for i in range(12):
        write_photo(tmp_path / "in" / f"{i:02}.png", (20 * i, 10, 10), lower=(10, 10, 20 * i))
    write_photo(tmp_path / "in" / "04-copy.png", (80, 10, 10), lower=(10, 10, 80))
    write_bad_photo(tmp_path / "in" / "05-bad.jpg")
    write_bad_photo(tmp_path / "in" / "06-bad.jpg")
    return tmp_path / "in"


def add(database: Path, source: Path, pool: Pool | None = None) -> intake.Summary:
    with Catalogue.open(database, create=True) as catalogue:
        return intake.add(catalogue, ColourReader(), source, pool=pool)


def test_threads_change_nothing(tmp_path: Path, source: Path) -> None:
    one = add(tmp_path / "one.db", source)
    reader = ColourReader(delay=0.01)
    with closing(Threads(reader=reader, threads=3)) as pool:
        several = add(tmp_path / "several.db", source, pool)
        again = add(tmp_path / "several.db", source, pool)
    assert several == one
    assert (several.added, several.read, several.skipped, len(several.failed)) == (13, 12, 1, 2)
    assert sorted(reader.reads) == sorted(set(reader.reads))
    assert (again.read, again.skipped) == (0, 13)
    assert contents(tmp_path / "several.db") == contents(tmp_path / "one.db")


def test_threads_read_at_once(tmp_path: Path, source: Path) -> None:
    class Meeting(ColourReader):
        """Each photo waits until another one is being read, too."""

        both = threading.Barrier(2, timeout=120)

        def read(self, photo: Photo) -> Look:
            self.both.wait()
            return super().read(photo)

    with closing(Threads(reader=Meeting(), threads=2)) as pool:
        assert add(tmp_path / "shop.db", source, pool).read == 12


def test_other_models_read_again_in_threads(tmp_path: Path, source: Path) -> None:
    add(tmp_path / "shop.db", source)
    elsewhere = write_photo(tmp_path / "else" / "1.png", NAVY).parent
    reader = ColourReader(version="colour.2")
    with closing(Threads(reader=reader, threads=2)) as pool:
        assert add(tmp_path / "shop.db", elsewhere, pool).read == 13
    with Catalogue.open(tmp_path / "shop.db", create=False) as catalogue:
        assert catalogue.pending(reader.models) == []


def test_what_is_begun_stays_in_order_and_bounded() -> None:
    begun: list[int] = []
    taken: list[int] = []

    def begin(item: int) -> int:
        begun.append(item)
        return item

    for item in in_order(range(20), begin, ahead=4, ready=lambda i: i % 3 == 0):
        assert len(begun) - len(taken) <= 4
        taken.append(item)
    assert taken == list(range(20))


def test_two_processes_change_nothing(tmp_path: Path, source: Path, workers: Cluster) -> None:
    one = add(tmp_path / "one.db", source)
    several = add(tmp_path / "several.db", source, on_workers(workers, ColourReader()))
    assert several == one
    assert contents(tmp_path / "several.db") == contents(tmp_path / "one.db")


def test_a_worker_with_other_models_is_refused(tmp_path: Path, source: Path, workers: Cluster) -> None:
    pool = on_workers(workers, ColourReader(), partial(ColourReader, version="colour.9"))
    with pytest.raises(ClusterError, match=r"expected workers that read with .*colour.1.*, got .*colour.9"):
        add(tmp_path / "shop.db", source, pool)


def test_a_killed_workers_photos_are_read_by_another(tmp_path: Path, source: Path, workers: Cluster) -> None:
    log = tmp_path / "reads"
    pool = on_workers(workers, ColourReader(), partial(ColourReader, delay=0.1, log=log))
    victim = workers.workers()[0]
    process = workers.client.run(os.getpid, workers=[victim])[victim]

    def kill() -> None:
        while not log.exists():
            time.sleep(0.01)
        os.kill(process, signal.SIGKILL)

    killing = threading.Thread(target=kill)
    killing.start()
    summary = add(tmp_path / "shop.db", source, pool)
    killing.join()
    assert (summary.added, summary.read, len(summary.failed)) == (13, 12, 2)


def test_without_a_scheduler_it_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="needs the distributed extra")
    monkeypatch.setattr(cluster, "_PATIENCE", 0.3)
    with pytest.raises(ClusterError, match=r"no scheduler answers.*dask scheduler"):
        cluster.connect("tcp://127.0.0.1:9").workers()


_SCRIPT = """
import os, signal, sys
from contextlib import closing
from pathlib import Path
from meot.catalogue import intake
from meot.catalogue.pool import Threads
from meot.catalogue.store import Catalogue
from tests.builders import ColourReader
database, source, log, moment = sys.argv[1:]

class Stopping(ColourReader):
    def read(self, photo):
        look = super().read(photo)
        if len(self.reads) >= int(moment):
            os.kill(os.getpid(), signal.SIGSTOP)
        return look

reader = Stopping(delay=0.02, log=Path(log))
with Catalogue.open(database, create=True) as catalogue, closing(Threads(reader=reader, threads=3)) as pool:
    intake.add(catalogue, reader, Path(source), pool=pool)
"""


@pytest.mark.parametrize("moment", [1, 5, 9])
def test_killed_while_several_are_read_it_goes_on_where_it_was(tmp_path: Path, source: Path, moment: int) -> None:
    add(tmp_path / "undisturbed.db", source)
    database, log = tmp_path / "shop.db", tmp_path / "reads"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", _SCRIPT, str(database), str(source), str(log)]
    kill(subprocess.Popen([*command, str(moment)], env=environment))
    before = reads(log)
    assert subprocess.run([*command, "99"], env=environment, timeout=120, check=False).returncode == 0
    assert contents(database) == contents(tmp_path / "undisturbed.db")
    again = [sha256 for sha256 in reads(log)[len(before) :] if sha256 in before]
    assert len(again) <= 6  # what was on its way: two photos a thread
