"""What a person owns, in the catalogue's tables; each function takes a connection in a transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select, update

from meot.catalogue import rows
from meot.catalogue.find import blocks
from meot.catalogue.tables import not_alike, owned_garments, owned_photos, people
from meot.types import Garment, Look

_STORED = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class OwnedPhoto:
    """A photo of what a person owns. path: of the copy kept for them, below the closet's folder.

    garments: how many were read from it. added_at: seconds since 1970. current: read with the models that were asked
    about; the garments of others cannot be compared.
    """

    key: int
    sha256: str
    path: str
    worn: bool
    garments: int
    added_at: float
    current: bool


class OwnedVectors(NamedTuple):
    """keys: (N,) int64 of garments, ascending. regions: (N,) str. vectors: (N, D) float32, unit length."""

    keys: NDArray[np.int64]
    regions: NDArray[np.str_]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class NotAlike:
    """A person's word that an owned garment is not like a wanted one. owned: its key. vector: (D,) float32 of the
    wanted garment, which was the one of ``region`` in the photo with that hash.
    """

    key: int
    owned: int
    photo: str
    region: str
    vector: NDArray[np.float32]


def person_key(connection: Connection, name: str) -> int | None:
    """The key of a person; None when nobody is called so."""
    found = connection.scalar(select(people.c.key).where(people.c.name == name))
    return None if found is None else int(found)


def put_person(connection: Connection, name: str, at: float) -> int:
    """The key of a person, who is made when there is none."""
    known = person_key(connection, name)
    return _new_key(connection.execute(insert(people).values(name=name, created_at=at))) if known is None else known


def put_photo(connection: Connection, person: int, look: Look, path: str, at: float) -> int:
    """Store a photo and what the main person wears in it, or what is laid out; its key."""
    values = {"sha256": look.photo.sha256, "path": path, "added_at": at, **_read(look)}
    key = _new_key(connection.execute(insert(owned_photos).values(person=person, **values)))
    new = [rows.garment_row(garment, photo=key, place=i) for i, garment in enumerate(mine(look))]
    if new:
        connection.execute(insert(owned_garments), new)
    return key


def put_reading(connection: Connection, photo: int, look: Look) -> None:
    """Store what was read anew; a garment that is still there keeps its key, and what was said of it stays.

    Nothing when the photo was removed meanwhile.
    """
    if not connection.execute(update(owned_photos).where(owned_photos.c.key == photo).values(_read(look))).rowcount:
        return
    known = connection.execute(
        select(owned_garments.c.key, owned_garments.c.region).where(owned_garments.c.photo == photo)
    ).all()
    free = {region: int(key) for key, region in known}
    for i, garment in enumerate(mine(look)):
        row = rows.garment_row(garment, photo=photo, place=i)
        key = free.pop(garment.region, None)
        if key is None:
            connection.execute(insert(owned_garments).values(row))
        else:
            connection.execute(update(owned_garments).where(owned_garments.c.key == key).values(row))
    if free:
        connection.execute(delete(owned_garments).where(owned_garments.c.key.in_(free.values())))


def mine(look: Look) -> tuple[Garment, ...]:
    """The garments of a photo that are the owner's: of people only the main one's."""
    return tuple(garment for garment in look.garments if garment.person == 0)


def photos_of(connection: Connection, person: int, models: Mapping[str, str] | None) -> list[OwnedPhoto]:
    """A person's photos, the oldest first; all are current when no ``models`` are asked about."""
    counted = func.count(owned_garments.c.key)
    columns = [owned_photos.c[name] for name in ("key", "sha256", "path", "worn", "added_at", "models")]
    query = (
        select(*columns, counted.label("garments"))
        .outerjoin(owned_garments, owned_garments.c.photo == owned_photos.c.key)
        .where(owned_photos.c.person == person)
        .group_by(*columns)
        .order_by(owned_photos.c.key)
    )
    found = []
    for row in connection.execute(query).mappings():
        values = {name: row[name] for name in ("key", "sha256", "path", "worn", "garments", "added_at")}
        found.append(OwnedPhoto(**values, current=models is None or _same(row["models"], models)))
    return found


def hashes_of(connection: Connection, person: int) -> set[str]:
    """The SHA-256 of each of a person's photos."""
    return set(connection.scalars(select(owned_photos.c.sha256).where(owned_photos.c.person == person)))


def vectors_of(connection: Connection, person: int, models: Mapping[str, str]) -> OwnedVectors:
    """The vectors of a person's garments that were read with these models, whatever was taught."""
    asked = select(owned_photos.c.key, owned_photos.c.models).where(owned_photos.c.person == person)
    stored = connection.execute(asked).all()
    fitting = {key for key in {key for _, key in stored} if _same(key, models)}
    photos = [photo for photo, key in stored if key in fitting]
    found: list[tuple[int, str, bytes]] = []
    for block in blocks(photos):
        columns = (owned_garments.c.key, owned_garments.c.region, owned_garments.c.vector)
        rows_there = connection.execute(select(*columns).where(owned_garments.c.photo.in_(block)))
        found += [(key, region, blob) for key, region, blob in rows_there]
    found.sort(key=lambda row: row[0])
    return OwnedVectors(
        np.array([key for key, _, _ in found], np.int64),
        np.array([region for _, region, _ in found], np.str_),
        rows.as_vectors([blob for _, _, blob in found]),
    )


def garments_by_key(connection: Connection, person: int, keys: Sequence[int]) -> dict[int, rows.StoredGarment]:
    """Key -> garment of those that a person owns."""
    found: list[rows.StoredGarment] = []
    for block in blocks(keys):  # without a join: databases would rather walk all photos of the person
        there = connection.execute(select(owned_garments).where(owned_garments.c.key.in_(block))).mappings()
        found += [rows.as_garment(row) for row in there]
    mine: set[int] = set()
    for block in blocks(sorted({each.photo for each in found})):
        own = select(owned_photos.c.key).where(owned_photos.c.key.in_(block), owned_photos.c.person == person)
        mine.update(connection.scalars(own))
    return {each.key: each for each in found if each.photo in mine}


def garments_of(connection: Connection, photos: Sequence[OwnedPhoto]) -> dict[OwnedPhoto, list[rows.StoredGarment]]:
    """Photo -> its garments, the most prominent first."""
    found: dict[int, list[rows.StoredGarment]] = {photo.key: [] for photo in photos}
    for block in blocks(list(found)):
        query = select(owned_garments).where(owned_garments.c.photo.in_(block)).order_by(owned_garments.c.place)
        for row in connection.execute(query).mappings():
            found[row["photo"]].append(rows.as_garment(row))
    return {photo: found[photo.key] for photo in photos}


def put_not_alike(connection: Connection, person: int, owned: int, wanted: Garment, photo: str, at: float) -> int:
    """Note that an owned garment is not like a wanted one; the note's key. Saying it again changes nothing."""
    same = (not_alike.c.owned == owned, not_alike.c.wanted_photo == photo, not_alike.c.wanted_region == wanted.region)
    known = connection.scalar(select(not_alike.c.key).where(not_alike.c.person == person, *same))
    if known is not None:
        return int(known)
    values = {"wanted_photo": photo, "wanted_region": wanted.region, "created_at": at}
    values["wanted_vector"] = np.asarray(wanted.vector, _STORED).tobytes()
    return _new_key(connection.execute(insert(not_alike).values(person=person, owned=owned, **values)))


def not_alike_of(connection: Connection, person: int) -> list[NotAlike]:
    """What a person said is not alike, the oldest first."""
    query = select(not_alike).where(not_alike.c.person == person).order_by(not_alike.c.key)
    return [
        NotAlike(
            key=row["key"],
            owned=row["owned"],
            photo=row["wanted_photo"],
            region=row["wanted_region"],
            vector=rows.as_vectors([row["wanted_vector"]])[0],
        )
        for row in connection.execute(query).mappings()
    ]


def _read(look: Look) -> dict[str, Any]:
    style = None if look.style is None else json.dumps({"id": look.style.id, "score": float(look.style.score)})
    return {"models": rows.models_key(look.models), "worn": look.worn, "style": style}


def _same(stored: str, models: Mapping[str, str]) -> bool:
    return rows.without_taught(json.loads(stored)) == rows.without_taught(models)


def _new_key(inserted: Any) -> int:
    key = inserted.inserted_primary_key
    assert key is not None  # every table here has one
    return int(key[0])
