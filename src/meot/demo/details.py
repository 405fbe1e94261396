"""Details sewn onto drawn cloth: collars, seams, pockets, buttons, each under the name that a shape gives it."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from meot.demo.cloth import Rgb
from meot.demo.shapes import Shape


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
