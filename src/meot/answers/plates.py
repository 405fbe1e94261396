"""Plates with words on a picture: a head, and details in small type below it."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from PIL import ImageDraw, ImageFont

from meot.fonts import korean_font
from meot.types import Box

_DARK = (18, 16, 15, 215)
_PLAIN, _GUESS = "#ffffff", "#e3d3b8"
_BETWEEN = " · "

_Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


class Words(NamedTuple):
    """What a plate says: its head, and the pieces of the lines below it, each with whether it is certain."""

    head: str
    pieces: tuple[tuple[str, bool], ...] = ()


class Fonts(NamedTuple):
    """For a plate's head, and for the lines below it; across, down: px between words and the edge of their plate."""

    head: _Font
    small: _Font
    across: int
    down: int


class Plate(NamedTuple):
    """Words in lines, as they fit. wide, tall: of all of it; head_tall: of the head; step: from line to line; px."""

    head: str
    lines: tuple[tuple[tuple[str, bool], ...], ...]
    wide: int
    tall: int
    head_tall: int
    step: int


def choose_fonts(large: int, small: int, said: str) -> Fonts:
    """Fonts of two sizes in px that can write ``said``: one with Hangul where it is needed and there is one."""
    path = None if said.isascii() else korean_font()
    head, below = (
        ImageFont.truetype(path, size) if path is not None else ImageFont.load_default(size) for size in (large, small)
    )
    return Fonts(head, below, across=max(5, large // 3), down=max(3, large // 5))


def lay_out(words: Words, fonts: Fonts, most: int) -> Plate:
    """The words on a plate of at most ``most`` px across; what is wider even by itself is cut."""
    room = max(12, most - 2 * fonts.across)
    head = _cut(words.head, fonts.head, room)
    lines: list[tuple[tuple[str, bool], ...]] = []
    for text, certain in words.pieces:
        piece = (_cut(text, fonts.small, room), certain)
        if lines and fonts.small.getlength(_joined((*lines[-1], piece))) <= room:
            lines[-1] = (*lines[-1], piece)
        else:
            lines.append((piece,))
    wide = max([fonts.head.getlength(head), *(fonts.small.getlength(_joined(line)) for line in lines)])
    head_tall, step = _tall(fonts.head) + 2 * fonts.down, _tall(fonts.small) + fonts.down
    tall = head_tall + (len(lines) * step + fonts.down if lines else 0)
    return Plate(head, tuple(lines), ceil(wide) + 2 * fonts.across, tall, head_tall, step)


def write(draw: ImageDraw.ImageDraw, plate: Plate, place: Box, fonts: Fonts, colour: str | None) -> None:
    """Write a plate at its place, its head on ``colour``; None: on the dark of the lines below it, for the style."""
    draw.rectangle((place.x0, place.y0, place.x1 - 1, place.y1 - 1), fill=_DARK)
    if colour is not None:
        draw.rectangle((place.x0, place.y0, place.x1 - 1, place.y0 + plate.head_tall - 1), fill=colour)
        draw.rectangle((place.x0, place.y0, place.x0 + fonts.across // 3, place.y1 - 1), fill=colour)
    middle = place.y0 + plate.head_tall / 2
    draw.text(
        (place.x0 + fonts.across, middle), plate.head, _PLAIN if colour is None else "black", fonts.head, anchor="lm"
    )
    for i, line in enumerate(plate.lines):
        x, y = place.x0 + fonts.across, place.y0 + plate.head_tall + (i + 0.5) * plate.step + fonts.down / 2
        for j, (text, certain) in enumerate(line):
            said = _BETWEEN + text if j else text
            draw.text((x, y), said, _PLAIN if certain else _GUESS, fonts.small, anchor="lm")
            x += fonts.small.getlength(said)


def lead(draw: ImageDraw.ImageDraw, place: Box, box: Box, colour: str) -> None:
    """A line from a plate to its garment's box, when they do not touch."""
    x, y = min(max(box.x0, place.x0), place.x1), min(max(box.y0, place.y0), place.y1)
    to_x, to_y = min(max(x, box.x0), box.x1), min(max(y, box.y0), box.y1)
    if abs(x - to_x) > 1 or abs(y - to_y) > 1:
        draw.line((x, y, to_x, to_y), fill=colour, width=2)


def _joined(line: tuple[tuple[str, bool], ...]) -> str:
    return _BETWEEN.join(text for text, _ in line)


def _cut(text: str, font: _Font, room: int) -> str:
    """The text, its end cut off where it is longer than ``room`` px."""
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _tall(font: _Font) -> int:
    """Pixels from the top of a font's tallest letters to the foot of its lowest."""
    box = font.getbbox("ÅQgj가")
    return int(box[3] - box[1]) + 1
