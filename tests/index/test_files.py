from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.index.contract import unit_vectors

from meot.errors import MeotError
from meot.index.files import MANIFEST, IndexFileError
from meot.index.growing import GrowingIndex


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A saved index: 200 vectors compressed, 10 beside them, 5 removed."""
    index = GrowingIndex(exact_up_to=50, background=False, models="garment.1")
    index.add(np.arange(200), unit_vectors(200))
    index.compact()
    index.add(np.arange(200, 210), unit_vectors(10, seed=3))
    index.remove(np.arange(5))
    index.save(tmp_path / "index", generation=4)
    return tmp_path / "index"


def open_index(folder: Path, models: str = "garment.1") -> GrowingIndex:
    return GrowingIndex.open(folder, models=models, exact_up_to=50, background=False)


def test_opens_what_was_saved_and_goes_on(folder: Path) -> None:
    index = open_index(folder)
    assert (len(index), index.generation, index.keys().tolist()) == (205, 4, list(range(5, 210)))
    kept = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.bin")}
    index.add(np.array([300]), unit_vectors(1, seed=8))
    index.save(folder, generation=5)
    now = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.bin")}
    assert len(now) == 4  # what is compressed is not written again, and nothing old stays
    assert len(kept.items() & now.items()) == 3
    again = open_index(folder)
    assert again.search(unit_vectors(1, seed=8), 1)[0].tolist() == [[300]]
    again.compact()
    again.save(folder, generation=6)
    assert open_index(folder).keys().tolist() == [*range(5, 210), 300]
    assert len(list(folder.iterdir())) == 5


def test_an_opened_index_lives_on_when_its_files_are_replaced(folder: Path) -> None:
    reader, writer = open_index(folder), open_index(folder)
    writer.remove(np.arange(100))
    writer.compact()
    writer.save(folder, generation=5)
    assert reader.search(unit_vectors(200)[50:51], 1)[0].tolist() == [[50]]


def test_an_empty_index_has_files_too(tmp_path: Path) -> None:
    GrowingIndex().save(tmp_path)
    assert len(GrowingIndex.open(tmp_path, models="")) == 0


def test_says_what_is_missing_stale_or_of_another_version(folder: Path, tmp_path: Path) -> None:
    assert issubclass(IndexFileError, MeotError)
    with pytest.raises(IndexFileError, match=r"there is no index in .*; rebuild it"):
        open_index(tmp_path)
    with pytest.raises(IndexFileError, match=r"vectors of 'garment\.1', expected 'garment\.2'; rebuild it"):
        open_index(folder, "garment.2")
    manifest = json.loads((folder / MANIFEST).read_text())
    for broken, said in (
        ("{", "cannot be read"),
        ("[]", "not of this version"),
        (json.dumps(manifest | {"schema": "meot.index/9"}), "not of this version"),
        (json.dumps(manifest | {"count": 3}), "holds 205 vectors, expected 3"),
        (json.dumps({"schema": "meot.index/1"}), "not of this version"),
    ):
        (folder / MANIFEST).write_text(broken)
        with pytest.raises(IndexFileError, match=said):
            open_index(folder)


@pytest.mark.parametrize("harm", ["cut", "flipped", "gone"])
@pytest.mark.parametrize("name", ["lists", "keys", "vectors", "changes"])
def test_sees_damage(folder: Path, name: str, harm: str) -> None:
    (path,) = folder.glob(f"{name}-*")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(data if harm == "flipped" else data[: len(data) // 2])
    with pytest.raises(IndexFileError, match=r"is damaged .*; rebuild it"):
        open_index(folder)


@pytest.mark.parametrize("failing", ["os.fsync", "os.replace", "faiss.write_index", "numpy.savez"])
def test_a_full_disk_leaves_the_old_files(folder: Path, failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise RuntimeError("write error") if failing.startswith("faiss") else OSError(28, "No space left on device")

    index = open_index(folder)
    index.remove(np.arange(100))
    index.compact()
    before = sorted(folder.iterdir())
    with monkeypatch.context() as patch:
        patch.setattr(failing, full)
        with pytest.raises(IndexFileError, match=r"cannot write the index in .*; free some space"):
            index.save(folder, generation=5)
    assert sorted(folder.iterdir()) == before
    assert (len(open_index(folder)), open_index(folder).generation) == (205, 4)
    index.save(folder, generation=5)
    assert (len(open_index(folder)), open_index(folder).generation) == (110, 5)


def test_a_really_full_disk(tmp_path: Path) -> None:
    """A file may not grow past a limit, which fails like a full disk does."""
    code = """
import resource, signal, sys, numpy as np
from pathlib import Path
from meot.index.growing import GrowingIndex
from meot.index.files import IndexFileError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
index = GrowingIndex(exact_up_to=50, background=False)
values = np.random.default_rng(0).normal(size=(3000, 16)).astype(np.float32)
index.add(np.arange(1000), values[:1000]); index.compact(); index.save(Path(sys.argv[1]), generation=1)
index.add(np.arange(1000, 3000), values[1000:]); index.compact()
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    index.save(Path(sys.argv[1]), generation=2)
except IndexFileError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert "free some space, then try again" in ran.stdout
    index = GrowingIndex.open(tmp_path, models="")
    assert (len(index), index.generation) == (1000, 1)
    assert len(list(tmp_path.iterdir())) == 5


WRITER = """
import sys, numpy as np
from pathlib import Path
from meot.index.files import IndexFileError
from meot.index.growing import GrowingIndex
folder = Path(sys.argv[1])
try:
    index = GrowingIndex.open(folder, models="", exact_up_to=50, background=False)
except IndexFileError:
    index = GrowingIndex(exact_up_to=50, background=False)
for generation in range(index.generation + 1, 10_000):
    keys = np.arange(20 * (generation - 1), 20 * generation)
    values = np.random.default_rng(generation).normal(size=(20, 16)).astype(np.float32)
    index.add(keys, values / np.linalg.norm(values, axis=1, keepdims=True))
    if generation % 3 == 0:
        index.compact()
    index.save(folder, generation=generation)
    print(generation, flush=True)
"""


def test_killed_while_saving_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    """MEOT_KILLS asks for more moments than the few that every run tries."""
    generator = random.Random(0)
    kills = int(os.environ.get("MEOT_KILLS", "20"))
    opened = acknowledged = 0
    for _ in range(kills):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(generator.uniform(0, 0.1))
        writer.kill()
        lines = [first, *writer.stdout.read().splitlines()]
        writer.stdout.close()
        writer.wait()
        acknowledged = int([line for line in lines if line.strip()][-1])
        index = GrowingIndex.open(tmp_path, models="", exact_up_to=50, background=False)
        assert index.generation in (acknowledged, acknowledged + 1)
        assert index.keys().tolist() == list(range(20 * index.generation))
        assert index.search(unit_vectors(3), 10)[1].min() > -1
        assert index.generation > opened
        opened = index.generation
