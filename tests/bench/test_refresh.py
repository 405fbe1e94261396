from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench import refresh


def test_a_source_that_says_the_same_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["refresh", "--rows", "300", "--json"])
    refresh.main()
    same, changed, again = json.loads(capsys.readouterr().out)["rows"]
    assert (same["unchanged"], same["states"]) == (again["unchanged"], again["states"]) == (300, 0)
    assert [changed[name] for name in ("updated", "added", "retired", "unchanged")] == [3, 3, 3, 294]
