"""Killed at any moment and started again, adding and refreshing end as if nothing had happened, on each database."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.catalogue.faults.rounds import KILLS, contents, do, finish, kill, start, write_round

from meot.catalogue.store import Catalogue


@pytest.mark.parametrize("verb", ["add", "refresh"])
def test_killed_at_any_moment_it_ends_as_if_never_killed(
    verb: str, where: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Each round the source is another one; a run is killed at a random moment, then another comes to its end."""
    random, killed, folder = np.random.default_rng(0), 0, tmp_path / "in"
    folder.mkdir()
    with Catalogue.open(tmp_path / "undisturbed.db", create=True) as undisturbed:
        source = write_round(folder, 0)
        for each in (catalogue, undisturbed):
            do("add", each, source)
        source = write_round(folder, 1)
        lasts = finish(start(verb, where, source))
        do(verb, undisturbed, source)
        for number in range(2, KILLS + 2):
            source = write_round(folder, number)
            at_work = kill(start(verb, where, source), float(random.uniform(0, lasts)))
            killed, lasts = killed + at_work, lasts * (1.05 if at_work else 0.8)  # a busy machine changes its pace
            do(verb, catalogue, source)
            do(verb, undisturbed, source)
            assert contents(catalogue) == contents(undisturbed), f"round {number}"
    assert killed >= KILLS // 3
    print(f"{verb}: {killed} of {KILLS} were killed at work")
