from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from meot.service.shared_folder import shared_folder

pytest.importorskip("fcntl")

DIES = """
import os, signal, sys
from pathlib import Path
from meot.service.shared_folder import shared_folder
with shared_folder(inside=Path(sys.argv[1])) as folder:
    (folder / "looks").mkdir()
    (folder / "looks" / "photo").write_bytes(b"somebody")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_is_its_owners_alone_and_gone_at_the_end(tmp_path: Path) -> None:
    with shared_folder(inside=tmp_path) as folder:
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "photo").write_bytes(b"1")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_service_left_goes_with_the_next_start(tmp_path: Path) -> None:
    places = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    assert subprocess.run([sys.executable, "-c", DIES, str(tmp_path)], env=places).returncode == -9
    (left,) = tmp_path.iterdir()
    assert (left / "looks" / "photo").read_bytes() == b"somebody"
    with shared_folder(inside=tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_a_service_that_lives_keeps_its_own_and_strangers_keep_theirs(tmp_path: Path) -> None:
    strange = tmp_path / "meot-serve-photos"
    strange.mkdir()
    with shared_folder(inside=tmp_path) as first, shared_folder(inside=tmp_path) as second:
        assert first != second
        assert set(tmp_path.iterdir()) == {strange, first, second}


def test_services_that_start_at_once_clear_beside_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "meot-serve-gone"  # another one deleted it since it was listed
    monkeypatch.setattr(Path, "glob", lambda *_given: iter([gone]))
    with shared_folder(inside=tmp_path) as folder:
        assert folder.is_dir()


def test_a_link_that_somebody_laid_there_leads_nowhere(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "lives").touch()
    place = tmp_path / "shm"
    place.mkdir()
    (place / "meot-serve-evil").symlink_to(precious)
    with shared_folder(inside=place):
        pass
    assert (precious / "lives").exists()
