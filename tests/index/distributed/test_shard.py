"""A shard by itself, as its worker holds it."""

from __future__ import annotations

import fcntl
import logging
from pathlib import Path

import numpy as np
import pytest
from tests.index.contract import unit_vectors

from meot.index.distributed.shard import Shard


def filled(folder: Path) -> Shard:
    shard = Shard(folder)
    shard.add(np.arange(5), unit_vectors(5))
    return shard


def test_who_finds_another_saving_there_leaves_it_and_says_so_quietly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shard = filled(tmp_path)
    with (tmp_path / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with caplog.at_level(logging.INFO, logger="meot.index.distributed.shard"):
            shard.save("garment-1", 1)
            assert not shard.saved()
    assert [(said.levelname, said.message) for said in caplog.records] == [
        ("INFO", "the shard is not saved: another copy or program is saving there")
    ]
    shard.save("garment-1", 2)
    assert shard.saved()
    keys, width = Shard(tmp_path).open("garment-1", 2)
    assert (keys.tolist(), width) == ([0, 1, 2, 3, 4], 16)


def test_a_folder_of_no_use_leaves_the_shard_in_memory_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    shard = filled(tmp_path / "file" / "0-of-1")
    shard.save("garment-1", 1)
    assert not shard.saved()
    assert "stays in memory" in caplog.text
    assert shard.search(unit_vectors(5)[:1], 1, None)[0].tolist() == [[0]]
