from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from meot.service.api import shared_buckets
from meot.service.api.pace import Buckets
from meot.service.api.shared_buckets import SharedBuckets

HAMMER = """
import sys
from pathlib import Path
from meot.service.api import shared_buckets
from meot.service.api.shared_buckets import SharedBuckets
shared_buckets._PATIENCE_S = 60.0
buckets = SharedBuckets(file=Path(sys.argv[1]), most=200, now=lambda: 5.0)
print(sum(buckets.take("a") == 0.0 for _ in range(200)))
"""


def test_two_processes_take_from_one_bucket_however_they_hurry(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HAMMER, str(tmp_path / "asked.db")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sum(int(process.communicate(timeout=120)[0]) for process in processes) == 200


def test_it_takes_as_the_buckets_in_memory_do(tmp_path: Path) -> None:
    now = [100.0]
    shared = SharedBuckets(file=tmp_path / "asked.db", most=3, now=lambda: now[0])
    alone = Buckets(most=3, now=lambda: now[0])
    for step in (0.0, 0.0, 1.0, 0.0, 0.0, 19.0, 0.0, 0.0, 300.0, 0.0, 0.0, 0.0, 0.0, -50.0):
        now[0] += step
        assert shared.take("a") == pytest.approx(alone.take("a"))
        assert shared.take("b") == pytest.approx(alone.take("b"))


def test_threads_of_one_process_share_it_too(tmp_path: Path) -> None:
    buckets = SharedBuckets(file=tmp_path / "asked.db", most=50, now=lambda: 5.0)
    with ThreadPoolExecutor(8) as pool:
        assert sum(wait == 0.0 for wait in pool.map(lambda _: buckets.take("a"), range(100))) == 50


def test_it_forgets_the_longest_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_buckets, "MOST_KNOWN", 3)
    now = [0.0]
    buckets = SharedBuckets(file=tmp_path / "asked.db", most=1, now=lambda: now[0])
    for who in "abcdef":
        now[0] += 1.0
        assert buckets.take(who) == 0.0
    now[0] += 10.0
    assert buckets.take("f") > 0.0
    with sqlite3.connect(tmp_path / "asked.db") as file:
        assert file.execute("SELECT who FROM buckets ORDER BY who").fetchall() == [("d",), ("e",), ("f",)]
    now[0] += 60.0
    assert buckets.take("x") == 0.0
    with sqlite3.connect(tmp_path / "asked.db") as file:
        assert file.execute("SELECT who FROM buckets").fetchall() == [("x",)]


def test_without_its_file_each_process_counts_for_itself_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    buckets = SharedBuckets(file=tmp_path / "asked.db", most=2, now=lambda: 5.0)
    with sqlite3.connect(tmp_path / "asked.db") as file:
        file.execute("DROP TABLE buckets")
    assert [buckets.take("a") == 0.0 for _ in range(3)] == [True, True, False]
    assert [record.message for record in caplog.records] == [
        "requests are counted by each process for itself: no such table: buckets"
    ]


def test_a_process_that_holds_the_file_holds_up_one_request_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_buckets, "_PATIENCE_S", 0.05)
    now = [5.0]
    buckets = SharedBuckets(file=tmp_path / "asked.db", most=5, now=lambda: now[0])
    with closing(sqlite3.connect(tmp_path / "asked.db", isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        tried: list[str] = []
        buckets._connection.set_trace_callback(tried.append)
        assert [buckets.take("a") for _ in range(4)] == [0.0] * 4
        assert tried == ["BEGIN IMMEDIATE"]
    now[0] += 11.0
    assert buckets.take("a") == 0.0
    with sqlite3.connect(tmp_path / "asked.db") as file:
        assert file.execute("SELECT who, level FROM buckets").fetchall() == [("a", 4.0)]
