"""Changes to the catalogue's tables; each takes a connection in a transaction, so that several happen together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, CursorResult, Integer, cast, delete, insert, select, update

from meot import taxonomy
from meot.catalogue import rows, words
from meot.catalogue.files import PhotoFile
from meot.catalogue.tables import garments, meta, photos, product_photos, products
from meot.errors import CatalogueError
from meot.types import Look, Product


def raise_generation(connection: Connection) -> None:
    """Say that something changed."""
    value = cast(cast(meta.c.value, Integer) + 1, meta.c.value.type)
    connection.execute(update(meta).where(meta.c.name == "generation").values(value=value))


def find_unchanged(connection: Connection, product: Product, files: Sequence[PhotoFile]) -> int | None:
    """The product's number when it is stored just so, photos and all."""
    row = (
        connection.execute(select(products).where(products.c.source == product.source, products.c.id == product.id))
        .mappings()
        .first()
    )
    if row is None or rows.as_product(row) != product:
        return None
    tied = connection.execute(
        select(photos.c.sha256, photos.c.path)
        .join(product_photos, product_photos.c.photo == photos.c.key)
        .where(product_photos.c.product == row["number"])
        .order_by(product_photos.c.place)
    ).all()
    return int(row["number"]) if [sha256 for sha256, _ in tied] == [file.sha256 for file in files] else None


def _new_key(inserted: CursorResult[Any]) -> int:
    key = inserted.inserted_primary_key
    assert key is not None  # every table here has one
    return int(key[0])


def put_product(connection: Connection, product: Product) -> int:
    """Store or update a product by (source, id); its number."""
    values = asdict(product)
    same = (products.c.source == product.source, products.c.id == product.id)
    number = connection.scalar(select(products.c.number).where(*same))
    if number is None:
        return _new_key(connection.execute(insert(products).values(values)))
    connection.execute(update(products).where(products.c.number == number).values(values))
    return int(number)


def put_photo(connection: Connection, file: PhotoFile) -> int:
    """The photo's key; a photo that moved or was copied is known by its hash and takes the newer path."""
    values = {"path": str(file.path), "size": file.size, "modified": file.modified}
    key = connection.scalar(select(photos.c.key).where(photos.c.sha256 == file.sha256))
    if key is None:
        return _new_key(connection.execute(insert(photos).values(sha256=file.sha256, **values)))
    connection.execute(update(photos).where(photos.c.key == key).values(values))
    return int(key)


def tie(connection: Connection, number: int, photo_keys: Sequence[int]) -> None:
    """Tie a product to these photos, the main one first, and to no others."""
    connection.execute(delete(product_photos).where(product_photos.c.product == number))
    ties = [{"product": number, "photo": key, "place": place} for place, key in enumerate(photo_keys)]
    if ties:
        connection.execute(insert(product_photos), ties)


def shown_by(connection: Connection, photo_keys: Sequence[int]) -> set[int]:
    """The numbers of the products that show these photos."""
    query = select(product_photos.c.product).where(product_photos.c.photo.in_(photo_keys))
    return set(connection.scalars(query))


def put_look(connection: Connection, photo_key: int, look: Look) -> None:
    """Store what was read from a photo in place of what was read before. CatalogueError when there is no such photo."""
    if connection.scalar(select(photos.c.key).where(photos.c.key == photo_key)) is None:
        raise CatalogueError(f"no photo has key {photo_key}; take a key from `pending`")
    connection.execute(delete(garments).where(garments.c.photo == photo_key))
    found = [rows.garment_row(garment, photo=photo_key, place=i) for i, garment in enumerate(look.garments)]
    if found:
        connection.execute(insert(garments), found)
    style = None if look.style is None else json.dumps({"id": look.style.id, "score": float(look.style.score)})
    values: dict[str, Any] = {
        "models": rows.models_key(look.models),
        "failure": None,
        "failed_models": None,
        "worn": look.worn,
        "style": style,
    }
    connection.execute(update(photos).where(photos.c.key == photo_key).values(values))


def index_words(connection: Connection, numbers: set[int]) -> None:
    """Bring the word index of these products up to what they say and what was read from their photos."""
    for number in sorted(numbers):
        row = connection.execute(select(products).where(products.c.number == number)).mappings().one()
        seen = connection.execute(
            select(garments.c.region, garments.c.category, garments.c.colours)
            .join(product_photos, product_photos.c.photo == garments.c.photo)
            .where(product_photos.c.product == number)
            .order_by(product_photos.c.place, garments.c.place)
        )
        named = rows.name_garments([(r, c, s) for r, c, s in seen], taxonomy.load())
        fields = words.Fields(row["title"], row["keyword"], row["brand"], row["description"], named)
        words.put(connection, number, fields)
