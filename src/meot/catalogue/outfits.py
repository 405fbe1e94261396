"""The photos of a catalogue on which people wear clothes, with what they wear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, exists, select

from meot.catalogue import find, rows
from meot.catalogue.tables import garments, photos, product_photos, products
from meot.types import Garment


@dataclass(frozen=True, slots=True, eq=False)
class WornPhoto:
    """A photo with people. title: of the first product that shows it. garments: the most prominent first."""

    path: Path
    sha256: str
    title: str
    garments: tuple[Garment, ...]


def worn_photos(connection: Connection, models: Mapping[str, str]) -> Iterator[WornPhoto]:
    """The photos read with these models, whatever was taught, on which people wear what living products show."""
    wanted = find.comparable(connection, models)
    shown = (
        select(photos.c.key, photos.c.path, photos.c.sha256)
        .where(photos.c.worn.is_(True), photos.c.models.in_(wanted))
        .where(
            exists().where(
                product_photos.c.photo == photos.c.key,
                products.c.number == product_photos.c.product,
                products.c.retired.is_(None),
            )
        )
        .order_by(photos.c.key)
    )
    known = {int(key): (Path(path), sha256) for key, path, sha256 in connection.execute(shown)}
    for block in find.blocks(list(known)):
        titles, worn = _titles(connection, block), _garments(connection, block)
        for key in block:
            path, sha256 = known[key]
            yield WornPhoto(path, sha256, titles.get(key, path.name), tuple(worn.get(key, ())))


def _titles(connection: Connection, keys: list[int]) -> dict[int, str]:
    query = (
        select(product_photos.c.photo, products.c.title)
        .join(products, products.c.number == product_photos.c.product)
        .where(product_photos.c.photo.in_(keys), products.c.retired.is_(None))
        .order_by(products.c.number.desc())  # so that the first product's is what stays
    )
    return {int(photo): title for photo, title in connection.execute(query)}


def _garments(connection: Connection, keys: list[int]) -> dict[int, list[Garment]]:
    found: dict[int, list[Garment]] = {}
    query = select(garments).where(garments.c.photo.in_(keys)).order_by(garments.c.photo, garments.c.place)
    for row in connection.execute(query).mappings():
        found.setdefault(row["photo"], []).append(rows.as_garment(row).garment)
    return found
