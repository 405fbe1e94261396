"""The door: bytes of unknown origin become an upright RGB photo, or a PhotoError that says what is wrong."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from meot.errors import PhotoError
from meot.types import Photo

SMALLEST_SIDE = 32
MOST_PIXELS = 100_000_000
MOST_BYTES = 64 * 1024 * 1024
LARGEST_SIDE = 2048
"""Photos are worked on at most this large; a larger one is scaled down as it is decoded."""
_ORIENTATION = 0x0112
"""The EXIF tag that says how the camera was held."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})


def _check_size(width: int, height: int) -> None:
    if min(width, height) < SMALLEST_SIDE:
        raise PhotoError(f"photo must be at least {SMALLEST_SIDE} px a side, got {width}x{height}; send a larger one")
    if width * height > MOST_PIXELS:
        raise PhotoError(
            f"photo must have at most {MOST_PIXELS // 1_000_000} megapixels, got {width}x{height}; scale it down first"
        )


def _to_8_bit(image: Image.Image) -> Image.Image:
    """Bring 16-bit and float photos to 8 bits; Pillow would clip them to white."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        values = np.asarray(image, np.float32)
        high = 65535.0 if values.max() > 255 else 255.0
        return Image.fromarray(np.clip(values * (255.0 / high), 0, 255).astype(np.uint8))
    return image


def _flatten(image: Image.Image) -> Image.Image:
    """Lay transparency on white, as shops show it, and bring any mode to RGB."""
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, layered).convert("RGB")
    return image.convert("RGB")


def decode(data: bytes, *, name: str = "photo") -> Photo:
    """The photo in ``data``: first frame, EXIF orientation applied, transparency on white, 8 bits, RGB.

    The pixel count is checked before anything is decoded. Photos larger than :data:`LARGEST_SIDE` are scaled down.
    PhotoError when ``data`` is no photo, is cut off, or is too large or too small; ``name`` is for the message.
    """
    if len(data) > MOST_BYTES:
        raise PhotoError(
            f"{name}: photo file must be at most {MOST_BYTES >> 20} MB, got {len(data) >> 20} MB; shrink it"
        )
    if not data:
        raise PhotoError(f"{name}: expected a photo, got an empty file; check that it was copied whole")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            width, height = image.size
            _check_size(width, height)
            image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
            image.load()
            turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
            flat = _flatten(_to_8_bit(ImageOps.exif_transpose(image)))
    except PhotoError as error:
        raise PhotoError(f"{name}: {error}") from None
    except Image.DecompressionBombError as error:
        raise PhotoError(f"{name}: photo has too many pixels to be safe ({error}); scale it down first") from None
    except UnidentifiedImageError:
        raise PhotoError(
            f"{name}: expected a photo (JPEG, PNG, WebP, GIF, BMP or TIFF), got something else; check the file"
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, MemoryError) as error:
        raise PhotoError(f"{name}: photo is damaged or cut off ({error}); copy or export it again") from None
    if max(flat.size) > LARGEST_SIDE:
        flat.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
        _check_size(*flat.size)
    original = (width, height) if turned else (height, width)
    return Photo(
        pixels=np.ascontiguousarray(np.asarray(flat, np.uint8)),
        sha256=hashlib.sha256(data).hexdigest(),
        original=original if original != (flat.height, flat.width) else None,
    )


def load(path: Path) -> Photo:
    """The photo in a file. PhotoError when it cannot be opened or is not one."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise PhotoError(f"{path}: photo file must be at most {MOST_BYTES >> 20} MB; shrink it")
        data = path.read_bytes()
    except OSError as error:
        raise PhotoError(f"{path}: cannot be opened ({error.strerror or error}); check path and permissions") from None
    return decode(data, name=str(path))


def from_pixels(pixels: NDArray[np.uint8]) -> Photo:
    """A photo from (H, W, 3) uint8 RGB pixels in memory. PhotoError for another shape, type or size."""
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
        raise PhotoError(f"expected pixels (H, W, 3) uint8 RGB, got {pixels.shape} {pixels.dtype}; convert them first")
    _check_size(pixels.shape[1], pixels.shape[0])
    kept = np.ascontiguousarray(pixels)
    return Photo(pixels=kept, sha256=hashlib.sha256(kept.tobytes()).hexdigest())


def find(path: Path) -> Iterator[Path]:
    """The photos at ``path``: itself when a file, else the photo files below it, by name.

    Hidden files and folders are passed over. PhotoError when ``path`` does not exist or a folder has no photo in it.
    """
    if not path.exists():
        raise PhotoError(f"{path}: not found; check the path")
    if path.is_file():
        yield path
        return
    found = sorted(
        p
        for p in path.rglob("*")
        if p.suffix.lower() in SUFFIXES
        and p.is_file()
        and not any(x.startswith(".") for x in p.relative_to(path).parts)
    )
    if not found:
        raise PhotoError(f"{path}: no photos in this folder (looked for {', '.join(sorted(SUFFIXES))}); check the path")
    yield from found
