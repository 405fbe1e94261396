"""The door: whatever comes, an upright RGB photo or one clear sentence."""

from __future__ import annotations

import hashlib
import io
import os
import random
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from meot import photos
from meot.errors import PhotoError
from meot.types import Photo

RED, GREEN, BLUE, WHITE = (220, 30, 40), (30, 160, 60), (30, 50, 200), (255, 255, 255)


def corners(height: int = 60, width: int = 40) -> NDArray[np.uint8]:
    """A picture whose four quarters tell every turn apart."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = RED, GREEN
    pixels[height // 2 :, : width // 2], pixels[height // 2 :, width // 2 :] = BLUE, WHITE
    return pixels


def save(image: Image.Image, format: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, format, **options)
    return data.getvalue()


def png(width: int, height: int, bits: int, rows: bytes) -> bytes:
    """An RGB PNG by hand: what its header promises need not be what its rows hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def bomb(width: int, height: int) -> bytes:
    return png(width, height, 8, bytes(100_000))


def says(data: bytes, *words: str) -> str:
    """The door's sentence for ``data``, checked for its form and ``words``."""
    with pytest.raises(PhotoError) as caught:
        photos.decode(data, name="x.jpg")
    message = str(caught.value)
    assert message.startswith("x.jpg: ")
    assert "\n" not in message
    assert len(message) < 250
    for word in words:
        assert word in message
    return message


def close(photo: Photo, expected: NDArray[np.uint8], within: int) -> None:
    assert photo.pixels.shape == expected.shape
    assert photo.pixels.dtype == np.uint8
    assert int(np.abs(photo.pixels.astype(int) - expected.astype(int)).max()) <= within


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "WEBP", "GIF"])
def test_formats_come_in_as_they_are(format: str) -> None:
    options = {"lossless": True} if format == "WEBP" else {}
    photo = photos.decode(save(Image.fromarray(corners()), format, **options))
    close(photo, corners(), 0)
    assert photo.original is None
    assert (photo.height, photo.width) == (60, 40)


@pytest.mark.parametrize(
    "data",
    [
        b"This is no photo, whatever its name says.\n" * 20,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.4\n",
        b"GIF",
        bytes(500),
    ],
    ids=["text", "svg", "pdf", "three letters", "zeros"],
)
def test_what_is_no_photo(data: bytes) -> None:
    says(data, "JPEG, PNG", "something else", "check the file")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_cut_off_photo(format: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
    whole = save(Image.fromarray(noise), format)
    message = says(whole[: len(whole) // 2])
    assert "damaged or cut off" in message or "something else" in message


def test_empty_file() -> None:
    says(b"", "empty file")


@pytest.mark.parametrize("size", [(1, 1), (31, 200), (200, 12)])
def test_too_small(size: tuple[int, int]) -> None:
    says(save(Image.new("RGB", size), "PNG"), "at least 32 px", f"{size[0]}x{size[1]}")


def test_too_slim() -> None:
    says(save(Image.new("RGB", (4000, 40)), "PNG"), "64 times", "4000x40", "crop")


def test_too_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MOST_BYTES", 100)
    says(bytes(101), "at most 0 MB", "shrink")


@pytest.mark.parametrize("size", [(30_000, 30_000), (12_000, 12_000), (100, 100_000_000)])
def test_bomb_is_refused(size: tuple[int, int]) -> None:
    says(bomb(*size), "100 megapixels", "scale it down")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell a process its memory")
def test_bomb_costs_neither_time_nor_memory(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb(30_000, 30_000))
    script = (
        "import sys, time; from pathlib import Path; from meot import photos; from meot.errors import *\n"
        "def most(): return int(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
        "before, start = most(), time.process_time()\n"
        "try: photos.load(Path(sys.argv[1]))\n"
        "except PhotoError: pass\n"
        "print(most() - before, time.process_time() - start)"
    )
    run = [sys.executable, "-c", script, str(tmp_path / "bomb.png")]
    kilobytes, seconds = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert int(kilobytes) < 20_000
    assert float(seconds) < 2


def test_cmyk_has_the_right_colours() -> None:
    image = Image.fromarray(corners()).convert("CMYK")
    close(photos.decode(save(image, "TIFF")), corners(), 1)
    close(photos.decode(save(image, "JPEG", quality=98, subsampling=0)), corners(), 12)


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_broken_colour_profile_is_left_aside(mode: str) -> None:
    data = save(Image.fromarray(corners()).convert(mode), "TIFF", icc_profile=b"no profile at all")
    close(photos.decode(data), corners(), 1)


def test_colour_profile_is_followed() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    close(photos.decode(save(Image.fromarray(corners()), "PNG", icc_profile=srgb)), corners(), 0)
    swapped = srgb.replace(b"rXYZ", b"?").replace(b"bXYZ", b"rXYZ").replace(b"?", b"bXYZ")
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    data = save(Image.fromarray(corners()), "PNG", icc_profile=swapped)
    close(photos.decode(data), corners()[..., ::-1], 3)


def test_16_bit_grey() -> None:
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    photo = photos.decode(save(Image.fromarray(ramp), "PNG"))
    close(photo, np.repeat((ramp / 257).round().astype(np.uint8)[..., None], 3, 2), 0)


def test_dark_16_bit_grey_stays_dark() -> None:
    photo = photos.decode(save(Image.fromarray(np.full((40, 40), 200, np.uint16)), "PNG"))
    assert int(photo.pixels.max()) <= 1


@pytest.mark.parametrize("full", [1.0, 255.0, 65535.0])
def test_float_grey(full: float) -> None:
    values = np.full((40, 40), 0.5 * full, np.float32)
    values[0, 0], values[0, 1] = full, np.nan
    photo = photos.decode(save(Image.fromarray(values), "TIFF"))
    assert int(photo.pixels[20, 20, 0]) == 128
    assert int(photo.pixels[0, 0, 0]) == 255


def test_16_bit_colour() -> None:
    deep = corners().astype(np.uint16) * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep)
    close(photos.decode(png(40, 60, 16, rows)), corners(), 0)


@pytest.mark.parametrize("transparency", [2, bytes([255, 255, 0, 255])])
def test_palette_with_transparency_is_laid_on_white(transparency: int | bytes) -> None:
    image = Image.new("P", (40, 60))
    image.putpalette([*RED, *GREEN, *BLUE, *WHITE])
    image.paste(2, (0, 30, 40, 60))
    photo = photos.decode(save(image, "PNG", transparency=transparency))
    assert tuple(photo.pixels[10, 10]) == RED
    assert tuple(photo.pixels[50, 10]) == WHITE


def test_half_transparency_is_mixed_with_white() -> None:
    photo = photos.decode(save(Image.new("RGBA", (40, 40), (0, 0, 0, 128)), "PNG"))
    assert tuple(photo.pixels[0, 0]) == (127, 127, 127)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "YCbCr"])
def test_other_modes(mode: str) -> None:
    format = {"YCbCr": "TIFF"}.get(mode, "PNG")
    photo = photos.decode(save(Image.new("RGB", (40, 40), WHITE).convert(mode), format))
    assert photo.pixels.shape == (40, 40, 3)
    assert int(photo.pixels.min()) >= 254


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_animation_gives_its_first_frame(format: str) -> None:
    frames = [Image.new("RGB", (40, 60), colour) for colour in (RED, GREEN, BLUE)]
    options = {"lossless": True} if format == "WEBP" else {}
    photo = photos.decode(save(frames[0], format, save_all=True, append_images=frames[1:], **options))
    close(photo, np.full((60, 40, 3), RED, np.uint8), 1)


_STORED = {
    1: corners(),
    2: corners()[:, ::-1],
    3: corners()[::-1, ::-1],
    4: corners()[::-1],
    5: corners().transpose(1, 0, 2),
    6: np.rot90(corners(), 1),
    7: corners()[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90(corners(), -1),
}
"""Orientation -> how a camera that was held so stores the upright picture."""


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_turned_upright(orientation: int, format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    best: dict[str, dict[str, object]] = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True}}
    stored = Image.fromarray(np.ascontiguousarray(_STORED[orientation]))
    photo = photos.decode(save(stored, format, exif=exif, **best.get(format, {})))
    close(photo, corners(), 12)
    assert photo.original is None


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_large_photos_are_worked_on_small_and_remember_their_size(orientation: int, format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(np.rot90(corners(4100, 3000), 1 if orientation == 6 else 0))
    photo = photos.decode(save(Image.fromarray(stored), format, exif=exif))
    assert photo.original == (4100, 3000)
    assert max(photo.pixels.shape) == 2048
    assert abs(photo.height / photo.width - 4100 / 3000) < 0.001
    assert np.abs(photo.pixels[10, 10].astype(int) - RED).max() < 8


def test_damaged_camera_notes_do_not_cost_the_photo() -> None:
    data = save(Image.fromarray(corners()), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffnonsense")
    close(photos.decode(data), corners(), 0)


def test_polyglot_is_read_as_the_photo_it_is() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("run.sh", "echo no")
    data = save(Image.fromarray(corners()), "PNG")
    close(photos.decode(data + archive.getvalue() + b"<script>alert(1)</script>"), corners(), 0)
    says(b"<html><script>alert(1)</script>" + data, "something else")
    says(b"%PDF-1.4\n" + data, "something else")


@pytest.mark.parametrize("format", ["EPS", "PDF", "ICO", "TGA", "PPM"])
def test_formats_that_shops_do_not_use_stay_outside(format: str) -> None:
    says(save(Image.fromarray(corners()), format), "something else")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_damage_anywhere_is_a_photo_error_or_a_photo(format: str) -> None:
    rng = random.Random(0)
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = save(Image.fromarray(corners()), format, **({} if format in ("GIF", "BMP") else {"exif": exif}))
    for _ in range(150):
        data = bytearray(whole[: rng.randrange(1, len(whole) + 1)] if rng.random() < 0.3 else whole)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        said = ""
        try:
            photo = photos.decode(bytes(data), name="x.jpg")
            assert photo.pixels.shape[2:] == (3,)
        except PhotoError as error:
            said = str(error)
        assert not said or (said.startswith("x.jpg: ") and "\n" not in said)


def test_sha256_is_of_the_file() -> None:
    data = save(Image.fromarray(corners()), "PNG")
    assert photos.decode(data).sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("path", "words"),
    [("none.jpg", "No such file"), ("", "Is a directory"), ("a\0b.jpg", "cannot be opened"), ("x" * 300, "too long")],
)
def test_load_says_what_is_wrong_with_a_path(tmp_path: Path, path: str, words: str) -> None:
    with pytest.raises(PhotoError, match=words):
        photos.load(tmp_path / path)


def test_load_never_reads_more_than_allowed() -> None:
    with pytest.raises(PhotoError, match="at most 64 MB"):
        photos.load(Path("/dev/zero"))


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.png"
    Image.fromarray(corners()).save(file)
    file.chmod(0)
    if os.geteuid() == 0:  # root may read everything, so the refusal is played

        def refuse(self: Path, mode: str) -> None:
            assert not stat.S_IMODE(self.stat().st_mode)
            raise PermissionError(13, "Permission denied", str(self))

        monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PhotoError, match=r"mine\.png: cannot be opened \(Permission denied\); check path"):
        photos.load(file)


def test_find_walks_folders_by_name_and_passes_over_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "deep/er/c.webp", ".hidden/d.jpg", "notes.txt", ".e.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [str(p.relative_to(tmp_path)) for p in photos.find(tmp_path)]
    assert found == ["a.png", "b.JPG", "deep/er/c.webp"]
    assert list(photos.find(tmp_path / "notes.txt")) == [tmp_path / "notes.txt"]


@pytest.mark.parametrize("path", ["none", "a\0b", "x" * 300])
def test_find_says_when_there_is_nothing(tmp_path: Path, path: str) -> None:
    with pytest.raises(PhotoError, match="not found"):
        list(photos.find(tmp_path / path))


def test_folder_without_photos(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(PhotoError, match=r"no photos in this folder \(looked for \.bmp"):
        list(photos.find(tmp_path))


def test_from_pixels_checks_what_it_gets() -> None:
    close(photos.from_pixels(corners()), corners(), 0)
    with pytest.raises(PhotoError, match=r"expected pixels \(H, W, 3\) uint8 RGB, got \(60, 40\) uint8"):
        photos.from_pixels(corners()[..., 0])
    with pytest.raises(PhotoError, match="float64"):
        photos.from_pixels(corners().astype(np.float64))
    with pytest.raises(PhotoError, match="at least 32 px"):
        photos.from_pixels(corners()[:10])
