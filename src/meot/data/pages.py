"""Pages of text and computer screens, drawn by code."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from meot.data.surfaces import colour, surface
from meot.fonts import font

_LETTERS = "etaoinshrdlucmfwypvbgkETAOINSRH0123456789.,;:()가나다라마바사아자차카타파하는을이의에"


def _word(rng: Generator) -> str:
    return "".join(rng.choice(list(_LETTERS), int(rng.integers(1, 11))))


def _shade(rng: Generator, low: int, high: int) -> tuple[int, int, int]:
    level = int(rng.integers(low, high))
    red, green, blue = (int(np.clip(level + c, 0, 255)) for c in rng.integers(-12, 13, 3))
    return red, green, blue


def _lines(
    draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], size: int, ink: tuple[int, int, int], rng: Generator
) -> None:
    """Fill an xyxy box with lines of words, now and then a gap."""
    face, (left, top, right, bottom) = font(size), box
    y = float(top)
    while y + size < bottom:
        x, end = float(left), right - rng.uniform(0, 0.1) * (right - left)
        if rng.random() < 0.12:
            y, end = y + 0.5 * size, left + rng.uniform(0.2, 0.8) * (right - left)
        while x < end:
            word = _word(rng)
            draw.text((x, y), word, fill=ink, font=face)
            x += draw.textlength(word + " ", font=face)
        y += size * 1.35


def page(rng: Generator, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: a page of text in one to three columns, at times with rules, a table or a figure; half of
    them seen at an angle on a surface, as by a phone."""
    height, width = size
    sheet = Image.new("RGB", (width, height), _shade(rng, 215, 256) if rng.random() < 0.85 else _shade(rng, 10, 60))
    draw, dark = ImageDraw.Draw(sheet), sum(sheet.getpixel((0, 0))) < 380  # type: ignore[arg-type]
    ink = _shade(rng, 180, 256) if dark else _shade(rng, 0, 110)
    margin, columns = int(width * rng.uniform(0.02, 0.15)), int(rng.integers(1, 4))
    text, top = int(rng.integers(5, 22)), int(height * rng.uniform(0.02, 0.2))
    wide = (width - 2 * margin) // columns
    if rng.random() < 0.6:
        draw.text((margin, top), _word(rng) + " " + _word(rng), fill=ink, font=font(2 * text))
        top += 3 * text
    for i in range(columns):
        end = int(height * rng.uniform(0.3 if rng.random() < 0.3 else 0.9, 0.98))
        left = margin + i * wide
        _lines(draw, (left, top, left + int(0.92 * wide), end), text, ink, rng)
        if rng.random() < 0.2:
            draw.rectangle([left, top, left + int(0.9 * wide), top + int(0.3 * height)], fill=_shade(rng, 0, 256))
    for _ in range(int(rng.integers(0, 8)) if rng.random() < 0.3 else 0):
        y = int(rng.uniform(top, height))
        draw.line([margin, y, width - margin, y], fill=ink)
    pixels = np.asarray(sheet, np.uint8)
    return _seen(pixels, rng) if rng.random() < 0.5 else pixels


def _seen(sheet: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """The sheet lying on something, under uneven light."""
    height, width = sheet.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inwards = np.where(corners > 0, -1, 1) * [width, height]
    moved = (corners + rng.uniform(-0.02, 0.16, (4, 2)) * inwards).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, moved)
    there = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, (width, height))[..., None]
    laid = cv2.warpPerspective(sheet, matrix, (width, height)) * there + surface(rng, (height, width)) * (1 - there)
    light = np.linspace(rng.uniform(0.6, 1), rng.uniform(0.8, 1.15), width)[None, :, None]
    return np.clip(laid * light, 0, 255).astype(np.uint8)


def screen(rng: Generator, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: windows, lists, buttons, plots and squares of a matrix code."""
    height, width = size
    dark = rng.random() < 0.35
    back, ink = (_shade(rng, 10, 70), _shade(rng, 170, 256)) if dark else (_shade(rng, 200, 256), _shade(rng, 0, 100))
    picture = Image.new("RGB", (width, height), back)
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(1, 10))):
        x0, y0 = int(rng.uniform(0, 0.7 * width)), int(rng.uniform(0, 0.8 * height))
        x1, y1 = int(rng.uniform(x0 + 20, width)), int(rng.uniform(y0 + 14, height))
        fill = tuple(int(c) for c in colour(rng)) if rng.random() < 0.3 else _shade(rng, 20, 256)
        draw.rounded_rectangle([x0, y0, x1, y1], int(rng.integers(0, 10)), fill=fill, outline=ink)
        _part(draw, (x0 + 5, y0 + 4, x1 - 5, y1 - 4), ink, rng)
    return np.asarray(picture, np.uint8)


def _part(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], ink: tuple[int, int, int], rng: Generator) -> None:
    """What stands in a window: words, a plot, a matrix code, or nothing."""
    x0, y0, x1, y1 = box
    kind = rng.random()
    if kind < 0.5:
        _lines(draw, box, int(rng.integers(7, 16)), ink, rng)
    elif kind < 0.65:
        xs, ys = np.linspace(x0, x1, 40), y0 + rng.random(40).cumsum() / 40 * max(1, y1 - y0)
        draw.line([(float(x), float(y)) for x, y in zip(xs, ys, strict=True)], fill=ink, width=2)
    elif kind < 0.8:
        cells = int(rng.integers(8, 34))
        step = max(1, min(x1 - x0, y1 - y0) // cells)
        for row, column in zip(*np.nonzero(rng.random((cells, cells)) < 0.5), strict=True):
            x, y = x0 + int(column) * step, y0 + int(row) * step
            draw.rectangle([x, y, x + step - 1, y + step - 1], fill=ink)
