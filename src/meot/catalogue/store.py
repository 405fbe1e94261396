"""The catalogue: products, their photos, and the garments read from them, in one database."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import update

from meot.catalogue import rows, taught, write
from meot.catalogue.database import Database
from meot.catalogue.files import PhotoFile, look_at
from meot.catalogue.insist import insists
from meot.catalogue.tables import photos
from meot.catalogue.view import View
from meot.labels.lessons import Lesson
from meot.types import Look, Product


class Catalogue(View):
    """An open catalogue: what it says, and how to change it.

    Every write is one transaction: killed at any moment, it happened wholly or not at all.
    Safe to use from several threads, and from several processes at once. All methods raise CatalogueError when the
    database cannot be read or written (full disk, damaged file, another writer for too long).
    """

    def __init__(self, *, database: Database) -> None:
        super().__init__(database=database)
        self._writing = database.writing

    @classmethod
    def open(cls, url_or_path: Path | str, *, create: bool, data: Path = Path()) -> Catalogue:
        """The catalogue in a file or a server's database; with ``create`` a new one where there is none yet.

        One of an earlier version is brought up to date. CatalogueError when there is none, or when it is no meot
        catalogue, or of a later version; it is then left untouched. data: see :class:`meot.catalogue.place.Place`.
        """
        return cls(database=Database.open(url_or_path, create=create, data=data))

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def __enter__(self) -> Catalogue:
        """The catalogue itself; it is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    # -- writing

    def put_product(self, product: Product, photos: Sequence[Path]) -> int:
        """Store or update a product by (source, id) and tie it to its photos, main photo first; its number.

        Storing the same again changes nothing. PhotoError when a photo file cannot be read.
        """
        return self.put(product, [look_at(path) for path in photos], {})[0]

    @insists
    def put(self, product: Product, files: Sequence[PhotoFile], looks: Mapping[str, Look]) -> tuple[int, bool]:
        """Like :meth:`put_product`, with the looks of those photos (by sha256) that were just read.

        Returns the product's number and whether anything changed.
        """
        files = list({file.sha256: file for file in files}.values())
        if not looks:
            with self._reading() as connection:
                number = write.find_unchanged(connection, product, files)
            if number is not None:
                return number, False
        with self._writing() as connection:
            generation = write.raise_generation(connection)
            number = write.put_product(connection, product, generation=generation, at=time.time())
            keys = {file.sha256: write.put_photo(connection, file) for file in files}
            write.tie(connection, number, list(keys.values()))
            for sha256, look in looks.items():
                write.put_look(connection, keys[sha256], look)
            shown = write.shown_by(connection, [keys[sha256] for sha256 in looks])
            write.mark_changed(connection, shown - {number}, generation)
            return number, True

    @insists
    def put_reading(self, photo_key: int, look: Look) -> None:
        """Store what was read from a photo, in place of what was read before."""
        with self._writing() as connection:
            write.put_look(connection, photo_key, look)
            shown = write.shown_by(connection, [photo_key])
            write.mark_changed(connection, shown, write.raise_generation(connection))

    @insists
    def put_failure(self, photo_key: int, reason: str, models: Mapping[str, str] | None = None) -> None:
        """Note why a photo cannot be read, and with which models; what an older reading found stays."""
        with self._writing() as connection:
            change = {"failure": reason, "failed_models": None if models is None else rows.models_key(models)}
            connection.execute(update(photos).where(photos.c.key == photo_key).values(change))

    @insists
    def saw(self, numbers: Sequence[int], at: float) -> None:
        """Note that the source still says the same of these products at ``at`` (seconds since 1970)."""
        with self._writing() as connection:
            write.saw(connection, numbers, at)

    @insists
    def retire(self, source: str, *, unseen_since: float) -> int:
        """Take the products that ``source`` has not named since a moment out of all answers; how many those are.

        They stay in the catalogue with their history, and come back when the source names them again.
        """
        with self._writing() as connection:
            return write.retire(connection, source, unseen_since=unseen_since, at=time.time())

    # -- what people taught

    def teach(self, lesson: Lesson) -> Lesson:
        """Store a lesson; returns it with its number, its time, and only the examples that are new.

        CatalogueError, and nothing is stored, when none is new or an earlier lesson contradicts it.
        """
        with self._writing() as connection:
            stored = taught.put(connection, lesson)
            write.raise_generation(connection)
            return stored

    def undo_lesson(self) -> Lesson:
        """Forget the last lesson and return it. CatalogueError when there is none."""
        with self._writing() as connection:
            lesson = taught.undo(connection)
            write.raise_generation(connection)
            return lesson
