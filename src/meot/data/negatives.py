"""Pictures without clothes to learn from: street backdrops, and pages, screens, textures, scenes, things and animals
drawn by code. None comes from anybody's photos of such things: those are kept for measuring.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from meot.data import augment
from meot.data.creatures import creature
from meot.data.pages import page, screen
from meot.data.surfaces import colour, surface

Image = NDArray[np.uint8]


def backdrop(photo: Image, person: NDArray[np.bool_], rng: Generator, *, side: int = 96) -> Image | None:
    """A random crop of (H, W, 3) ``photo`` without a pixel of (H, W) ``person``; None when there is no room for one.

    side: the shortest side of a crop, px. The mask is grown first, since masks of street photos are a little too small.
    """
    grown = cv2.dilate(person.astype(np.uint8), np.ones((25, 25), np.uint8))
    filled = cv2.integral(grown)
    height, width = person.shape
    if min(height, width) <= side:
        return None
    for _ in range(300):
        tall, wide = (int(np.exp(rng.uniform(np.log(side), np.log(length)))) for length in (height, width))
        y, x = int(rng.integers(0, height - tall + 1)), int(rng.integers(0, width - wide + 1))
        if filled[y + tall, x + wide] - filled[y, x + wide] - filled[y + tall, x] + filled[y, x] == 0:
            return np.ascontiguousarray(photo[y : y + tall, x : x + wide])
    return None


def texture(rng: Generator, size: tuple[int, int]) -> Image:
    """Nothing but a surface, or a blend of colours."""
    if rng.random() < 0.4:
        coarse = rng.uniform(0, 255, (int(rng.integers(2, 5)), int(rng.integers(2, 5)), 3)).astype(np.float32)
        return np.clip(cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)
    return surface(rng, size)


def scene(rng: Generator, size: tuple[int, int]) -> Image:
    """Sky over ridges or water, at times with houses or trees."""
    height, width = size
    top, bottom = colour(rng), colour(rng)
    fade = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    image = np.broadcast_to(top * (1 - fade) + bottom * fade, (height, width, 3)).astype(np.uint8).copy()
    horizon = rng.uniform(0.25, 0.75)
    for depth in range(int(rng.integers(1, 5))):
        steps = np.cumsum(rng.standard_normal(width)).astype(np.float32)
        rough = cv2.GaussianBlur(steps[None], (0, 0), rng.uniform(1, 20))[0]
        edge = height * (horizon + 0.12 * depth) + rough * rng.uniform(0, 2)
        ground = np.arange(height)[:, None] > edge[None, :]
        image[ground] = surface(rng, size)[ground]
    for _ in range(int(rng.integers(0, 6))):
        (_house if rng.random() < 0.5 else _tree)(image, rng)
    return image


def _house(image: Image, rng: Generator) -> None:
    height, width = image.shape[:2]
    wide, tall = int(width * rng.uniform(0.08, 0.4)), int(height * rng.uniform(0.15, 0.6))
    x, y = int(rng.uniform(0, width - wide)), int(height * rng.uniform(0.6, 1.0)) - tall
    y = max(0, y)
    image[y : y + tall, x : x + wide] = surface(rng, (tall, wide))[: height - y]
    step, pane = max(6, wide // int(rng.integers(3, 9))), tuple(int(c) for c in colour(rng))
    for row in range(y + step // 2, y + tall - step, step):
        for column in range(x + step // 3, x + wide - step, step):
            cv2.rectangle(image, (column, row), (column + step // 2, row + int(0.6 * step)), pane, -1)
    if rng.random() < 0.5:
        roof = np.array([[x - 4, y], [x + wide + 4, y], [x + wide // 2, y - tall // 3]])
        cv2.fillPoly(image, [roof], tuple(int(c) for c in colour(rng)))


def _tree(image: Image, rng: Generator) -> None:
    height, width = image.shape[:2]
    x, y = int(rng.uniform(0, width)), int(height * rng.uniform(0.3, 0.8))
    crown = np.zeros((height, width), np.uint8)
    for _ in range(12):
        centre = (int(x + rng.normal(0, 0.06 * width)), int(y + rng.normal(0, 0.06 * height)))
        cv2.circle(crown, centre, int(rng.uniform(0.02, 0.08) * width), 255, -1)
    cv2.line(image, (x, y), (x, min(height, y + height // 3)), (70, 50, 35), max(2, width // 60))
    image[crown > 0] = surface(rng, (height, width))[crown > 0]


def thing(rng: Generator, size: tuple[int, int]) -> Image:
    """One to nine plain shapes of some material on a ground: fruit, boxes, bottles, tools, coins and their kin."""
    image = ground(rng, size)
    count = 1 if rng.random() < 0.7 else int(rng.integers(2, 10))
    for _ in range(count):
        lay(image, _outline(rng, size, 1.0 if count == 1 else 0.45), surface(rng, size), rng)
    return image


def ground(rng: Generator, size: tuple[int, int]) -> Image:
    """What things lie on: studio white, a plain colour, or a surface."""
    kind = rng.random()
    if kind < 0.7:
        plain = rng.uniform(245, 255) if kind < 0.5 else colour(rng)
        return np.broadcast_to(np.asarray(plain, np.uint8), (*size, 3)).copy()
    return surface(rng, size)


def lay(image: Image, inside: NDArray[np.uint8], cloth: Image, rng: Generator) -> None:
    """Put ``cloth`` where (H, W) ``inside`` is 255, lit from one side like a round thing; in place."""
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    round_ = np.sqrt(np.clip(depth / max(float(depth.max()), 1.0), 0, 1))
    slope = cv2.Sobel(cv2.GaussianBlur(round_, (0, 0), 3), cv2.CV_32F, 1, 0, ksize=3)
    light = np.clip(1 + rng.uniform(0, 0.5) * (round_ - 0.6) + rng.uniform(-2, 2) * slope, 0.3, 1.6)
    soft = cv2.GaussianBlur(inside.astype(np.float32) / 255, (3, 3), 0)[..., None]
    image[:] = (np.clip(cloth * light[..., None], 0, 255) * soft + image * (1 - soft)).astype(np.uint8)


def _outline(rng: Generator, size: tuple[int, int], scale: float) -> NDArray[np.uint8]:
    """(H, W) uint8, 255 inside a closed curve: its radius swings with the angle, or it has corners."""
    height, width = size
    inside = np.zeros(size, np.uint8)
    reach = 0.5 * scale * min(size) * rng.uniform(0.3, 0.95)
    centre = np.array([width, height]) * (
        0.5 + (rng.uniform(-0.4, 0.4, 2) if scale < 1 else rng.uniform(-0.06, 0.06, 2))
    )
    corners = int(rng.integers(3, 9)) if rng.random() < 0.35 else 90
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(0, 6)
    radius = np.ones(corners)
    for swing in range(2, int(rng.integers(3, 8))):
        radius += rng.normal(0, 0.25 / swing) * np.cos(swing * angle + rng.uniform(0, 6))
    radius = np.clip(radius, 0.2, 1.6)
    stretch, turn = np.exp(rng.uniform(-1.0, 1.0) / 2), rng.uniform(0, np.pi)
    points = np.stack([np.cos(angle) * radius * stretch, np.sin(angle) * radius / stretch], 1) * reach
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    cv2.fillPoly(inside, [np.round(points @ spin + centre).astype(np.int32)], 255)
    return inside


def animal(rng: Generator, size: tuple[int, int]) -> Image:
    """A drawn creature of fur, feathers or scales on a ground or before a scene."""
    image = ground(rng, size) if rng.random() < 0.7 else scene(rng, size)
    inside, coat = creature(rng, size)
    lay(image, inside, coat, rng)
    return image


DRAWN: Mapping[str, Callable[[Generator, tuple[int, int]], Image]] = {
    "page": page,
    "screen": screen,
    "texture": texture,
    "scene": scene,
    "thing": thing,
    "animal": animal,
}
"""Kind -> what draws one of (height, width)."""


def draw(kind: str, rng: Generator) -> Image:
    """(H, W, 3) uint8 picture of one of :data:`DRAWN`, 224 to 480 px a side, as if photographed or saved as JPEG."""
    size = (int(rng.integers(224, 480)), int(rng.integers(224, 480)))
    return augment.recolour(DRAWN[kind](rng, size), rng, strength=0.6)
