from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from meot.training.keeping import kept

pytestmark = pytest.mark.train


def never() -> NDArray[np.float32]:
    raise AssertionError("made again")


def of(value: float) -> Callable[[], NDArray[np.float32]]:
    return lambda: np.full((2, 3), value, np.float32)


def test_an_array_is_made_once_for_the_same_things(tmp_path: Path) -> None:
    file = tmp_path / "features" / "a.npy"
    kept(file, {"key": "one"}, of(1))
    again = kept(file, {"key": "one"}, never)
    assert again.dtype == np.float32
    assert np.array_equal(again, of(1)())


def test_other_things_make_another_array(tmp_path: Path) -> None:
    file = tmp_path / "a.npy"
    kept(file, "one", of(1))
    assert np.array_equal(kept(file, "two", of(2)), of(2)())
    assert np.array_equal(kept(file, "two", never), of(2)())


def test_a_kill_before_the_note_is_written_makes_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.npy"
    kept(file, "one", of(1))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", killed)
        with pytest.raises(KeyboardInterrupt):
            kept(file, "two", of(2))
    assert np.array_equal(kept(file, "one", of(1)), of(1)())
    assert np.array_equal(kept(file, "one", never), of(1)())


def test_a_full_disk_leaves_no_half_note_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.npy"

    def full(self: Path, text: str, **_: object) -> None:
        self.touch()
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space left"):
            kept(file, "one", of(1))
    assert np.array_equal(kept(file, "one", of(1)), of(1)())
