from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from meot.service.shared_shelf import SharedShelf


def build(folder: Path, now: list[float]) -> SharedShelf:
    return SharedShelf(folder=folder / "looks", most_count=2, most_bytes=10, seconds=60, clock=lambda: now[0])


def test_it_is_bounded_as_the_shelf_in_memory_is(tmp_path: Path) -> None:
    now = [1000.0]
    shelf = build(tmp_path, now)
    shelf.put("a", b"1234")
    now[0] += 1
    shelf.put("b", b"1234")
    now[0] += 1
    assert shelf.take("a") == b"1234"
    now[0] += 1
    shelf.put("c", b"1234")  # b was unused for longest
    assert (shelf.take("a"), shelf.take("b"), len(shelf)) == (b"1234", None, 2)
    now[0] += 1
    shelf.put("d", b"1234567890")
    assert (shelf.take("a"), shelf.take("d")) == (None, b"1234567890")
    shelf.put("e", b"larger than all")
    assert shelf.take("e") is None
    now[0] += 61
    assert (shelf.take("d"), len(shelf)) == (None, 0)


def test_what_one_process_puts_another_takes_and_keys_are_no_paths(tmp_path: Path) -> None:
    now = [1000.0]
    first, second = build(tmp_path, now), build(tmp_path, now)
    first.put("../../escaped", b"1")
    assert second.take("../../escaped") == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["looks"]
    assert (tmp_path / "looks").stat().st_mode & 0o077 == 0


def test_many_at_once_leave_nothing_half(tmp_path: Path) -> None:
    shelf = SharedShelf(folder=tmp_path / "looks", most_count=5, most_bytes=1000, seconds=60)

    def work(number: int) -> None:
        for turn in range(30):
            shelf.put(f"{number}-{turn}", bytes([number]) * 100)
            found = shelf.take(f"{number}-{turn}")
            assert found is None or found == bytes([number]) * 100

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert 0 < len(shelf) <= 5
    assert not list((tmp_path / "looks").glob("*.part"))
