"""Patterns as ink on a blank cloth: stripes, checks, dots, flowers, prints. numpy and OpenCV only."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Colour = tuple[float, float, float]
Ink = tuple[NDArray[np.float32], Plane]
"""(H, W, 3) colours 0..255 and (H, W) how much of them covers the cloth, 0..1."""

_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX)
_WEAVES = {"gingham": [(0.5, 0.55)], "pane": [(0.1, 0.8)], "tartan": [(0.45, 0.5), (0.08, 0.85), (0.15, 0.6)]}
"""Kind of check -> its bands: share of the period, how much they cover."""
_LETTERS = tuple("ABCDEFGHIJKLMNOPRSTUVXYZ0123456789")


def _blank(height: int, width: int) -> Ink:
    return np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)


def _waves(length: int, period: float, share: float, offset: float) -> Plane:
    """(length,) 1 on bands of ``share`` of each ``period`` px, soft at their edges."""
    place = ((np.arange(length, dtype=np.float32) / period + offset) % 1.0).astype(np.float32)
    edge = max(0.02, 0.7 / period)
    return np.asarray(np.clip((share / 2 - np.abs(place - 0.5)) / edge + 0.5, 0, 1), np.float32)


def _stripes(height: int, width: int, colours: list[Colour], rng: Generator) -> Ink:
    """Bands along or across, or two bands of different colours and widths in turn."""
    down = rng.random() < 0.6
    length = height if down else width
    period = length * float(np.exp(rng.uniform(np.log(0.02), np.log(0.22))))
    period = max(period, 4.0)
    ink, cover = _blank(height, width)
    for colour in colours[: int(rng.integers(1, 3))]:
        band = _waves(length, period, float(rng.uniform(0.08, 0.55)), float(rng.random()))
        plane = np.broadcast_to(band[:, None] if down else band[None, :], (height, width))
        ink = ink * (1 - plane[..., None]) + np.array(colour, np.float32) * plane[..., None]
        cover = np.maximum(cover, plane)
    return _filled(ink, cover), cover


def _checks(height: int, width: int, colours: list[Colour], rng: Generator) -> Ink:
    """Gingham, tartan or a window pane: bands both ways that mix where they cross."""
    period = max(5.0, max(height, width) * float(np.exp(rng.uniform(np.log(0.02), np.log(0.2)))))
    kind = str(rng.choice(list(_WEAVES)))
    ink, left = np.zeros((height, width, 3), np.float32), np.ones((height, width), np.float32)
    for i, (share, strength) in enumerate(_WEAVES[kind]):
        colour, offset = np.array(colours[i % len(colours)], np.float32), float(rng.random())
        for axis, length in ((0, height), (1, width)):
            band = strength * _waves(length, period, share * float(rng.uniform(0.8, 1.2)), offset)
            plane = np.broadcast_to(band[:, None] if axis == 0 else band[None, :], (height, width))
            ink = ink * (1 - plane[..., None]) + colour * plane[..., None]
            left = left * (1 - plane)
    cover = np.asarray(1 - left, np.float32)
    return _filled(ink, cover), cover


def _dots(height: int, width: int, colours: list[Colour], rng: Generator) -> Ink:
    """Round dots of one size in offset rows, or scattered."""
    step = max(7.0, max(height, width) * float(np.exp(rng.uniform(np.log(0.025), np.log(0.13)))))
    radius, loose = step * rng.uniform(0.14, 0.36), rng.choice([0.0, 0.0, 0.3])
    cover = np.zeros((height, width), np.float32)
    for row, y in enumerate(np.arange(0, height + step, step * 0.87)):
        for x in np.arange(step / 2 * (row % 2), width + step, step):
            place = np.array([x, y]) + rng.normal(0, 1, 2) * loose * step
            _disc(cover, place, radius)
    return np.broadcast_to(np.array(colours[0], np.float32), (height, width, 3)), cover


def _disc(plane: Plane, centre: NDArray[np.float64], radius: float) -> None:
    x, y = (int(v * 16) for v in centre)
    cv2.circle(plane, (x, y), max(8, int(radius * 16)), 1.0, -1, cv2.LINE_8, 4)


def _flowers(height: int, width: int, colours: list[Colour], rng: Generator) -> Ink:
    """Flowers of four to seven petals with leaves, strewn densely or thinly."""
    size = max(height, width)
    radius = max(4.0, size * float(np.exp(rng.uniform(np.log(0.015), np.log(0.09)))))
    ink = _blank(height, width)
    count = int(min(900, height * width / (radius * rng.uniform(1.8, 4.5)) ** 2))
    for _ in range(count):
        centre, own = rng.uniform((0, 0), (width, height)), radius * rng.uniform(0.6, 1.3)
        if rng.random() < 0.7:
            _leaf(ink, centre, own * 1.6, (rng.uniform(20, 90), rng.uniform(70, 140), rng.uniform(20, 90)), rng)
        _flower(ink, centre, own, colours, rng)
    return ink


def _flower(ink: Ink, centre: NDArray[np.float64], radius: float, colours: list[Colour], rng: Generator) -> None:
    petals, turn = int(rng.integers(4, 8)), rng.uniform(0, 360)
    colour = colours[int(rng.integers(0, min(3, len(colours))))]
    for k in range(petals):
        angle = turn + 360 * k / petals
        place = centre + 0.55 * radius * np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
        shade = float(rng.uniform(0.8, 1.1))
        _ellipse(
            ink,
            place,
            (0.55 * radius, 0.33 * radius),
            angle,
            (colour[0] * shade, colour[1] * shade, colour[2] * shade),
        )
    _ellipse(ink, centre, (0.22 * radius, 0.22 * radius), 0.0, colours[-1])


def _leaf(ink: Ink, centre: NDArray[np.float64], size: float, colour: Colour, rng: Generator) -> None:
    angle = rng.uniform(0, 360)
    place = centre + 0.6 * size * np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    _ellipse(ink, place, (0.5 * size, 0.16 * size), angle, colour)


def _ellipse(ink: Ink, centre: NDArray[np.float64], axes: tuple[float, float], angle: float, colour: Colour) -> None:
    x, y = (int(v * 16) for v in centre)
    a, b = (max(8, int(v * 16)) for v in axes)
    for plane, value in zip(ink, (colour, (1.0,)), strict=True):
        cv2.ellipse(plane, (x, y), (a, b), float(angle), 0, 360, value, -1, cv2.LINE_8, 4)


def _graphic(height: int, width: int, colours: list[Colour], rng: Generator) -> Ink:
    """A print on the chest: a few lines of letters, a badge, or both; or the same motif all over."""
    ink = _blank(height, width)
    if rng.random() < 0.3:
        _strewn(ink, colours, rng)
        return ink
    middle = np.array([width * rng.uniform(0.35, 0.65), height * rng.uniform(0.25, 0.75)])
    span = min(height, width) * float(rng.uniform(0.12, 0.6))
    if rng.random() < 0.55:
        _badge(ink, middle, span, colours, rng)
    if rng.random() < 0.7 or not ink[1].any():
        for line in range(int(rng.integers(1, 4))):
            _write(ink, middle + np.array([0.0, span * 0.28 * line]), span, colours[-1 - line % len(colours)], rng)
    return ink


def _strewn(ink: Ink, colours: list[Colour], rng: Generator) -> None:
    """One many-cornered motif all over the cloth, each turned another way."""
    height, width = ink[1].shape
    size = max(height, width) * float(np.exp(rng.uniform(np.log(0.02), np.log(0.08))))
    corners = int(rng.integers(3, 12))
    angles, reach = np.sort(rng.uniform(0, 2 * np.pi, corners)), rng.uniform(0.3, 1.0, corners)
    for _ in range(int(min(400, height * width / (size * rng.uniform(2.2, 4.5)) ** 2))):
        turn, place = rng.normal(0, rng.choice([0.2, 3.0])), rng.uniform((0, 0), (width, height))
        points = place + size * reach[:, None] * np.stack([np.cos(angles + turn), np.sin(angles + turn)], 1)
        _polygon(ink, points, colours[int(rng.integers(0, len(colours)))])


def _polygon(ink: Ink, points: NDArray[np.float64], colour: Colour) -> None:
    corners = [np.round(points * 16).astype(np.int32)]
    for plane, value in zip(ink, (colour, (1.0,)), strict=True):
        cv2.fillPoly(plane, corners, value, cv2.LINE_8, 4)


def _badge(ink: Ink, middle: NDArray[np.float64], span: float, colours: list[Colour], rng: Generator) -> None:
    """Shapes on a disc or a square, or a many-cornered blob."""
    for k in range(int(rng.integers(2, 7))):
        colour, size = colours[k % len(colours)], span * rng.uniform(0.15, 0.5) * (1.0 if k else 1.2)
        place = middle + rng.normal(0, 0.18 * span, 2) * bool(k)
        corners = int(rng.integers(3, 11))
        angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
        reach = size * rng.uniform(0.5, 1.0, corners)
        points = np.stack([place[0] + reach * np.cos(angles), place[1] + reach * np.sin(angles)], 1)
        if rng.random() < 0.4:
            _ellipse(ink, place, (size * 0.8, size * rng.uniform(0.4, 0.8)), rng.uniform(0, 180), colour)
            continue
        _polygon(ink, points, colour)


def _write(ink: Ink, middle: NDArray[np.float64], span: float, colour: Colour, rng: Generator) -> None:
    """A line of letters, as wide as ``span`` px, around ``middle``."""
    colours, cover = ink
    text = "".join(rng.choice(_LETTERS, int(rng.integers(2, 12))))
    font, thick = int(rng.choice(_FONTS)), int(rng.integers(1, 4))
    (wide, tall), _ = cv2.getTextSize(text, font, 1.0, thick)
    scale = span / max(1, wide)
    thick = max(1, round(thick * scale * 1.5))
    start = (int(middle[0] - span / 2), int(middle[1] + tall * scale / 2))
    letters = np.zeros(cover.shape, np.uint8)
    cv2.putText(letters, text, start, font, scale, 255, thick, cv2.LINE_AA)
    plane = letters.astype(np.float32) / 255
    colours += (np.array(colour, np.float32) - colours) * plane[..., None]
    np.maximum(cover, plane, out=cover)


def _filled(ink: NDArray[np.float32], cover: Plane) -> NDArray[np.float32]:
    """Colours to their full strength where they only partly cover."""
    return np.asarray(ink / np.maximum(cover, 1e-3)[..., None], np.float32)


PATTERNS: dict[str, Callable[[int, int, list[Colour], Generator], Ink]] = {
    "stripe": _stripes,
    "check": _checks,
    "dot": _dots,
    "floral": _flowers,
    "graphic": _graphic,
}
"""Pattern -> what draws it: (height, width, colours, generator) -> ink."""
