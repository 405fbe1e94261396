from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.catalogue.words.shelf import SHOP, ask, names, stock

from meot.catalogue.words import Fields, WordIndex, upkeep
from meot.catalogue.words.file import BusyError
from meot.errors import CatalogueError

_ROOT = Path(__file__).parents[3]
_ALL = list(enumerate(SHOP.values()))


def titled(title: str) -> Fields:
    return Fields(title, "", "", "", "")


def found(index: WordIndex, text: str) -> list[int]:
    numbers: list[int] = ask(index, text).numbers.tolist()
    return numbers


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shop.index" / "words.db"


@pytest.fixture
def index(file: Path) -> Iterator[WordIndex]:
    index = WordIndex.open(file)
    index.update(_ALL, (), 7)
    yield index
    index.close()


def test_empty() -> None:
    index = WordIndex.open(None)
    assert (index.generation, index.catalogue, index.in_memory) == (-1, "", True)
    assert found(index, "shirt") == []
    index.update([], (), 0)
    assert index.generation == 0
    assert found(index, "shirt") == []


def test_kept_in_the_file(file: Path, index: WordIndex) -> None:
    again = WordIndex.open(file)
    assert again.generation == 7
    for query in ("shirt", "셔츠", "shrit", "와이드팬츠", "denim"):
        one, other = ask(index, query), ask(again, query)
        assert names(one) == names(other) != []
        assert np.array_equal(one.scores, other.scores)


def test_added_changed_and_gone(index: WordIndex) -> None:
    index.update([(3, titled("Velvet scarf")), (99, titled("Velvet coat"))], [10], 8)
    assert index.generation == 8
    assert found(index, "velvet") == [3, 99]
    assert found(index, "티셔츠 화이트") == []
    assert 10 not in found(index, "summer dress")
    index.update([], [3, 99, 1000], 9)
    assert found(index, "velvet") == []


def test_the_same_twice_in_one_update_counts_as_it_came_last() -> None:
    index = WordIndex.open(None)
    index.update([(1, titled("wool")), (1, titled("silk"))], (), 1)
    assert (found(index, "wool"), found(index, "silk")) == ([], [1])


def test_only_what_counts_from_the_shown_state_is_taken(index: WordIndex) -> None:
    index.update([(1, titled("stale"))], (), 7)
    index.update([(1, titled("stale"))], (), 9, since=6)
    assert (index.generation, found(index, "stale")) == (7, [])
    index.update([(1, titled("fresh"))], (), 9, since=7, catalogue="mine")
    assert (index.generation, index.catalogue, found(index, "fresh")) == (9, "mine", [1])


def test_many_small_updates_find_what_one_large_one_does(file: Path) -> None:
    rng = np.random.default_rng(0)
    words = ["wool", "silk", "denim", "linen", "coat", "shirt", "skirt", "red", "navy", "코트", "치마"]
    shop: dict[int, Fields] = {}
    index = WordIndex.open(file)
    for generation in range(120):
        changed = {int(n): titled(" ".join(rng.choice(words, 3))) for n in rng.integers(0, 60, rng.integers(0, 6))}
        gone = [int(n) for n in rng.integers(0, 60, 2) if int(n) not in changed]
        index.update(changed.items(), gone, generation)
        shop = {number: said for number, said in (shop | changed).items() if number not in gone}
    whole = WordIndex.open(None)
    whole.update(shop.items(), (), 1)
    for query in (*words, "wool coat", "coat wool", "치마 navy", "linne"):
        one, other = ask(index, query), ask(whole, query)
        assert (one.numbers.tolist(), one.scores.tolist()) == (other.numbers.tolist(), other.scores.tolist()), query
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM segments").fetchone()[0] <= 12
        stored = connection.execute("SELECT count(DISTINCT key >> 32) FROM postings").fetchone()[0]
    assert stored <= 12


def test_several_segments_are_one_index(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, parts = stock(SHOP), WordIndex.open(None)
    monkeypatch.setattr(upkeep, "_ALIKE", 1000)
    for i, (number, said) in enumerate(_ALL):
        parts.update([(number, said)], (), i)
    for query in ("shirt", "셔츠", "shrit", "denim", "조거 팬츠", "와이드팬츠", "s"):
        one, other = ask(whole, query), ask(parts, query)
        assert names(one) == names(other)
        assert one.scores.tolist() == other.scores.tolist()


def test_long_texts_come_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meot.catalogue.words.segment.MOST_CHARACTERS", 60)
    whole, parts = stock(SHOP), WordIndex.open(None)
    told: list[int] = []
    parts.update(_ALL, (), 1, told.append)
    assert len(told) > 3
    assert sum(told) == len(_ALL)
    for query in ("shirt", "denim", "조거 팬츠"):
        assert names(ask(whole, query)) == names(ask(parts, query))


def test_progress() -> None:
    told: list[int] = []
    WordIndex.open(None).update(_ALL, (), 1, told.append)
    assert sum(told) == len(_ALL)


# -- files that are not what they should be


def test_another_file_or_version_is_made_anew(file: Path, index: WordIndex) -> None:
    index.close()
    for content in (b"", b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4000):
        file.write_bytes(content)
        index = WordIndex.open(file)
        assert (index.generation, index.in_memory) == (-1, False)
        index.update(_ALL, (), 3)
        assert found(index, "denim")
        index.close()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert WordIndex.open(file).generation == -1


@pytest.mark.parametrize("kind", ["BLOB", "TEXT"])
@pytest.mark.parametrize("what", ["segments.numbers", "segments.gone", "segments.words", "postings.data"])
def test_a_byte_that_changed_is_noticed(file: Path, index: WordIndex, what: str, kind: str) -> None:
    index.close()
    table, column = what.split(".")
    with sqlite3.connect(file) as connection:
        changed = f"CAST(substr({column}, 1, length({column}) - 1) || x'5a' AS {kind})"
        connection.execute(f"UPDATE {table} SET {column} = {changed}")
    connection.close()
    again = WordIndex.open(file)
    assert again.generation == 7
    assert found(again, "denim") == []
    assert again.generation == -1
    again.update(_ALL, (), 8)
    assert len(found(again, "denim")) == 5


def test_damage_under_an_open_index(file: Path, index: WordIndex) -> None:
    size = file.stat().st_size
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with file.open("rb+") as raw:
        raw.write(b"\x00" * size)
    assert found(index, "linen shirt") == []
    index.update(_ALL, (), 9)
    if index.generation == -1:
        index.update(_ALL, (), 9)
    assert len(found(index, "denim")) == 5


def test_a_file_that_another_process_put_in_its_place_is_taken(file: Path, index: WordIndex) -> None:
    for name in file.parent.iterdir():
        name.unlink()
    other = WordIndex.open(file)
    other.update([(5, titled("Velvet"))], (), 20)
    assert (index.generation, found(index, "velvet"), found(index, "denim")) == (20, [5], [])


def test_a_folder_that_cannot_be_written_leaves_it_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    index = WordIndex.open(tmp_path / "file" / "words.db")
    assert index.in_memory
    index.update(_ALL, (), 1)
    assert len(found(index, "denim")) == 5


def test_a_full_disk_leaves_it_in_memory(file: Path, index: WordIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def full(*arguments: object, **named: object) -> sqlite3.Connection:
        connection = connect(*arguments, **named)  # type: ignore[call-overload]
        if arguments != (":memory:",):
            connection.execute("PRAGMA max_page_count = 1")  # never below what there is
        return connection  # type: ignore[no-any-return]

    monkeypatch.setattr(sqlite3, "connect", full)
    index.update([(n, titled(f"word{n} " * 50)) for n in range(5000)], (), 8)
    assert (index.in_memory, index.generation) == (True, -1)
    monkeypatch.setattr(sqlite3, "connect", connect)
    assert WordIndex.open(file).generation == 7


# -- several at once


def test_readers_go_on_while_another_process_writes(file: Path, index: WordIndex) -> None:
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM postings")
    assert len(found(index, "denim")) == 5
    writer.execute("ROLLBACK")
    writer.close()


def test_a_writer_that_never_ends_is_waited_for_only_so_long(
    file: Path, index: WordIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meot.catalogue.words.file._WAIT", 0.05)
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError, match="try again"):
        index.update([], (), 8)
    writer.close()
    assert (index.generation, index.in_memory) == (7, False)


def test_threads_search_while_one_writes(index: WordIndex) -> None:
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(len(found(index, "velvet")))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(20):
        index.update([(1000 + i, titled("Velvet coat"))], (), 8 + i)
    done.set()
    for thread in threads:
        thread.join()
    assert len(found(index, "velvet")) == 20
    assert set(seen) <= set(range(21))


_WRITER = """
import sys
from pathlib import Path
from meot.catalogue.words import Fields, WordIndex
index = WordIndex.open(Path(sys.argv[1]))
print("ready", flush=True)
for generation in range(8, 10_000):
    said = Fields(f"Velvet coat {generation}", "", "", "", "")
    index.update([(number, said) for number in range(100, 160)], [generation % 26], generation)
"""


def test_killed_at_any_moment_it_shows_one_state(file: Path, index: WordIndex) -> None:
    rng = np.random.default_rng(1)
    environment = os.environ | {"PYTHONPATH": str(_ROOT / "src")}
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", _WRITER, str(file)], env=environment, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        threading.Event().wait(float(rng.uniform(0.02, 0.2)))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        generation = index.generation
        assert generation >= 7
        assert found(index, f"velvet coat {generation}") == (list(range(100, 160)) if generation > 7 else [])
        assert found(index, f"velvet coat {generation - 1}") == []
        assert WordIndex.open(file).generation == generation


def test_closed(file: Path, index: WordIndex) -> None:
    index.close()
    with pytest.raises(CatalogueError, match="closed"):
        found(index, "denim")
    assert WordIndex.open(file).generation == 7
