"""What killed test runs leave on database servers is removed, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.catalogue import leftovers, servers


@pytest.fixture(scope="module")
def gone() -> int:
    """The id of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def of(process: int, *, place: str = leftovers.PLACE, started: int = leftovers.STARTED) -> str:
    return f"meot_test_{place}_{process}_{started}_b"


def test_only_databases_of_runs_that_are_over_are_stale(gone: int) -> None:
    now = leftovers.STARTED + 60
    assert not leftovers.is_stale(leftovers.named(), now=now)
    assert not leftovers.is_stale(of(os.getppid()), now=now)
    assert leftovers.is_stale(of(gone), now=now)
    assert not leftovers.is_stale(of(gone, place="zzzzzz"), now=now)
    assert not leftovers.is_stale(of(gone, place="000000"), now=now)  # of another machine, where it may still run
    assert leftovers.is_stale(of(gone, place="000000"), now=now + leftovers.DAY)
    assert leftovers.is_stale(of(os.getppid()), now=now + leftovers.DAY)


@pytest.mark.parametrize(
    "name", ["shop", "meot_shop", "meot_test", "meot_test_12", "my_meot_test_000000_1_1", "postgres"]
)
def test_what_the_tests_did_not_name_is_left_alone(name: str) -> None:
    assert not leftovers.is_stale(name, now=leftovers.STARTED + 10 * leftovers.DAY)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_leftovers_are_dropped_and_what_is_used_stays(kind: str, gone: int) -> None:
    server = servers.find(kind)
    left, mine = of(gone, started=leftovers.STARTED - 1), leftovers.named("kept")
    try:
        for name in (left, mine):
            server.run(f"CREATE DATABASE {name}")
        server.sweep()
        assert {left, mine} & set(server.databases()) == {mine}
    finally:
        for name in (left, mine):
            server.drop(name)
