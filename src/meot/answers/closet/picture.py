"""A comparison as a picture: the look with its garments outlined by verdict, beside the nearest owned ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from meot import photos, taxonomy
from meot.answers.closet.comparison import Candidate, Comparison, Part
from meot.answers.closet.saying import Saying
from meot.answers.plates import Fonts, Words, choose_fonts, lay_out, write
from meot.errors import PhotoError
from meot.fonts import korean_font
from meot.types import Box

COLOURS = {"own": "#2e9e5b", "close": "#e0a100", "missing": "#d64545"}
"""Verdict -> colour; the words beside it say the same."""
_TALL, _ROW, _GAP = 960, 220, 16
_WIDEST = 900
_GROUND = "#f4f2ee"
Find = Callable[[int], Path | None]
"""The file of an owned photo by its key; None when it is gone."""


def draw_comparison(comparison: Comparison, find: Find, *, language: str = "en") -> Image.Image:
    """The look on the left, a row a garment on the right: verdict, nearest owned garment, reasons.

    Korean falls back to English on a machine without a Korean font. An owned photo that is gone leaves its place empty.
    """
    saying = Saying(language="en" if korean_font() is None else language, taxonomy=taxonomy.load())
    look, scale = _scaled(comparison)
    words = [_words(part, saying) for part in comparison.parts]
    said = "".join(each.head + "".join(text for text, _ in each.pieces) for each in words)
    fonts = choose_fonts(22, 17, said)
    text_wide = 460
    tall = max(look.height, len(words) * (_ROW + _GAP) - _GAP) + 2 * _GAP
    picture = Image.new("RGB", (look.width + _ROW + text_wide + 4 * _GAP, tall), _GROUND)
    picture.paste(look, (_GAP, _GAP))
    draw = ImageDraw.Draw(picture, "RGBA")
    left = look.width + 2 * _GAP
    for row, (part, told) in enumerate(zip(comparison.parts, words, strict=True)):
        box = Box(*(_GAP + edge * scale for edge in part.garment.box))
        _outline(draw, box, COLOURS[part.verdict], str(part.number + 1), fonts)
        top = _GAP + row * (_ROW + _GAP)
        if part.nearest:
            _paste(picture, part.nearest[0], find, (left, top), COLOURS[part.verdict])
        else:
            draw.rectangle((left, top, left + _ROW - 1, top + _ROW - 1), outline=COLOURS["missing"], width=4)
        plate = lay_out(told, fonts, text_wide)
        place = Box(left + _ROW + _GAP, top, left + _ROW + _GAP + plate.wide, top + plate.tall)
        write(draw, plate, place, fonts, COLOURS[part.verdict])
    return picture


def _scaled(comparison: Comparison) -> tuple[Image.Image, float]:
    photo = comparison.look.photo
    scale = min(_TALL / photo.height, _WIDEST / photo.width)
    size = (round(photo.width * scale), round(photo.height * scale))
    return Image.fromarray(photo.pixels).resize(size, Image.Resampling.BICUBIC), scale


def _words(part: Part, saying: Saying) -> Words:
    head = f"{part.number + 1}  {saying.verdict(part)}"
    reasons = part.nearest[0].reasons if part.nearest else ()
    pieces = ((saying.garment(part.garment), part.garment.category.sure),)
    return Words(head, (*pieces, *((reason.text, reason.sure) for reason in reasons)))


def _outline(draw: ImageDraw.ImageDraw, box: Box, colour: str, number: str, fonts: Fonts) -> None:
    draw.rectangle((box.x0, box.y0, max(box.x1, box.x0 + 1), max(box.y1, box.y0 + 1)), outline=colour, width=4)
    wide = fonts.head.getlength(number) + 2 * fonts.across
    draw.rectangle((box.x0, box.y0, box.x0 + wide, box.y0 + 30), fill=colour)
    draw.text((box.x0 + wide / 2, box.y0 + 15), number, "black", fonts.head, anchor="mm")


def _paste(picture: Image.Image, candidate: Candidate, find: Find, place: tuple[int, int], colour: str) -> None:
    """The crop of an owned garment in a square at ``place``, framed."""
    file = find(candidate.near.owned.photo)
    square = Image.new("RGB", (_ROW, _ROW), "white")
    if file is not None:
        try:
            pixels = Image.fromarray(photos.load(file).pixels)
        except PhotoError:
            pixels = Image.new("RGB", (_ROW, _ROW), "white")
        box = candidate.near.owned.garment.box
        edges = (max(0, int(box.x0)), max(0, int(box.y0)), round(box.x1), round(box.y1))
        crop = pixels.crop(edges) if edges[2] > edges[0] and edges[3] > edges[1] else pixels
        crop = ImageOps.contain(crop, (_ROW, _ROW), Image.Resampling.BICUBIC)
        square.paste(crop, ((_ROW - crop.width) // 2, (_ROW - crop.height) // 2))
    ImageDraw.Draw(square).rectangle((0, 0, _ROW - 1, _ROW - 1), outline=colour, width=4)
    picture.paste(square, place)
