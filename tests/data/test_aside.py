from __future__ import annotations

from pathlib import Path

import pytest

from meot.data.aside import aside


def test_the_file_is_there_when_the_block_ends_and_not_before(tmp_path: Path) -> None:
    file = tmp_path / "table.jsonl"
    file.write_text("old")
    with aside(file) as part:
        part.write_text("new")
        assert file.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["table.jsonl"]
    assert file.read_text() == "new"


def _begin(file: Path, error: BaseException) -> None:
    with aside(file) as part:
        part.write_text("ne")
        raise error


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    file = tmp_path / "table.jsonl"
    file.write_text("old")
    with pytest.raises(type(error)):
        _begin(file, error)
    assert [each.name for each in tmp_path.iterdir()] == ["table.jsonl"]
    assert file.read_text() == "old"
