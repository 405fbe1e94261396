"""What a seller may do with photos and drafts of their own; pages and API ask here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from meot.answers.listing import correct
from meot.answers.listing.answer import CATEGORY, DETAILS
from meot.answers.listing.desk import Facts
from meot.answers.listing.draft import REVIEW, Draft
from meot.answers.listing.facts import read as read_facts
from meot.answers.listing.item import photos_at
from meot.answers.listing.outgoing import Written, write
from meot.answers.listing.stored import kept, of_stored
from meot.catalogue import jobs
from meot.catalogue.drafts import ChangedError, Drafts, StoredDraft
from meot.catalogue.people import Person
from meot.catalogue.replies import made_before
from meot.errors import CatalogueError, QueryError
from meot.service import uploads
from meot.service.accounts.going import still_there
from meot.service.problems import KINDS, ChangedMeanwhileError, NotThereError, QuotaReachedError
from meot.service.sell.naming import with_folders
from meot.service.sell.photos import DraftPhotos
from meot.service.sell.room import Room, waiting
from meot.service.sell.work import DRAFT, LEARN
from meot.taxonomy import Taxonomy

if TYPE_CHECKING:
    from meot.catalogue.jobs import Jobs
    from meot.catalogue.store import Catalogue
    from meot.service.uploads import Upload

WAYS = ("auto", "name", "likeness")
"""How photos are put together into products; see docs/listing.md."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a draft stands in the review queue. number: from 1, 0 for one that is not open. count: of open drafts.

    before, after: keys of the open drafts around it; None at the ends.
    """

    number: int
    count: int
    before: int | None
    after: int | None


class Begun(NamedTuple):
    """job: the number of the job that drafts. left: names of the copies that there was no room for."""

    job: int
    left: tuple[str, ...]


class Selling:
    """Photos and drafts of one person at a time. most: photos that a person may keep; None for any number."""

    def __init__(
        self, *, catalogue: Catalogue, jobs: Jobs, photos: DraftPhotos, taxonomy: Taxonomy, most: int | None = None
    ) -> None:
        self._catalogue, self._jobs, self.photos, self._taxonomy = catalogue, jobs, photos, taxonomy
        self.room = Room(database=catalogue.database, photos=photos, most=most)

    def drafts(self, person: Person) -> Drafts:
        """The person's drafts."""
        return Drafts(database=self._catalogue.database, person=person.key)

    # -- photos come in

    def keep(self, person: Person, upload: Upload) -> str:
        """Keep a photo; the name of its copy. PhotoError when it is none."""
        return self.photos.keep(person.key, upload.name, uploads.decode(upload)).name

    def keep_packed(self, person: Person, upload: Upload) -> dict[str, str]:
        """The same of one of hundreds: only its header is looked at, the job copies it and tells what is damaged.

        The name of its file, and what its sender calls it.
        """
        uploads.check(upload)
        return {"file": self.photos.waiting(person.key).put(upload.data), "name": upload.name}

    def begin(
        self,
        person: Person,
        names: list[str],
        way: str,
        refused: Sequence[Mapping[str, str]] = (),
        facts: Facts | None = None,
        *,
        packed: Sequence[Mapping[str, str]] = (),
    ) -> Begun:
        """Have kept photos drafted, as many as there is room for; the job remembers what was refused, and the facts.

        names: of copies. packed: of :meth:`keep_packed`. QueryError for an unknown way to put photos together,
        QuotaReachedError when there is room for none, SignInError when the person went meanwhile.
        """
        if way not in WAYS:
            said = f"photos are put together by {', '.join(WAYS)}, got {way[:40]!r}; choose one"
            raise QueryError(said, "none_of", name="way", known=WAYS, got=way)
        called = {each["file"]: each["name"] for each in packed}
        unique = [*dict.fromkeys(names), *called]
        coming = self.photos.waiting(person.key)
        self.photos.tidy(person.key)
        needed = self.room.tidy(person.key, unique)
        gone = still_there(lambda: self.photos.forget(person.key))
        with gone, self._catalogue.database.writing() as connection:
            stood = made_before(connection, DRAFT)  # whose answer was lost
            if stood is None:
                left = self.room.left_out(connection, person.key, unique, needed)
            else:
                left = _left_before(jobs.given(connection, stood), list(dict.fromkeys(names)), list(called))
            fitting = [name for name in unique if name not in left]
            full = [{"name": called.get(name, name), "key": KINDS[QuotaReachedError].key} for name in left]
            payload: dict[str, object] = {"photos": [name for name in fitting if name not in called], "way": way}
            payload |= {"refused": [*refused, *full], "facts": facts or {}}
            payload["packed"] = [{"file": name, "name": called[name]} for name in fitting if name in called]
            if fitting:
                job = jobs.put(connection, DRAFT, payload, person=person.key, total=len(fitting))
            if stood is None:
                self.photos.remove(person.key, [self.photos.folder(person.key).absolute() / name for name in left])
            given = waiting(connection, person.key)
            coming.drop([name for name in called if name not in given])  # left out, or its job stood before
            coming.tidy(given)
        if not fitting:
            raise QuotaReachedError(
                f"{self.room.most} photos may be kept for drafts, and yours are so many; delete some, then send these "
                "again"
            )
        return Begun(job, tuple(called.get(name, name) for name in left))

    # -- a table of facts comes in

    def read_facts(self, table: Upload) -> Facts:
        """Product -> field -> value of a CSV. QueryError for one that cannot be read, a column or a value."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"{token_hex(8)}.csv"
            file.write_bytes(table.data)
            try:
                return read_facts(file, self._taxonomy)
            except (QueryError, CatalogueError) as error:
                said = str(error).replace(str(file), table.name).replace(file.name, table.name)
                raise QueryError(said, error.key, **{**error.told, "file": table.name}) from None

    def give(self, person: Person, facts: Facts) -> int:
        """Lay facts under the person's drafts of those products; how many drafts there were."""
        return correct.give(self.drafts(person), with_folders(facts), self._taxonomy)

    # -- drafts are looked over

    def stored(self, person: Person, key: int) -> StoredDraft:
        """One of the person's drafts as it is kept. NotThereError for any other number."""
        found = self.drafts(person).at([key])
        if key not in found:
            raise NotThereError(f"no draft of yours has number {key}; see the list of drafts")
        return found[key]

    def draft(self, person: Person, key: int) -> Draft:
        """One of the person's drafts. NotThereError for any other number."""
        return of_stored(self.stored(person, key))

    def place(self, person: Person, key: int) -> Place:
        """Where a draft stands among those that are open."""
        open_ = self.drafts(person).keys(REVIEW)
        before = [each for each in open_ if each < key]
        after = [each for each in open_ if each > key]
        number = len(before) + 1 if key in open_ else 0
        return Place(number, len(open_), before[-1] if before else None, after[0] if after else None)

    def correct(self, person: Person, key: int, values: Mapping[str, str], *, seen: StoredDraft | None = None) -> Draft:
        """Set fields of a draft, and take back what is set to nothing; the draft as it is then.

        seen: what the draft must still be, for who insists on that; ChangedMeanwhileError when it is not.
        NotThereError, and QueryError for an unknown field or value; nothing is changed then. What an administrator says
        of category and details is learned, too, for whoever asks next.
        """
        product = self.draft(person, key).product
        if not values:
            return self.draft(person, key)
        lessons = self._catalogue.lessons()[1]
        try:
            after = correct.correct(self.drafts(person), product, values, self._taxonomy, lessons, seen)
        except ChangedError as error:
            raise ChangedMeanwhileError(str(error)) from None
        learned = [name for name, value in values.items() if value and name in (CATEGORY, *DETAILS)]
        if learned and person.may("admin"):
            self._jobs.add(LEARN, {"product": product, "fields": learned}, person=person.key)
        return after

    def remove(self, person: Person, key: int, *, seen: StoredDraft | None = None) -> None:
        """Delete a draft with its photos. NotThereError when there is none; seen: as in :meth:`correct`."""
        draft = self.draft(person, key)

        def let_go() -> None:  # of the files first: a draft without them can be deleted again
            self.photos.remove(person.key, [reading.file.path for reading in draft.photos])

        try:
            self.drafts(person).remove([draft.product], seen=seen, first=let_go)
        except ChangedError as error:
            raise ChangedMeanwhileError(str(error)) from None

    def photo(self, person: Person, key: int, place: int) -> Path:
        """A photo of a draft, the main photo at 0. NotThereError when there is none."""
        photos = self.draft(person, key).photos
        if place >= len(photos):
            raise NotThereError(f"draft {key} has {len(photos)} photos, got {place}; count from 0")
        return photos[place].file.path

    def forget(self, person: Person) -> None:
        """Delete the photos of a person who goes; the database forgets the drafts itself."""
        self.photos.forget(person.key)

    # -- listings go out

    def write(self, person: Person, to: str, *, language: str, address: str = "") -> Written:
        """All drafts in a format, checked by its rules. address: below which the photos will lie.

        QueryError for an unknown format.
        """
        folder = self.photos.folder(person.key).absolute()
        place = photos_at(address, folder) if address else (lambda photo: photo.name)
        drafts = tuple(kept(self.drafts(person)))
        return write(drafts, to, language=language, place=place, taxonomy=self._taxonomy)


def _left_before(given: Mapping[str, Any], names: Sequence[str], files: Sequence[str]) -> Sequence[str]:
    """Which photos of a form that came again its job, which stands, had no room for. files: of a ZIP's, named anew."""
    return [*(name for name in names if name not in given["photos"]), *files[len(given.get("packed", ())) :]]
