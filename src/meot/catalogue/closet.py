"""A person's closet: photos of what they own, kept as copies without their cameras' notes, and what was read."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from PIL import Image
from sqlalchemy import Connection, delete, select

from meot.catalogue import owned
from meot.catalogue.complaints import AbsentError, OwnerGoneError
from meot.catalogue.database import Database
from meot.catalogue.owned import NotAlike, OwnedPhoto, OwnedVectors
from meot.catalogue.place import Place
from meot.catalogue.rows import StoredGarment
from meot.catalogue.tables import not_alike, owned_photos, people
from meot.errors import CatalogueError
from meot.types import Garment, Look, Photo

_QUALITY = 92


class FullError(CatalogueError):
    """A closet holds as many photos as it may."""


class Closet:
    """What one person owns, in a catalogue's database. Each person sees their own only.

    owner: the key of the account whose closet it is, which is never made anew: when it is gone, reading finds nothing
    and writing is an OwnerGoneError. Without, whoever is called ``person`` is made by what is written.

    Every write is one transaction. Safe to use from several threads and processes. All methods raise CatalogueError
    when the database or the folder of copies cannot be read or written.
    """

    def __init__(self, *, database: Database, person: str, owner: int | None = None) -> None:
        if not person.strip() or len(person) > 255:
            raise CatalogueError(f"a person's name must have 1 to 255 letters, got {person!r}; give another")
        self.database, self.person, self._owner = database, person, owner

    @classmethod
    def open(cls, url_or_path: Path | str, *, person: str, create: bool, data: Path = Path()) -> Closet:
        """The closet of ``person`` in a catalogue's file or server's database; with ``create`` one is made.

        CatalogueError as :meth:`meot.catalogue.store.Catalogue.open`.
        """
        try:
            return cls(database=Database.open(url_or_path, create=create, data=data), person=person)
        except AbsentError:
            name = Place.of(url_or_path).name
            raise AbsentError(
                f"{name}: no closet here; make one with `meot closet add PHOTOS --closet {name}`"
            ) from None

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def __enter__(self) -> Closet:
        """The closet itself; it is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, int]]:
        """One view of the closet, and the person's key; -1 while nobody is called so."""
        with self.database.reading() as connection:
            key = owned.person_key(connection, self.person)
            yield connection, -1 if key is None or self._owner not in (None, key) else key

    @contextmanager
    def _writing(self) -> Iterator[tuple[Connection, int]]:
        with self.database.writing() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what is deleted leaves no bytes behind
            if self._owner not in (None, owned.person_key(connection, self.person)):
                raise OwnerGoneError("the account of this closet is gone; sign in anew")
            yield connection, owned.put_person(connection, self.person, time.time())

    # -- photos

    def has(self, sha256: str) -> bool:
        """Whether the photo with that hash is in the closet."""
        with self._reading() as (connection, person):
            same = (owned_photos.c.person == person, owned_photos.c.sha256 == sha256)
            return connection.scalar(select(owned_photos.c.key).where(*same)) is not None

    def add(self, look: Look, *, most: int | None = None) -> bool:
        """Keep a copy of a photo and what its main person wears, or what is laid out. False when it is there already.

        most: photos that the closet may hold; FullError when it holds so many. CatalogueError when the copy cannot be
        written.
        """
        with self._writing() as (connection, person):
            there = owned.hashes_of(connection, person)
            if look.photo.sha256 in there:
                return False
            if most is not None and len(there) >= most:
                raise FullError(f"this closet holds {len(there)} photos, {most} at most; remove some first")
            path = f"{person}/{look.photo.sha256}.jpg"
            _copy(look.photo, self.file(path))
            try:
                owned.put_photo(connection, person, look, path, time.time())
            except BaseException:
                self.file(path).unlink(missing_ok=True)
                raise
            return True

    def put_reading(self, photo: int, look: Look) -> None:
        """Store what was read anew from the copy of a photo; ``look`` keeps no pixels here."""
        with self._writing() as (connection, _):
            owned.put_reading(connection, photo, look)

    def photos(self, models: Mapping[str, str] | None = None) -> list[OwnedPhoto]:
        """The person's photos, the oldest first. models: of a reader, to know which photos are to be read again."""
        with self._reading() as (connection, person):
            return owned.photos_of(connection, person, models)

    def file(self, path: str) -> Path:
        """Where the copy of a photo lies."""
        return self.database.place.beside("closet") / path

    def remove(self, photos: Sequence[int]) -> int:
        """Delete photos by their keys: the copies, the rows, the vectors, and what was said of them. How many.

        CatalogueError, and nothing changes, when one of them is not in this closet.
        """
        with self._writing() as (connection, person):
            mine = {photo.key: photo for photo in owned.photos_of(connection, person, None)}
            strange = [key for key in photos if key not in mine]
            if strange:
                raise CatalogueError(f"no photo {strange[0]} in this closet; see `meot closet show` for the numbers")
            for key in set(photos):  # files first: a row without its file can be removed again, a lost file cannot
                self._unlink(self.file(mine[key].path))
            connection.execute(delete(owned_photos).where(owned_photos.c.key.in_(set(photos))))
        return len(set(photos))

    def forget(self) -> None:
        """Delete the person with all that they own here."""
        with self._writing() as (connection, person):
            folder = self.file(str(person))
            if folder.exists():
                try:
                    shutil.rmtree(folder)
                except OSError as error:
                    raise _undeletable(folder, error) from None
            connection.execute(delete(people).where(people.c.key == person))

    def _unlink(self, file: Path) -> None:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise _undeletable(file, error) from None

    # -- garments

    def everything(self) -> dict[OwnedPhoto, list[StoredGarment]]:
        """Photo -> its garments, the most prominent first; the oldest photo first."""
        with self._reading() as (connection, person):
            photos = owned.photos_of(connection, person, None)
            return owned.garments_of(connection, photos)

    def vectors(self, models: Mapping[str, str]) -> OwnedVectors:
        """The vectors of the garments that were read with ``models``; those of others cannot be compared."""
        with self._reading() as (connection, person):
            return owned.vectors_of(connection, person, models)

    def garments(self, keys: Sequence[int]) -> dict[int, StoredGarment]:
        """Key -> garment of those that the person owns."""
        with self._reading() as (connection, person):
            return owned.garments_by_key(connection, person, keys)

    # -- what the person said

    def say_not_alike(self, key: int, wanted: Garment, photo: str) -> int:
        """Note that the owned garment ``key`` is not like a wanted one of the photo with that hash; the note's number.

        CatalogueError when there is no such garment.
        """
        with self._writing() as (connection, person):
            if not owned.garments_by_key(connection, person, [key]):
                raise CatalogueError(f"no garment {key} in this closet; see `meot closet show` for the numbers")
            return owned.put_not_alike(connection, person, key, wanted, photo, time.time())

    def not_alike(self) -> list[NotAlike]:
        """What the person said is not alike, the oldest first."""
        with self._reading() as (connection, person):
            return owned.not_alike_of(connection, person)

    def undo_not_alike(self) -> NotAlike:
        """Take back the last word, and return it. CatalogueError when there is none."""
        with self._writing() as (connection, person):
            said = owned.not_alike_of(connection, person)
            if not said:
                raise CatalogueError("nothing was said to be not alike, so there is nothing to undo")
            connection.execute(delete(not_alike).where(not_alike.c.key == said[-1].key))
            return said[-1]


def _undeletable(path: Path, error: OSError) -> CatalogueError:
    return CatalogueError(f"{path}: cannot be deleted ({error.strerror}); check its permissions")


def _copy(photo: Photo, file: Path) -> None:
    """The photo's pixels as a JPEG without the camera's notes. CatalogueError when it cannot be written."""
    started = file.with_suffix(".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(photo.pixels).save(started, "JPEG", quality=_QUALITY, optimize=True)
        os.replace(started, file)
    except OSError as error:
        with suppress(OSError):
            started.unlink()
        raise CatalogueError(
            f"{file.parent}: the photo's copy cannot be written ({error.strerror or error}); check the space there"
        ) from None
