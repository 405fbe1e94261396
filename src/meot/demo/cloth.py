"""Cloth: patterns, folds, and the details that are sewn on."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from meot.demo.shapes import Shape
from meot.models.raster import blur

Rgb = tuple[int, int, int]
Plane = NDArray[np.float32]
"""(S, S) float32."""


def noise(size: int, rng: Generator, *, coarse: int, octaves: int = 4) -> Plane:
    """(size, size) float32 smooth noise of mean 0 and deviation 1; ``coarse`` cells a side in the first octave."""
    total = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        cells = min(size, coarse * 2**octave)
        grid = rng.standard_normal((cells, cells)).astype(np.float32)
        total += _stretch(grid, size) * 0.55**octave
    return np.asarray((total - total.mean()) / total.std(), np.float32)


def _stretch(plane: Plane, size: int) -> Plane:
    """(h, w) float32 smoothly stretched to (size, size)."""
    return np.asarray(Image.fromarray(plane).resize((size, size), Image.Resampling.BICUBIC), np.float32)


def pattern(kind: str, size: int, ground: Rgb, figure: Rgb, rng: Generator) -> NDArray[np.float32]:
    """(size, size, 3) float32 0..255: the cloth before it is cut; kind is an id of the taxonomy's pattern component."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    bend = 0.006 * noise(size, rng, coarse=3, octaves=2)
    share = np.zeros((size, size), np.float32)
    if kind == "stripe":
        share = (np.mod((y + bend) * rng.integers(14, 24), 1) < rng.uniform(0.3, 0.5)).astype(np.float32)
    elif kind == "check":
        lines = rng.integers(7, 12)
        across, down = np.mod((x + bend) * lines, 1) < 0.45, np.mod((y + bend) * lines, 1) < 0.45
        share = 0.5 * across.astype(np.float32) + 0.5 * down.astype(np.float32)
    elif kind == "dot":
        rows = rng.integers(16, 26)
        v = (y + bend) * rows
        u = (x + bend) * rows + 0.5 * (np.floor(v) % 2)
        share = (np.hypot(np.mod(u, 1) - 0.5, np.mod(v, 1) - 0.5) < 0.24).astype(np.float32)
    cloth = np.array(ground, np.float32) * (1 - share[..., None]) + np.array(figure, np.float32) * share[..., None]
    if kind in ("floral", "graphic"):
        image = Image.fromarray(cloth.astype(np.uint8))
        (_flowers if kind == "floral" else _print)(image, figure, rng)
        cloth = np.asarray(image, np.float32)
    return cloth


def _flowers(image: Image.Image, figure: Rgb, rng: Generator) -> None:
    draw, size = ImageDraw.Draw(image), image.width
    for _ in range(150):
        x, y, r = rng.uniform(0, size), rng.uniform(0, size), size * rng.uniform(0.010, 0.022)
        petal = tuple(int(v) for v in np.clip(np.array(figure) + rng.normal(0, 25, 3), 0, 255))
        leaf = (60 + int(rng.integers(0, 40)), 110, 70)
        turn = rng.uniform(0, 2 * np.pi)
        draw.ellipse((x + r, y + r, x + 2.6 * r, y + 1.8 * r), fill=leaf)
        for k in range(5):
            px, py = x + r * np.cos(turn + k * 1.2566), y + r * np.sin(turn + k * 1.2566)
            draw.ellipse((px - 0.75 * r, py - 0.75 * r, px + 0.75 * r, py + 0.75 * r), fill=petal)
        draw.ellipse((x - 0.5 * r, y - 0.5 * r, x + 0.5 * r, y + 0.5 * r), fill=(240, 205, 80))


def _print(image: Image.Image, figure: Rgb, rng: Generator) -> None:
    """A print on the chest: a sun over hills, or letters."""
    draw, size = ImageDraw.Draw(image), image.width
    cx, cy, r = size * 0.5, size * 0.42, size * rng.uniform(0.10, 0.13)
    if rng.random() < 0.5:
        draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=figure)
        for k in range(3):
            base, shade = cy + r * (0.35 + 0.3 * k), tuple(int(v * (0.75 - 0.18 * k)) for v in figure)
            xs = np.linspace(cx - 1.3 * r, cx + 1.3 * r, 30)
            hills = [(float(a), float(base - 0.3 * r * np.sin(3 * a / r + k + 1))) for a in xs]
            draw.polygon([*hills, (cx + 1.3 * r, cy + 1.25 * r), (cx - 1.3 * r, cy + 1.25 * r)], fill=shade)
    else:
        for row in range(2):
            for k in range(4):
                x0 = cx - 1.2 * r + k * 0.62 * r
                y0 = cy - 0.7 * r + row * 0.85 * r
                wide = 0.16 * r
                draw.rectangle((x0, y0, x0 + wide, y0 + 0.65 * r), fill=figure)
                if rng.random() < 0.8:
                    draw.rectangle((x0, y0, x0 + 0.5 * r, y0 + wide), fill=figure)
                if rng.random() < 0.7:
                    draw.rectangle((x0 + 0.35 * r, y0, x0 + 0.35 * r + wide, y0 + 0.65 * r), fill=figure)


def fold(cloth: NDArray[np.float32], inside: Plane, rng: Generator, *, depth: float) -> NDArray[np.float32]:
    """Shade the cloth with folds, a rounded rim and weave. inside: 1 within the outline, 0 elsewhere."""
    size = len(inside)
    stretched = noise(size, rng, coarse=4, octaves=4)
    tall = _stretch(stretched[: size // 2], size)
    height = 0.6 * noise(size, rng, coarse=3, octaves=3) + 0.5 * tall
    down, across = np.gradient(blur(height, 1.2))
    slope = np.asarray(across + 0.6 * down, np.float32)
    slope = blur(slope / (slope.std() + 1e-6), size / 180)
    rim = np.clip(2 * (1 - blur(inside, 0.008 * size)), 0, 1)
    light = 1 + depth * (0.09 * np.tanh(slope) + 0.05 * height) - 0.22 * rim
    weave = 1 + 0.018 * rng.standard_normal((size, size)).astype(np.float32)
    return np.asarray(np.clip(cloth * (light * weave)[..., None] + 4 * np.tanh(slope)[..., None], 0, 255), np.float32)


def sew(
    cloth: NDArray[np.float32], shape: Shape, box: tuple[float, float, float, float], colour: Rgb, rng: Generator
) -> NDArray[np.float32]:
    """Draw collars, seams, pockets, buttons in the garment's own box (xyxy, px)."""
    image = Image.fromarray(cloth.astype(np.uint8))
    pen = _Pen(ImageDraw.Draw(image, "RGBA"), box, colour)
    for detail in shape.details:
        getattr(pen, detail)(shape, rng)
    return np.asarray(image, np.float32)


class _Pen:
    """Draws details in the coordinates of the shape."""

    def __init__(self, draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], colour: Rgb) -> None:
        self.draw, self.box = draw, box
        light = sum(colour) > 330
        self.seam = (0, 0, 0, 95) if light else (255, 255, 255, 50)
        self.shadow = (0, 0, 0, 70)
        self.darker = (*(int(v * 0.82) for v in colour), 255)
        self.lighter = (*(min(255, int(v * 1.08 + 8)) for v in colour), 255)
        self.unit = (box[2] - box[0]) / 400

    def at(self, x: float, y: float) -> tuple[float, float]:
        x0, y0, x1, y1 = self.box
        return x0 + x * (x1 - x0), y0 + y * (y1 - y0)

    def line(self, *points: tuple[float, float], width: float = 1.4, fill: tuple[int, ...] | None = None) -> None:
        self.draw.line(
            [self.at(*p) for p in points], fill=fill or self.seam, width=max(1, round(width * self.unit)), joint="curve"
        )

    def both(self, *points: tuple[float, float], width: float = 1.4, fill: tuple[int, ...] | None = None) -> None:
        self.line(*points, width=width, fill=fill)
        self.line(*((1 - x, y) for x, y in points), width=width, fill=fill)

    def fill(self, *points: tuple[float, float], colour: tuple[int, ...]) -> None:
        self.draw.polygon([self.at(*p) for p in points], fill=colour)

    def disc(self, x: float, y: float, r: float, colour: tuple[int, ...]) -> None:
        cx, cy = self.at(x, y)
        self.draw.ellipse(
            (cx - r * self.unit, cy - r * self.unit, cx + r * self.unit, cy + r * self.unit),
            fill=colour,
            outline=self.shadow,
        )

    def rib(self, shape: Shape, rng: Generator) -> None:
        wide, deep = shape.opening or (0.1, 0.07)
        top = shape.half[0][1]
        t = np.linspace(0, np.pi, 24)
        hole = [(0.5 - wide * float(np.cos(a)), top + deep * float(np.sin(a))) for a in t]
        self.fill(*hole, colour=(*(v * 2 // 3 for v in self.darker[:3]), 255))
        for extra, fill in ((0.022, self.darker), (0.0, self.shadow)):
            t = np.linspace(0, np.pi, 24)
            self.line(
                *((0.5 - (wide + extra) * np.cos(a), top + (deep + extra) * np.sin(a)) for a in t),
                width=3 if extra else 1.5,
                fill=fill,
            )

    def hem(self, shape: Shape, rng: Generator) -> None:
        x, y = shape.half[-2]
        self.line((x + 0.004, y - 0.028), (0.5, y - 0.016), (1 - x - 0.004, y - 0.028))

    def cuffs(self, shape: Shape, rng: Generator) -> None:
        (x0, y0), (x1, y1) = shape.half[4], shape.half[5]
        self.both((x0 + 0.02, y0 - 0.025), (x1 + 0.012, y1 - 0.03))
        self.both(shape.half[2], (0.225, 0.31))

    def ribs(self, shape: Shape, rng: Generator) -> None:
        x, y = shape.half[-2]
        for k in range(60):
            a = x + (1 - 2 * x) * k / 59
            self.line((a, y - 0.05), (a, y), width=0.8, fill=self.shadow)
        self.line((x, y - 0.052), (1 - x, y - 0.052))
        (x0, y0), (x1, y1) = shape.half[5], shape.half[6]
        self.both((x0 + 0.008, y0 - 0.05), (x1 + 0.008, y1 - 0.05))

    def knit(self, shape: Shape, rng: Generator) -> None:
        for k in range(34):
            x = 0.26 + 0.48 * k / 33
            self.line((x, 0.16), (x, 0.90), width=1.3, fill=(0, 0, 0, 22))

    def hood(self, shape: Shape, rng: Generator) -> None:
        self.fill(
            (0.33, 0.08),
            (0.36, 0.0),
            (0.5, -0.02),
            (0.64, 0.0),
            (0.67, 0.08),
            (0.58, 0.17),
            (0.5, 0.20),
            (0.42, 0.17),
            colour=self.darker,
        )
        self.fill(
            (0.40, 0.06), (0.5, 0.03), (0.60, 0.06), (0.5, 0.17), colour=(*(v // 3 for v in self.darker[:3]), 255)
        )

    def cords(self, shape: Shape, rng: Generator) -> None:
        self.both((0.455, 0.17), (0.45, 0.36), width=2.4, fill=(235, 232, 225, 255))

    def pouch(self, shape: Shape, rng: Generator) -> None:
        self.line(
            (0.37, 0.66), (0.63, 0.66), (0.70, 0.82), (0.70, 0.89), (0.30, 0.89), (0.30, 0.82), (0.37, 0.66), width=1.8
        )

    def collar(self, shape: Shape, rng: Generator) -> None:
        self.fill(
            (0.40, 0.03), (0.5, 0.0), (0.60, 0.03), (0.5, 0.085), colour=(*(v // 2 for v in self.darker[:3]), 255)
        )
        for flip in (False, True):
            points = [(0.395, 0.03), (0.42, 0.015), (0.5, 0.085), (0.445, 0.135), (0.375, 0.075)]
            points = [(1 - x, y) for x, y in points] if flip else points
            self.fill(*points, colour=self.lighter)
            self.line(*points, points[0], width=1.2, fill=self.shadow)

    def placket(self, shape: Shape, rng: Generator) -> None:
        self.both((0.482, 0.10), (0.482, 0.955), width=1.1)
        for y in np.linspace(0.15, 0.88, 7):
            self.disc(0.5, float(y), 3.2, (238, 236, 228, 255))

    def short_placket(self, shape: Shape, rng: Generator) -> None:
        self.both((0.48, 0.08), (0.48, 0.27), (0.5, 0.27), width=1.2)
        for y in (0.14, 0.22):
            self.disc(0.5, y, 3.0, (235, 235, 230, 255))

    def pocket(self, shape: Shape, rng: Generator) -> None:
        self.line((0.58, 0.27), (0.70, 0.27), (0.70, 0.38), (0.64, 0.41), (0.58, 0.38), (0.58, 0.27))

    def side_pockets(self, shape: Shape, rng: Generator) -> None:
        y = 0.62 if shape.height > 1 else 0.2
        self.both((0.30, y), (0.36, y + 0.10), width=2.2, fill=self.shadow)

    def stand(self, shape: Shape, rng: Generator) -> None:
        self.fill((0.39, 0.07), (0.40, 0.005), (0.60, 0.005), (0.61, 0.07), (0.5, 0.10), colour=self.darker)

    def zip(self, shape: Shape, rng: Generator) -> None:
        self.line((0.5, 0.03), (0.5, 0.96), width=5, fill=(40, 40, 44, 255))
        self.line((0.5, 0.03), (0.5, 0.96), width=1.6, fill=(190, 190, 195, 255))

    def lapels(self, shape: Shape, rng: Generator) -> None:
        self.fill(
            (0.40, 0.03), (0.5, 0.01), (0.60, 0.03), (0.5, 0.30), colour=(*(v // 3 for v in self.darker[:3]), 255)
        )
        for flip in (False, True):
            points = [(0.40, 0.02), (0.36, 0.05), (0.33, 0.14), (0.37, 0.155), (0.36, 0.18), (0.5, 0.38), (0.43, 0.12)]
            points = [(1 - x, y) for x, y in points] if flip else points
            self.fill(*points, colour=self.lighter)
            self.line(*points, points[0], width=1.4, fill=self.shadow)

    def double_row(self, shape: Shape, rng: Generator) -> None:
        self.line((0.5, 0.38), (0.5, 0.98), width=1.6, fill=self.shadow)
        for y in (0.42, 0.52, 0.62):
            for x in (0.45, 0.55):
                self.disc(x, y, 4.2, (45, 38, 34, 255))

    def waist(self, shape: Shape, rng: Generator) -> None:
        self.line((0.268, 0.40), (0.5, 0.41), (0.732, 0.40), width=2)

    def pleats(self, shape: Shape, rng: Generator) -> None:
        top = 0.42 if shape.height > 1.3 else 0.1
        for k in range(9):
            x = 0.30 + 0.05 * k
            self.line((x, top), (0.5 + (x - 0.5) * 1.75, 0.96), width=2.4, fill=(0, 0, 0, int(rng.integers(18, 46))))

    def band(self, shape: Shape, rng: Generator) -> None:
        x, y = shape.half[0]
        self.line((x - 0.005, y + 0.045), (1 - x + 0.005, y + 0.045), width=1.6)
        self.fill((x + 0.04, y), (0.5, y + 0.012), (1 - x - 0.04, y), colour=(0, 0, 0, 90))
        for a in (0.33, 0.5, 0.67):
            self.line((a, y + 0.005), (a, y + 0.05), width=4, fill=self.darker)

    def fly(self, shape: Shape, rng: Generator) -> None:
        deep = 0.33 if shape.height > 1 else 0.55
        self.line((0.5, 0.06), (0.5, deep), width=1.5)
        self.line((0.53, 0.07), (0.53, 0.6 * deep), (0.5, 0.78 * deep), width=1.2)
        self.disc(0.5, 0.05, 3.6, (200, 190, 165, 255))

    def crease(self, shape: Shape, rng: Generator) -> None:
        self.both((0.33, 0.2), (0.27, 0.96), width=1.6)

    def seams(self, shape: Shape, rng: Generator) -> None:
        gold = (196, 150, 84, 190)
        self.both((0.45, 0.45), (0.375, 0.96), width=1.3, fill=gold)
        self.both((0.185, 0.945), (0.365, 0.955), width=1.4, fill=gold)
        self.line((0.25, 0.075), (0.75, 0.075), width=1.3, fill=gold)

    def jean_pockets(self, shape: Shape, rng: Generator) -> None:
        self.both((0.40, 0.085), (0.37, 0.16), (0.24, 0.20), width=1.6, fill=(196, 150, 84, 200))

    def fade(self, shape: Shape, rng: Generator) -> None:
        for cx in (0.30, 0.70):
            for k in range(16, 0, -1):
                (x0, y0), (x1, y1) = (
                    self.at(cx - 0.006 * k, 0.42 - 0.019 * k),
                    self.at(cx + 0.006 * k, 0.42 + 0.021 * k),
                )
                self.draw.ellipse((x0, y0, x1, y1), fill=(255, 255, 255, 7))

    def brim(self, shape: Shape, rng: Generator) -> None:
        self.fill(
            (0.2, 0.55),
            (0.5, 0.62),
            (0.8, 0.55),
            (0.9, 0.68),
            (0.84, 0.80),
            (0.5, 0.88),
            (0.16, 0.80),
            (0.10, 0.68),
            colour=self.darker,
        )
        self.line((0.2, 0.55), (0.35, 0.60), (0.5, 0.62), (0.65, 0.60), (0.8, 0.55), width=2, fill=self.shadow)

    def panels(self, shape: Shape, rng: Generator) -> None:
        self.line((0.5, 0.13), (0.5, 0.6))
        self.both((0.5, 0.13), (0.36, 0.32), (0.33, 0.58))
        self.disc(0.5, 0.13, 4.5, self.darker)
