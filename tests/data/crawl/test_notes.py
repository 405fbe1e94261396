from __future__ import annotations

import pytest
from PIL import Image
from tests.data.crawl.scenes import photo

from meot.data.crawl.notes import Note, clean, of_file, unique


def test_what_a_file_says_of_its_rights() -> None:
    exif = Image.Exif()
    exif[0x8298], exif[0x013B] = "© 김".encode(), "Kim Minji"
    assert tuple(of_file(photo(1, exif=exif))) == (
        Note("copyright", "© 김", "file"),
        Note("credit", "Kim Minji", "file"),
    )


def test_iptc_in_a_photo() -> None:
    said = b"\x1c\x02\x74\x00\x05C Lee" + b"\x1c\x02\x50\x00\x03Lee"
    block = b"8BIM\x04\x04\x00\x00" + len(said).to_bytes(4, "big") + said + b"\0" * (len(said) % 2)
    segment = b"Photoshop 3.0\0" + block
    plain = photo(1)
    data = plain[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + plain[2:]
    assert tuple(of_file(data)) == (Note("copyright", "C Lee", "file"), Note("credit", "Lee", "file"))


@pytest.mark.parametrize("data", [b"", b"no photo", photo(1)[:40], photo(1)])
def test_nothing_said_is_nothing_noted(data: bytes) -> None:
    assert tuple(of_file(data)) == ()


def test_notes_are_short_lines() -> None:
    said = iter([Note("credit", " a\n b\x00", "page"), Note("credit", "a b", "page"), Note("credit", " ", "page")])
    assert unique(said) == (Note("credit", "a b", "page"),)
    assert len(unique(Note("credit", str(number) * 900, "page") for number in range(99))) == 12
    assert len(clean("x" * 900)) == 500
