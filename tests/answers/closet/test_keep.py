"""Photos into a closet."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.builders import NAVY, RED, ColourReader, write_bad_photo, write_photo

from meot.answers.closet import keep
from meot.catalogue.closet import Closet


def add(closet: Closet, *files: Path, version: str = "colour.1") -> keep.Kept:
    return keep.add(closet, ColourReader(version=version), files, lambda done, total: None)


def test_each_photo_once_and_what_fails_is_named(tmp_path: Path) -> None:
    first = write_photo(tmp_path / "a.png", NAVY)
    copy = Path(shutil.copy(first, tmp_path / "copy.png"))
    nothing = write_photo(tmp_path / "nothing.png", (255, 0, 255))
    bad = write_bad_photo(tmp_path / "bad.png")
    with Closet.open(tmp_path / "closet.db", person="me", create=True) as closet:
        kept = add(closet, first, copy, nothing, bad, tmp_path / "absent.png")
        assert (kept.added, kept.garments, kept.known) == (1, 1, 1)
        assert [Path(name).name for name, _ in kept.failed] == ["nothing.png", "bad.png", "absent.png"]
        assert "no" in kept.as_json()["failed"][0]["reason"]
        again = add(closet, first)
        assert (again.added, again.known, len(closet.photos())) == (0, 1, 1)


def test_other_models_read_the_copies_again(tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "a.png", NAVY, lower=RED)
    with Closet.open(tmp_path / "closet.db", person="me", create=True) as closet:
        add(closet, photo)
        photo.unlink()
        before = closet.vectors(ColourReader().models).keys.tolist()
        newer = ColourReader(version="colour.2")
        assert not len(closet.vectors(newer.models).keys)
        assert keep.refresh(closet, newer, lambda done, total: None) == ()
        assert closet.vectors(newer.models).keys.tolist() == before  # so what was said of them stays
        assert not len(closet.vectors(ColourReader().models).keys)
        kept = closet.photos()[0]
        closet.file(kept.path).unlink()
        (failed,) = keep.refresh(closet, ColourReader(), lambda done, total: None)
        assert "cannot be opened" in failed[1]
