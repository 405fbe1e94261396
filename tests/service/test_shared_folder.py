from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from meot.service import create_app
from meot.service.shared_folder import clear_lessons, lesson_folder, shared_folder
from meot.settings import Settings
from meot.wiring import Shop

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


def test_what_a_killed_lesson_left_is_swept_and_one_that_is_read_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dies = DIES.replace("shared_folder(inside=Path(sys.argv[1]))", "lesson_folder()").replace(
        "import shared_folder", "import lesson_folder"
    )
    places = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "TMPDIR": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", dies], env=places).returncode == -9
    (left,) = tmp_path.iterdir()
    assert (left / "looks" / "photo").read_bytes() == b"somebody"
    (strange := tmp_path / "meot-lesson-photos").mkdir()
    with lesson_folder() as read:
        (read / "photo").write_bytes(b"1")
        clear_lessons()
        assert set(tmp_path.iterdir()) == {read, strange}
        assert (read / "photo").exists()


def test_a_service_sweeps_lessons_when_it_starts(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (left := tmp_path / "meot-lesson-left").mkdir()
    (left / "lives").touch()
    with TestClient(create_app(shop, Settings())):
        end = time.monotonic() + 60
        while left.exists() and time.monotonic() < end:
            time.sleep(0.02)
        assert not left.exists()


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
