"""A look as a picture: the photo with its garments outlined, boxed and named, their details, and the style."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from meot import taxonomy
from meot.answers.plates import Fonts, Plate, Words, choose_fonts, lay_out, lead, write
from meot.answers.space import Space
from meot.answers.wording import Wording
from meot.fonts import korean_font
from meot.models.raster import resize_ids, shrink
from meot.types import Box, Garment, Label, Look

_COLOURS = (
    *("#e4572e", "#17bebb", "#ffc914", "#76b041", "#9b5de5", "#f15bb5"),
    *("#00bbf9", "#fb8500", "#c3e88d", "#ff9aa2", "#b8c0ff", "#d4a373"),
)
_SMALLEST, _NARROWEST, _LARGEST = 640, 360, 2048
"""Pixels: small photos are enlarged until the longer side has the first, the shorter the second, within the last."""
_BODY = 6
"""How much worse it is to hide skin or hair than a garment."""


def annotate(look: Look, *, language: str = "en") -> Image.Image:
    """The photo with region outlines, boxes, names and details; small photos are enlarged so that words can be read.

    Guesses bear a "?". Where many garments leave no room, the least prominent ones lose their details first.
    language: "en" or "ko"; Korean falls back to English on a machine without a Korean font.
    """
    photo = look.photo
    scale = _scale(photo.width, photo.height)
    size = (round(photo.width * scale), round(photo.height * scale))
    pixels = np.array(Image.fromarray(photo.pixels).resize(size, Image.Resampling.BICUBIC))
    regions = resize_ids(look.regions, size[1], size[0])
    _outline(pixels, regions, size)
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image, "RGBA")
    boxes = [Box(*(edge * scale for edge in garment.box)) for garment in look.garments]
    for i, box in enumerate(boxes):
        edges = (box.x0, box.y0, max(box.x1 - 1, box.x0), max(box.y1 - 1, box.y0))
        draw.rectangle(edges, outline=_COLOURS[i % len(_COLOURS)], width=max(2, min(size) // 200))
    _write_all(draw, look, boxes, Space(busy=_busy(regions)), language)
    return image


def _scale(width: int, height: int) -> float:
    long, short = max(width, height), min(width, height)
    return max(1.0, min(max(_SMALLEST / long, _NARROWEST / short), _LARGEST / long))


def _outline(pixels: NDArray[np.uint8], regions: NDArray[np.uint8], size: tuple[int, int]) -> None:
    """Draw the border of every garment region, in place."""
    wide = max(1, min(size) // 320)
    for region in taxonomy.load().regions:
        if region.garment:
            inside = regions == region.value
            pixels[inside & ~shrink(inside, wide)] = 255


def _busy(regions: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W) how bad it is to write over each pixel: 0 background, 1 garments, more where people are."""
    harm = np.zeros(256, np.uint8)
    for region in taxonomy.load().regions:
        harm[region.value] = 1 if region.garment else 0 if region.id == "background" else _BODY
    return np.asarray(harm[regions], np.uint8)


def _write_all(draw: ImageDraw.ImageDraw, look: Look, boxes: list[Box], space: Space, language: str) -> None:
    """Write the style into a corner, then every garment's plate beside its box."""
    wording = Wording(language="en" if korean_font() is None else language, taxonomy=taxonomy.load())
    words = [_garment_words(garment, wording) for garment in look.garments]
    style = None if look.style is None else _style_words(look.style, look.style_group, wording)
    fonts = _fonts(space, [*words, *([style] if style else [])])
    if style:
        plate = lay_out(style, fonts, space.width)
        place = space.take_corner(plate.wide, plate.tall)
        if place is not None:
            write(draw, plate, place, fonts, None)
    found = _arrange(words, boxes, space, fonts)
    for i, (_, place) in found.items():
        lead(draw, place, boxes[i], _COLOURS[i % len(_COLOURS)])
    for i, (plate, place) in found.items():
        write(draw, plate, place, fonts, _COLOURS[i % len(_COLOURS)])


def _fonts(space: Space, words: list[Words]) -> Fonts:
    large = max(14, round(min((space.width * space.height) ** 0.5 / 32, min(space.width, space.height) / 24)))
    said = "".join(each.head + "".join(text for text, _ in each.pieces) for each in words)
    return choose_fonts(large, max(12, round(0.82 * large)), said)


def _garment_words(garment: Garment, wording: Wording) -> Words:
    category = wording.category(garment.category) + ("" if garment.category.sure else "?")
    colour = f" {wording.colour(garment.colours[0].id)}" if garment.colours else ""
    details = tuple((told.text + ("" if told.sure else "?"), told.sure) for told in wording.details(garment))
    return Words(f"{category} {garment.category.score:.0%}{colour}", details)


def _style_words(style: Label, group: Label | None, wording: Wording) -> Words:
    question, answer, behind = wording.tell_style(style, group)
    return Words(f"{question}: {answer}", ((behind, style.sure),) if behind else ())


def _arrange(words: list[Words], boxes: list[Box], space: Space, fonts: Fonts) -> dict[int, tuple[Plate, Box]]:
    """Plates and their places by garment; one is left out only where not even all names find room."""
    before, detailed = space.taken, len(words)
    most = min(space.width, max(200, round(13 * fonts.head.getlength("M"))))
    while True:
        space.forget(before)
        found: dict[int, tuple[Plate, Box]] = {}
        for i, (said, box) in enumerate(zip(words, boxes, strict=True)):
            plate = lay_out(said if i < detailed else Words(said.head), fonts, most)
            place = space.take_beside(box, plate.wide, plate.tall)
            if place is not None:
                found[i] = (plate, place)
        if len(found) == len(words) or not detailed:
            return found
        detailed //= 2
