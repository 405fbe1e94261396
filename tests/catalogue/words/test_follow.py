from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.builders import NAVY, RED, ColourReader, build_product, write_photo
from tests.catalogue.words.shelf import ask

from meot import photos
from meot.catalogue.store import Catalogue
from meot.catalogue.words import Fields, WordIndex, sync

_ROOT = Path(__file__).parents[3]


def ids(catalogue: Catalogue, index: WordIndex, text: str) -> list[str]:
    sync(catalogue, index)
    assert (index.generation, index.catalogue) == (catalogue.generation(), catalogue.fingerprint())
    numbers = ask(index, text).numbers.tolist()
    return [catalogue.product(number).id for number in numbers]


@pytest.fixture
def index(tmp_path: Path) -> WordIndex:
    return WordIndex.open(tmp_path / "words.db")


def test_follows_what_is_added_changed_and_retired(catalogue: Catalogue, index: WordIndex) -> None:
    assert ids(catalogue, index, "coat") == []
    for id, title in (("1", "Velvet coat"), ("2", "Wool coat"), ("3", "코튼 조거 팬츠")):
        catalogue.put_product(build_product(id, title), [])
    assert ids(catalogue, index, "coat") == ["1", "2"]
    assert ids(catalogue, index, "조거팬츠") == ["3"]
    catalogue.put_product(build_product("2", "Wool scarf"), [])
    assert (ids(catalogue, index, "coat"), ids(catalogue, index, "wool")) == (["1"], ["2"])
    catalogue.saw([1], time.time() + 100)
    catalogue.retire(build_product("1", "").source, unseen_since=time.time() + 50)
    assert (ids(catalogue, index, "wool"), ids(catalogue, index, "coat")) == ([], ["1"])
    catalogue.put_product(build_product("2", "Wool scarf"), [])
    assert ids(catalogue, index, "wool") == ["2"]


def test_finds_what_was_read_from_photos_by_its_names(catalogue: Catalogue, index: WordIndex, tmp_path: Path) -> None:
    reader = ColourReader()
    catalogue.put_product(build_product("1", "첫째"), [write_photo(tmp_path / "1.png", NAVY)])
    catalogue.put_product(build_product("2", "둘째"), [write_photo(tmp_path / "2.png", RED, lower=NAVY)])
    assert ids(catalogue, index, "남색") == []
    for key, path in catalogue.pending(reader.models):
        catalogue.put_reading(key, reader.read(photos.load(path)))
    for query, found in (
        ("남색", ["1", "2"]), ("navy shirts", ["1", "2"]), ("레드", ["2"]), ("청바지", ["2"]), ("초록", [])
    ):  # fmt: skip
        assert ids(catalogue, index, query) == found, query


def test_only_what_changed_is_read_again(
    catalogue: Catalogue, index: WordIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(5):
        catalogue.put_product(build_product(str(i), f"Coat {i}"), [])
    read: list[int] = []
    texts = Catalogue.texts

    def reading(catalogue: Catalogue, numbers: Sequence[int]) -> Iterator[tuple[int, Fields]]:
        read.extend(numbers)
        return texts(catalogue, numbers)

    monkeypatch.setattr(Catalogue, "texts", reading)
    sync(catalogue, index)
    catalogue.put_product(build_product("2", "Scarf"), [])
    sync(catalogue, index)
    sync(catalogue, index)
    assert read == [1, 2, 3, 4, 5, 3]


def test_another_catalogue_in_its_place_is_noticed(tmp_path: Path, index: WordIndex) -> None:
    old, new = (Catalogue.open(tmp_path / name, create=True) for name in ("old.db", "new.db"))
    with old, new:
        for i in range(3):
            old.put_product(build_product(f"old-{i}", "Wool coat"), [])
        for i in range(2):
            new.put_product(build_product(f"new-{i}", "Silk coat"), [])
        assert ids(old, index, "coat") == ["old-0", "old-1", "old-2"]
        assert ids(new, index, "coat") == ["new-0", "new-1"]
        new.put_product(build_product("new-3", "Silk coat"), [])
        assert ids(old, index, "silk") == []
        assert ids(new, index, "silk") == ["new-0", "new-1", "new-3"]


def test_a_damaged_or_missing_file_is_filled_again(catalogue: Catalogue, index: WordIndex, tmp_path: Path) -> None:
    for i in range(3):
        catalogue.put_product(build_product(str(i), "Coat"), [])
    assert len(ids(catalogue, index, "coat")) == 3
    index.close()
    (tmp_path / "words.db").write_bytes(b"damaged" * 1000)
    again = WordIndex.open(tmp_path / "words.db")
    assert len(ids(catalogue, again, "coat")) == 3
    for path in tmp_path.glob("words.db*"):
        path.unlink()
    assert len(ids(catalogue, again, "coat")) == 3


def test_several_processes_share_the_file(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        one, other = (WordIndex.open(tmp_path / "words.db") for _ in range(2))
        failed: list[BaseException] = []

        def keep_up(index: WordIndex) -> None:
            try:
                for _ in range(30):
                    sync(catalogue, index)
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=keep_up, args=(index,)) for index in (one, other)]
        for thread in threads:
            thread.start()
        for i in range(15):
            catalogue.put_product(build_product(str(i), f"Coat {i}"), [])
        for thread in threads:
            thread.join()
        assert failed == []
        assert len(ids(catalogue, one, "coat")) == len(ids(catalogue, other, "coat")) == 15


_SCRIPT = """
import sys
from pathlib import Path
from meot.catalogue.store import Catalogue
from meot.catalogue.words import WordIndex, sync
from tests.builders import build_product
folder = Path(sys.argv[1])
with Catalogue.open(folder / "shop.db", create=False) as catalogue:
    index = WordIndex.open(folder / "words.db")
    print("ready", flush=True)
    for i in range(10_000):
        catalogue.put_product(build_product(str(i % 7), f"Coat number {i}"), [])
        sync(catalogue, index)
"""


def test_killed_while_it_follows_it_is_as_if_never_killed(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'src'}"}
    with Catalogue.open(tmp_path / "shop.db", create=True) as catalogue:
        for delay in (0.05, 0.13, 0.21):
            command = [sys.executable, "-c", _SCRIPT, str(tmp_path)]
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
            kept, whole = WordIndex.open(tmp_path / "words.db"), WordIndex.open(None)
            for query in ("coat", "number", "coat 3"):
                assert ids(catalogue, kept, query) == ids(catalogue, whole, query)
