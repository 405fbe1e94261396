"""What a person may do with their own closet; pages and API ask here."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from meot import photos
from meot.answers.closet.duplicates import Alike, find_duplicates
from meot.answers.closet.similarity import load_scale
from meot.answers.closet.wardrobe import Owned
from meot.catalogue import jobs, owned
from meot.catalogue.closet import Closet
from meot.catalogue.complaints import OwnerGoneError
from meot.catalogue.owned import NotAlike, OwnedPhoto
from meot.catalogue.rows import StoredGarment
from meot.errors import PhotoError
from meot.service import pictures, uploads
from meot.service.accounts.going import still_there
from meot.service.closet.inbox import Inbox
from meot.service.closet.work import ADD, AGAIN
from meot.service.problems import KINDS, NotThereError, QuotaReachedError
from meot.types import Box

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from meot.catalogue.database import Database
    from meot.catalogue.jobs import Job, Jobs
    from meot.catalogue.people import Person
    from meot.service.shelf import Shelf
    from meot.service.uploads import Upload
    from meot.types import Reader

MOST_COMPARED = 1000
"""Owned garments, the newest, that are compared with one another at a request."""
_MARGIN = 0.06
_SHOWN_JOBS = 3
_NEWS_S = 600.0
_ACTIVE = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Held:
    """Some photos of a closet with their garments, the newest first. photos, garments: how many there are in all."""

    shown: Mapping[OwnedPhoto, Sequence[StoredGarment]]
    photos: int
    garments: int


class Begun(NamedTuple):
    """job: the number of the job that reads photos. left: what those are called that there was no room for."""

    job: int
    left: tuple[str, ...]


class Owning:
    """The closets of a database, one person's at a time. drawn: small pictures that were asked for lately.

    most: photos that a person may keep; None for any number.
    """

    def __init__(
        self, *, database: Database, jobs: Jobs, reader: Reader, drawn: Shelf, most: int | None = None
    ) -> None:
        self._database, self._jobs, self._reader, self._drawn = database, jobs, reader, drawn
        self.most = most

    def closet(self, person: Person) -> Closet:
        """The person's closet."""
        return Closet(database=self._database, person=person.name, owner=person.key)

    # -- photos come in

    def keep(self, person: Person, upload: Upload) -> dict[str, str]:
        """Keep a photo until it is read: its hash, and what its sender calls it. PhotoError when it is none."""
        return {"sha256": self._inbox(person).put(uploads.decode(upload)), "name": upload.name}

    def keep_packed(self, person: Person, upload: Upload) -> dict[str, str]:
        """The same of one of hundreds: only its header is looked at, the job that reads it tells what is damaged."""
        uploads.check(upload)
        return {"sha256": self._inbox(person).put_as_it_came(upload.data), "name": upload.name}

    def begin(self, person: Person, kept: Sequence[Mapping[str, str]], refused: Sequence[Mapping[str, str]]) -> Begun:
        """Have kept photos read, as many as there is room for; the job remembers what was refused.

        QuotaReachedError when there is room for none, SignInError when the person went meanwhile.
        """
        inbox = self._inbox(person)
        unique = list({each["sha256"]: each for each in kept}.values())
        with still_there(inbox.forget), self._database.writing() as connection:  # one upload behind the other
            fitting, waiting = self._fit(connection, person, unique)
            inbox.tidy(waiting)
            left = [each for each in unique if each not in fitting]
            if fitting:
                full = [{"name": each["name"], "key": KINDS[QuotaReachedError].key} for each in left]
                payload = {"photos": fitting, "refused": [*refused, *full]}
                job = jobs.put(connection, ADD, payload, person=person.key, total=len(fitting))
            for each in left:
                if each["sha256"] not in waiting:
                    inbox.drop(each["sha256"])
        if not fitting:
            raise QuotaReachedError(
                f"a closet may hold {self.most} photos, and yours does; remove some, then send these again"
            )
        if self._jobs.find(job).state not in _ACTIVE:  # the request came again when its job was done
            for each in fitting:
                inbox.drop(each["sha256"])
        return Begun(job, tuple(each["name"] for each in left))

    def _fit(
        self, connection: Connection, person: Person, sent: Sequence[Mapping[str, str]]
    ) -> tuple[list[Mapping[str, str]], set[str]]:
        """The photos that there is room for, those that are here already among them; and all that wait to be read."""
        given = jobs.unfinished(connection, ADD, person.key)
        waiting = {str(each["sha256"]) for payload in given for each in payload["photos"]}
        if self.most is None:
            return list(sent), waiting
        known = owned.hashes_of(connection, person.key) | waiting
        new = [each for each in sent if each["sha256"] not in known][: max(0, self.most - len(known))]
        return [each for each in sent if each["sha256"] in known or each in new], waiting

    def jobs_of(self, person: Person) -> list[Job]:
        """What is being worked on for the person's closet, else the last that ended some minutes ago."""
        mine = [job for job in self._jobs.all(person=person.key, most=20) if job.kind in (ADD, AGAIN)]
        active = [job for job in mine if job.state in _ACTIVE]
        news = [job for job in mine[:1] if job.finished_at is None or job.finished_at > time.time() - _NEWS_S]
        return (active or news)[:_SHOWN_JOBS]

    def refresh(self, person: Person) -> int:
        """How many photos other models read; they are read again by a job, which is begun when there is none."""
        stale = sum(not photo.current for photo in self.closet(person).photos(self._reader.models))
        known = (job for job in self._jobs.all(person=person.key, most=20) if job.kind == AGAIN)
        if stale and not any(job.state in _ACTIVE for job in known):
            self._jobs.add(AGAIN, {}, person=person.key, total=stale)
        return stale

    # -- what is owned

    def hold(self, person: Person, *, most: int, before: int | None = None) -> Held:
        """The newest photos. before: only those with lower numbers."""
        closet = self.closet(person)
        everything = closet.photos()
        shown = [photo for photo in reversed(everything) if before is None or photo.key < before][:most]
        with self._database.reading() as connection:
            held = owned.garments_of(connection, shown)
        return Held(held, len(everything), sum(photo.garments for photo in everything))

    def owned(self, person: Person) -> Owned:
        """What can be compared now."""
        return Owned(closet=self.closet(person), models=self._reader.models, scale=load_scale())

    def duplicates(self, person: Person) -> tuple[list[Alike], bool]:
        """Garments of which one would do; and whether all were compared, or only the newest."""
        closet = self.closet(person)
        keys = closet.vectors(self._reader.models).keys[-MOST_COMPARED:].tolist()
        whole = len(keys) < MOST_COMPARED
        return find_duplicates(list(closet.garments(keys).values()), scale=load_scale()), whole

    def garment(self, person: Person, key: int) -> StoredGarment:
        """One of the person's garments. NotThereError for any other number."""
        found = self.closet(person).garments([key])
        if key not in found:
            raise NotThereError(f"no garment of yours has number {key}; see your closet")
        return found[key]

    def remove(self, person: Person, photo: int) -> None:
        """Delete a photo with all that was read from it. NotThereError for a number that is not the person's."""
        self._photo(person, photo)
        self.closet(person).remove([photo])

    def forget(self, person: Person) -> None:
        """Delete everything of a person who goes, files too."""
        with suppress(OwnerGoneError):  # asked twice at once
            self.closet(person).forget()

    # -- what the person said

    def not_alike(self, person: Person) -> list[NotAlike]:
        """What the person said is not alike, the oldest first."""
        return self.closet(person).not_alike()

    def undo_not_alike(self, person: Person) -> NotAlike:
        """Take back the last word. NotThereError when there is none."""
        closet = self.closet(person)
        if not closet.not_alike():
            raise NotThereError("nothing was said to be not alike, so there is nothing to take back")
        return closet.undo_not_alike()

    # -- pictures

    def picture(self, person: Person, photo: int) -> bytes:
        """A photo, small, a JPEG. NotThereError when there is none."""
        file = self.closet(person).file(self._photo(person, photo).path)
        return self._draw(f"photo {file}", file, None)

    def crop(self, person: Person, key: int) -> bytes:
        """One garment, cut from its photo, a JPEG. NotThereError when there is none."""
        stored = self.garment(person, key)
        file = self.closet(person).file(self._photo(person, stored.photo).path)
        return self._draw(f"garment {stored.key} {file}", file, stored.garment.box)

    def _photo(self, person: Person, key: int) -> OwnedPhoto:
        for photo in self.closet(person).photos():
            if photo.key == key:
                return photo
        raise NotThereError(f"no photo of yours has number {key}; see your closet")

    def _inbox(self, person: Person) -> Inbox:
        return Inbox(root=self._database.place.beside("closet"), person=person.key)

    def _draw(self, name: str, file: Path, box: Box | None) -> bytes:
        kept = self._drawn.take(name)
        if kept is None:
            with suppress(PhotoError):
                kept = _encode(file, box)
        if kept is None or not file.exists():
            raise NotThereError("this photo is no longer there; remove it, or add it again")
        self._drawn.put(name, kept)
        return kept


def _encode(file: Path, box: Box | None) -> bytes:
    """The photo, or what is in a box of it with some room around, small."""
    photo = photos.load(file)
    if box is None:
        return pictures.encode(photo, side=pictures.CARD_SIDE, quality=82)
    room = _MARGIN * max(box.x1 - box.x0, box.y1 - box.y0)
    edges = (box.x0 - room, box.y0 - room, box.x1 + room, box.y1 + room)
    bounds = (photo.width, photo.height, photo.width, photo.height)
    x0, y0, x1, y1 = (min(max(round(edge), 0), most) for edge, most in zip(edges, bounds, strict=True))
    image = Image.fromarray(photo.pixels[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)])
    image.thumbnail((pictures.CARD_SIDE, pictures.CARD_SIDE), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    image.save(written, "JPEG", quality=82, optimize=True)
    return written.getvalue()
