"""A look as a picture: the photo with its garments outlined, boxed and named."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from meot import taxonomy
from meot.fonts import korean_font
from meot.models.raster import resize_ids, shrink
from meot.types import Garment, Look

_COLOURS = ("#e4572e", "#17bebb", "#ffc914", "#76b041", "#9b5de5", "#f15bb5", "#00bbf9", "#fb8500")
_SMALLEST = 480


def _font(size: int, language: str) -> tuple[ImageFont.ImageFont | ImageFont.FreeTypeFont, str]:
    """A font and the language it can write: English where Korean has no font."""
    path = korean_font()
    if language == "ko" and path is not None:
        return ImageFont.truetype(path, size), "ko"
    return ImageFont.load_default(size), "en"


def annotate(look: Look, *, language: str = "en") -> Image.Image:
    """The photo with region outlines, boxes and labels; small photos are enlarged so that words can be read.

    language: "en" or "ko"; Korean falls back to English on a machine without a Korean font.
    """
    photo = look.photo
    scale = max(1.0, _SMALLEST / max(photo.height, photo.width))
    size = (round(photo.width * scale), round(photo.height * scale))
    pixels = np.array(Image.fromarray(photo.pixels).resize(size, Image.Resampling.BICUBIC))
    _outline(pixels, look, size)
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    font, spoken = _font(max(13, min(size) // 28), language)
    taken: list[tuple[float, float, float, float]] = []
    for i, garment in enumerate(look.garments):
        colour = _COLOURS[i % len(_COLOURS)]
        box = [edge * scale for edge in garment.box]
        draw.rectangle(
            (box[0], box[1], max(box[2] - 1, box[0]), max(box[3] - 1, box[1])),
            outline=colour,
            width=max(2, min(size) // 200),
        )
        _write(draw, _words(garment, spoken), (box[0], box[1]), font, colour, size, taken)
    return image


def _outline(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], look: Look, size: tuple[int, int]) -> None:
    """Draw the border of every garment region, in place."""
    regions = resize_ids(look.regions, size[1], size[0])
    wide = max(1, min(size) // 320)
    for region in taxonomy.load().regions:
        if region.garment:
            inside = regions == region.value
            pixels[inside & ~shrink(inside, wide)] = 255


def _words(garment: Garment, language: str) -> str:
    terms = taxonomy.load()
    category = terms.category(garment.category.id).names[language]
    colour = f" {terms.colour(garment.colours[0].id).names[language]}" if garment.colours else ""
    return f"{category}{'' if garment.category.sure else '?'} {garment.category.score:.0%}{colour}"


def _write(
    draw: ImageDraw.ImageDraw,
    words: str,
    corner: tuple[float, float],
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    colour: str,
    size: tuple[int, int],
    taken: list[tuple[float, float, float, float]],
) -> None:
    """Write the words on a plate at the corner, moved so that they stay in the picture and off other plates."""
    left, top, right, bottom = draw.textbbox((0, 0), words, font=font)
    wide, tall = right - left + 8, bottom - top + 6
    x = min(max(0.0, corner[0]), max(0.0, size[0] - wide))
    y = min(max(0.0, corner[1] - tall), max(0.0, size[1] - tall))
    while any(x < t[2] and x + wide > t[0] and y < t[3] and y + tall > t[1] for t in taken) and y + 2 * tall <= size[1]:
        y += tall
    taken.append((x, y, x + wide, y + tall))
    draw.rectangle((x, y, x + wide, y + tall), fill=colour)
    draw.text((x + 4 - left, y + 3 - top), words, fill="black", font=font)
