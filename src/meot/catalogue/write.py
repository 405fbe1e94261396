"""Changes to the catalogue's tables; each takes a connection in a transaction, so that several happen together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, CursorResult, delete, insert, select, update

from meot import taxonomy
from meot.catalogue import offers, rows, words
from meot.catalogue.files import PhotoFile
from meot.catalogue.find import blocks
from meot.catalogue.tables import garments, meta, photos, product_photos, products
from meot.errors import CatalogueError
from meot.types import Look, Product


def raise_generation(connection: Connection) -> int:
    """Say that something changes; the number of the state that this transaction makes."""
    counted = meta.c.name == "generation"
    now = int(connection.scalar(select(meta.c.value).where(counted)) or 0) + 1
    connection.execute(update(meta).where(counted).values(value=str(now)))
    return now


def find_unchanged(connection: Connection, product: Product, files: Sequence[PhotoFile]) -> int | None:
    """The product's number when it is stored just so, photos and all; None when anything differs or it is retired."""
    row = (
        connection.execute(select(products).where(products.c.source == product.source, products.c.id == product.id))
        .mappings()
        .first()
    )
    if row is None or row["retired"] is not None or rows.as_product(row) != product:
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


def put_product(connection: Connection, product: Product, *, generation: int, at: float) -> int:
    """Store or update a product by (source, id), with what its seller asks at ``at``; its number."""
    values = asdict(product) | {"changed": generation, "seen": at, "retired": None}
    same = (products.c.source == product.source, products.c.id == product.id)
    number = connection.scalar(select(products.c.number).where(*same))
    if number is None:
        number = _new_key(connection.execute(insert(products).values(**values, first_seen=at)))
    else:
        connection.execute(update(products).where(products.c.number == number).values(values))
    offers.put(connection, int(number), product, at)
    return int(number)


def mark_changed(connection: Connection, numbers: set[int], generation: int) -> None:
    """Say that these products, or what was read from their photos, are other ones from this state on."""
    for block in blocks(sorted(numbers)):
        connection.execute(update(products).where(products.c.number.in_(block)).values(changed=generation))


def saw(connection: Connection, numbers: Sequence[int], at: float) -> None:
    """Note that the source still says the same of these products at ``at``."""
    for block in blocks(numbers):
        connection.execute(update(products).where(products.c.number.in_(block)).values(seen=at))
        offers.saw(connection, block, at)


def retire(connection: Connection, source: str, *, unseen_since: float, at: float) -> int:
    """Take the products of ``source`` that it did not name since a moment out of the answers; how many."""
    unseen = products.c.seen.is_(None) | (products.c.seen < unseen_since)
    gone = (products.c.source == source, products.c.retired.is_(None), unseen)
    if connection.scalar(select(products.c.number).where(*gone).limit(1)) is None:
        return 0  # nothing changes, so nobody has to look
    values = {"retired": at, "changed": raise_generation(connection)}
    return int(connection.execute(update(products).where(*gone).values(values)).rowcount)


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


def texts(connection: Connection, numbers: Sequence[int]) -> Iterator[tuple[int, words.Fields]]:
    """What products are found by in words: their number, what they say, and names of what was read from their photos.

    In the order of ``numbers``; products that there are not are passed over.
    """
    known = taxonomy.load()
    for block in blocks(numbers):
        seen: dict[int, list[tuple[str, str, str]]] = {}
        query = (
            select(product_photos.c.product, garments.c.region, garments.c.category, garments.c.colours)
            .join(garments, garments.c.photo == product_photos.c.photo)
            .where(product_photos.c.product.in_(block))
            .order_by(product_photos.c.product, product_photos.c.place, garments.c.place)
        )
        for number, region, category, colours in connection.execute(query):
            seen.setdefault(number, []).append((region, category, colours))
        p = products.c
        said = select(p.number, p.title, p.keyword, p.brand, p.description).where(p.number.in_(block))
        found = {row.number: row for row in connection.execute(said)}
        for number in block:
            if number in found:
                row = found[number]
                named = rows.name_garments(seen.get(number, ()), known)
                yield number, words.Fields(row.title, row.keyword, row.brand, row.description, named)
