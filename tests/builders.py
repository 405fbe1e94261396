"""Tiny things for tests: photos, looks, readers, catalogues."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from meot import taxonomy
from meot.labels.likeness import KINDS, Curve, Likeness, Standard
from meot.types import Box, Garment, Label, Look, Photo, Product, Shade

Colour = tuple[int, int, int]
NAVY, RED, WHITE, BLACK = (28, 34, 62), (220, 45, 55), (255, 255, 255), (20, 20, 22)


def write_photo(path: Path, colour: Colour, *, lower: Colour | None = None) -> Path:
    """A lossless photo of one colour, its lower half in another when given; small differences make other files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((64, 48, 3), colour, np.uint8)
    if lower is not None:
        pixels[32:] = lower
    Image.fromarray(pixels).save(path)
    return path


def write_bad_photo(path: Path) -> Path:
    """A text file under a photo's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("not a photo")
    return path


def unit(vector: object) -> NDArray[np.float32]:
    """(D,) float32 of unit length."""
    values = np.asarray(vector, np.float32)
    return np.asarray(values / max(float(np.linalg.norm(values)), 1e-9), np.float32)


def build_garment(
    colour: Colour, *, region: str = "upper", category: str = "shirt", sure: bool = True, person: int = 0
) -> Garment:
    """A garment whose vector is its colour, centred so that opposite colours have opposite vectors."""
    named = {c.id: c.anchors for c in taxonomy.load().colours}
    near = min(named, key=lambda id: min(sum((a - b) ** 2 for a, b in zip(x, colour, strict=True)) for x in named[id]))
    red, green, blue = colour
    shade = Shade(id=near, hex=f"#{red:02x}{green:02x}{blue:02x}", share=1.0)
    return Garment(
        region=region,
        category=Label(id=category, score=0.9, sure=sure, runner_up="blouse"),
        box=Box(0, 0, 48, 64),
        score=0.95,
        area=0.5,
        person=person,
        colours=(shade,),
        vector=unit([(c - 127.5) / 127.5 for c in colour] + [0.25]),
    )


class ColourReader:
    """A reader without models: the upper half of a photo is a shirt, the lower half jeans if its colour differs.

    A photo whose upper half is pure magenta shows no clothes. ``delay`` (seconds a photo) makes it slow, ``log`` names
    a file that gets a line a read, ``regions`` maps a half to another (region, category).
    """

    def __init__(
        self,
        *,
        version: str = "colour.1",
        delay: float = 0.0,
        log: Path | None = None,
        halves: tuple[tuple[str, str], tuple[str, str]] = (("upper", "shirt"), ("lower", "jeans")),
    ) -> None:
        self._version, self._delay, self._log, self._halves = version, delay, log, halves
        self.reads: list[str] = []

    @property
    def models(self) -> Mapping[str, str]:
        return {"parser": self._version, "garment": self._version}

    def read(self, photo: Photo) -> Look:
        time.sleep(self._delay)
        self.reads.append(photo.sha256)
        if self._log is not None:
            with self._log.open("a") as log:
                log.write(photo.sha256 + "\n")
        middle = photo.height // 2
        colours = [_mean(photo.pixels[:middle]), _mean(photo.pixels[middle:])]
        shown = colours[:1] if colours[0] == colours[1] else colours
        garments = tuple(
            build_garment(colour, region=region, category=category)
            for colour, (region, category) in zip(shown, self._halves, strict=False)
            if colours[0] != (255, 0, 255)
        )
        regions = np.zeros((photo.height, photo.width), np.uint8)
        return Look(photo=photo, garments=garments, regions=regions, worn=len(garments) > 1, models=self.models)

    def read_many(self, photos: Iterable[Photo]) -> Iterator[Look]:
        return map(self.read, photos)


def _mean(pixels: NDArray[np.uint8]) -> Colour:
    red, green, blue = (round(x) for x in pixels.reshape(-1, 3).mean(0).tolist())
    return red, green, blue


def build_product(id: str, title: str, **more: object) -> Product:
    """A product of the source "test"."""
    values: dict[str, object] = {"id": id, "source": "test", "title": title, **more}
    return Product(**values)  # type: ignore[arg-type]


class TeachableReader(ColourReader):
    """A :class:`ColourReader` whose garments have their colour as features, and whose outfits that of the first."""

    def read(self, photo: Photo) -> Look:
        look = super().read(photo)
        garments = tuple(replace(garment, features=garment.vector) for garment in look.garments)
        return replace(look, garments=garments, features=garments[0].features if garments else None)


def build_likeness(encoder: str = "colour.1") -> Likeness:
    """Colours near one another are alike, others not at all; sure from 0.95 on."""
    plain = Standard(mean=np.zeros(4, np.float32), scale=np.ones(4, np.float32), sizes=(4,))
    curve = Curve(cosines=np.array([60.0]), count=0.0, bias=-54.0, sure=0.95)
    return Likeness(encoder=encoder, garment=plain, outfit=plain, curves=dict.fromkeys(KINDS, curve))
