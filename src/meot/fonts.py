"""A font with Hangul, for pictures."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import ImageFont

_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/nanum/NanumGothic.ttf",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/AppleSDGothicNeo.ttc",
    "C:/Windows/Fonts/malgun.ttf",
)


@cache
def korean_font() -> str | None:
    """Path of a font with Hangul that this machine has, None when it has none."""
    return next((path for path in _FONTS if Path(path).is_file()), None)


@cache
def font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """A font of ``size`` px, with Hangul where this machine has one, else Pillow's own."""
    path = korean_font()
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)
