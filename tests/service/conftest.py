from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.builders import NAVY, RED, WHITE, Colour, ColourReader, build_product, write_photo

from meot import photos
from meot.answers.search import Search
from meot.catalogue.store import Catalogue
from meot.index.exact import ExactIndex
from meot.service import create_app
from meot.settings import Settings
from meot.types import Label, Look, Photo, Reader
from meot.wiring import Shop

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # newer clients wish for another HTTP library, and work with this one
    from fastapi.testclient import TestClient

SURE_STYLE = Label("rock_chic", 0.58, True, "feminine", {"rock_chic": 0.58, "feminine": 0.21})
GROUP = Label("urban", 0.7, True)
GUESSED_STYLE = Label("casual", 0.34, False, "minimal", {"casual": 0.34, "minimal": 0.21})
DETAILS = {
    "pattern": Label("stripe", 0.93, True, "check"),
    "collar": Label("button_down", 0.64, False, "regular"),
    "sleeve": Label("long", 0.97, True, "short"),
    "damage": Label("no", 0.99, True, "yes"),
}


class DetailReader(ColourReader):
    """Reads as :class:`ColourReader`, the first garment with details, the outfit with a style."""

    def __init__(
        self,
        *,
        style: Label | None = SURE_STYLE,
        group: Label | None = GROUP,
        details: Mapping[str, Label] = DETAILS,
    ) -> None:
        super().__init__()
        self._style, self._group, self._details = style, group, details

    def read(self, photo: Photo) -> Look:
        found = super().read(photo)
        first = tuple(replace(garment, components=self._details) for garment in found.garments[:1])
        style, group = (self._style, self._group) if found.garments else (None, None)
        return replace(found, garments=first + found.garments[1:], style=style, style_group=group)


EVIL = '<script>alert("1")</script> & shirt'


def build_shop(folder: Path, reader: Reader | None = None) -> Shop:
    """Five products: four with photos, one of them with a title and a link of ill will, and one whose photo is gone."""
    colours = ColourReader()
    catalogue = Catalogue.open(folder / "shop.db", create=True)
    rows: list[tuple[str, str, Colour, dict[str, object]]] = [
        ("1", "Navy oxford shirt", NAVY, {"price": 39000.0, "link": "https://shop.example/1", "keyword": "Shirts"}),
        ("2", "Red shirt", RED, {"price": 12.5, "currency": "USD"}),
        ("3", EVIL, WHITE, {"link": "javascript:alert(1)"}),
        ("4", "조거팬츠", (90, 90, 92), {"price": 25000.0}),
        ("5", "Lost shirt", (70, 60, 50), {}),
    ]
    for id, title, colour, more in rows:
        path = write_photo(folder / f"{id}.png", colour)
        catalogue.put_product(build_product(id, title, **more), [path])
    answering = reader or colours
    reading = answering if isinstance(answering, DetailReader) else colours
    for key, path in catalogue.pending(colours.models):
        catalogue.put_reading(key, reading.read(photos.load(path)))
    (folder / "5.png").unlink()
    return Shop(catalogue, Search(catalogue=catalogue, index=ExactIndex(), reader=answering), answering)


def jpeg(colour: Colour = NAVY, lower: Colour | None = None, size: tuple[int, int] = (96, 128)) -> bytes:
    """A JPEG of one colour, its lower half in another when given."""
    pixels = np.full((size[1], size[0], 3), colour, np.uint8)
    if lower is not None:
        pixels[size[1] // 2 :] = lower
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "JPEG", quality=95)
    return written.getvalue()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = build_shop(tmp_path)
    yield shop
    shop.close()


@pytest.fixture
def client(shop: Shop) -> Iterator[TestClient]:
    with TestClient(create_app(shop, Settings(max_upload_mb=1)), headers={"Accept-Language": "en"}) as client:
        yield client
