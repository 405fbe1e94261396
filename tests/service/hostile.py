"""Uploads that must be refused or survived, each with the status it must get and its kind of problem."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image


def _saved(image: Image.Image, format: str, **more: object) -> bytes:
    written = io.BytesIO()
    image.save(written, format, **more)
    return written.getvalue()


def _noise(height: int, width: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(7).integers(0, 255, (height, width, 3), np.uint8))


def _bomb() -> bytes:
    """A PNG that says it is 30,000 x 30,000 and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "text named .jpg": (b"this is no photo, whatever its name says", 415, "not_a_photo"),
    "page named .jpg": (b"<!doctype html><script>alert(1)</script>", 415, "not_a_photo"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 415, "not_a_photo"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 99, 415, "heic_photo"),
    "truncated": (_saved(_noise(128, 96), "JPEG")[:2000], 422, "photo_damaged"),
    "strip": (_saved(Image.new("RGB", (12_000, 60)), "PNG"), 422, "photo_too_long"),
    "one pixel": (_saved(Image.new("RGB", (1, 1)), "PNG"), 422, "photo_too_small"),
    "bomb": (_bomb(), 413, "too_many_pixels"),
    "empty": (b"", 422, "no_photo"),
    "too large": (_saved(_noise(700, 700), "BMP"), 413, "upload_too_large"),
}

_FLAT = Image.new("RGB", (96, 128), (28, 34, 62))
TAKEN: dict[str, bytes] = {
    "cmyk": _saved(_FLAT.convert("CMYK"), "JPEG"),
    "16 bit": _saved(Image.fromarray(np.full((64, 64), 30_000, np.uint16)), "PNG"),
    "palette with alpha": _saved(_FLAT.convert("P"), "PNG", transparency=0),
    "animated gif": _saved(_FLAT, "GIF", save_all=True, append_images=[Image.new("RGB", (96, 128), (220, 45, 55))]),
    "photo named .txt": _saved(_FLAT, "JPEG"),
}
