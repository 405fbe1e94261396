"""The door: bytes of unknown origin become an upright RGB photo, or a PhotoError that says what is wrong."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from meot.errors import PhotoError
from meot.types import Photo

SMALLEST_SIDE = 32
MOST_PIXELS = 100_000_000
MOST_BYTES = 64 * 1024 * 1024
LARGEST_SIDE = 2048
"""Photos are worked on at most this large; a larger one is scaled down as it is decoded."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
_ORIENTATION = 0x0112
"""The EXIF tag that says how the camera was held; 5..8 swap height and width."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _check_size(width: int, height: int) -> None:
    if min(width, height) < SMALLEST_SIDE:
        raise PhotoError(f"photo must be at least {SMALLEST_SIDE} px a side, got {width}x{height}; send a larger one")
    if width * height > MOST_PIXELS:
        raise PhotoError(
            f"photo must have at most {MOST_PIXELS // 1_000_000} megapixels, got {width}x{height}; scale it down first"
        )
    if max(width, height) * SMALLEST_SIDE > min(width, height) * LARGEST_SIDE:
        raise PhotoError(
            f"photo must be at most {LARGEST_SIDE // SMALLEST_SIDE} times as long as wide, got {width}x{height}; "
            "crop it first"
        )


def _to_8_bit(image: Image.Image) -> Image.Image:
    """Bring 16-bit, 32-bit and float greys to 8 bits; Pillow would clip them to white."""
    if not (image.mode.startswith("I") or image.mode == "F"):
        return image
    values = np.nan_to_num(np.asarray(image, np.float32), posinf=0.0, neginf=0.0)
    if image.mode == "F" and values.max() <= 1.0:
        full = 1.0
    else:
        full = 65535.0 if image.mode != "F" or values.max() > 255.0 else 255.0
    return Image.fromarray(np.clip(values * (255.0 / full), 0, 255).round().astype(np.uint8))


def _to_srgb(image: Image.Image) -> Image.Image:
    """Follow an embedded colour profile (print CMYK, wide-gamut phones); a broken one is left aside."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in (own.profile.profile_description or ""):
            return image
        turned = ImageCms.profileToProfile(image, own, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return turned or image


def _flatten(image: Image.Image) -> Image.Image:
    """Lay transparency on white, as shops show it, and bring any mode to RGB."""
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, layered).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _orientation(image: Image.Image) -> int:
    """1..8; 1 when the camera's notes are damaged: they are no reason to refuse the pixels."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # the EXIF parser raises whatever it trips on
        return 1
    return value if value in _TURNS else 1


def _open(data: bytes) -> tuple[Image.Image, tuple[int, int]]:
    """The decoded, upright, 8-bit RGB image of at most about LARGEST_SIDE, and its full (height, width)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Pillow warns of is either refused or set right here
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = image.size
        _check_size(width, height)
        image.draft(image.mode, (LARGEST_SIDE, LARGEST_SIDE))
        image.load()
        turn = _orientation(image)
        if max(image.size) > LARGEST_SIDE and image.mode in ("RGB", "L", "CMYK"):
            image.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
        flat = _flatten(_to_srgb(_to_8_bit(image)))
    if turn in _TURNS:
        flat = flat.transpose(_TURNS[turn])
    return flat, (width, height) if turn >= 5 else (height, width)


def decode(data: bytes, *, name: str = "photo") -> Photo:
    """The photo in ``data``: first frame, EXIF orientation applied, transparency on white, 8 bits, sRGB.

    The pixel count is checked before anything is decoded. Photos larger than :data:`LARGEST_SIDE` are scaled down.
    PhotoError when ``data`` is no photo, is cut off, or is too large or too small; ``name`` is for the message.
    """
    if len(data) > MOST_BYTES:
        raise PhotoError(f"{name}: photo file must be at most {MOST_BYTES >> 20} MB, got more; shrink it")
    if not data:
        raise PhotoError(f"{name}: expected a photo, got an empty file; check that it was copied whole")
    try:
        flat, original = _open(data)
    except PhotoError as error:
        raise PhotoError(f"{name}: {error}") from None
    except Image.DecompressionBombError:
        raise PhotoError(
            f"{name}: photo must have at most {MOST_PIXELS // 1_000_000} megapixels, got far more; scale it down first"
        ) from None
    except UnidentifiedImageError:
        raise PhotoError(
            f"{name}: expected a photo (JPEG, PNG, WebP, GIF, BMP or TIFF), got something else; check the file"
        ) from None
    except Exception as error:  # Pillow's decoders raise whatever a damaged file makes them trip on
        raise PhotoError(f"{name}: photo is damaged or cut off ({error}); copy or export it again") from None
    if max(flat.size) > LARGEST_SIDE:
        flat.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return Photo(
        pixels=np.ascontiguousarray(np.asarray(flat, np.uint8)),
        sha256=hashlib.sha256(data).hexdigest(),
        original=original if original != (flat.height, flat.width) else None,
    )


def load(path: Path) -> Photo:
    """The photo in a file. PhotoError when it cannot be opened or is not one."""
    return decode(contents(path), name=str(path))


def contents(path: Path) -> bytes:
    """The bytes of a file for :func:`decode`, one more at most than it takes. PhotoError when it cannot be opened."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PhotoError(f"{path}: cannot be opened ({reason}); check path and permissions") from None


def from_pixels(pixels: NDArray[np.uint8]) -> Photo:
    """A photo from (H, W, 3) uint8 RGB pixels in memory. PhotoError for another shape, type or size."""
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
        raise PhotoError(f"expected pixels (H, W, 3) uint8 RGB, got {pixels.shape} {pixels.dtype}; convert them first")
    _check_size(pixels.shape[1], pixels.shape[0])
    kept = np.ascontiguousarray(pixels)
    return Photo(pixels=kept, sha256=hashlib.sha256(kept.tobytes()).hexdigest())


def find(path: Path) -> Iterator[Path]:
    """The photos at ``path``: itself when it is no folder, else the photo files below it, by name.

    Hidden files and folders are passed over. PhotoError when ``path`` does not exist or a folder has no photo in it.
    """
    if not os.path.exists(path):  # unlike Path.exists, also False where the path may not be looked at
        raise PhotoError(f"{path}: not found; check the path")
    if not path.is_dir():
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
