"""Two writers at once, and disks that are full."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.catalogue.faults.rounds import contents, do, finish, start, write_round
from tests.catalogue.sources.fetch.web import serve
from tests.catalogue.sources.test_bringing import give, show
from tests.catalogue.test_intake import _limit_pages

from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError


@pytest.mark.parametrize("verbs", [("add", "refresh"), ("refresh", "refresh")], ids="+".join)
def test_two_at_once_end_as_one(verbs: tuple[str, str], where: str, catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with Catalogue.open(tmp_path / "undisturbed.db", create=True) as undisturbed:
        for number in range(2):
            source = write_round(tmp_path / "in", number)
            if number:
                for process in [start(verb, where, source) for verb in verbs]:
                    finish(process)
            else:
                do("add", catalogue, source)
            do("refresh" if number else "add", undisturbed, source)
        assert contents(catalogue) == contents(undisturbed)


def _refresh_often(folder: Path) -> None:
    with Catalogue.open(folder / "shop.db", create=False) as catalogue:
        for number in range(40, 60):
            do("refresh", catalogue, write_round(folder / "in", number))


def test_a_full_disk_during_a_refresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    for name in ("shop.db", "undisturbed.db"):
        with Catalogue.open(tmp_path / name, create=True) as catalogue:
            do("add", catalogue, write_round(tmp_path / "in", 0))
    pages = (tmp_path / "shop.db").stat().st_size // 4096
    with monkeypatch.context() as full:
        _limit_pages(full, pages)
        with pytest.raises(CatalogueError, match="disk is full; everything added before is safe"):
            _refresh_often(tmp_path)
    source = write_round(tmp_path / "in", 61)
    with (
        Catalogue.open(tmp_path / "shop.db", create=False) as catalogue,
        Catalogue.open(tmp_path / "undisturbed.db", create=False) as undisturbed,
    ):
        do("refresh", catalogue, source)
        do("refresh", undisturbed, source)
        living = {(p.id, p.price) for p in catalogue.products(catalogue.changes(-1).numbers).values()}
        assert living == {(p.id, p.price) for p in undisturbed.products(undisturbed.changes(-1).numbers).values()}


_SMALL_DISK = """
import resource, signal, sys
from pathlib import Path
from meot.catalogue import intake
from meot.catalogue.feeds import Feeds
from meot.catalogue.refresh import refresh
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError
from tests.builders import ColourReader
folder, address, most = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Catalogue.open(folder / "shop.db", create=True) as catalogue:
    fetcher = intake.build_fetcher(catalogue.place, private_hosts=True)
    if most:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        print(intake.add(catalogue, ColourReader(), address, fetcher=fetcher).added)
    except CatalogueError as error:
        print(error)
"""


def test_a_full_disk_under_the_photos(tmp_path: Path) -> None:
    """A file may not grow past a limit, which fails like a full disk does; the limit lies below the photo's size."""
    photo = show((9, 9, 9)) + b"\0" * 9_000_000
    with serve({"/feed": give(b"id,title,image\n1,coat,1.png\n"), "/1.png": give(photo)}) as site:
        outputs = []
        for most in ("8000000", "0"):
            arguments = [sys.executable, "-c", _SMALL_DISK, str(tmp_path), f"{site.address}/feed", most]
            outputs.append(subprocess.run(arguments, capture_output=True, text=True, check=True).stdout)
    assert "cannot be written" in outputs[0]
    assert "check space and rights, then run the command again" in outputs[0]
    assert outputs[1] == "1\n"
    assert not list((tmp_path / "shop.photos").glob("*.part"))
