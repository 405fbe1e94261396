"""What a catalogue says: products, photos, garments, and what indexes and answers follow it by. Nothing changes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from meot.catalogue import find, gather, offers, rows, taught, words, write
from meot.catalogue.attributes import Attributes
from meot.catalogue.database import Database
from meot.catalogue.files import PhotoFile, stamp
from meot.catalogue.insist import insists
from meot.catalogue.tables import garments, photos, product_photos, products
from meot.errors import CatalogueError
from meot.labels.lessons import Lesson
from meot.types import Offer, Price, Product

_BLOCK = 20_000
"""Garments whose vectors are in memory at once: 10 MB of ours."""


class View:
    """A catalogue to read. All methods raise CatalogueError when the database cannot be read."""

    def __init__(self, *, database: Database) -> None:
        self.database, self.place = database, database.place
        self._reading = database.reading

    # -- photos

    @insists
    def pending(self, models: Mapping[str, str]) -> list[tuple[int, Path]]:
        """(key, path) of the photos that were neither read with these models nor found unreadable with them."""
        key = rows.models_key(models)
        unread = (photos.c.models.is_(None)) | (photos.c.models != key)
        untried = (photos.c.failed_models.is_(None)) | (photos.c.failed_models != key)
        with self._reading() as connection:
            found = connection.execute(select(photos.c.key, photos.c.path).where(unread & untried))
            return sorted((key, Path(path)) for key, path in found)

    @insists
    def recall(self, path: Path) -> PhotoFile | None:
        """What is known of the photo file at ``path`` if it has not changed since; None when it is new or changed.

        PhotoError when the file is not there.
        """
        size, modified = stamp(path)
        same = (photos.c.path == str(path.absolute()), photos.c.size == size, photos.c.modified == modified)
        with self._reading() as connection:
            sha256 = connection.scalar(select(photos.c.sha256).where(*same))
        return None if sha256 is None else PhotoFile(path.absolute(), sha256, size, modified)

    @insists
    def is_read(self, sha256: str, models: Mapping[str, str]) -> bool:
        """Whether the photo with that hash has been read with these models."""
        same = (photos.c.sha256 == sha256, photos.c.models == rows.models_key(models))
        with self._reading() as connection:
            return connection.scalar(select(photos.c.key).where(*same)) is not None

    # -- products

    def product(self, number: int) -> Product:
        """The product with that number. CatalogueError when there is none."""
        found = self.products([number])
        if number not in found:
            raise CatalogueError(f"no product has number {number}; take a number from an answer of this catalogue")
        return found[number]

    def products(self, numbers: Sequence[int]) -> dict[int, Product]:
        """Number -> product of those that exist."""
        with self._reading() as connection:
            return find.products_by_number(connection, numbers)

    def numbers(self, most: int) -> list[int]:
        """The numbers of the first ``most`` products, in the order they came in."""
        with self._reading() as connection:
            return list(connection.scalars(select(products.c.number).order_by(products.c.number).limit(most)))

    def photo_path(self, number: int) -> Path | None:
        """The file of a product's main photo; None when the product has none or the file is gone."""
        query = (
            select(photos.c.path)
            .join(product_photos, product_photos.c.photo == photos.c.key)
            .where(product_photos.c.product == number)
            .order_by(product_photos.c.place)
        )
        with self._reading() as connection:
            paths = [Path(path) for path in connection.scalars(query)]
            image = connection.scalar(select(products.c.image).where(products.c.number == number))
        return next((path for path in [*paths, *([Path(image)] if image else [])] if path.is_file()), None)

    def garments_of(self, number: int) -> list[rows.StoredGarment]:
        """What was read from a product's photos, the main photo's most prominent garment first."""
        with self._reading() as connection:
            return find.garments_of(connection, number)

    def offers(self, number: int) -> list[Offer]:
        """What sellers ask for a product, the lowest price first."""
        with self._reading() as connection:
            return offers.of(connection, number)

    def offers_of(self, numbers: Sequence[int]) -> dict[int, list[Offer]]:
        """Number -> what sellers ask for that product, the lowest price first; without those nobody sells."""
        with self._reading() as connection:
            return offers.of_many(connection, numbers)

    def price_history(self, number: int) -> list[Price]:
        """Every price that was asked for a product, the oldest first."""
        with self._reading() as connection:
            return offers.history(connection, number)

    # -- what answers need

    def garments_by_key(self, keys: Sequence[int]) -> dict[int, rows.StoredGarment]:
        """Key -> garment of those that exist."""
        with self._reading() as connection:
            return find.garments_by_key(connection, keys)

    def vector_blocks(
        self, models: Mapping[str, str], *, after: int = 0
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Keys (B,) int64 and vectors (B, D) float32 of the garments above key ``after``, ascending, block by block.

        Only of garments read with ``models`` that a living product shows. What is added meanwhile may come or not.
        """
        with self._reading() as connection:
            wanted = find.comparable(connection, models)
        while True:
            with self._reading() as connection:
                keys, vectors = find.vector_block(connection, wanted, after, _BLOCK)
            if not len(keys):
                return
            yield keys, vectors
            after = int(keys[-1])

    def vectors_of(self, keys: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Keys (B,) int64 and vectors (B, D) float32 of those of (K,) garments that there are, block by block."""
        for start in range(0, len(keys), _BLOCK):
            with self._reading() as connection:
                block = find.vectors_of(connection, keys[start : start + _BLOCK].tolist())
            if len(block[0]):
                yield block

    def attributes(self, before: Attributes | None = None) -> Attributes:
        """What the products that live are filtered and counted by; what did not change is taken from ``before``."""
        with self._reading() as connection:
            return gather.follow(connection, before)

    def fingerprint(self) -> str:
        """A text by which this catalogue is told from another one that is made in its place; "" of an empty one."""
        with self._reading() as connection:
            return find.fingerprint(connection)

    def changes(self, after: int) -> find.Changes:
        """The products that changed since the state of generation ``after``; -1: everything."""
        with self._reading() as connection:
            return find.changes(connection, after)

    def texts(self, numbers: Sequence[int]) -> Iterator[tuple[int, words.Fields]]:
        """What those of these products that there are, are found by in words."""
        for block in find.blocks(numbers):
            with self._reading() as connection:
                yield from list(write.texts(connection, block))

    def read_with(self) -> list[dict[str, str]]:
        """The sets of models that photos were read with, part -> name."""
        with self._reading() as connection:
            return find.read_with(connection)

    def generation(self) -> int:
        """A number that grows with every change, so that an index knows when it is behind."""
        with self._reading() as connection:
            return find.generation(connection)

    def counts(self) -> dict[str, int]:
        """How many products, photos, garments there are, and photos that were read and that failed."""
        with self._reading() as connection:
            tables = (products, photos, garments)
            counts = {t.name: connection.scalar(select(func.count()).select_from(t)) for t in tables}
            counts["read"] = connection.scalar(select(func.count(photos.c.models)))
            counts["failed"] = connection.scalar(select(func.count(photos.c.failure)))
        return {name: int(count or 0) for name, count in counts.items()}

    # -- what people taught

    @insists
    def lessons(self) -> tuple[str, tuple[Lesson, ...]]:
        """The revision and the lessons from the first to the last; ("", ()) when nothing is taught."""
        with self._reading() as connection:
            return taught.revision(connection), taught.read(connection)

    @insists
    def taught_revision(self) -> str:
        """A text that changes with every lesson and every undoing; "" when nothing is taught."""
        with self._reading() as connection:
            return taught.revision(connection)

    def photos_of(self, hashes: Sequence[str]) -> dict[str, tuple[int, Path]]:
        """sha256 -> (key, path) of the catalogue's photos among those of ``hashes``."""
        with self._reading() as connection:
            return {sha256: (key, Path(path)) for sha256, (key, path) in taught.photos_of(connection, hashes).items()}
